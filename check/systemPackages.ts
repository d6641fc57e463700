import { existsSync } from "node:fs";
import { runProcess } from "../engine/process.ts";
import { findExecutable } from "./executables.ts";

/** A command that some tests run, and the Debian package that has it. */
export interface SystemPackage {
  readonly command: string;
  readonly debianPackage: string;
}

/** @param packageOf Debian package of each command, as test/support/systemPackages.json lists them */
export function missingPackages(
  packageOf: Readonly<Record<string, string>>,
  env: NodeJS.ProcessEnv,
): SystemPackage[] {
  return Object.entries(packageOf)
    .filter(([command]) => findExecutable(command, env) === undefined)
    .map(([command, debianPackage]) => ({ command, debianPackage }));
}

/** Whether packages can be installed here: as root, on Debian or what derives from it. */
export function canInstallPackages(env: NodeJS.ProcessEnv): boolean {
  const isRoot = process.getuid?.() === 0;
  return isRoot && existsSync("/etc/debian_version") && findExecutable("apt-get", env) !== undefined;
}

/** Time for each call of apt-get, waiting for another one's lock included. */
const aptGetTimeoutSeconds = 300;

/**
 * Installs packages with apt-get, one by one: one that cannot be had does not keep out the others.
 * @returns a line for each call that failed
 */
export async function installPackages(
  debianPackages: readonly string[],
  env: NodeJS.ProcessEnv,
  options: { readonly signal?: AbortSignal; readonly onLine?: (line: string) => void } = {},
): Promise<string[]> {
  const problems: string[] = [];
  const aptGet = async (...args: string[]) => {
    const lock = ["-o", `DPkg::Lock::Timeout=${aptGetTimeoutSeconds}`];
    const { code, stopped, stderr } = await runProcess("apt-get", [...lock, ...args], {
      env: { ...env, DEBIAN_FRONTEND: "noninteractive" },
      timeoutSeconds: aptGetTimeoutSeconds,
      ...options,
    });
    if (code === 0) return;
    const last = stderr.trim().split("\n").at(-1) ?? "";
    problems.push(`apt-get ${args.join(" ")}: ${stopped ?? `exit code ${code}`}${last && `: ${last}`}`);
  };
  await aptGet("update");
  for (const name of new Set(debianPackages)) {
    if (options.signal?.aborted) break;
    await aptGet("install", "--yes", "--no-install-recommends", name);
  }
  return problems;
}
