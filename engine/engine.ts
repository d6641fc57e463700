import { Refusal } from "../inventory/problem.ts";
import { build, buildSteps } from "./build.ts";
import { builtEngineFolder } from "./cache.ts";
import { downloadSteps } from "./download.ts";
import {
  builtEngine,
  decideEngine,
  type Engine,
  lookAround,
  networkProbes,
  type Probes,
  type Way,
} from "./find.ts";
import { withLock } from "./lock.ts";
import type { OnProgress } from "./progress.ts";
import { engineRefusal } from "./refusal.ts";
import { type EngineStep, runSteps } from "./steps.ts";

export type { Engine, EngineSource } from "./find.ts";

/** What an engine is found and made with; a test brings its own. */
export interface EngineTools {
  readonly env: NodeJS.ProcessEnv;
  readonly probes: Probes;
  readonly downloadSteps: (env: NodeJS.ProcessEnv) => readonly EngineStep[];
  readonly buildSteps: (env: NodeJS.ProcessEnv, outputFolder: string) => readonly EngineStep[];
}

function ownTools(): EngineTools {
  return { env: process.env, probes: networkProbes, downloadSteps, buildSteps };
}

/**
 * What has to be done before there is an engine, one line each, in order; empty when there is one.
 * @throws {Refusal} when there is none and no way to get one
 */
export async function engineSteps(tools: EngineTools = ownTools()): Promise<readonly string[]> {
  const around = await lookAround(tools.env, tools.probes);
  const decision = decideEngine(around);
  if (decision.kind === "none") throw missing(around.passedOver);
  return decision.kind === "use" ? [] : describe(decision.ways, tools);
}

/**
 * The engine to use: `pulumi` on PATH, else one that the npm package `pulumi` downloaded, else one built earlier; where
 * there is none, one is downloaded or else built, once, while other processes that need it wait.
 * @throws {Refusal} when there is none and none can be got, naming the ways to have one
 */
export async function ensureEngine(
  onProgress: OnProgress = () => {},
  tools: EngineTools = ownTools(),
): Promise<Engine> {
  const around = await lookAround(tools.env, tools.probes);
  for (const text of around.passedOver) onProgress({ kind: "note", text });
  const decision = decideEngine(around);
  if (decision.kind === "use") return decision.engine;
  if (decision.kind === "none") throw missing(around.passedOver);
  onProgress({ kind: "plan", lines: await describe(decision.ways, tools) });
  const folder = await builtEngineFolder(tools.env);
  const onWait = () => {
    onProgress({ kind: "note", text: "another process is getting the engine ready; waiting for it" });
  };
  return withLock(folder, { onWait }, (lost) => get(decision.ways, folder, onProgress, tools, lost));
}

/** Tries each way in turn, under the lock. Another process may have got the engine while this one waited. */
async function get(
  ways: readonly Way[],
  folder: string,
  onProgress: OnProgress,
  tools: EngineTools,
  signal: AbortSignal,
): Promise<Engine> {
  const existing = decideEngine(await lookAround(tools.env, tools.probes));
  if (existing.kind === "use") return existing.engine;
  if (ways.includes("download")) {
    try {
      await runSteps(tools.downloadSteps(tools.env), onProgress, signal);
      const downloaded = decideEngine(await lookAround(tools.env, tools.probes));
      if (downloaded.kind === "use") return downloaded.engine;
    } catch (error) {
      if (!ways.includes("build") || !(error instanceof Refusal)) throw error;
      const why = error.problems[0]?.message ?? "";
      onProgress({ kind: "note", text: `${why}; building it instead` });
    }
  }
  if (ways.includes("build")) {
    await build(folder, (outputFolder) => tools.buildSteps(tools.env, outputFolder), onProgress, signal);
    const built = await builtEngine(folder, "built");
    if (built !== undefined) return built;
  }
  throw engineRefusal("every step went well, and there is still no engine");
}

async function describe(ways: readonly Way[], tools: EngineTools): Promise<readonly string[]> {
  const folder = await builtEngineFolder(tools.env);
  const steps = ways.map((way) => ({
    way,
    steps: way === "download" ? tools.downloadSteps(tools.env) : tools.buildSteps(tools.env, folder),
  }));
  return steps.flatMap(({ way, steps }) =>
    steps.map(({ what, usually }) => {
      const condition = way === "build" && ways.includes("download") ? "if that fails: " : "";
      return `${condition}${what}, ${usually}, once`;
    }),
  );
}

function missing(passedOver: readonly string[]): Refusal {
  return engineRefusal(
    ["there is no Pulumi engine, and neither npm's download nor Go to get one", ...passedOver].join("; "),
  );
}
