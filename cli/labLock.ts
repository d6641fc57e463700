/** One lab at a time in a checkout: its addresses and ports are this machine's own. */
import { mkdirSync } from "node:fs";
import { lock } from "proper-lockfile";
import { Refusal } from "../inventory/problem.ts";

/**
 * Takes the lab's folder; the lock of a killed lab is taken over after some seconds.
 * @returns a function that gives it back.
 * @throws Refusal while another lab runs.
 */
export async function holdLab(folder: string): Promise<() => Promise<void>> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  try {
    return await lock(folder, { stale: 10_000, retries: 0 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ELOCKED") throw error;
    throw new Refusal([
      {
        place: "lab",
        key: "",
        rule: "lab-running",
        message: "another lab runs in this checkout",
        remedy: "end it with Ctrl-C, or use its name servers; after a crash wait ten seconds",
      },
    ]);
  }
}
