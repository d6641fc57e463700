import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type CapacityRow,
  capacityFindings,
  capacityReport,
  SITUATIONS,
  type Situation,
} from "../../../plan/capacity/capacity.ts";
import { expectedLoads } from "../../../plan/capacity/load.ts";
import { answeringMembers, hardestLoad } from "../../../plan/capacity/nodeLoad.ts";
import { SHARE_MODELS, type ShareModel } from "../../../plan/clients/shares.ts";
import { planTree } from "../../../plan/plan.ts";
import { arbitrarySketch } from "../../support/arbitraryInventory.ts";
import { type InventorySketch, inventoryOf, nodeAt, STEERED_WORLD } from "../../support/inventories.ts";

const HUNDRED = { capacity: 100 };

/** Three primaries at two POPs and a standby pair, each for 100 calls of which 80 may be used. */
const EURO: InventorySketch = {
  nodes: [
    nodeAt("euro", "fra1", HUNDRED),
    nodeAt("euro", "fra2", HUNDRED),
    nodeAt("euro", "lhr1", HUNDRED),
    nodeAt("euro", "ams1", { ...HUNDRED, role: "standby" }),
    nodeAt("euro", "ams2", { ...HUNDRED, role: "standby" }),
  ],
};

function withLoad(sketch: InventorySketch, expectedLoad: Record<string, number>): InventorySketch {
  return { ...sketch, policy: { ...sketch.policy, expectedLoad } };
}

function report(sketch: InventorySketch) {
  const inventory = inventoryOf(sketch);
  return capacityReport(planTree(inventory), inventory);
}

function row(sketch: InventorySketch, key: string, situation: Situation, model: ShareModel): CapacityRow {
  const found = report(sketch).rows.find(
    (each) => each.key === key && each.situation === situation && each.model === model,
  );
  if (found === undefined) throw new Error(`no row of ${key}, ${situation}, ${model}`);
  return found;
}

describe("a region's load", () => {
  const sketch = withLoad(EURO, { euro: 120 });

  test("falls on the primaries by weight, evenly, or on one of them", () => {
    expect(row(sketch, "euro", "all nodes", "proportional").hardest).toEqual({
      slot: "fra1",
      calls: 40,
      limit: 80,
    });
    expect(row(sketch, "euro", "all nodes", "uniform").hardest?.calls).toBeCloseTo(40);
    expect(row(sketch, "euro", "all nodes", "heaviest").hardest?.calls).toBe(120);
  });

  test("falls on the others when one node or one POP is gone", () => {
    expect(row(sketch, "euro", "one node gone", "proportional").hardest?.calls).toBe(60);
    const pop = row(sketch, "euro", "one POP gone", "proportional");
    expect(pop).toMatchObject({ gone: "fra", hardest: { slot: "lhr1", calls: 120, limit: 80 }, over: true });
  });

  test("falls on the standby nodes when no primary is left", () => {
    const alone = withLoad(
      { nodes: [nodeAt("euro", "fra1", HUNDRED), ...EURO.nodes.slice(3)] },
      { euro: 90 },
    );
    expect(row(alone, "euro", "one node gone", "uniform")).toMatchObject({
      gone: "fra1",
      hardest: { slot: "ams1", calls: 45 },
      over: false,
    });
  });

  test("is met by unequal nodes as each can: the one nearest to its limit is told", () => {
    const uneven = withLoad(
      {
        nodes: [
          nodeAt("euro", "fra1", { weight: 300, capacity: 300 }),
          nodeAt("euro", "lhr1", { weight: 100, capacity: 50 }),
        ],
      },
      { euro: 160 },
    );
    expect(row(uneven, "euro", "all nodes", "proportional").hardest).toEqual({
      slot: "lhr1",
      calls: 40,
      limit: 40,
    });
    expect(row(uneven, "euro", "all nodes", "uniform")).toMatchObject({
      hardest: { slot: "lhr1", calls: 80 },
      over: true,
    });
    expect(row(uneven, "euro", "all nodes", "heaviest")).toMatchObject({
      hardest: { slot: "fra1", calls: 160 },
      over: false,
    });
  });

  test("counts only nodes that the name lists", () => {
    const policy = { setSize: { maxTargets: 2, standbyTargets: 0 } };
    const cut = withLoad({ ...EURO, policy }, { euro: 120 });
    expect(row(cut, "euro", "all nodes", "proportional").hardest?.calls).toBe(60);
  });

  test("is over only above the limit, by whole calls", () => {
    expect(row(withLoad(EURO, { euro: 240 }), "euro", "all nodes", "proportional").over).toBe(false);
    expect(row(withLoad(EURO, { euro: 243.1 }), "euro", "all nodes", "proportional").over).toBe(true);
    const strict = {
      ...withLoad(EURO, { euro: 240 }),
      policy: { expectedLoad: { euro: 240 }, utilizationLimit: 0.5 },
    };
    expect(row(strict, "euro", "all nodes", "proportional")).toMatchObject({
      hardest: { limit: 50 },
      over: true,
    });
  });
});

