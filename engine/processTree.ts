import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { promisify } from "node:util";

/** Process ids with the id of the parent: from /proc on Linux, where `ps` may be missing, else from `ps`. */
async function parentsOfProcesses(): Promise<Map<number, number>> {
  const parents = new Map<number, number>();
  if (process.platform === "linux") {
    for (const entry of await readdir("/proc")) {
      if (!/^\d+$/.test(entry)) continue;
      // A process that ended since the folder was listed has no parent to tell.
      const stat = await readFile(`/proc/${entry}/stat`, "utf8").catch(() => "");
      // The command name, in parentheses, may itself hold spaces and parentheses (proc(5)).
      const parent = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1];
      if (parent !== undefined) parents.set(Number(entry), Number(parent));
    }
    return parents;
  }
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid="], { timeout: 10_000 });
  for (const line of stdout.split("\n")) {
    const [pid, parent] = line.trim().split(/\s+/).map(Number);
    if (pid !== undefined && parent !== undefined) parents.set(pid, parent);
  }
  return parents;
}

/** All processes started, directly or not, by the given one, without itself; parents before their children. */
export async function descendants(pid: number): Promise<number[]> {
  const parents = await parentsOfProcesses();
  const found = [pid];
  for (const ancestor of found) {
    for (const [child, parent] of parents) if (parent === ancestor) found.push(child);
  }
  return found.slice(1);
}

/** Sends a signal; a process that has ended already, or that belongs to another user by now, is left alone. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ESRCH" && code !== "EPERM") throw error;
  }
}
