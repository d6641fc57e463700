import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";

/** Absolute path of the checkout. */
export const checkout = path.dirname(path.dirname(import.meta.dirname));

/** Files of the checkout that git knows or would add, relative to it, with `/`; ignored ones are left out. */
export function trackedFiles(): string[] {
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: checkout,
    encoding: "utf8",
    timeout: 30_000,
  });
  const files = [...new Set(listed.split("\0"))].filter((file) => file !== "");
  // A file that was deleted and not yet committed is still listed.
  return files.filter((file) => existsSync(path.join(checkout, file))).sort();
}
