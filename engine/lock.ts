import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { lock } from "proper-lockfile";
import { Refusal } from "../inventory/problem.ts";

/** A holder renews its lock twice in this time; one that was killed loses it after this time. */
const staleMilliseconds = 10_000;
const pollMilliseconds = 500;
const waitLimitSeconds = 3600;

export interface LockOptions {
  /** Called once when another process holds the lock. */
  readonly onWait: () => void;
}

/**
 * Runs `work` while no other process runs work under the same path. The signal that it gets is aborted when the lock
 * was lost, which happens when this process was suspended for longer than a lock stays fresh.
 * @throws {Refusal} when another process holds the lock for more than an hour, or the lock was lost
 */
export async function withLock<Result>(
  path: string,
  options: LockOptions,
  work: (lost: AbortSignal) => Promise<Result>,
): Promise<Result> {
  await mkdir(dirname(path), { recursive: true });
  const lost = new AbortController();
  const release = await acquire(path, options.onWait, () => lost.abort());
  try {
    return await work(lost.signal);
  } catch (error) {
    if (lost.signal.aborted) throw lockLost(path);
    throw error;
  } finally {
    // A lost lock belongs to another process by now and is not ours to remove.
    if (!lost.signal.aborted) await release();
  }
}

async function acquire(
  path: string,
  onWait: () => void,
  onCompromised: () => void,
): Promise<() => Promise<void>> {
  const givesUpAt = Date.now() + waitLimitSeconds * 1000;
  let told = false;
  while (Date.now() < givesUpAt) {
    try {
      return await lock(path, { realpath: false, stale: staleMilliseconds, onCompromised });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ELOCKED") throw error;
    }
    if (!told) onWait();
    told = true;
    await delay(pollMilliseconds);
  }
  throw new Refusal([
    {
      place: `${path}.lock`,
      key: "",
      rule: "engine-lock",
      message: "another process has held this lock for an hour",
      remedy: "end that process, or wait for it, and run the command again",
    },
  ]);
}

function lockLost(path: string): Refusal {
  return new Refusal([
    {
      place: `${path}.lock`,
      key: "",
      rule: "engine-lock",
      message: "another process took this lock over while this one was suspended",
      remedy: "run the command again: it waits for the other one, or uses what that made",
    },
  ]);
}