describe("loads", () => {
  const loads = (sketch: InventorySketch) => expectedLoads(planTree(inventoryOf(sketch)));

  test("of a POP are its part of the region by primaries, or what is told of it", () => {
    expect([...loads(withLoad(EURO, { euro: 120 })).pops]).toEqual([
      ["fra", 80],
      ["lhr", 40],
    ]);
    expect(new Map(loads(withLoad(EURO, { euro: 120, fra: 20 })).pops)).toEqual(
      new Map([
        ["fra", 20],
        ["lhr", 100],
      ]),
    );
    expect(loads(withLoad(EURO, { fra: 20, lhr: 30 })).regions.get("euro")).toBe(50);
  });

  test("of a region without nodes land where it is answered", () => {
    const sketch = withLoad(STEERED_WORLD, { euro: 100, noam: 60, latm: 30 });
    expect(loads(sketch).regions).toEqual(
      new Map([
        ["euro", 100],
        ["noam", 90],
      ]),
    );
    expect(loads(sketch).total).toBe(190);
  });

  test("that nobody told give no rows, and the report says for which regions", () => {
    expect(report(EURO)).toMatchObject({ rows: [], unknown: { regions: ["euro"], nodes: [] } });
    const half = report(withLoad({ nodes: EURO.nodes.map(({ capacity: _, ...node }) => node) }, { euro: 1 }));
    expect(half.rows).toEqual([]);
    expect(half.unknown).toEqual({ regions: [], nodes: ["ams1", "ams2", "fra1", "fra2", "lhr1"] });
  });
});

describe("a steered name", () => {
  const world: InventorySketch = {
    ...STEERED_WORLD,
    nodes: STEERED_WORLD.nodes.map((node) => ({ ...node, capacity: 100 })),
  };
  const sketch = withLoad(world, { euro: 60, noam: 50, latm: 10, iad: 45 });

  test("has its places' rows, and its own where one place is gone", () => {
    const situations = new Set(
      report(sketch)
        .rows.filter(({ key }) => key === "global")
        .map(({ situation }) => situation),
    );
    expect([...situations]).toEqual(["one place gone"]);
  });

  test("sends the callers of a place that is gone to its stand-in, on top of what that carries", () => {
    expect(row(sketch, "global", "one place gone", "proportional")).toMatchObject({
      gone: "euro",
      answeredBy: "noam",
      hardest: { calls: 40 },
      over: false,
    });
    expect(row(sketch, "global", "one place gone", "heaviest")).toMatchObject({
      hardest: { calls: 120 },
      over: true,
    });
  });

  test("of a wide region moves a POP's callers to its neighbour", () => {
    expect(row(sketch, "noam", "one place gone", "proportional")).toMatchObject({
      gone: "iad",
      answeredBy: "lax",
      hardest: { slot: "lax1", calls: 60 },
    });
  });

  test("that is not steered carries the sum of all", () => {
    const { globalGeo: _, ...policy } = sketch.policy ?? {};
    const unsteered = { ...sketch, policy };
    expect(row(unsteered, "global", "all nodes", "heaviest").hardest?.calls).toBe(120);
  });
});

test("a region whose only POP is gone is carried by its fallback, or by nobody", () => {
  const nodes = [
    nodeAt("euro", "fra1", HUNDRED),
    nodeAt("euro", "fra2", HUNDRED),
    nodeAt("noam", "iad1", HUNDRED),
  ];
  const sketch = withLoad(
    { nodes, policy: { regions: { euro: { fallback: ["noam"] } } } },
    { euro: 50, noam: 20 },
  );
  expect(row(sketch, "euro", "one POP gone", "uniform")).toMatchObject({
    gone: "fra",
    answeredBy: "noam",
    hardest: { slot: "iad1", calls: 70 },
  });
  const nobody = row(sketch, "noam", "one POP gone", "uniform");
  expect(nobody).toMatchObject({ gone: "iad", over: false });
  expect(nobody).not.toHaveProperty("hardest");
});

