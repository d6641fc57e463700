/** A change of the tree at Route 53, in every order of operations that the engine may take. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { CLIENT_NETWORKS } from "../../lab/clientNetworks.ts";
import type { Asker } from "../../lab/dns/zoneData.ts";
import { createLocate } from "../../lab/geo/locate.ts";
import { planTree } from "../../plan/plan.ts";
import { render } from "../../plan/render.ts";
import type { Route53Rendering } from "../../plan/rendering.ts";
import { arbitrarySketch } from "../support/arbitraryInventory.ts";
import { allUpBut } from "../support/deployRendering.ts";
import { CHAINED_WORLD, type InventorySketch, inventoryIfValid } from "../support/inventories.ts";
import { Route53Stack } from "../support/route53Stack.ts";
import { askerIn, CALLERS } from "./steering.cases.ts";

const ASKERS: readonly Asker[] = CALLERS.filter(({ city }) =>
  ["Frankfurt", "Tokyo", "Los Angeles", "nowhere"].includes(city),
).map(askerIn);

type Regions = NonNullable<NonNullable<InventorySketch["policy"]>["regions"]>;

/** Other stand-ins, another default region, other states of nodes, and another steering, each for some of what there is. */
const change = fc.record({
  fallbacks: fc.array(fc.array(fc.nat(), { maxLength: 4 }), { minLength: 5, maxLength: 5 }),
  defaultRegion: fc.nat(),
  statuses: fc.array(
    fc.record({ node: fc.nat(), status: fc.constantFrom("active", "draining", "down", "retired") }),
    { maxLength: 4 },
  ),
  unsteered: fc.subarray([0, 1, 2, 3, 4]),
  globalGeo: fc.constantFrom(true, true, true, false),
});

function changed(sketch: InventorySketch, drawn: typeof change extends fc.Arbitrary<infer T> ? T : never) {
  const regions = Object.entries(sketch.policy?.regions ?? {});
  const keyAt = (draw: number) => regions[draw % regions.length]?.[0] ?? "";
  const statuses = new Map(drawn.statuses.map(({ node, status }) => [node % sketch.nodes.length, status]));
  return {
    ...sketch,
    nodes: sketch.nodes.map((node, i) => ({ ...node, status: statuses.get(i) ?? node.status })),
    policy: {
      ...sketch.policy,
      globalGeo: drawn.globalGeo,
      ...(regions.length === 0 ? {} : { defaultRegion: keyAt(drawn.defaultRegion) }),
      regions: Object.fromEntries(
        regions.map(([key, region], i): [string, Regions[string]] => {
          const fallback = [...new Set((drawn.fallbacks[i] ?? []).map(keyAt))].filter(
            (other) => other !== key,
          );
          return [key, { ...region, fallback, geo: region.geo === true && !drawn.unsteered.includes(i) }];
        }),
      ),
    },
  } satisfies InventorySketch;
}

function renderingOf(sketch: InventorySketch): Route53Rendering | undefined {
  const inventory = inventoryIfValid(sketch);
  return inventory && render(planTree(inventory), "route53");
}

/** `name TYPE` of every set that people can ask for; those behind the policies are nobody's business. */
function dialable({ records, aliases }: Route53Rendering): Set<string> {
  const sets = [...records.map(({ record }) => record), ...aliases];
  return new Set(sets.filter(({ name }) => !name.includes("--")).map(({ name, type }) => `${name} ${type}`));
}

interface Update {
  readonly before: Route53Rendering;
  readonly after: Route53Rendering;
  readonly deadAddresses: ReadonlySet<string>;
  readonly pick: (count: number) => number;
}

