import { delimiter, dirname, join } from "node:path";
import { cacheFolder } from "./cache.ts";
import type { Engine } from "./engine.ts";
import { type ProcessResult, runProcess } from "./process.ts";

export interface PulumiRun {
  /** Folder of the `Pulumi.yaml`. */
  readonly cwd: string;
  /** As `["preview", "--stack", "lab", "--non-interactive"]`. */
  readonly args: readonly string[];
  /** Added to the minimal environment, and stronger than it. */
  readonly env?: Readonly<Record<string, string>>;
  /** Provider servers that run already: package name and port on loopback. No plugin is fetched when there is one. */
  readonly attachedProviders?: Readonly<Record<string, number>>;
  readonly onLine?: (line: string, stream: "stdout" | "stderr") => void;
  /** Default one hour. */
  readonly timeoutSeconds?: number;
  /** Time to finish the operations in flight and to write the state after an interrupt; default 30. */
  readonly graceSeconds?: number;
  readonly signal?: AbortSignal;
}

/** What a run needs of the caller's environment. Credentials are not among it: who wants them there passes them. */
const inherited = [
  ...["HOME", "USER", "LOGNAME", "TMPDIR", "LANG", "LC_ALL", "TZ"],
  ...["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"],
  ...["SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS"],
];

/** The whole environment of a run, made from the caller's. */
export function pulumiEnvironment(
  engine: Engine,
  run: Pick<PulumiRun, "env" | "attachedProviders">,
  caller: NodeJS.ProcessEnv,
): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of inherited) {
    const value = caller[name];
    if (value !== undefined) env[name] = value;
  }
  // The program gets the Node.js that runs this: the one first on PATH may be too old for TypeScript.
  env.PATH = [dirname(process.execPath), ...engine.pathEntries, caller.PATH ?? ""].join(delimiter);
  env.PULUMI_SKIP_UPDATE_CHECK = "true";
  env.NODE_COMPILE_CACHE = join(cacheFolder(caller), "node-compile-cache");
  const attached = Object.entries(run.attachedProviders ?? {});
  if (attached.length > 0) {
    env.PULUMI_DEBUG_PROVIDERS = attached.map(([name, port]) => `${name}:${port}`).join(",");
    env.PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION = "true";
  }
  return { ...env, ...run.env };
}

/**
 * Runs the Pulumi CLI, its language host and the program, in a minimal environment. An abort or a timeout interrupts
 * it as Ctrl-C does, so that the state is written and its lock removed; what is left after the grace time is killed,
 * language host included.
 * @throws {StartError} when the engine cannot be started
 */
export function runPulumi(engine: Engine, run: PulumiRun): Promise<ProcessResult> {
  return runProcess(engine.pulumi, run.args, {
    cwd: run.cwd,
    env: pulumiEnvironment(engine, run, process.env),
    timeoutSeconds: run.timeoutSeconds ?? 3600,
    graceSeconds: run.graceSeconds ?? 30,
    ...(run.onLine !== undefined && { onLine: run.onLine }),
    ...(run.signal !== undefined && { signal: run.signal }),
  });
}
