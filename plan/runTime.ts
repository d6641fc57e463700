/** The one time of a run. A deployment sets it once, so that its preview and its update agree. */
import { z } from "zod";
import { Refusal } from "../inventory/problem.ts";

const dateTime = z.iso.datetime({ offset: true });

/**
 * @param given the value of DIALTREE_NOW, for example `2026-11-23T12:00:00Z`.
 * @param clock what the clock says, for runs without one.
 * @throws Refusal when the value is no date and time with a zone.
 */
export function runTime(given: string | undefined, clock: Date): Date {
  if (given === undefined || given === "") return clock;
  if (!dateTime.safeParse(given).success) {
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
  return new Date(given);
}

/** `2026-11-23 12:00 UTC`, for people. */
export function timeText(time: Date): string {
  return `${time.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
