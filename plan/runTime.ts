/** The one time of a run. A deployment sets it once, so that its preview and its update agree. */
import { Refusal } from "../inventory/problem.ts";

/** Date and time with a zone, ISO 8601 as JavaScript and RFC 3339 share it. */
const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

/**
 * @param given the value of DIALTREE_NOW, for example `2026-11-23T12:00:00Z`.
 * @param clock what the clock says, for runs without one.
 * @throws Refusal when the value is no date and time with a zone.
 */
export function runTime(given: string | undefined, clock: Date): Date {
  if (given === undefined || given === "") return clock;
  const time = new Date(given);
  if (!DATE_TIME.test(given) || Number.isNaN(time.getTime())) {
    throw new Refusal([
      {
        place: "environment",
        key: "DIALTREE_NOW",
        value: given,
        rule: "run-time",
        message: "is no date and time with a zone (RFC 3339)",
        remedy: "set it as `date -u +%FT%TZ` prints it, or leave it unset",
      },
    ]);
  }
  return time;
}
