import fc from "fast-check";
import { expect, test } from "vitest";
import { compareSlots, compareText, sortedBy } from "../../../plan/order.ts";

test("slots are in the order in which people count", () => {
  const slots = ["fra10", "lhr1", "fra2", "fra1", "fra", "fra02", "ams1"];
  expect(slots.sort(compareSlots)).toEqual(["ams1", "fra", "fra1", "fra02", "fra2", "fra10", "lhr1"]);
});

test("the order of slots is total, for numbers beyond what a number holds exactly too", () => {
  const slot = fc.oneof(
    fc.constantFrom("fra1", "fra01", "fra", "7", "a-1", "90071992547409921", "90071992547409922"),
    fc.stringMatching(/^[a-c]{0,2}[0-9]{0,3}$/),
  );
  fc.assert(
    fc.property(slot, slot, slot, (x, y, z) => {
      expect(compareSlots(x, y) === 0).toBe(x === y);
      expect(Math.sign(compareSlots(x, y))).toBe(-Math.sign(compareSlots(y, x)) + 0);
      if (compareSlots(x, y) < 0 && compareSlots(y, z) < 0) expect(compareSlots(x, z)).toBeLessThan(0);
    }),
  );
});

test("text is ordered by code unit, whatever the locale", () => {
  expect(["b", "a", "Z", "ä"].sort(compareText)).toEqual(["Z", "a", "b", "ä"]);
});

test("a sorted copy leaves the original as it was", () => {
  const items = [{ key: "b" }, { key: "a" }];
  expect(sortedBy(items, ({ key }) => key)).toEqual([{ key: "a" }, { key: "b" }]);
  expect(items).toEqual([{ key: "b" }, { key: "a" }]);
});
