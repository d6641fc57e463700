import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SERVICES } from "../../dns/services.ts";
import type { Inventory } from "../../inventory/inventory.ts";
import { loadInventory } from "../../inventory/load.ts";
import { planTree } from "../../plan/plan.ts";
import type { Tier, Tree } from "../../plan/tree.ts";
import { arbitrarySketch } from "../support/arbitraryInventory.ts";
import {
  address6,
  CHAINED_WORLD,
  type InventorySketch,
  inventoryOf,
  STEERED_WORLD,
} from "../support/inventories.ts";
import { type Client, type Reached, reach } from "../support/reachedNodes.ts";
import { type ServedTree, type SteeringBackend, serveTree } from "../support/servedTree.ts";
import { steeredFleet } from "../support/steeredFleet.ts";
import { ASPECTS, askerIn, aspectOf, CALLERS, CLIENTS, DIFFERENCES, situations } from "./steering.cases.ts";
import { brokenPromises, hasStandardSrv, type Observation } from "./steering.promises.ts";

interface Verdict {
  /** Cases compared. */
  cases: number;
  /** What no listed difference explains: empty, or the platforms are not alike. */
  readonly faults: string[];
  /** How often each listed difference was met. */
  readonly met: Map<string, number>;
}

const withPolicy = (sketch: InventorySketch, policy: InventorySketch["policy"]): InventorySketch => ({
  ...sketch,
  policy: { ...sketch.policy, ...policy },
});

const { euro, noam, latm } = STEERED_WORLD.policy?.regions ?? {};

interface ComparedInventory {
  readonly inventory: () => Inventory;
  /** Ids of the listed differences that are met there, sorted. */
  readonly differences: readonly string[];
}

const STEERED = ["net", "one-address"];

const INVENTORIES: Readonly<Record<string, ComparedInventory>> = {
  "the production stack": {
    inventory: () => loadInventory("inventory/prod"),
    differences: [...STEERED, "half", "regions-of-cloudflare", "wide-stand-in"],
  },
  "the staging stack": {
    inventory: () => loadInventory("inventory/staging"),
    differences: [...STEERED, "half", "wide-stand-in"],
  },
  "the lab stack": {
    inventory: () => loadInventory("inventory/lab"),
    differences: [...STEERED, "half", "wide-stand-in"],
  },
  "a wide region and a region without hardware": {
    inventory: () => inventoryOf(STEERED_WORLD),
    differences: [...STEERED, "half", "wide-stand-in"],
  },
  "a fleet whose default region is the wide one": {
    inventory: () => inventoryOf(steeredFleet),
    differences: [...STEERED, "half", "wide-stand-in"],
  },
  "a global name of addresses alone": {
    inventory: () => inventoryOf(withPolicy(STEERED_WORLD, { globalGeoForm: "addresses" })),
    differences: [...STEERED, "half"],
  },
  "addresses of both families, and a standby node without IPv6": {
    inventory: () =>
      inventoryOf(
        withPolicy(
          {
            ...STEERED_WORLD,
            nodes: STEERED_WORLD.nodes.map((node, i) =>
              node.role === "standby" ? node : { ...node, ip6: address6(i + 1) },
            ),
          },
          { globalGeoForm: "addresses" },
        ),
      ),
    differences: [...STEERED, "half", "standby-without-ipv6"],
  },
  "a wide region of addresses alone": {
    inventory: () =>
      inventoryOf(
        withPolicy(STEERED_WORLD, {
          regions: { euro: { ...euro }, noam: { ...noam, geoForm: "addresses" }, latm: { ...latm } },
        }),
      ),
    differences: [...STEERED, "half", "wide-stand-in"],
  },
  "names without addresses": {
    inventory: () => inventoryOf(withPolicy(STEERED_WORLD, { tierAddresses: false })),
    differences: ["net"],
  },
  "sets of fewer nodes than there are, and places that need two": {
    inventory: () =>
      inventoryOf(withPolicy(STEERED_WORLD, { setSize: { maxTargets: 3 }, probe: { healthyNodes: 2 } })),
    differences: [...STEERED, "half", "regions-of-cloudflare", "set-size", "threshold", "wide-stand-in"],
  },
  "stand-ins of stand-ins": {
    inventory: () => inventoryOf(CHAINED_WORLD),
    differences: [...STEERED, "half", "wide-stand-in"],
  },
  "no steering at all": {
    inventory: () =>
      inventoryOf(
        withPolicy(STEERED_WORLD, {
          globalGeo: false,
          regions: { euro: {}, noam: {}, latm: { fallback: ["euro"] } },
        }),
      ),
    differences: [],
  },
};

function isSteered(tier: Tier | undefined): tier is Observation["tier"] {
  return tier?.geo !== undefined;
}

