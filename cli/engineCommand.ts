import { type Engine, type EngineSource, ensureEngine } from "../engine/engine.ts";
import { type ProgressStream, progressPrinter } from "./progress.ts";

const sourceText: Record<EngineSource, string> = {
  path: "found on PATH",
  npm: "downloaded by the npm package pulumi",
  cache: "built earlier from Go modules",
  built: "built just now from Go modules",
};

/** The two streams of a command. */
export interface CommandStreams {
  readonly stdout: Pick<NodeJS.WritableStream, "write">;
  readonly stderr: ProgressStream;
}

/**
 * `dialtree engine`: says which Pulumi engine is used, after getting one where there is none; progress goes to
 * standard error.
 * @throws {Refusal} when there is none and none can be got
 */
export async function engineCommand(
  options: { readonly json: boolean },
  io: CommandStreams,
  findEngine: typeof ensureEngine = ensureEngine,
): Promise<number> {
  const engine = await findEngine(progressPrinter(io.stderr));
  io.stdout.write(options.json ? `${JSON.stringify(engine, undefined, 2)}\n` : table(engine));
  return 0;
}

function table(engine: Engine): string {
  const rows = [
    ["engine", `Pulumi ${engine.version}`],
    ["source", sourceText[engine.source]],
    ["path", engine.pulumi],
  ] as const;
  return rows.map(([name, value]) => `${name.padEnd(8)}${value}\n`).join("");
}
