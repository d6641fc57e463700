import { expect, test } from "vitest";
import { Refusal } from "../../../inventory/problem.ts";
import { runTime } from "../../../plan/runTime.ts";

const CLOCK = new Date("2026-11-23T12:00:00Z");

test("a run without a given time takes the clock's", () => {
  expect(runTime(undefined, CLOCK)).toBe(CLOCK);
  expect(runTime("", CLOCK)).toBe(CLOCK);
});

test.each(["2026-11-20T09:15:00Z", "2026-11-20T10:15:00+01:00", "2026-11-20T09:15:00.000Z"])(
  "a run takes the time %s that it is given",
  (given) => {
    expect(runTime(given, CLOCK).toISOString()).toBe("2026-11-20T09:15:00.000Z");
  },
);

test.each([
  "2026-11-20",
  "2026-11-20T09:15:00",
  "yesterday",
  "2026-13-01T00:00:00Z",
  "1763629200",
  "2026-02-30T00:00:00Z",
  "2026-11-20T09:15Z",
  "2026-11-20T09:15:00Z ",
])("the time %j is refused", (given) => {
  expect(() => runTime(given, CLOCK)).toThrow(Refusal);
  expect(() => runTime(given, CLOCK)).toThrow("environment: DIALTREE_NOW: ");
});
