import { access, constants, readdir, realpath, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { builtEngineFolder } from "./cache.ts";
import { runProcess, StartError } from "./process.ts";
import { compareVersions, pulumiVersion, versionNumbers } from "./versions.ts";

/** Where an engine comes from. */
export type EngineSource = "path" | "npm" | "cache" | "built";

/** A Pulumi CLI with a Node.js language host that it can use. */
export interface Engine {
  /** Absolute path of the CLI. */
  readonly pulumi: string;
  /** As the CLI prints it, with its `v`. */
  readonly version: string;
  /** `npm`: downloaded by the npm package `pulumi`; `cache`: built by an earlier run; `built`: by this one. */
  readonly source: EngineSource;
  /** Folders to put first on PATH, so that the CLI finds its language host. */
  readonly pathEntries: readonly string[];
}

/** Two ways to get an engine where there is none. */
export type Way = "download" | "build";

/** What was found on this machine. */
export interface Surroundings {
  readonly onPath: Engine | undefined;
  /** Kept by the npm package `pulumi`. */
  readonly downloaded: Engine | undefined;
  /** Built by an earlier run. */
  readonly built: Engine | undefined;
  /** Whether npm is there and the place that the npm package downloads from answers. */
  readonly canDownload: boolean;
  readonly canBuild: boolean;
  /** A sentence about each Pulumi CLI or Go command that was found and cannot be used. */
  readonly passedOver: readonly string[];
}

export type Decision =
  | { readonly kind: "use"; readonly engine: Engine }
  | { readonly kind: "get"; readonly ways: readonly [Way, ...Way[]] }
  | { readonly kind: "none" };

/** The engine on PATH, else the downloaded one, else the built one; else the ways to get one, a download first. */
export function decideEngine(around: Surroundings): Decision {
  const engine = around.onPath ?? around.downloaded ?? around.built;
  if (engine !== undefined) return { kind: "use", engine };
  if (around.canDownload)
    return { kind: "get", ways: around.canBuild ? ["download", "build"] : ["download"] };
  return around.canBuild ? { kind: "get", ways: ["build"] } : { kind: "none" };
}

/** How the world outside is asked; tests bring their own. */
export interface Probes {
  /** Whether the host that the npm package `pulumi` downloads the CLI from answers. */
  readonly downloadAnswers: () => Promise<boolean>;
}

export const networkProbes: Probes = {
  downloadAnswers: async () => {
    try {
      const answer = await fetch("https://get.pulumi.com/install.sh", {
        method: "HEAD",
        signal: AbortSignal.timeout(3000),
      });
      return answer.ok;
    } catch {
      return false;
    }
  },
};

/** Looks for engines, and for the means to get one only where there is none: that costs a network round trip. */
export async function lookAround(env: NodeJS.ProcessEnv, probes: Probes): Promise<Surroundings> {
  const passedOver: string[] = [];
  const engines = {
    onPath: await engineOnPath(env, passedOver),
    downloaded: await downloadedEngine(env),
    built: await builtEngine(await builtEngineFolder(env), "cache"),
  };
  if (Object.values(engines).some((engine) => engine !== undefined)) {
    return { ...engines, canDownload: false, canBuild: false, passedOver };
  }
  const npm = await firstExecutable(pathFolders(env), "npm");
  const canDownload = npm !== undefined && (await probes.downloadAnswers());
  return { ...engines, canDownload, canBuild: await goCanBuild(env, passedOver), passedOver };
}

/**
 * The engine that was built into this folder. A folder appears there complete or not at all, so that the version need
 * not be asked for.
 */
export async function builtEngine(folder: string, source: EngineSource): Promise<Engine | undefined> {
  const pulumi = join(folder, "pulumi");
  const complete = (await isExecutable(pulumi)) && (await isExecutable(join(folder, languageHost)));
  return complete ? { pulumi, version: `v${pulumiVersion}`, source, pathEntries: [folder] } : undefined;
}

const languageHost = "pulumi-language-nodejs";

async function engineOnPath(env: NodeJS.ProcessEnv, passedOver: string[]): Promise<Engine | undefined> {
  const folders = pathFolders(env);
  for (const folder of folders) {
    const pulumi = join(folder, "pulumi");
    if (!(await isExecutable(pulumi))) continue;
    const real = await realpath(pulumi);
    // The npm package's launcher would download when asked for its version; what it downloaded is found below.
    if (real.endsWith(join("pulumi", "run.js"))) continue;
    const host = await firstExecutable([folder, dirname(real), ...folders], languageHost);
    if (host === undefined) {
      passedOver.push(`${pulumi} is passed over: no ${languageHost} beside it or on PATH`);
      continue;
    }
    const version = await versionOf(pulumi, env);
    const numbers = versionNumbers(version);
    if (numbers === undefined) {
      passedOver.push(`${pulumi} is passed over: "pulumi version" prints no version`);
      continue;
    }
    if (compareVersions(numbers, versionNumbers(pulumiVersion) ?? []) < 0) {
      passedOver.push(`${pulumi} is passed over: ${version} is older than v${pulumiVersion}`);
      continue;
    }
    return { pulumi, version, source: "path", pathEntries: [...new Set([folder, dirname(host)])] };
  }
  return undefined;
}

/**
 * The newest CLI that the npm package `pulumi` keeps, language host beside it.
 * @see pulumi 3.265.0 on npm, lib/cache.js: `$PULUMI_HOME/versions/<version>/bin` (read 2026-11-23)
 */
async function downloadedEngine(env: NodeJS.ProcessEnv): Promise<Engine | undefined> {
  const versions = join(env.PULUMI_HOME || join(env.HOME || homedir(), ".pulumi"), "versions");
  const oldest = versionNumbers(pulumiVersion) ?? [];
  const kept = (await readdir(versions).catch(() => []))
    .map((name) => ({ name, numbers: versionNumbers(name) ?? [0, 0, 0] }))
    .filter(({ numbers }) => compareVersions(numbers, oldest) >= 0)
    .sort((a, b) => compareVersions(b.numbers, a.numbers));
  for (const { name } of kept) {
    const folder = join(versions, name, "bin");
    const pulumi = join(folder, "pulumi");
    if ((await isExecutable(pulumi)) && (await isExecutable(join(folder, languageHost)))) {
      return { pulumi, version: `v${name}`, source: "npm", pathEntries: [folder] };
    }
  }
  return undefined;
}

/** Go 1.21 and later fetch the toolchain that a `go.mod` asks for; earlier ones cannot read these files. */
async function goCanBuild(env: NodeJS.ProcessEnv, passedOver: string[]): Promise<boolean> {
  const go = await firstExecutable(pathFolders(env), "go");
  if (go === undefined) return false;
  const printed = await firstLine(go, ["version"], env);
  const numbers = versionNumbers(printed.split(" ")[2] ?? "");
  if (numbers !== undefined && compareVersions(numbers, [1, 21, 0]) >= 0) return true;
  passedOver.push(`${go} is passed over: it is ${printed || "silent about its version"}, and 1.21 is needed`);
  return false;
}

function versionOf(pulumi: string, env: NodeJS.ProcessEnv): Promise<string> {
  return firstLine(pulumi, ["version"], { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" });
}

async function firstLine(file: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  try {
    const { code, stdout } = await runProcess(file, args, { env, timeoutSeconds: 15, graceSeconds: 1 });
    return code === 0 ? (stdout.split("\n")[0] ?? "").trim() : "";
  } catch (error) {
    if (error instanceof StartError) return "";
    throw error;
  }
}

/** The absolute folders of PATH; a relative one would mean another place in every folder. */
function pathFolders(env: NodeJS.ProcessEnv): string[] {
  return (env.PATH ?? "").split(delimiter).filter((folder) => folder.startsWith("/"));
}

async function firstExecutable(folders: readonly string[], name: string): Promise<string | undefined> {
  for (const folder of folders) {
    if (await isExecutable(join(folder, name))) return join(folder, name);
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
