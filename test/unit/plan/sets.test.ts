import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planTree } from "../../../plan/plan.ts";
import { groupsOf, halves, spread } from "../../../plan/sets.ts";
import type { TreeNode } from "../../../plan/tree.ts";
import { inventoryOf, nodeAt } from "../../support/inventories.ts";

function treeNodes(slots: readonly string[], role: "primary" | "standby" = "primary"): TreeNode[] {
  const [first = "fra1"] = slots;
  const nodes = slots.map((slot) => nodeAt("euro", slot, { role }));
  return [
    ...planTree(inventoryOf({ nodes: slots.length > 0 ? nodes : [nodeAt("euro", first)] })).nodes,
  ].slice(0, slots.length);
}

function slotsOf(nodes: readonly { readonly slot: string }[]): string[] {
  return nodes.map(({ slot }) => slot);
}

/** Slots of up to 24 nodes at four POPs. */
const arbitrarySlots = fc.uniqueArray(
  fc
    .tuple(fc.constantFrom("ams", "fra", "lhr", "nrt"), fc.integer({ min: 1, max: 30 }))
    .map((parts) => parts.join("")),
  { minLength: 1, maxLength: 24 },
);

const sizes = (maxTargets: number, standbyTargets: number) => ({
  maxTargets,
  standbyTargets,
  geoNetTargets: 2,
});

describe("a cut to size", () => {
  test("takes POPs in turn and lists what it took by slot", () => {
    const nodes = treeNodes(["fra1", "fra2", "fra3", "lhr1", "ams1", "ams2"]);
    expect(slotsOf(spread(nodes, 4))).toEqual(["ams1", "ams2", "fra1", "lhr1"]);
    expect(slotsOf(spread(nodes, 5))).toEqual(["ams1", "ams2", "fra1", "fra2", "lhr1"]);
    expect(slotsOf(spread(nodes, 2))).toEqual(["ams1", "fra1"]);
    expect(slotsOf(spread(nodes, 0))).toEqual([]);
  });

  test("counts slots as people do: fra2 is taken before fra10", () => {
    expect(slotsOf(spread(treeNodes(["fra10", "fra2", "fra1"]), 2))).toEqual(["fra1", "fra2"]);
  });

  test("takes all where there is room, and exactly the size where there is none", () => {
    fc.assert(
      fc.property(arbitrarySlots, fc.nat(12), (slots, count) => {
        expect(spread(treeNodes(slots), count)).toHaveLength(Math.min(slots.length, count));
      }),
    );
  });

  test("holds as many POPs as it can", () => {
    fc.assert(
      fc.property(arbitrarySlots, fc.integer({ min: 1, max: 12 }), (slots, count) => {
        const nodes = treeNodes(slots);
        const pops = new Set(nodes.map(({ pop }) => pop));
        const taken = new Set(spread(nodes, count).map(({ pop }) => pop));
        expect(taken.size).toBe(Math.min(pops.size, count));
      }),
    );
  });
});

