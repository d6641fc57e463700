import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { languageHostVersion, pulumiVersion } from "./versions.ts";

/** Folder of the two Go modules, `cli` and `host`, whose `go.mod` and `go.sum` pin what is built. */
export const goModulesFolder = import.meta.dirname;

/**
 * Folder that keeps what is expensive to make and safe to delete, outside the checkout: `$DIALTREE_CACHE`, else
 * `$XDG_CACHE_HOME/dialtree`, else `~/.cache/dialtree`.
 * @see XDG Base Directory Specification 0.8: a relative `$XDG_CACHE_HOME` is ignored
 */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  if (env.DIALTREE_CACHE) return env.DIALTREE_CACHE;
  if (env.XDG_CACHE_HOME && isAbsolute(env.XDG_CACHE_HOME)) return join(env.XDG_CACHE_HOME, "dialtree");
  return join(env.HOME || homedir(), ".cache", "dialtree");
}

/** Folder of the built engine: a new one whenever a version, a pinned module or the platform changes. */
export async function builtEngineFolder(env: NodeJS.ProcessEnv): Promise<string> {
  const hash = createHash("sha256");
  for (const file of ["cli/go.mod", "cli/go.sum", "host/go.mod", "host/go.sum"]) {
    hash.update(await readFile(join(goModulesFolder, file)));
  }
  const key = [
    `pulumi-${pulumiVersion}`,
    `host-${languageHostVersion}`,
    `${process.platform}-${process.arch}`,
    hash.digest("hex").slice(0, 12),
  ].join("-");
  return join(cacheFolder(env), "engine", key);
}