test("a finding says name, model, situation, load, limit and remedy", () => {
  const inventory = inventoryOf(withLoad(EURO, { euro: 120 }));
  const [finding] = capacityFindings(planTree(inventory), inventory).filter(
    ({ tier, model }) => tier.key === "euro" && model === "proportional",
  );
  expect(finding).toEqual({
    tier: { kind: "region", key: "euro" },
    model: "proportional",
    situation: "one POP gone",
    loadOnNode: 120,
    limit: 80,
    message: "without fra and calls shared by weight, lhr1 carries 120 calls at once, and its limit is 80",
    remedy: expect.stringMatching(/capacity/),
  });
});

describe("over random trees", () => {
  const loaded = fc
    .tuple(
      arbitrarySketch,
      fc.integer({ min: 1, max: 5000 }),
      fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1 }),
    )
    .map(([sketch, load, capacities]): InventorySketch => {
      const regions = [...new Set(sketch.nodes.map(({ region }) => region))];
      return withLoad(
        {
          ...sketch,
          nodes: sketch.nodes.map((node, index) => ({
            ...node,
            capacity: capacities[index % capacities.length] ?? 1,
          })),
        },
        Object.fromEntries(regions.map((region) => [region, load])),
      );
    });

  test("each situation has a row per model, and a smaller limit or a larger load finds no less", () => {
    fc.assert(
      fc.property(loaded, (sketch) => {
        const { rows } = report(sketch);
        for (const alike of Map.groupBy(rows, ({ name, situation }) => `${name} ${situation}`).values()) {
          expect(alike.map(({ model }) => model).sort()).toEqual([...SHARE_MODELS].sort());
        }
        for (const { situation } of rows) expect(SITUATIONS).toContain(situation);
        const over = (of: InventorySketch) => report(of).rows.filter((each) => each.over).length;
        const strict = { ...sketch, policy: { ...sketch.policy, utilizationLimit: 0.4 } };
        expect(over(strict)).toBeGreaterThanOrEqual(over(sketch));
        const loads = Object.entries(sketch.policy?.expectedLoad ?? {});
        expect(
          over(withLoad(sketch, Object.fromEntries(loads.map(([key, calls]) => [key, calls * 2])))),
        ).toBeGreaterThanOrEqual(over(sketch));
      }),
      { numRuns: 60 },
    );
  });

  test("no load is lost: what regions carry is what is expected of them", () => {
    fc.assert(
      fc.property(loaded, (sketch) => {
        const told = Object.values(sketch.policy?.expectedLoad ?? {}).reduce((sum, calls) => sum + calls, 0);
        const { total, pops, regions } = expectedLoads(planTree(inventoryOf(sketch)));
        expect(total).toBeCloseTo(told, 6);
        const inPops = [...pops.values()].reduce((sum, calls) => sum + calls, 0);
        const inRegions = [...regions.values()].reduce((sum, calls) => sum + calls, 0);
        expect(inPops).toBeLessThanOrEqual(inRegions + 1e-6);
      }),
      { numRuns: 60 },
    );
  });

  test("without one node the others never carry less", () => {
    fc.assert(
      fc.property(loaded, fc.constantFrom(...SHARE_MODELS), (sketch, model) => {
        for (const tier of planTree(inventoryOf(sketch)).regions) {
          const all = answeringMembers(tier.groups, () => false);
          const limits = () => 1;
          const before = hardestLoad(all, 100, model, limits)?.calls ?? 0;
          for (const { slot } of all) {
            const left = answeringMembers([{ priority: 10, members: all }], (other) => other === slot);
            if (left.length === 0) continue;
            const heaviestLeft = left.some(
              ({ weight }) => weight >= Math.max(...all.map((each) => each.weight)),
            );
            const after = hardestLoad(left, 100, model, limits)?.calls ?? 0;
            if (heaviestLeft) expect(after).toBeGreaterThanOrEqual(before - 1e-9);
          }
        }
      }),
      { numRuns: 40 },
    );
  });
});