describe("the groups of a set", () => {
  const listed = (primaries: string[], standby: string[], max: number, kept: number) =>
    groupsOf(
      treeNodes(primaries),
      standby.length === 0 ? [] : treeNodes(standby, "standby"),
      sizes(max, kept),
    ).map(({ priority, members }) => `${priority}: ${slotsOf(members).join(" ")}`);

  test("are primaries at 10 and standby nodes at 20", () => {
    expect(listed(["lhr1", "fra1"], ["ams1"], 8, 2)).toEqual(["10: fra1 lhr1", "20: ams1"]);
  });

  test("are standby nodes at 20 alone where there is no primary, so that their rows stay as they were", () => {
    expect(listed([], ["ams1", "ams2"], 8, 2)).toEqual(["20: ams1 ams2"]);
  });

  test("keep places for standby nodes in a full set, and lend them to nobody else", () => {
    expect(listed(["fra1", "fra2", "fra3", "fra4"], ["ams1", "ams2", "ams3"], 4, 2)).toEqual([
      "10: fra1 fra2",
      "20: ams1 ams2",
    ]);
    expect(listed(["fra1", "fra2", "fra3", "fra4"], ["ams1"], 4, 2)).toEqual([
      "10: fra1 fra2 fra3",
      "20: ams1",
    ]);
  });

  test("give standby nodes every place that primaries leave", () => {
    expect(listed(["fra1"], ["ams1", "ams2", "ams3", "ams4"], 4, 1)).toEqual([
      "10: fra1",
      "20: ams1 ams2 ams3",
    ]);
  });

  test("list a primary even where the standby nodes would fill the set", () => {
    expect(listed(["fra1"], ["ams1", "ams2"], 2, 2)).toEqual(["10: fra1", "20: ams1"]);
    expect(listed(["fra1"], ["ams1"], 1, 1)).toEqual(["10: fra1"]);
  });

  test("change by one target out and one in at most when one node comes or goes", () => {
    const sized = fc.tuple(fc.integer({ min: 1, max: 10 }), fc.nat(5));
    const fleet = fc.tuple(arbitrarySlots, fc.nat(), fc.nat(2 ** 24), sized);
    fc.assert(
      fc.property(fleet, ([slots, pick, roles, [maxTargets, standbyTargets]]) => {
        const all = treeNodes(slots).map(
          (node, i): TreeNode => ({ ...node, role: (roles >> i) % 2 === 0 ? "primary" : "standby" }),
        );
        const gone = all[pick % all.length]?.slot;
        const targets = (nodes: readonly TreeNode[]) =>
          new Set(
            groupsOf(
              nodes.filter(({ role }) => role === "primary"),
              nodes.filter(({ role }) => role === "standby"),
              sizes(maxTargets, standbyTargets),
            ).flatMap(({ members }) => slotsOf(members)),
          );
        const before = targets(all);
        const after = targets(all.filter(({ slot }) => slot !== gone));
        expect([...before].filter((slot) => !after.has(slot)).length).toBeLessThanOrEqual(1);
        expect([...after].filter((slot) => !before.has(slot)).length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 500 },
    );
  });
});

describe("two halves", () => {
  test("part neighbours: odd numbers in the first, even ones in the second", () => {
    const [a, b] = halves(["fra1", "fra2", "lhr1", "lhr2"].map((slot) => ({ slot })));
    expect(slotsOf(a)).toEqual(["fra1", "lhr1"]);
    expect(slotsOf(b)).toEqual(["fra2", "lhr2"]);
  });

  test("are filled from the end where one kind of number prevails", () => {
    const [a, b] = halves(["fra1", "lhr1", "ams1", "gru1"].map((slot) => ({ slot })));
    expect(slotsOf(a)).toEqual(["ams1", "fra1"]);
    expect(slotsOf(b)).toEqual(["gru1", "lhr1"]);
    expect(halves([{ slot: "edge" }])).toEqual([[{ slot: "edge" }], []]);
  });

  test("are disjoint, lose nobody and differ by one at most, the first being the larger", () => {
    fc.assert(
      fc.property(arbitrarySlots, (slots) => {
        const [a, b] = halves(slots.map((slot) => ({ slot })));
        expect(slotsOf([...a, ...b]).sort()).toEqual([...slots].sort());
        expect([0, 1]).toContain(a.length - b.length);
      }),
    );
  });

  test("move one neighbour at most when one node comes or goes", () => {
    fc.assert(
      fc.property(arbitrarySlots, fc.nat(), (slots, pick) => {
        const gone = slots[pick % slots.length];
        const halfOf = (kept: readonly string[]) => {
          const [a] = halves(kept.map((slot) => ({ slot })));
          return new Map(kept.map((slot) => [slot, slotsOf(a).includes(slot)]));
        };
        const before = halfOf(slots);
        const after = halfOf(slots.filter((slot) => slot !== gone));
        expect([...after].filter(([slot, half]) => before.get(slot) !== half).length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 500 },
    );
  });
});