/** Whether the inventory promises this client an address at the name. */
function isPromised(tier: Tier | undefined, client: Client, tree: Tree): boolean {
  const hasAddresses = tier === undefined || tree.policy.tierAddresses;
  return hasAddresses || (client === "rfc3263" && hasStandardSrv(tree));
}

async function compare(served: ServedTree): Promise<Verdict> {
  const { tree, slotOf } = served;
  const verdict: Verdict = { cases: 0, faults: [], met: new Map() };
  const tiers: { name: string; tier?: Tier }[] = [
    ...[tree.global, ...tree.regions, ...tree.pops].map((tier) => ({ name: tier.name, tier })),
    ...tree.nodes.map(({ name }) => ({ name })),
  ];
  const wire = SERVICES[tree.services[0]?.transport ?? "sips-tcp"].wire;
  for (const { title, down } of situations(tree)) {
    served.takeDown(down);
    for (const caller of CALLERS) {
      const asker = askerIn(caller);
      for (const { name, tier } of tiers) {
        for (const client of CLIENTS) {
          const at = (backend: SteeringBackend) =>
            reach({ zone: served.zones[backend], name, client, wire, asker, slotOf, down });
          const [cloudflare, route53] = [await at("cloudflare"), await at("route53")];
          const faults = [
            ...emptyAnswers({ cloudflare, route53 }, isPromised(tier, client, tree)),
            ...(isSteered(tier)
              ? steeredFaults({ tree, tier, client, caller, down, cloudflare, route53 }, verdict.met)
              : unlike({ cloudflare, route53 })),
          ];
          verdict.cases += 1;
          verdict.faults.push(
            ...faults.map((fault) => `${title}, ${client} client in ${caller.city}, ${name}: ${fault}`),
          );
        }
      }
    }
  }
  return verdict;
}

type Pair = Readonly<Record<SteeringBackend, Reached>>;

function emptyAnswers(pair: Pair, promised: boolean): string[] {
  return Object.entries(pair).flatMap(([backend, { answered }]) =>
    answered === promised
      ? []
      : [`${backend} answers ${answered ? "though nothing is promised" : "nothing"}`],
  );
}

function unlike({ cloudflare, route53 }: Pair): string[] {
  const [one, other] = [JSON.stringify(cloudflare), JSON.stringify(route53)];
  return one === other ? [] : [`unsteered, and cloudflare ${one}, route53 ${other}`];
}

function steeredFaults(seen: Observation, met: Map<string, number>): string[] {
  return [...brokenPromises(seen), ...unexplained(seen, met)];
}

function unexplained(seen: Observation, met: Map<string, number>): string[] {
  return ASPECTS.flatMap((aspect) => {
    const [one, other] = [seen.cloudflare, seen.route53].map((reached) =>
      JSON.stringify(aspectOf(aspect, reached)),
    );
    if (one === other) return [];
    const difference = DIFFERENCES.find((listed) => listed.aspect === aspect && listed.explains(seen));
    if (difference === undefined) return [`${aspect}: cloudflare ${one}, route53 ${other}`];
    met.set(difference.id, (met.get(difference.id) ?? 0) + 1);
    return [];
  });
}

/** The first faults: one cause shows in many cases. */
const SHOWN_FAULTS = 12;

describe("both platforms reach the same nodes in the same order of preference, but for the listed differences", () => {
  test.each(Object.entries(INVENTORIES))("%s", async (_, { inventory, differences }) => {
    const { cases, faults, met } = await compare(await serveTree(planTree(inventory())));
    expect(faults.slice(0, SHOWN_FAULTS)).toEqual([]);
    expect(cases).toBeGreaterThan(1000);
    expect([...met.keys()].sort()).toEqual(differences.toSorted());
  });

  test("each listed difference is met, and not as a rule", async () => {
    const { cases, met } = await compare(await serveTree(planTree(inventoryOf(STEERED_WORLD))));
    expect({ cases, ...Object.fromEntries(met) }).toMatchInlineSnapshot(`
      {
        "cases": 10368,
        "half": 431,
        "net": 540,
        "one-address": 453,
        "wide-stand-in": 11,
      }
    `);
    const expected = Object.values(INVENTORIES).flatMap(({ differences }) => differences);
    expect([...new Set(expected)].sort()).toEqual(DIFFERENCES.map(({ id }) => id).sort());
  });

  test("random inventories", async () => {
    await fc.assert(
      fc.asyncProperty(arbitrarySketch, async (sketch) => {
        // Times to live decide nothing here, and the shortest ones take an account plan.
        const inventory = inventoryOf(withPolicy(sketch, { ttlSeconds: {} }));
        const { faults } = await compare(await serveTree(planTree(inventory)));
        expect(faults.slice(0, SHOWN_FAULTS)).toEqual([]);
      }),
      { numRuns: 12, endOnFailure: true },
    );
  });
});
