import { describe, expect, test } from "vitest";
import { problemLine, Refusal } from "../../../inventory/problem.ts";
import { planTree } from "../../../plan/plan.ts";
import { render } from "../../../plan/render.ts";
import type { AliasSet, Route53Rendering } from "../../../plan/rendering.ts";
import {
  address6,
  type InventorySketch,
  inventoryOf,
  nodeAt,
  STEERED_WORLD,
  withNode,
} from "../../support/inventories.ts";

function renderingOf(sketch: InventorySketch): Route53Rendering {
  return render(planTree(inventoryOf(sketch)), "route53");
}

/** `set -> target` for every alias of an owner name and type, without the domain. */
function aliasesAt({ aliases }: Route53Rendering, owner: string, type: AliasSet["type"]): string[] {
  return aliases
    .filter((alias) => alias.name === `${owner}.sip.example.net` && alias.type === type)
    .map(({ routing, target }) => {
      const set = routing.policy === "simple" ? "simple" : routing.setIdentifier;
      return `${set} -> ${target.replace(".sip.example.net", "")}`;
    });
}

const world = renderingOf(STEERED_WORLD);

describe("a steered name at Route 53", () => {
  test("is one simple alias of the group of locations behind it, for SRV as for addresses", () => {
    const published = world.aliases.filter(({ routing }) => routing.policy === "simple");
    expect(published.map(({ name, type, target }) => `${name} ${type} -> ${target}`)).toEqual([
      "_sips._tcp.noam.sip.example.net SRV -> _sips._tcp.noam--geo.sip.example.net",
      "_sips._tcp.sip.example.net SRV -> _sips._tcp.global--geo.sip.example.net",
      "noam.sip.example.net A -> noam--geo.sip.example.net",
      "sip.example.net A -> global--geo.sip.example.net",
    ]);
  });

  test("has an alias per location and a default, each leading to a site's failover", () => {
    expect(aliasesAt(world, "_sips._tcp.global--geo", "SRV")).toEqual([
      "continent-AF -> _sips._tcp.euro--failover",
      "continent-EU -> _sips._tcp.euro--failover",
      "continent-NA -> _sips._tcp.noam--failover",
      "continent-SA -> _sips._tcp.noam--failover",
      "default -> _sips._tcp.euro--failover",
    ]);
    expect(aliasesAt(world, "noam--geo", "A")).toEqual([
      "continent-NA -> iad--failover",
      "country-MX -> lax--failover",
      "default -> iad--failover",
      "subdivision-US-CA -> lax--failover",
      "subdivision-US-NY -> iad--failover",
      "subdivision-US-WA -> lax--failover",
    ]);
  });

  test("falls over to the site's first stand-in, else to everybody", () => {
    expect(aliasesAt(world, "euro--failover", "A")).toEqual(["primary -> euro", "secondary -> noam--all"]);
    expect(aliasesAt(world, "noam--failover", "A")).toEqual(["primary -> noam", "secondary -> global--all"]);
    expect(aliasesAt(world, "iad--failover", "A")).toEqual(["primary -> iad", "secondary -> noam--all"]);
  });

  test("has its unsteered sets behind the policy, and none at the published name", () => {
    const owners = new Set(world.records.map(({ record }) => `${record.name} ${record.type}`));
    for (const label of ["global--all", "noam--all", "euro", "iad", "lax"]) {
      expect(owners).toContain(`${label}.sip.example.net A`);
      expect(owners).toContain(`_sips._tcp.${label}.sip.example.net SRV`);
    }
    expect(owners).not.toContain("sip.example.net A");
    expect(owners).not.toContain("_sips._tcp.sip.example.net SRV");
  });

  test("has an address type only where every site has it, sites of a wide region included", () => {
    const dual = (sketch: InventorySketch, slots: readonly string[]) =>
      slots.reduce((next, slot, i) => withNode(next, slot, { ip6: address6(100 + i) }), sketch);
    const steered6 = (sketch: InventorySketch) =>
      renderingOf(sketch)
        .aliases.filter(({ type, routing }) => type === "AAAA" && routing.policy === "simple")
        .map(({ name }) => name);
    expect(steered6(STEERED_WORLD)).toEqual([]);
    expect(steered6(dual(STEERED_WORLD, ["lax1"]))).toEqual(["noam.sip.example.net", "sip.example.net"]);
    const euro4: InventorySketch = {
      ...STEERED_WORLD,
      nodes: STEERED_WORLD.nodes.map(({ ip6, ...node }) =>
        node.region === "euro" || ip6 === undefined ? node : { ...node, ip6 },
      ),
    };
    expect(steered6(dual(euro4, ["lax1"]))).toEqual(["noam.sip.example.net"]);
  });

  test("is watched by a check per node and a calculated one per site", () => {
    expect(world.healthChecks.map((check) => `${check.kind} ${check.key}`)).toEqual([
      ...["ams1", "fra1", "fra2", "iad1", "iad2", "lax1", "lhr1"].map((slot) => `tcp ${slot}`),
      ...["euro", "euro--addresses", "iad", "lax", "noam"].map((key) => `calculated ${key}`),
    ]);
    const euro = world.healthChecks.find(({ key }) => key === "euro");
    expect(euro).toMatchObject({ children: ["ams1", "fra1", "fra2", "lhr1"], threshold: 1 });
  });

  test("counts for its addresses the primaries alone: standby nodes are in no address set", () => {
    const addresses = world.healthChecks.find(({ key }) => key === "euro--addresses");
    expect(addresses).toMatchObject({ children: ["fra1", "fra2", "lhr1"] });
    const primaries = world.aliases.filter(
      ({ name, routing }) =>
        name.includes("euro--failover") && "role" in routing && routing.role === "PRIMARY",
    );
    expect(
      new Set(
        primaries.map(({ type, routing }) => `${type} ${"healthCheck" in routing && routing.healthCheck}`),
      ),
    ).toEqual(new Set(["SRV euro", "A euro--addresses"]));
  });

  test("is probed each 10 or each 30 seconds, whichever the platform has for the policy's time", () => {
    const probed = (intervalSeconds: number) => {
      const probe = { intervalSeconds, timeoutSeconds: 2, failureThreshold: 2 };
      const { healthChecks } = renderingOf({ ...STEERED_WORLD, policy: { ...STEERED_WORLD.policy, probe } });
      return healthChecks.find(({ key }) => key === "fra1");
    };
    expect(probed(10)).toMatchObject({ intervalSeconds: 10, failureThreshold: 2, port: 5061 });
    expect(probed(11)).toMatchObject({ intervalSeconds: 30 });
  });

  test("whose area Route 53 cannot tell apart is refused", () => {
    const policy = {
      globalGeo: true,
      regions: {
        euro: { serves: { subdivisions: ["CA-QC"] } },
        noam: { serves: { continents: ["NA" as const] } },
      },
    };
    const nodes = [nodeAt("euro", "fra1"), nodeAt("noam", "iad1")];
    expect(() => renderingOf({ nodes, policy })).toThrow(Refusal);
    expect(() => renderingOf({ nodes, policy })).toThrow(
      problemLine({
        place: "tree.json",
        key: "region euro: serves.subdivisions",
        value: "CA-QC",
        rule: "route53-area",
        message: "Route 53 knows the states of the USA among subdivisions, and no others",
        remedy: "name the country instead, or serve the name unsteered",
      }),
    );
  });
});

test("a tree without steering needs no alias and no check", () => {
  const plain = renderingOf({ nodes: [nodeAt("euro", "fra1")] });
  expect(plain.aliases).toEqual([]);
  expect(plain.healthChecks).toEqual([]);
});
