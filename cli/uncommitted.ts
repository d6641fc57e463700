/** Whether files have changes that git does not know yet. */
import { execFileSync } from "node:child_process";
import path from "node:path";

const TIMEOUT_MILLISECONDS = 5000;

/** Those of the files that differ from the last commit; none where there is no git, or no repository. */
export function uncommitted(files: readonly string[]): string[] {
  return files.filter((file) => {
    try {
      const args = ["status", "--porcelain", "--untracked-files=no", "--", path.basename(file)];
      const options = { cwd: path.dirname(file), timeout: TIMEOUT_MILLISECONDS, stdio: "pipe" } as const;
      return execFileSync("git", args, options).length > 0;
    } catch {
      return false;
    }
  });
}
