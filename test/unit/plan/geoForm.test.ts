import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { setKey } from "../../../dns/records.ts";
import { planTree } from "../../../plan/plan.ts";
import { render } from "../../../plan/render.ts";
import type { CloudflareRendering, Route53Rendering } from "../../../plan/rendering.ts";
import type { Tree } from "../../../plan/tree.ts";
import { arbitrarySketch } from "../../support/arbitraryInventory.ts";
import {
  type InventorySketch,
  inventoryOf,
  nodeAt,
  STEERED_WORLD,
  withNode,
} from "../../support/inventories.ts";

type Form = "srv" | "addresses";

/** The world with the forms of the global name and of the wide region. */
function world(globalGeoForm: Form, geoForm: Form, sketch: InventorySketch = STEERED_WORLD): Tree {
  const noam = { ...sketch.policy?.regions?.noam, geoForm };
  const regions = { ...sketch.policy?.regions, noam };
  return planTree(inventoryOf({ ...sketch, policy: { ...sketch.policy, globalGeoForm, regions } }));
}

function targets({ aliases }: Route53Rendering): Record<string, string> {
  return Object.fromEntries(
    aliases
      .filter(({ type }) => type === "SRV")
      .map(({ name, routing, target }) => [
        `${name.replace(".sip.example.net", "")} ${routing.policy === "simple" ? "" : routing.setIdentifier}`.trim(),
        target.replace(".sip.example.net", ""),
      ]),
  );
}

const srvOwners = ({ records }: CloudflareRendering | Route53Rendering) =>
  new Set(records.filter(({ record }) => record.type === "SRV").map(({ record }) => record.name));

describe("a steered name of addresses alone, at Cloudflare", () => {
  const rendering = render(world("addresses", "srv"), "cloudflare");

  test("has no SRV set and one load balancer, at the name itself", () => {
    expect(srvOwners(rendering)).not.toContain("_sips._tcp.sip.example.net");
    const balancers = rendering.loadBalancers.filter(({ cause }) => cause.tier === "global");
    expect(balancers.map(({ key, name }) => [key, name])).toEqual([["global", "sip.example.net"]]);
  });

  test("is answered from pools that hold every node of a site that serves, and then the standby nodes", () => {
    const global = rendering.loadBalancers.find(({ key }) => key === "global");
    expect(global?.regionPools.WEU).toEqual(["euro-all", "euro-standby", "iad-all", "lax-all"]);
    const pools = new Map(rendering.pools.map(({ key, origins }) => [key, origins.map(({ slot }) => slot)]));
    expect(pools.get("euro-all")).toEqual(["fra1", "fra2", "lhr1"]);
    // Nobody is sent to halves of euro any more; those of the wide region are its own name's.
    expect([...pools.keys()]).not.toContain("euro-a");
    expect([...pools.keys()]).toEqual(expect.arrayContaining(["iad-a", "iad-b", "lax-a"]));
  });
});

describe("a steered name of addresses alone, at Route 53", () => {
  test("steers A and AAAA, and has no SRV set", () => {
    const rendering = render(world("addresses", "addresses"), "route53");
    expect(rendering.aliases.map(({ type }) => type)).not.toContain("SRV");
    expect([...srvOwners(rendering)].filter((owner) => /noam|global|tcp\.sip/.test(owner))).toEqual([]);
    expect(rendering.aliases.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["sip.example.net", "noam.sip.example.net"]),
    );
  });

  test("keeps its region's SRV sets behind the names where the global name steers SRV, steered as before", () => {
    const rendering = render(world("srv", "addresses"), "route53");
    const found = targets(rendering);
    expect(found).not.toHaveProperty("_sips._tcp.noam");
    expect(found["_sips._tcp.noam--failover primary"]).toBe("_sips._tcp.noam--geo");
    expect(found["_sips._tcp.euro--then-noam primary"]).toBe("_sips._tcp.noam--geo");
    expect(found["_sips._tcp.noam--then-lax secondary"]).toBe("_sips._tcp.noam--all");
    expect(found["_sips._tcp.noam--geo country-MX"]).toBe("_sips._tcp.lax--failover");
    expect(srvOwners(rendering)).toContain("_sips._tcp.noam--all.sip.example.net");
  });
});

test("the form is the policy's, so that a drain that ends the steering brings no SRV set", () => {
  // Of the wide region's POPs with an area one is left, beside one without.
  const withOrd: InventorySketch = {
    ...STEERED_WORLD,
    nodes: [...STEERED_WORLD.nodes, nodeAt("noam", "ord1")],
  };
  const drained = withNode(withOrd, "lax1", { status: "draining" });
  for (const backend of ["cloudflare", "route53", "static"] as const) {
    const tree = world("addresses", "addresses", drained);
    expect(tree.regions.find(({ key }) => key === "noam")?.geo).toBeUndefined();
    const { records } = render(tree, backend);
    const at = (name: string) => records.filter(({ record }) => record.name === name);
    expect(at("_sips._tcp.noam.sip.example.net")).toEqual([]);
    expect(at("noam.sip.example.net").length).toBeGreaterThan(0);
  }
});

test("a certificate has the names of both forms, so that a change of form needs none anew", () => {
  const names = (form: Form) => world(form, form).certificates.map((order) => order.names);
  expect(names("addresses")).toEqual(names("srv"));
});

test("whatever the forms, every alias has its target and every name of the tree an answer", () => {
  fc.assert(
    fc.property(arbitrarySketch, (sketch) => {
      const tree = planTree(inventoryOf(sketch));
      const { records, aliases } = render(tree, "route53");
      const sets = new Set([...records.map(({ record }) => setKey(record)), ...aliases.map(setKey)]);
      for (const { target, type } of aliases) expect(sets).toContain(setKey({ name: target, type }));
      const cloudflare = render(tree, "cloudflare");
      const held = new Set([
        ...cloudflare.records.map(({ record }) => setKey(record)),
        ...cloudflare.loadBalancers.map(({ name }) => setKey({ name, type: "A" })),
      ]);
      for (const tier of [...tree.pops, ...tree.regions, tree.global]) {
        const owner = tier.form === "srv" ? tree.services.map(({ transport }) => transport) : [];
        const asked = owner.length > 0 ? [...sets].some((key) => key.endsWith(`.${tier.name} SRV`)) : true;
        expect(asked).toBe(true);
        if (tier.form !== "addresses" && !tree.policy.tierAddresses) continue;
        for (const names of [sets, held]) expect(names).toContain(setKey({ name: tier.name, type: "A" }));
      }
    }),
  );
});
