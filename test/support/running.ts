import { readFileSync } from "node:fs";

/**
 * Whether a process still runs. One that has ended stays listed until its parent takes note, which the first process of
 * a container may never do, so on Linux its state counts (proc(5): Z is a zombie).
 */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    if (process.platform !== "linux") return true;
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2)[0] !== "Z";
  } catch {
    return false;
  }
}
