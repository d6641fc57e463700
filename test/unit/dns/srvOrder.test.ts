import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { SrvData } from "../../../dns/srvData.ts";
import { orderSrv } from "../../../dns/srvOrder.ts";
import { seededRandom } from "../../support/seededRandom.ts";

const record = (target: string, priority: number, weight: number): SrvData => ({
  target,
  priority,
  weight,
  port: 5061,
});

/** Share of draws in which each target came first. */
function firstShares(records: readonly SrvData[], draws: number): Record<string, number> {
  const random = seededRandom(20_240_607);
  const counts: Record<string, number> = {};
  for (let i = 0; i < draws; i++) {
    const first = orderSrv(records, random)[0]?.target ?? "";
    counts[first] = (counts[first] ?? 0) + 1 / draws;
  }
  return counts;
}

/** The chance of each record of one priority to be drawn first, by RFC 2782 counted out over every mark. */
function expectedFirst(records: readonly SrvData[]): Record<string, number> {
  const listed = [
    ...records.filter(({ weight }) => weight === 0),
    ...records.filter(({ weight }) => weight > 0),
  ];
  const sum = listed.reduce((total, { weight }) => total + weight, 0);
  const chances: Record<string, number> = {};
  for (let mark = 0; mark <= sum; mark++) {
    let running = 0;
    for (const { target, weight } of listed) {
      running += weight;
      if (running >= mark) {
        chances[target] = (chances[target] ?? 0) + 1 / (sum + 1);
        break;
      }
    }
  }
  return chances;
}

describe("the order of SRV records", () => {
  test("a lower priority value always comes first, whatever the weights", () => {
    const records = fc.array(
      fc.record({
        target: fc.domain(),
        priority: fc.integer({ min: 0, max: 3 }),
        weight: fc.integer({ min: 0, max: 65535 }),
        port: fc.constant(5061),
      }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(records, fc.integer(), (list, seed) => {
        const ordered = orderSrv(list, seededRandom(seed));
        const priorities = ordered.map(({ priority }) => priority);
        expect(priorities).toEqual([...priorities].sort((a, b) => a - b));
        expect(new Set(ordered)).toEqual(new Set(list));
        expect(ordered).toHaveLength(list.length);
      }),
    );
  });

  test.each([
    [[record("a", 10, 50), record("b", 10, 50)]],
    [[record("a", 10, 100), record("b", 10, 50), record("c", 10, 50)]],
    [[record("a", 10, 1), record("b", 10, 1)]],
    [[record("a", 10, 3), record("zero", 10, 0)]],
    [[record("a", 10, 2), record("zero", 10, 0), record("zero-too", 10, 0)]],
  ])("first choices follow the running sums of RFC 2782: %j", (records) => {
    const shares = firstShares(records, 20_000);
    for (const [target, chance] of Object.entries(expectedFirst(records))) {
      expect(shares[target] ?? 0).toBeCloseTo(chance, 1.7);
    }
  });

  test("a record of weight 0 is placed before the others, so only the mark 0 chooses it", () => {
    const records = [record("a", 10, 50), record("zero", 10, 0)];
    expect(orderSrv(records, () => 0).map(({ target }) => target)).toEqual(["zero", "a"]);
    expect(orderSrv(records, () => 1.5 / 51).map(({ target }) => target)).toEqual(["a", "zero"]);
  });

  test("the largest random number chooses the last running sum", () => {
    const records = [record("a", 10, 50), record("b", 10, 50)];
    expect(orderSrv(records, () => 1 - 2 ** -32).map(({ target }) => target)).toEqual(["b", "a"]);
  });
});
