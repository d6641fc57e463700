import fc from "fast-check";
import { expect, test } from "vitest";
import { dueText, durationText, momentText, timestamp } from "../../../../plan/operations/moment.ts";

test.each([
  [0, "0 s"],
  [0.2, "1 s"],
  [119, "119 s"],
  [120, "2 min"],
  [121, "3 min"],
  [780, "13 min"],
  [18_780, "5 h 13 min"],
  [7200, "2 h"],
  [48 * 3600, "2 d"],
  [49 * 3600 + 1, "2 d 2 h"],
  [-5, "0 s"],
])("%d seconds are %s", (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});

test("a time is told in UTC, and never before it has come", () => {
  expect(momentText(new Date("2026-11-23T17:13:00Z"))).toBe("2026-11-23 17:13 UTC");
  expect(momentText(new Date("2026-11-23T23:59:01Z"))).toBe("2026-11-24 00:00 UTC");
  fc.assert(
    fc.property(fc.date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true }), (moment) => {
      const told = new Date(`${momentText(moment).replace(" UTC", "").replace(" ", "T")}:00Z`);
      expect(told.getTime()).toBeGreaterThanOrEqual(moment.getTime());
      expect(told.getTime() - moment.getTime()).toBeLessThan(60_000);
    }),
  );
});

test("what is due is told with the time that is left", () => {
  const now = new Date("2026-11-23T12:00:00Z");
  expect(dueText(new Date("2026-11-23T17:13:00Z"), now)).toBe("2026-11-23 17:13 UTC, in 5 h 13 min");
});

test("a timestamp has whole seconds", () => {
  expect(timestamp(new Date("2026-11-23T12:00:00.987Z"))).toBe("2026-11-23T12:00:00Z");
});
