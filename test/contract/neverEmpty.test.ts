import fc from "fast-check";
import { expect, test } from "vitest";
import { setKey } from "../../dns/records.ts";
import { parseSrvData } from "../../dns/srvData.ts";
import type { Asker, ZoneData } from "../../lab/dns/zoneData.ts";
import { planTree } from "../../plan/plan.ts";
import { render } from "../../plan/render.ts";
import { serviceName } from "../../plan/staticRecords.ts";
import type { Tree } from "../../plan/tree.ts";
import { arbitrarySketch } from "../support/arbitraryInventory.ts";
import { inventoryOf } from "../support/inventories.ts";
import {
  type ServedTree,
  STEERING_BACKENDS,
  type SteeringBackend,
  serveTree,
} from "../support/servedTree.ts";
import { askerIn, CALLERS } from "./steering.cases.ts";

/** Owner name and type of every set that the platform is to serve. */
function publishedSets(tree: Tree, backend: SteeringBackend): { name: string; type: string }[] {
  const rendering = backend === "cloudflare" ? render(tree, backend) : render(tree, backend);
  const steered =
    rendering.backend === "cloudflare"
      ? rendering.loadBalancers.map(({ name }) => ({ name, type: "A" }))
      : rendering.aliases.map(({ name, type }) => ({ name, type }));
  // Aliases of challenges lead to another zone, which no platform of the tree need hold.
  const own = rendering.records.filter(({ record }) => record.type !== "CNAME");
  const sets = [...own.map(({ record: { name, type } }) => ({ name, type })), ...steered];
  return [...new Map(sets.map((set) => [setKey(set), set])).values()];
}

/** What is wrong with the answer to one question: nothing in it, or something that is no published node's. */
function faultsOf(served: ServedTree, zone: ZoneData, name: string, type: string, asker: Asker): string[] {
  const values = zone.lookup(name, type, asker)?.data ?? [];
  if (values.length === 0) return [`${name} ${type} is empty`];
  return values.flatMap((value) => {
    const target = type === "SRV" ? parseSrvData(value)?.target : undefined;
    if (type === "SRV" && target === undefined) return [`${name} SRV holds "${value}"`];
    const addresses = target === undefined ? [value] : (zone.lookup(target, "A", asker)?.data ?? []);
    if (addresses.length === 0) return [`${name} SRV lists ${target}, which has no address`];
    return addresses
      .filter((address) => !served.slotOf.has(address))
      .map((address) => `${name} ${type} leads to ${address}, which no published node has`);
  });
}

test("whoever is down and wherever the caller is, no published name is empty and every address is a published node's", async () => {
  await fc.assert(
    fc.asyncProperty(
      arbitrarySketch,
      fc.array(fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }), { minLength: 3, maxLength: 3 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      async (sketch, healths, draw) => {
        // Times to live decide nothing here, and the shortest ones take an account plan.
        const policy = { ...sketch.policy, ttlSeconds: {} };
        const served = await serveTree(planTree(inventoryOf({ ...sketch, policy })));
        const everybody = served.tree.nodes.map(() => true);
        const faults: string[] = [];
        for (const isDown of [...healths, everybody]) {
          served.takeDown(new Set(served.tree.nodes.filter((_, i) => isDown[i]).map(({ slot }) => slot)));
          for (const backend of STEERING_BACKENDS) {
            const drawn = served.zones[backend];
            drawn.draw = draw;
            for (const { name, type } of publishedSets(served.tree, backend)) {
              for (const caller of CALLERS) {
                const found = faultsOf(served, drawn.zone, name, type, askerIn(caller));
                faults.push(...found.map((fault) => `${backend}, from ${caller.city}: ${fault}`));
              }
            }
          }
        }
        expect(faults.slice(0, 10)).toEqual([]);
      },
    ),
    { numRuns: 30, endOnFailure: true },
  );
});

test("every name of the tree is published for every service, at both platforms", async () => {
  await fc.assert(
    fc.property(arbitrarySketch, (sketch) => {
      const tree = planTree(inventoryOf(sketch));
      for (const backend of STEERING_BACKENDS) {
        const owners = new Set(publishedSets(tree, backend).map(({ name }) => name));
        const names = [...tree.pops, ...tree.regions, tree.global].filter(({ form }) => form === "srv");
        const services = names.flatMap(({ name }) =>
          tree.services.map((service) => serviceName(service, name)),
        );
        expect(services.filter((owner) => !owners.has(owner))).toEqual([]);
        const bare = [...tree.pops, ...tree.regions, tree.global, ...tree.nodes].filter(
          (named) => tree.policy.tierAddresses || "slot" in named || named.form === "addresses",
        );
        expect(bare.filter(({ name }) => !owners.has(name)).map(({ name }) => name)).toEqual([]);
      }
    }),
    { numRuns: 60 },
  );
});
