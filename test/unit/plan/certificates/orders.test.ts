import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isWithin } from "../../../../dns/names.ts";
import { defaultAnswers } from "../../../../plan/defaultAnswers.ts";
import { planTree } from "../../../../plan/plan.ts";
import { render } from "../../../../plan/render.ts";
import { BACKENDS, type Rendering } from "../../../../plan/rendering.ts";
import type { CertificateOrder, Tree } from "../../../../plan/tree.ts";
import { arbitrarySketch } from "../../../support/arbitraryInventory.ts";
import {
  type InventorySketch,
  inventoryOf,
  nodeAt,
  STEERED_WORLD,
  withNode,
} from "../../../support/inventories.ts";

function ordersOf(
  sketch: InventorySketch,
  profile: CertificateOrder["profile"],
): Map<string, readonly string[]> {
  const { certificates } = planTree(inventoryOf(sketch));
  return new Map(
    certificates.filter((order) => order.profile === profile).map(({ slot, names }) => [slot, names]),
  );
}

/** The SRV owner's name as a client dials it. */
function dialed(owner: string): string {
  return owner.replace(/^_[^.]+\._[^.]+\./, "");
}

/** Pairs of a slot and a name that a client can dial and then be led to that node. */
function listings(rendering: Rendering, tree: Tree): [slot: string, name: string][] {
  const slotByName = new Map<string, string>(tree.nodes.map(({ name, slot }) => [name, slot]));
  const pairs: [string, string][] = [];
  for (const { record, cause } of rendering.records) {
    const slot = record.type === "SRV" ? slotByName.get(record.target) : cause.slot;
    if (slot !== undefined) pairs.push([slot, dialed(record.name)]);
  }
  if (rendering.backend === "cloudflare") {
    const origins = new Map(rendering.pools.map((pool) => [pool.key, pool.origins.map(({ slot }) => slot)]));
    for (const { name, regionPools, countryPools, defaultPools } of rendering.loadBalancers) {
      const pools = [...Object.values(regionPools), ...Object.values(countryPools), defaultPools].flat();
      const owners = rendering.records.flatMap(({ record }) =>
        record.type === "SRV" && record.target === name ? dialed(record.name) : [],
      );
      for (const slot of new Set(pools.flatMap((key) => origins.get(key) ?? []))) {
        for (const owner of [name, ...owners]) pairs.push([slot, owner]);
      }
    }
  }
  if (rendering.backend === "route53") {
    const plain = Map.groupBy(rendering.records, ({ record }) => `${record.name} ${record.type}`);
    const behind = Map.groupBy(rendering.aliases, ({ name, type }) => `${name} ${type}`);
    const reached = (owner: string): string[] => [
      ...(plain.get(owner) ?? []).flatMap(({ cause }) => cause.slot ?? []),
      ...(behind.get(owner) ?? []).flatMap(({ target, type }) => reached(`${target} ${type}`)),
    ];
    for (const { name, type, routing } of rendering.aliases) {
      if (routing.policy !== "simple") continue;
      for (const slot of reached(`${name} ${type}`)) pairs.push([slot, dialed(name)]);
    }
  }
  // Names behind a policy are never dialed, so no client compares them with a certificate.
  return pairs.filter(([, name]) => !name.includes("--"));
}

describe("the wildcard certificate", () => {
  test("covers the domain, all below it, and one name that is the node's alone", () => {
    const orders = ordersOf({ nodes: [nodeAt("euro", "fra1"), nodeAt("euro", "fra2")] }, "wildcard");
    expect(orders.get("fra1")).toEqual(["sip.example.net", "*.sip.example.net", "fra1.id.sip.example.net"]);
    expect(orders.get("fra2")).toEqual(["sip.example.net", "*.sip.example.net", "fra2.id.sip.example.net"]);
  });

  test("takes the label of its own names from the policy", () => {
    const policy = { certificates: { idLabel: "node" } };
    const orders = ordersOf({ nodes: [nodeAt("euro", "fra1")], policy }, "wildcard");
    expect(orders.get("fra1")).toContain("fra1.node.sip.example.net");
  });
});

