/** The real providers repeat a throttled or failed request, about ten times within some ten seconds. */
import { setTimeout as sleep } from "node:timers/promises";
import { PlatformError } from "../store/platformError.ts";

export interface RepeatPolicy {
  /** Requests in all, the first included. */
  readonly attempts: number;
  readonly pauseMilliseconds: number;
}

/** As many tries as the real providers make, with shorter pauses: nobody rehearses waiting. */
export const LAB_REPEAT: RepeatPolicy = { attempts: 10, pauseMilliseconds: 20 };

/** Sends the request until it is answered or refused for good. */
export async function repeat<T>(policy: RepeatPolicy, send: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof PlatformError && error.repeatable) || attempt >= policy.attempts) throw error;
      await sleep(policy.pauseMilliseconds);
    }
  }
}
