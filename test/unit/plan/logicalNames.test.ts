import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isHostLabel } from "../../../dns/names.ts";
import {
  aliasName,
  caaName,
  componentName,
  healthCheckName,
  ISSUANCE_NAME,
  loadBalancerName,
  poolName,
  recordName,
  setName,
} from "../../../plan/logicalNames.ts";
import { planTree } from "../../../plan/plan.ts";
import { render } from "../../../plan/render.ts";
import type { Tree } from "../../../plan/tree.ts";
import { arbitrarySketch, reordered } from "../../support/arbitraryInventory.ts";
import {
  type InventorySketch,
  inventoryIfValid,
  nodeAt,
  STEERED_WORLD,
  withNode,
} from "../../support/inventories.ts";
import { planOf } from "../../support/planOf.ts";

/** Everything deployed at Cloudflare, where each record is an object: logical name to what it is. */
function atCloudflare(tree: Tree): [name: string, what: string][] {
  const { records, pools, loadBalancers } = render(tree, "cloudflare");
  return [
    ...records.map((planned): [string, string] => {
      const { record, cause } = planned;
      const value = record.type === "SRV" ? record.target : cause.slot;
      return [recordName(planned, "cloudflare", tree.domain), `${record.type} ${record.name} ${value}`];
    }),
    ...pools.map((pool): [string, string] => [poolName(pool, "cloudflare"), `pool ${pool.key}`]),
    ...loadBalancers.map((one): [string, string] => [
      loadBalancerName(one, "cloudflare"),
      `balancer ${one.name}`,
    ]),
  ];
}

/** Everything deployed at Route 53, where each owner name and type is one object, or each routed alias. */
function atRoute53(tree: Tree): [name: string, what: string][] {
  const { records, aliases, healthChecks } = render(tree, "route53");
  const sets = Map.groupBy(records, ({ record }) => `${record.name} ${record.type}`);
  return [
    ...[...sets].flatMap(([set, [first]]): [string, string][] =>
      first === undefined ? [] : [[setName(first, "route53", tree.domain), `set ${set}`]],
    ),
    ...aliases.map((alias): [string, string] => {
      const routed = "setIdentifier" in alias.routing ? ` ${alias.routing.setIdentifier}` : "";
      return [aliasName(alias, "route53", tree.domain), `set ${alias.name} ${alias.type}${routed}`];
    }),
    ...healthChecks.map((check): [string, string] => [
      healthCheckName(check, "route53"),
      `check ${check.kind} ${check.key}`,
    ]),
  ];
}

function components(tree: Tree): string[] {
  return [
    ...tree.nodes.map(({ slot }) => componentName({ tier: "node", key: slot })),
    ...[...tree.pops, ...tree.regions, tree.global].map(({ kind, key }) =>
      componentName({ tier: kind, key }),
    ),
    ISSUANCE_NAME,
  ];
}

function deployed(tree: Tree): [name: string, what: string][] {
  return [...atCloudflare(tree), ...atRoute53(tree)];
}