describe("the exact certificate", () => {
  test("names the node first, then every name that can ever list it", () => {
    expect(ordersOf(STEERED_WORLD, "exact").get("fra1")).toEqual([
      "fra1.sip.example.net",
      "sip.example.net",
      "ams.sip.example.net",
      "euro.sip.example.net",
      "fra.sip.example.net",
      "geo-a.sip.example.net",
      "geo-b.sip.example.net",
      "lhr.sip.example.net",
    ]);
  });

  test("of a stand-in names the regions it stands in for and their POPs", () => {
    const names = ordersOf(STEERED_WORLD, "exact").get("iad1");
    for (const label of ["latm", "euro", "fra", "geo-noam-a", "geo-noam-b", "lax", "noam", "iad"]) {
      expect(names).toContain(`${label}.sip.example.net`);
    }
  });

  test("stays the same when a neighbour is drained", () => {
    const before = ordersOf(STEERED_WORLD, "exact");
    const after = ordersOf(withNode(STEERED_WORLD, "fra2", { status: "draining" }), "exact");
    expect(after).toEqual(before);
  });

  test("stays the same when the last node of a steered POP is drained, and the name is steered no more", () => {
    const before = ordersOf(STEERED_WORLD, "exact");
    const pop = planTree(inventoryOf(STEERED_WORLD)).nodes.filter((node) => node.pop === "lax");
    const drained = pop.reduce(
      (sketch, { slot }) => withNode(sketch, slot, { status: "draining" }),
      STEERED_WORLD as InventorySketch,
    );
    expect(ordersOf(drained, "exact")).toEqual(before);
  });

  test("covers every name that lists the node, whatever the platform", () => {
    fc.assert(
      fc.property(arbitrarySketch, (sketch) => {
        const policy = { ...sketch.policy, certificates: { profiles: ["exact" as const] } };
        const tree = planTree(inventoryOf({ ...sketch, policy }));
        const names = new Map(tree.certificates.map((order) => [order.slot, new Set(order.names)]));
        for (const backend of BACKENDS) {
          for (const [slot, name] of listings(render(tree, backend), tree)) {
            expect(names.get(slot), `${slot} at ${backend}`).toContain(name);
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe("every order", () => {
  test("is one per published node and profile, sorted", () => {
    const retired = withNode(STEERED_WORLD, "lhr1", { status: "retired" });
    const orders = planTree(inventoryOf(withNode(retired, "fra2", { status: "planned" }))).certificates;
    expect(orders.map(({ slot, profile }) => `${slot} ${profile}`)).toEqual(
      ["ams1", "fra1", "fra2", "iad1", "iad2", "lax1"].flatMap((slot) => [
        `${slot} exact`,
        `${slot} wildcard`,
      ]),
    );
  });

  test("carries the node's certificate request of its profile, and no other", () => {
    const some = { ...nodeAt("euro", "fra1"), csr: { exact: "fra1-exact.csr" } };
    const all = {
      ...nodeAt("euro", "fra2"),
      csr: { wildcard: "fra2-wildcard.csr", exact: "fra2-exact.csr" },
    };
    const requests = (sketch: InventorySketch) =>
      planTree(inventoryOf(sketch)).certificates.map(({ slot, profile, csr }) => `${slot} ${profile} ${csr}`);
    expect(requests({ nodes: [some, all] })).toEqual([
      "fra1 exact fra1-exact.csr",
      "fra1 wildcard undefined",
      "fra2 exact fra2-exact.csr",
      "fra2 wildcard fra2-wildcard.csr",
    ]);
    const policy = { certificates: { profiles: ["exact" as const] } };
    expect(requests({ nodes: [{ ...nodeAt("euro", "fra1"), csr: "fra1.csr" }], policy })).toEqual([
      "fra1 exact fra1.csr",
    ]);
  });

  test("has a set of names of its own, without a name that its wildcard covers, all inside the domain", () => {
    fc.assert(
      fc.property(arbitrarySketch, (sketch) => {
        const { certificates, domain } = planTree(inventoryOf(sketch));
        const sets = certificates.map(({ names }) => [...names].sort().join(" "));
        expect(new Set(sets).size).toBe(sets.length);
        for (const { names } of certificates) {
          expect(new Set(names).size).toBe(names.length);
          const covered = names.filter(
            (name) => !name.startsWith("*.") && names.includes(name.replace(/^[^.]+/, "*")),
          );
          expect(covered).toEqual([]);
          for (const name of names) expect(isWithin(name.replace(/^\*\./, ""), domain)).toBe(true);
        }
      }),
    );
  });
});

test("a default answer leads to no node whose certificate lacks the name", () => {
  const tree = planTree(inventoryOf(STEERED_WORLD));
  const exact = new Map(
    tree.certificates.filter(({ profile }) => profile === "exact").map(({ slot, names }) => [slot, names]),
  );
  const slots = new Map(tree.nodes.map(({ address, slot }) => [address, slot]));
  for (const record of defaultAnswers(render(tree, "cloudflare"))) {
    if (record.type === "A") expect(exact.get(slots.get(record.address) ?? "")).toContain(record.name);
  }
});
