import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { capacityFindings, capacityReport } from "../../../plan/capacity/capacity.ts";
import { expectedLoads, loadOf } from "../../../plan/capacity/load.ts";
import { answeringTargets, hardestLoad, loadsOf } from "../../../plan/capacity/nodeLoad.ts";
import { type CapacityRow, SITUATIONS, type Situation } from "../../../plan/capacity/row.ts";
import { steeredCases } from "../../../plan/capacity/steered.ts";
import { SHARE_MODELS, type ShareModel } from "../../../plan/clients/shares.ts";
import { poolSites } from "../../../plan/cloudflarePools.ts";
import { planTree } from "../../../plan/plan.ts";
import type { Backend } from "../../../plan/rendering.ts";
import { siteTier } from "../../../plan/siteTier.ts";
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

const PLATFORMS: readonly Backend[] = ["cloudflare", "route53"];

function report(sketch: InventorySketch, backends = PLATFORMS) {
  const inventory = inventoryOf(sketch);
  return capacityReport(planTree(inventory), inventory, backends);
}

/** The one row; of a steered name it takes the platform, and the callers where they are told something else. */
function row(
  sketch: InventorySketch,
  key: string,
  situation: Situation,
  model: ShareModel,
  at: Pick<CapacityRow, "backend" | "callers"> = {},
): CapacityRow {
  const found = report(sketch, at.backend === undefined ? PLATFORMS : [at.backend]).rows.filter(
    (each) =>
      each.key === key &&
      each.situation === situation &&
      each.model === model &&
      each.backend === at.backend &&
      each.callers === at.callers,
  );
  const [only] = found;
  if (only === undefined || found.length > 1)
    throw new Error(`${found.length} rows of ${key}, ${situation}, ${model}`);
  return only;
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
  const cloudflare = { backend: "cloudflare" } as const;
  const byAddress = { backend: "cloudflare", callers: "by address" } as const;
  const route53 = { backend: "route53" } as const;

  const situations = (of: InventorySketch, backend: Backend, key = "global") => {
    const rows = report(of, [backend]).rows.filter((each) => each.key === key && each.model === "uniform");
    return rows.map(({ situation, callers }) =>
      [situation, ...(callers === undefined ? [] : [callers])].join(", "),
    );
  };

  test("has its places' rows at Route 53, and its own where one place is gone", () => {
    expect(situations(sketch, "route53")).toEqual(["one place gone"]);
  });

  test("has rows of its own at Cloudflare, also for callers by address where the name has both forms", () => {
    expect(situations(sketch, "cloudflare").sort()).toEqual(
      SITUATIONS.flatMap((situation) => [situation, `${situation}, by address`]).sort(),
    );
    // A POP is a place there.
    expect(
      new Set(situations(sketch, "cloudflare", "noam").map((text) => text.replace(", by address", ""))),
    ).toEqual(new Set(["all nodes", "one node gone", "one place gone"]));
    const without = { ...sketch, policy: { ...sketch.policy, tierAddresses: false } };
    expect(situations(without, "cloudflare")).not.toContain("all nodes, by address");
    const alone = { ...sketch, policy: { ...sketch.policy, globalGeoForm: "addresses" as const } };
    expect(situations(alone, "cloudflare")).not.toContain("all nodes, by address");
  });

  test("is as its unsteered set where no platform steers", () => {
    expect(situations(sketch, "static")).toEqual(["all nodes", "one node gone", "one POP gone"]);
    expect(row(sketch, "global", "all nodes", "heaviest", { backend: "static" }).hardest?.calls).toBe(120);
  });

  test("shares a place's callers by halves at Cloudflare, however many nodes a half has", () => {
    // Of fra1, fra2 and lhr1 the second half is fra2.
    for (const model of ["proportional", "uniform"] as const) {
      expect(row(sketch, "global", "all nodes", model, cloudflare).hardest).toMatchObject({
        slot: "fra2",
        calls: 30,
      });
    }
    expect(row(sketch, "global", "all nodes", "heaviest", cloudflare).hardest?.calls).toBe(60);
    expect(row(sketch, "euro", "all nodes", "proportional").hardest?.calls).toBe(20);
  });

  test("sends all callers by address to the first half, and to the second when that is gone", () => {
    expect(row(sketch, "global", "all nodes", "proportional", byAddress).hardest).toMatchObject({
      slot: "iad1",
      calls: 45,
    });
    const euroAlone = withLoad(world, { euro: 60 });
    expect(row(euroAlone, "global", "all nodes", "proportional", byAddress).hardest).toMatchObject({
      slot: "fra1",
      calls: 30,
    });
    expect(row(euroAlone, "global", "one node gone", "proportional", byAddress).hardest).toMatchObject({
      slot: "lhr1",
      calls: 60,
    });
    const small = withLoad(
      { ...world, nodes: world.nodes.filter(({ slot }) => slot !== "lhr1") },
      { euro: 60 },
    );
    expect(row(small, "global", "one node gone", "proportional", byAddress)).toMatchObject({
      gone: "fra1",
      hardest: { slot: "fra2", calls: 60 },
    });
  });

  test("holds all nodes of a place at Cloudflare, those that no set has room for too", () => {
    const policy = { ...sketch.policy, setSize: { maxTargets: 2, standbyTargets: 0 } };
    const cut = { ...sketch, policy };
    // The names list two of three nodes, and nobody's calls are on fewer than these halves' three.
    expect(row(cut, "euro", "all nodes", "proportional").hardest?.calls).toBe(30);
    expect(
      row(withLoad(cut, { euro: 60 }), "global", "all nodes", "proportional", byAddress).hardest,
    ).toMatchObject({
      slot: "fra1",
      calls: 30,
    });
    // At its POP's name two others are listed, and at the region's name another: pools alone have it.
    const more = { ...cut, nodes: [...cut.nodes, nodeAt("euro", "fra3")] };
    expect(report(more, ["cloudflare"]).unknown.nodes).toEqual(["fra3"]);
    expect(report(more, ["route53"]).unknown.nodes).toEqual([]);
  });

  test("sends the callers of a place that is gone to the next, on top of what that carries", () => {
    // The second half of euro, fra2 alone, has 30 of its own and half of noam's 60.
    expect(row(sketch, "global", "one place gone", "proportional", cloudflare)).toMatchObject({
      gone: "noam",
      answeredBy: "euro",
      hardest: { slot: "fra2", calls: 60 },
      over: false,
    });
    // Inside the wide region that stands in nobody serves Europe: its first POP has 45 of its own.
    expect(row(sketch, "global", "one place gone", "proportional", route53)).toMatchObject({
      gone: "euro",
      answeredBy: "iad",
      hardest: { slot: "iad1", calls: (45 + 60) / 2 },
    });
    expect(row(sketch, "global", "one place gone", "proportional", byAddress)).toMatchObject({
      gone: "euro",
      hardest: { slot: "iad1", calls: 45 + 60 },
      over: true,
    });
    for (const at of [cloudflare, route53, byAddress]) {
      expect(row(sketch, "global", "one place gone", "heaviest", at)).toMatchObject({
        hardest: { calls: 120 },
        over: true,
      });
    }
  });

  test("of a wide region moves a POP's callers to its neighbour", () => {
    for (const at of [cloudflare, byAddress, route53]) {
      expect(row(sketch, "noam", "one place gone", "proportional", at)).toMatchObject({
        gone: "iad",
        answeredBy: "lax",
        hardest: { slot: "lax1", calls: 60 },
      });
    }
  });

  test("with a POP gone leaves a region's callers to its other POPs", () => {
    expect(
      row(withLoad(world, { euro: 60 }), "global", "one POP gone", "proportional", cloudflare),
    ).toMatchObject({
      gone: "fra",
      hardest: { slot: "lhr1", calls: 60 },
    });
  });

  test("that is not steered carries the sum of all", () => {
    const { globalGeo: _, ...policy } = sketch.policy ?? {};
    const unsteered = { ...sketch, policy };
    expect(row(unsteered, "global", "all nodes", "heaviest").hardest?.calls).toBe(120);
  });

  test("of one place that is left has nobody who stands in", () => {
    const nodes = world.nodes.map((node) =>
      node.region === "euro" ? node : { ...node, status: "down" as const },
    );
    const regions = {
      euro: { serves: { continents: ["EU" as const] } },
      noam: { serves: { continents: ["NA" as const] }, fallback: ["euro"] },
      latm: { fallback: ["euro"] },
    };
    const left = withLoad({ nodes, policy: { globalGeo: true, regions } }, { euro: 60, noam: 50 });
    expect(situations(left, "cloudflare")).not.toContain("one place gone");
    expect(row(left, "global", "all nodes", "proportional", cloudflare).hardest?.calls).toBe(55);
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
  const [finding] = capacityFindings(planTree(inventory), inventory, ["static"]).filter(
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

test("a finding of a steered name says at which platform it is so, and for which callers", () => {
  const nodes = STEERED_WORLD.nodes.map((node) => ({ ...node, capacity: 100 }));
  const inventory = inventoryOf(withLoad({ ...STEERED_WORLD, nodes }, { euro: 84 }));
  const found = capacityFindings(planTree(inventory), inventory, PLATFORMS).filter(
    ({ tier, model, situation }) =>
      tier.key === "global" && model === "proportional" && situation === "one node gone",
  );
  expect(found.map(({ backend, message }) => `${backend}: ${message}`)).toEqual([
    "cloudflare: without fra1, all callers by address and calls shared by weight, lhr1 carries 84 calls at once, and its limit is 80",
  ]);
});

test("the two nodes that are tried of each half are those that are missed most: trying every one finds no more", () => {
  const nodes = fc.array(
    fc.record({ weight: fc.integer({ min: 1, max: 500 }), capacity: fc.integer({ min: 1, max: 500 }) }),
    { minLength: 2, maxLength: 9 },
  );
  const regions = {
    euro: { serves: { continents: ["EU" as const] } },
    noam: { serves: { continents: ["NA" as const] } },
  };
  fc.assert(
    fc.property(nodes, (drawn) => {
      const euro = drawn.map((each, index) => nodeAt("euro", `fra${index + 1}`, each));
      const policy = { globalGeo: true, regions, expectedLoad: { euro: 100 } };
      const sketch = { nodes: [...euro, nodeAt("noam", "iad1")], policy };
      const [a = [], b = []] = planTree(inventoryOf(sketch)).global.geo?.sites[0]?.halves ?? [];
      const limitOf = (slot: string) => (euro.find((node) => node.slot === slot)?.capacity ?? 0) * 0.8;
      const worst = (flows: readonly { preferred: typeof a; other: typeof a; calls: number }[]) =>
        [...new Set(flows.flatMap(({ preferred }) => preferred))].map(({ slot: lost }) => {
          const loads = new Map<string, number>();
          for (const { preferred, other, calls } of flows) {
            const left = [preferred, other]
              .map((half) => half.filter(({ slot }) => slot !== lost))
              .find(({ length }) => length > 0);
            const sum = (left ?? []).reduce((total, { weight }) => total + weight, 0);
            for (const { slot, weight } of left ?? []) {
              loads.set(slot, (loads.get(slot) ?? 0) + (calls * weight) / sum);
            }
          }
          return Math.max(...[...loads].map(([slot, calls]) => calls / limitOf(slot)));
        });
      const use = (callers: Pick<CapacityRow, "callers">) => {
        const { hardest } = row(sketch, "global", "one node gone", "proportional", {
          backend: "cloudflare",
          ...callers,
        });
        return hardest === undefined ? 0 : hardest.calls / hardest.limit;
      };
      const bySrv = [
        { preferred: a, other: b, calls: 50 },
        { preferred: b, other: a, calls: 50 },
      ];
      expect(use({})).toBeCloseTo(Math.max(...worst(bySrv)), 6);
      expect(use({ callers: "by address" })).toBeCloseTo(
        Math.max(...worst([{ preferred: a, other: b, calls: 100 }])),
        6,
      );
    }),
    { numRuns: 200 },
  );
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
        const alike = Map.groupBy(rows, ({ name, situation, backend, callers }) =>
          [name, situation, backend, callers].join(" "),
        );
        for (const each of alike.values()) {
          expect(each.map(({ model }) => model).sort()).toEqual([...SHARE_MODELS].sort());
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
        for (const { groups } of planTree(inventoryOf(sketch)).regions) {
          const loads = (isGone: (slot: string) => boolean) =>
            loadsOf([{ calls: 100, targets: answeringTargets(groups.slice(0, 1), isGone) }], model);
          const all = groups[0]?.members ?? [];
          const before = hardestLoad(
            loads(() => false),
            () => 1,
          );
          for (const { slot } of all) {
            const left = all.filter((each) => each.slot !== slot);
            if (left.length === 0) continue;
            const heaviestLeft = left.some(
              ({ weight }) => weight >= Math.max(...all.map((each) => each.weight)),
            );
            const after = hardestLoad(
              loads((other) => other === slot),
              () => 1,
            );
            if (heaviestLeft) expect(after?.calls).toBeGreaterThanOrEqual((before?.calls ?? 0) - 1e-9);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  test("of steered callers none is lost either, whichever place is gone", () => {
    fc.assert(
      fc.property(
        loaded,
        fc.constantFrom<"cloudflare" | "route53">("cloudflare", "route53"),
        (sketch, backend) => {
          const tree = planTree(inventoryOf(sketch));
          const loads = expectedLoads(tree);
          for (const tier of [...tree.regions, tree.global]) {
            if (tier.geo === undefined) continue;
            for (const each of steeredCases(tier, tier.geo, tree, backend, loads)) {
              const carried = [...each.loads("proportional").values()].reduce((sum, calls) => sum + calls, 0);
              const all = poolSites(tier, tier.geo, tree).reduce(
                (sum, site) => sum + (loadOf(siteTier(site, tree), loads) ?? 0),
                0,
              );
              if (each.situation === "all nodes") expect(carried).toBeCloseTo(all, 6);
              else expect(carried).toBeLessThanOrEqual(all + 1e-6);
            }
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});
