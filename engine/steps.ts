import { type ProcessResult, runProcess, StartError } from "./process.ts";
import type { OnProgress } from "./progress.ts";
import { engineRefusal } from "./refusal.ts";

/** One command on the way to an engine. */
export interface EngineStep {
  /** As "building the Pulumi CLI from Go modules". */
  readonly what: string;
  /** As "usually about 6 minutes on two cores". */
  readonly usually: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutSeconds: number;
}

/**
 * Runs the steps one after the other and tells how each gets on, every second while it lasts.
 * @throws {Refusal} when a step fails, with the last lines that it wrote
 */
export async function runSteps(
  steps: readonly EngineStep[],
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<void> {
  for (const [index, step] of steps.entries()) {
    const told = { what: step.what, number: index + 1, count: steps.length, usually: step.usually };
    const startedAt = performance.now();
    const elapsedSeconds = () => (performance.now() - startedAt) / 1000;
    let detail = "";
    onProgress({ kind: "started", step: told });
    const tick = setInterval(() => {
      onProgress({ kind: "running", step: told, elapsedSeconds: elapsedSeconds(), detail });
    }, 1000);
    try {
      const onLine = (line: string) => {
        detail = line;
      };
      refuseFailure(step, await runProcess(step.command, step.args, { ...step, signal, onLine }));
    } catch (error) {
      onProgress({ kind: "failed", step: told, elapsedSeconds: elapsedSeconds() });
      throw error instanceof StartError ? engineRefusal(error.message) : error;
    } finally {
      clearInterval(tick);
    }
    onProgress({ kind: "ended", step: told, elapsedSeconds: elapsedSeconds() });
  }
}

function refuseFailure(step: EngineStep, result: ProcessResult): void {
  if (result.stopped === "timeout") {
    throw engineRefusal(`${step.what} took more than ${step.timeoutSeconds / 60} minutes`);
  }
  if (result.code === 0) return;
  // What is only on its way, package names and downloads, says nothing about the failure.
  const said = `${result.stdout}${result.stderr}`
    .split("\n")
    .filter((line) => line.includes(" ") && !line.startsWith("go: downloading "))
    .slice(-3);
  throw engineRefusal(
    `${step.what} failed with code ${result.code}: ${said.join(" | ") || "it said nothing"}`,
  );
}
