import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { type ProcessOptions, type ProcessResult, runProcess } from "../engine/process.ts";
import { type Step, testFiles } from "./steps.ts";
import type { Tally } from "./tally.ts";
import { tallyOfLevel } from "./vitestReport.ts";

/** Lines of a tool's output that are shown when it fails. */
const shownLines = 60;

export interface StepOptions {
  /** Absolute path of the checkout. */
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
  readonly onLine?: (line: string) => void;
}

/** Runs a step within its budget and counts what it came to; never throws for what the step does. */
export function runStep(step: Step, options: StepOptions): Promise<Tally> {
  return step.kind === "tool" ? runTool(step, options) : runLevel(step, options);
}

async function runTool(step: Extract<Step, { kind: "tool" }>, options: StepOptions): Promise<Tally> {
  const ended = await runCommand(step.command, step.budgetMinutes, options);
  if (ended.code === 0 && ended.stopped === undefined) return { passed: 1, failures: [], skipped: [] };
  const detail = [whyStopped(ended, step), lastLines(ended)].filter((part) => part).join("\n");
  return { passed: 0, failures: [{ what: step.name, detail }], skipped: [] };
}

async function runLevel(step: Extract<Step, { kind: "level" }>, options: StepOptions): Promise<Tally> {
  const folder = await mkdtemp(join(tmpdir(), "dialtree-check-"));
  try {
    const file = join(folder, "report.json");
    const ended = await runCommand(
      ["vitest", "run", "--project", step.name, "--reporter=default", "--reporter=json"].concat(
        `--outputFile.json=${file}`,
      ),
      step.budgetMinutes,
      options,
    );
    const stopped = whyStopped(ended, step);
    return tallyOfLevel({
      level: step.name,
      root: options.root,
      files: testFiles(step.name, options.root),
      report: await readFile(file, "utf8").catch(() => undefined),
      exitCode: ended.code,
      output: lastLines(ended),
      ...(stopped !== undefined && { stopped }),
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs a command of an installed package, on the Node.js that runs this. */
function runCommand(
  [command = "", ...args]: readonly string[],
  budgetMinutes: number,
  { root, env, signal, onLine }: StepOptions,
): Promise<ProcessResult> {
  const executables = join(root, "node_modules", ".bin");
  const { FORCE_COLOR: _, ...plain } = env;
  const options: ProcessOptions = {
    cwd: root,
    env: { ...plain, CI: "true", NO_COLOR: "1", PATH: [executables, env.PATH].join(delimiter) },
    timeoutSeconds: budgetMinutes * 60,
    ...(signal !== undefined && { signal }),
    ...(onLine !== undefined && { onLine }),
  };
  return runProcess(process.execPath, [join(executables, command), ...args], options);
}

function whyStopped({ stopped }: ProcessResult, { budgetMinutes }: Step): string | undefined {
  if (stopped === undefined) return undefined;
  return stopped === "aborted" ? "interrupted" : `stopped: over its budget of ${budgetMinutes} min`;
}

function lastLines({ stdout, stderr }: ProcessResult): string {
  return `${stdout}${stderr}`.trim().split("\n").slice(-shownLines).join("\n");
}
