import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planTree } from "../../../plan/plan.ts";
import type { GeoSite, Tier, Tree } from "../../../plan/tree.ts";
import { arbitrarySketch } from "../../support/arbitraryInventory.ts";
import {
  type InventorySketch,
  inventoryIfValid,
  nodeAt,
  STEERED_WORLD,
  withNode,
} from "../../support/inventories.ts";
import { planOf } from "../../support/planOf.ts";

function siteOf(tier: Tier | undefined, key: string): GeoSite | undefined {
  return tier?.geo?.sites.find((site) => site.key === key);
}

function halvesOf(site: GeoSite | undefined): string[][] {
  return (site?.halves ?? []).map((half) => half.map(({ slot }) => slot));
}

function regionOf(tree: Tree, key: string): Tier | undefined {
  return tree.regions.find((tier) => tier.key === key);
}

function steeredSites(tree: Tree): GeoSite[] {
  return [tree.global, ...tree.regions].flatMap((tier) => tier.geo?.sites ?? []);
}

describe("a steered global name", () => {
  test("has a site per region with nodes, which also serves the areas it answers for", () => {
    const { global } = planOf(STEERED_WORLD);
    expect(global.geo?.sites.map(({ key }) => key)).toEqual(["euro", "noam"]);
    expect(siteOf(global, "euro")?.serves.continents).toEqual(["AF", "EU"]);
    expect(siteOf(global, "noam")?.serves.continents).toEqual(["NA", "SA"]);
  });

  test("divides each region's primaries into halves and keeps its standby nodes apart", () => {
    const euro = siteOf(planOf(STEERED_WORLD).global, "euro");
    expect(halvesOf(euro)).toEqual([["fra1", "lhr1"], ["fra2"]]);
    expect(euro?.standby).toEqual([{ slot: "ams1", weight: 100 }]);
    expect(euro?.fallback).toEqual(["noam"]);
  });

  test("has the region of the policy as default, and the first by key without one", () => {
    expect(planOf(STEERED_WORLD).global.geo?.defaultSite).toBe("euro");
    const policy = { ...STEERED_WORLD.policy, defaultRegion: "noam" };
    expect(planOf({ ...STEERED_WORLD, policy }).global.geo?.defaultSite).toBe("noam");
    const unstaffed = { ...STEERED_WORLD.policy, defaultRegion: "latm" };
    expect(planOf({ ...STEERED_WORLD, policy: unstaffed }).global.geo?.defaultSite).toBe("euro");
  });

  test("has a net of primaries of several sites, small enough to stand behind two host names", () => {
    const net = (setSize: object) =>
      planOf({ ...STEERED_WORLD, policy: { ...STEERED_WORLD.policy, setSize } }).global.geo?.net.map(
        ({ slot }) => slot,
      );
    expect(net({})).toEqual(["fra1", "iad1", "lax1", "lhr1"]);
    expect(net({ maxTargets: 4 })).toEqual(["fra1", "iad1"]);
    expect(net({ maxTargets: 2, standbyTargets: 1 })).toEqual([]);
  });

  test("has standby nodes in its net where there is one primary in the world, or none", () => {
    const without = (...slots: string[]) =>
      slots.reduce((sketch, slot) => withNode(sketch, slot, { status: "down" }), STEERED_WORLD);
    const net = (sketch: InventorySketch) => planOf(sketch).global.geo?.net.map(({ slot }) => slot);
    const noam = ["iad2", "lax1"];
    expect(net(without(...noam, "fra1", "fra2"))).toEqual(["iad1", "lhr1"]);
    expect(net(without(...noam, "fra1", "fra2", "lhr1"))).toEqual(["ams1", "iad1"]);
    const standby = { ...nodeAt("noam", "ord1"), role: "standby" as const };
    const twoPlaces = without(...noam, "iad1", "fra1", "fra2", "lhr1");
    expect(net({ ...twoPlaces, nodes: [...twoPlaces.nodes, standby] })).toEqual(["ams1", "ord1"]);
  });

  test("has a net of two at least wherever two nodes are active, and of primaries where there are two of them", () => {
    fc.assert(
      fc.property(arbitrarySketch, (sketch) => {
        const { policy } = sketch;
        const tree = planOf({ ...sketch, policy: { ...policy, setSize: { geoNetTargets: 2 } } });
        const roles = new Map(tree.nodes.map(({ slot, role }) => [slot, role]));
        for (const { kind, key, geo } of [tree.global, ...tree.regions]) {
          if (geo === undefined) continue;
          const active = tree.nodes.filter(
            ({ status, region }) => status === "active" && (kind === "global" || region === key),
          );
          const primaries = active.filter(({ role }) => role === "primary").length;
          const net = geo.net.map(({ slot }) => slot);
          expect(new Set(net).size).toBe(net.length);
          expect(net).toHaveLength(Math.min(2, active.length));
          const listed = net.filter((slot) => roles.get(slot) === "primary");
          expect(listed).toHaveLength(Math.min(2, primaries));
          for (const slot of net) expect(active.map((node) => node.slot)).toContain(slot);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("follows a stand-in without nodes of its own down its chain, each place once, and never back", () => {
    const nodes = ["fra1", "iad1", "sin1", "gru1"].map((slot, i) =>
      nodeAt(["euro", "noam", "apac", "latm"][i] ?? "", slot, slot === "iad1" ? { status: "down" } : {}),
    );
    const regions = {
      euro: { serves: { continents: ["EU" as const] }, fallback: ["noam", "latm", "apac"] },
      noam: { serves: { continents: ["NA" as const] }, fallback: ["mena", "apac"] },
      // Without hardware: latm answers.
      mena: { serves: { continents: ["AF" as const] }, fallback: ["latm"] },
      apac: { serves: { continents: ["AS" as const] } },
      latm: { serves: { continents: ["SA" as const] } },
    };
    const { global } = planOf({ nodes, policy: { globalGeo: true, regions } });
    expect(global.geo?.sites.map(({ key }) => key)).toEqual(["apac", "euro", "latm"]);
    expect(siteOf(global, "euro")?.fallback).toEqual(["latm", "apac"]);
    expect(siteOf(global, "latm")?.fallback).toEqual([]);
  });

  test("passes by a stand-in that serves no area: nobody can be steered there", () => {
    const nodes = [nodeAt("euro", "fra1"), nodeAt("noam", "iad1"), nodeAt("latm", "gru1")];
    const regions = {
      euro: { serves: { continents: ["EU" as const] }, fallback: ["latm"] },
      latm: { fallback: ["noam"] },
      noam: { serves: { continents: ["NA" as const] } },
    };
    const { global } = planOf({ nodes, policy: { globalGeo: true, regions } });
    expect(siteOf(global, "euro")?.fallback).toEqual(["noam"]);
  });

  test("stays steered to the one region that has nodes left, which serves the areas of those it answers for", () => {
    const drained = ["iad1", "iad2", "lax1"].reduce(
      (sketch, slot) => withNode(sketch, slot, { status: "down" }),
      STEERED_WORLD,
    );
    const regions = {
      euro: { serves: { continents: ["EU" as const] } },
      noam: { serves: { continents: ["NA" as const] }, geo: true, fallback: ["euro"] },
    };
    const tree = planOf({ ...drained, policy: { globalGeo: true, defaultRegion: "noam", regions } });
    expect(tree.global.geo?.sites.map(({ key }) => key)).toEqual(["euro"]);
    expect(tree.global.geo?.defaultSite).toBe("euro");
    expect(siteOf(tree.global, "euro")?.serves.continents).toEqual(["EU", "NA"]);
    expect(regionOf(tree, "noam")?.geo).toBeUndefined();
  });
});

describe("a wide region", () => {
  test("has a site per POP with an area, each standing in for every other", () => {
    const noam = regionOf(planOf(STEERED_WORLD), "noam");
    expect(noam?.geo?.sites.map(({ key, kind, fallback }) => ({ key, kind, fallback }))).toEqual([
      { key: "iad", kind: "pop", fallback: ["lax"] },
      { key: "lax", kind: "pop", fallback: ["iad"] },
    ]);
  });

  test("leaves out a POP without area, or without node that answers", () => {
    const third = nodeAt("noam", "ord1");
    const wider = { ...STEERED_WORLD, nodes: [...STEERED_WORLD.nodes, third] };
    expect(regionOf(planOf(wider), "noam")?.geo?.sites.map(({ key }) => key)).toEqual(["iad", "lax"]);
    // A place that is not steered to would be idle while the one that is left has all callers.
    expect(regionOf(planOf(withNode(wider, "lax1", { status: "down" })), "noam")?.geo).toBeUndefined();
  });

  test("stays steered to the one POP that has all active nodes", () => {
    const noam = regionOf(planOf(withNode(STEERED_WORLD, "lax1", { status: "down" })), "noam");
    expect(noam?.geo?.sites.map(({ key, fallback }) => ({ key, fallback }))).toEqual([
      { key: "iad", fallback: [] },
    ]);
  });
});

describe("the halves of a site", () => {
  test("are standby nodes where no primary is left, and no node is in both lists", () => {
    const down = ["fra1", "fra2", "lhr1"].reduce(
      (sketch, slot) => withNode(sketch, slot, { status: "down" }),
      STEERED_WORLD,
    );
    const euro = siteOf(planOf(down).global, "euro");
    expect(halvesOf(euro)).toEqual([["ams1"], []]);
    expect(euro?.standby).toEqual([]);
  });

  test("are disjoint and hold active nodes alone", () => {
    fc.assert(
      fc.property(arbitrarySketch, (sketch) => {
        const tree = planOf(sketch);
        const active = new Set(
          tree.nodes.filter(({ status }) => status === "active").map(({ slot }) => slot),
        );
        for (const site of steeredSites(tree)) {
          const slots = [...halvesOf(site).flat(), ...site.standby.map(({ slot }) => slot)];
          expect(new Set(slots).size).toBe(slots.length);
          for (const slot of slots) expect(active).toContain(slot);
        }
      }),
    );
  });

  test("keep every neighbour of a node that is drained where it was", () => {
    const drained = fc.tuple(arbitrarySketch, fc.nat()).map(([sketch, pick]) => {
      const active = sketch.nodes.slice(1).filter(({ status }) => status === "active");
      return { sketch, node: active[pick % Math.max(1, active.length)] };
    });
    fc.assert(
      fc.property(drained, ({ sketch, node }) => {
        fc.pre(node !== undefined && node.role === "primary");
        if (node === undefined) return;
        const inventory = inventoryIfValid(withNode(sketch, node.slot, { status: "draining" }));
        fc.pre(inventory !== undefined);
        if (inventory === undefined) return;
        const after = planTree(inventory);
        for (const site of steeredSites(planOf(sketch))) {
          const same = steeredSites(after).find(({ key }) => key === site.key);
          const [before, now] = [halvesOf(site), halvesOf(same)];
          // With the last primary gone, standby nodes take over as a whole.
          if (now.flat().length === 0 || site.standby.some(({ slot }) => now.flat().includes(slot))) continue;
          expect(now).toEqual(before.map((half) => half.filter((slot) => slot !== node.slot)));
        }
      }),
      { numRuns: 300 },
    );
  });
});