/** What is wrong with the answers at some moment of the update, at names that are there before and after. */
async function faultsOf(
  { before, after, deadAddresses, pick }: Update,
  judge: (set: string, told: readonly string[]) => string | undefined,
): Promise<{ faults: string[]; steps: number }> {
  const stack = new Route53Stack(before.zone, {
    health: allUpBut(deadAddresses),
    locate: createLocate(CLIENT_NETWORKS),
    random: () => 0,
  });
  await stack.update(before);
  const lasting = [...dialable(before)].filter((set) => dialable(after).has(set));
  const faults: string[] = [];
  let steps = 0;
  await stack.update(after, {
    pick,
    afterEach: (operation) => {
      steps += 1;
      for (const set of lasting) {
        const [name = "", type = ""] = set.split(" ");
        for (const asker of ASKERS) {
          const fault = judge(set, stack.zone.lookup(name, type, asker)?.data ?? []);
          if (fault !== undefined) faults.push(`after ${operation}: ${set} ${fault}`);
        }
      }
    },
  });
  return { faults, steps };
}

test("a change of stand-ins, of nodes or of the steering is taken at every step, and no name is without an answer meanwhile", async () => {
  let steps = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.constant(CHAINED_WORLD), arbitrarySketch),
      change,
      fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }),
      fc.infiniteStream(fc.nat()),
      async (sketch, drawn, isDown, draws) => {
        const [before, after] = [renderingOf(sketch), renderingOf(changed(sketch, drawn))];
        fc.pre(before !== undefined && after !== undefined);
        const deadAddresses = new Set(sketch.nodes.filter((_, i) => isDown[i]).map(({ ip }) => ip));
        const pick = (count: number) => (draws.next().value ?? 0) % count;
        const update = await faultsOf({ before, after, deadAddresses, pick }, (_, told) =>
          told.length === 0 ? "is empty" : undefined,
        );
        expect(update.faults.slice(0, 5)).toEqual([]);
        steps += update.steps;
      },
    ),
    { numRuns: 100, endOnFailure: true },
  );
  expect(steps).toBeGreaterThan(40);
});

/** The world with one stand-in of one region more than its own, or one less. */
const oneStandIn = fc
  .record({
    region: fc.constantFrom("euro", "noam", "apac", "latm"),
    standIn: fc.constantFrom("euro", "noam", "apac", "latm"),
    at: fc.nat(3),
  })
  .map(({ region, standIn, at }): InventorySketch => {
    const { regions = {} } = CHAINED_WORLD.policy ?? {};
    const present = regions[region]?.fallback ?? [];
    const fallback = present.includes(standIn)
      ? present.filter((key) => key !== standIn)
      : present.toSpliced(at, 0, standIn);
    const policy = {
      ...CHAINED_WORLD.policy,
      regions: { ...regions, [region]: { ...regions[region], fallback } },
    };
    return { ...CHAINED_WORLD, policy };
  });

test("while a stand-in comes or goes, callers of dead regions are told living nodes at every moment", async () => {
  const names = ["sip.example.net A", "_sips._tcp.sip.example.net SRV"];
  await fc.assert(
    fc.asyncProperty(
      oneStandIn,
      fc.boolean(),
      fc.subarray(["euro", "noam", "apac", "latm"], { minLength: 1, maxLength: 3 }),
      fc.infiniteStream(fc.nat()),
      async (other, isTurnedRound, deadRegions, draws) => {
        const renderings = [renderingOf(CHAINED_WORLD), renderingOf(other)];
        const [before, after] = isTurnedRound ? renderings.toReversed() : renderings;
        fc.pre(before !== undefined && after !== undefined);
        const dead = CHAINED_WORLD.nodes.filter(({ region }) => deadRegions.includes(region));
        const isDead = (value: string) =>
          dead.some(({ ip, slot }) => value === ip || value.endsWith(` ${slot}.sip.example.net`));
        const update = await faultsOf(
          {
            before,
            after,
            deadAddresses: new Set(dead.map(({ ip }) => ip)),
            pick: (count) => (draws.next().value ?? 0) % count,
          },
          (set, told) => (names.includes(set) && told.some(isDead) ? `lists ${told}` : undefined),
        );
        expect(update.faults.slice(0, 5)).toEqual([]);
        expect(update.steps).toBeGreaterThan(0);
      },
    ),
    { numRuns: 60, endOnFailure: true },
  );
});