describe("a logical name", () => {
  test("says the component, the platform and the row, by keys alone", () => {
    const names = new Set(deployed(planOf(STEERED_WORLD)).map(([name]) => name));
    for (const name of [
      "fra1/cloudflare/a",
      "fra1/cloudflare/aaaa",
      "fra1/route53/a",
      "euro/cloudflare/sips-tcp/fra1",
      "euro/cloudflare/a/fra1",
      "euro/cloudflare/pool/euro-a",
      "iad/cloudflare/pool/iad-a",
      "global/cloudflare/sips-tcp/geo-a",
      "global/cloudflare/sips-tcp/iad1",
      "global/cloudflare/load-balancer/global-a",
      "noam/cloudflare/load-balancer/noam",
      "euro/route53/sips-tcp",
      "global/route53/sips-tcp",
      "global/route53/sips-tcp/global--all",
      "global/route53/sips-tcp/global--geo/continent-EU",
      "global/route53/sips-tcp/global--geo/default",
      "global/route53/a/euro--failover/primary",
      "noam/route53/a/noam--geo/subdivision-US-CA",
      "fra1/route53/health-check/tcp",
      "lax/route53/health-check/calculated",
    ]) {
      expect(names).toContain(name);
    }
  });

  test("of what stands before the certificates begins as no key can, so that nobody's row is taken for it", () => {
    const environment = { ...STEERED_WORLD.environment, challengeZone: "challenges.example.org" };
    const names = deployed(planOf({ ...STEERED_WORLD, environment })).map(([name]) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        "_acme/cloudflare/cname/_acme-challenge",
        "_acme/route53/cname/_acme-challenge.fra1",
      ]),
    );
    expect([caaName("cloudflare", "ca.example.net"), caaName("route53")]).toEqual([
      "_acme/cloudflare/caa/ca.example.net",
      "_acme/route53/caa",
    ]);
    expect(isHostLabel(ISSUANCE_NAME)).toBe(false);
  });

  test("is nobody else's, for components, at Cloudflare and at Route 53", () => {
    fc.assert(
      fc.property(arbitrarySketch, (sketch) => {
        const tree = planOf(sketch);
        const names = [...components(tree), ...deployed(tree).map(([name]) => name)];
        const seen = new Set<string>();
        expect(names.filter((name) => seen.size === seen.add(name).size)).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  test("starts with the name of its component", () => {
    fc.assert(
      fc.property(arbitrarySketch, (sketch) => {
        const tree = planOf(sketch);
        const owners = new Set(components(tree));
        for (const [name] of deployed(tree)) expect(owners).toContain(name.split("/")[0]);
      }),
    );
  });

  test("does not change with an address, a weight, a note or the order of the entries", () => {
    fc.assert(
      fc.property(arbitrarySketch, fc.nat(50), fc.integer({ min: 1, max: 65535 }), (sketch, salt, weight) => {
        const nodes = sketch.nodes.map((node) => ({
          ...node,
          weight,
          ip: node.ip.replace(/^127\.0/, "127.200"),
          note: "moved",
        }));
        const before = deployed(planOf(sketch));
        const after = deployed(planOf(reordered({ ...sketch, nodes }, salt)));
        expect(after.sort()).toEqual(before.sort());
      }),
      { numRuns: 200 },
    );
  });

  test("of a row that stays is the same after a change of any node's status", () => {
    const change = fc.tuple(
      arbitrarySketch,
      fc.nat(),
      fc.constantFrom("draining", "down", "planned", "active"),
    );
    fc.assert(
      fc.property(change, ([sketch, pick, status]) => {
        const node = sketch.nodes[pick % sketch.nodes.length];
        fc.pre(node !== undefined && pick % sketch.nodes.length !== 0);
        if (node === undefined) return;
        const inventory = inventoryIfValid(withNode(sketch, node.slot, { status: status as "down" }));
        fc.pre(inventory !== undefined);
        if (inventory === undefined) return;
        const tree = planTree(inventory);
        const before = deployed(planOf(sketch));
        const nameOf = new Map(before.map(([name, what]) => [what, name]));
        const whatOf = new Map(before);
        for (const [name, what] of deployed(tree)) {
          expect(nameOf.get(what) ?? name).toBe(name);
          expect(whatOf.get(name) ?? what).toBe(what);
        }
      }),
      { numRuns: 200 },
    );
  });

  test("of a node stays when its POP moves to another region, and so do those of its POP", () => {
    const moved = {
      ...STEERED_WORLD,
      nodes: STEERED_WORLD.nodes.map((node) => (node.pop === "lhr" ? { ...node, region: "latm" } : node)),
    };
    const own = (tree: Tree) =>
      [...components(tree), ...deployed(tree).map(([name]) => name)]
        .filter((name) => /^lhr1?(\/|$)/.test(name))
        .sort();
    const before = own(planOf(STEERED_WORLD));
    expect(before).toContain("lhr1/cloudflare/a");
    expect(before).toContain("lhr/cloudflare/sips-tcp/lhr1");
    expect(own(planOf(moved))).toEqual(before);
  });

  test("of a published set stays when the name becomes steered, so that one update changes it in place", () => {
    const unsteered = { ...STEERED_WORLD, policy: { ...STEERED_WORLD.policy, globalGeo: false } };
    const nameOf = (sketch: InventorySketch) =>
      new Map(atRoute53(planOf(sketch)).map(([name, what]) => [what, name])).get(
        "set _sips._tcp.sip.example.net SRV",
      );
    expect(nameOf(unsteered)).toBe("global/route53/sips-tcp");
    expect(nameOf(STEERED_WORLD)).toBe("global/route53/sips-tcp");
  });
});

test("a service that the tree does not know has no logical name", () => {
  const tree = planOf({ nodes: [nodeAt("euro", "fra1")] });
  const [planned] = render(tree, "static").records.filter(({ record }) => record.type === "SRV");
  if (planned === undefined) throw new Error("no SRV record");
  const alien = { ...planned, record: { ...planned.record, name: tree.domain } };
  expect(() => recordName(alien, "cloudflare", tree.domain)).toThrow("is no service of the tree");
});
