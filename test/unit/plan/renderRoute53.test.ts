import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { setKey } from "../../../dns/records.ts";
import { problemLine, Refusal } from "../../../inventory/problem.ts";
import { planTree } from "../../../plan/plan.ts";
import { render } from "../../../plan/render.ts";
import type { AliasSet, Route53Rendering } from "../../../plan/rendering.ts";
import { arbitrarySketch } from "../../support/arbitraryInventory.ts";
import {
  address6,
  CHAINED_WORLD,
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

const COUNTRIES = "AG AI AW BB BM BS BZ CR CU DM DO GD GT HN HT JM KN KY LC MX".split(" ");

function withoutService(line: string): string {
  return line.replaceAll("_sips._tcp.", "");
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

  test("falls over to the stand-ins of the site one after the other, then to all sites, and at last to everybody", () => {
    const chained = renderingOf(CHAINED_WORLD);
    const srv = (label: string) => aliasesAt(chained, `_sips._tcp.${label}`, "SRV").map(withoutService);
    expect(srv("apac--failover")).toEqual(["primary -> apac", "secondary -> apac--then-latm"]);
    expect(srv("apac--then-latm")).toEqual(["primary -> latm", "secondary -> apac--then-noam"]);
    expect(srv("apac--then-noam")).toEqual(["primary -> noam", "secondary -> apac--then-euro"]);
    expect(srv("apac--then-euro")).toEqual(["primary -> euro", "secondary -> global--then-noam"]);
    expect(srv("euro--failover")).toEqual(["primary -> euro", "secondary -> global--then-noam"]);
    expect(srv("global--then-noam")).toEqual(["primary -> noam", "secondary -> global--then-apac"]);
    expect(srv("global--then-apac")).toEqual(["primary -> apac", "secondary -> global--then-euro"]);
    expect(srv("global--then-euro")).toEqual(["primary -> euro", "secondary -> global--then-latm"]);
    expect(srv("global--then-latm")).toEqual(["primary -> latm", "secondary -> global--all"]);
  });

  test("has the POPs of a wide region stand in for each other in one line, whoever is down", () => {
    expect(aliasesAt(world, "iad--failover", "A")).toEqual(["primary -> iad", "secondary -> noam--then-iad"]);
    expect(aliasesAt(world, "lax--failover", "A")).toEqual(["primary -> lax", "secondary -> noam--then-iad"]);
    expect(aliasesAt(world, "noam--then-iad", "A")).toEqual([
      "primary -> iad",
      "secondary -> noam--then-lax",
    ]);
    expect(aliasesAt(world, "noam--then-lax", "A")).toEqual(["primary -> lax", "secondary -> noam--all"]);
  });

  test("takes two groups for each site and one for each stand-in of a region, not one for each pair of POPs", () => {
    const pops = Array.from({ length: 20 }, (_, i) => `p${i + 1}x`);
    const wide = renderingOf({
      nodes: [...pops.map((pop) => nodeAt("noam", `${pop}1`)), nodeAt("euro", "fra1")],
      environment: {
        pops: Object.fromEntries(
          pops.map((pop, i) => [pop, { serves: { countries: [COUNTRIES[i] ?? ""] } }]),
        ),
      },
      policy: {
        globalGeo: true,
        regions: {
          noam: { geo: true, serves: { continents: ["NA"] } },
          euro: { serves: { continents: ["EU"] }, fallback: ["noam"] },
        },
      },
    });
    const groups = new Set(
      wide.aliases.flatMap(({ name, type, routing }) =>
        type === "A" && routing.policy === "failover" ? [name] : [],
      ),
    );
    expect(groups.size).toBe(2 * pops.length + 2 * 2 + 1);
  });

  test("gives the answer of a place only while that place is up, wherever it stands in", () => {
    const rendering = renderingOf(CHAINED_WORLD);
    const primaries = rendering.aliases.filter(
      ({ type, routing }) => type === "SRV" && "role" in routing && routing.role === "PRIMARY",
    );
    expect(primaries.length).toBeGreaterThan(10);
    for (const { target, routing } of primaries) {
      expect(target).toBe(`_sips._tcp.${"healthCheck" in routing && routing.healthCheck}.sip.example.net`);
    }
  });

  test("leads every caller over the site's stand-ins in their order, and past no site", () => {
    fc.assert(
      fc.property(arbitrarySketch, (sketch) => {
        const tree = planTree(inventoryOf(sketch));
        const rendering = render(tree, "route53");
        const groups = Map.groupBy(rendering.aliases, setKey);
        for (const { geo } of [tree.global, ...tree.regions]) {
          for (const site of geo?.sites ?? []) {
            const behind = { name: `${site.key}--failover.${tree.domain}`, type: "A" as const };
            const order: string[] = [];
            for (let key = setKey(behind); groups.has(key); ) {
              const [primary, secondary] = groups.get(key) ?? [];
              if (primary === undefined || secondary === undefined) break;
              order.push((primary.routing as { healthCheck: string }).healthCheck.replace("--addresses", ""));
              key = setKey({ name: secondary.target, type: "A" });
            }
            if (order.length === 0) continue;
            const met = [...new Set(order)];
            expect(met.slice(0, site.fallback.length + 1)).toEqual([site.key, ...site.fallback]);
            expect(met.toSorted()).toEqual(geo?.sites.map(({ key }) => key));
          }
        }
      }),
    );
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

  test("has the addresses of a place's standby nodes behind those of its primaries, in no set of theirs", () => {
    expect(aliasesAt(world, "euro--failover", "A")[0]).toBe("primary -> euro--own");
    expect(aliasesAt(world, "euro--own", "A")).toEqual(["primary -> euro", "secondary -> euro--standby"]);
    const addressesAt = (label: string) =>
      world.records
        .filter(({ record }) => record.type === "A" && record.name === `${label}.sip.example.net`)
        .map(({ cause }) => cause.slot);
    expect(addressesAt("euro--standby")).toEqual(["ams1"]);
    for (const label of ["euro", "global--all"]) expect(addressesAt(label)).not.toContain("ams1");
    const decides = (label: string) =>
      world.aliases.flatMap(({ name, type, routing }) =>
        name === `${label}.sip.example.net` && type === "A" && "role" in routing ? [routing.healthCheck] : [],
      );
    expect([decides("euro--failover"), decides("euro--own")]).toEqual([
      ["euro", undefined],
      ["euro--addresses", undefined],
    ]);
    expect(world.healthChecks.find(({ key }) => key === "euro--addresses")).toMatchObject({
      children: ["fra1", "fra2", "lhr1"],
    });
  });

  test("leads callers over IPv6 elsewhere when the primaries are down and no standby node has an address of it", () => {
    const nodes = STEERED_WORLD.nodes.map((node, i) =>
      node.role === "standby" ? node : { ...node, ip6: address6(i + 1) },
    );
    const dual = renderingOf({ ...STEERED_WORLD, nodes });
    const checks = dual.aliases.flatMap(({ name, type, routing }) =>
      name === "euro--failover.sip.example.net" && "healthCheck" in routing
        ? [`${type} ${routing.healthCheck}`]
        : [],
    );
    expect(checks.sort()).toEqual(["A euro", "AAAA euro--addresses"]);
    expect(aliasesAt(dual, "euro--failover", "AAAA")[0]).toBe("primary -> euro");
    expect(aliasesAt(dual, "euro--own", "AAAA")).toEqual([]);
  });

  test("has no check that nothing hangs on", () => {
    const silent = renderingOf({
      ...STEERED_WORLD,
      policy: { ...STEERED_WORLD.policy, tierAddresses: false },
    });
    expect(silent.healthChecks.map(({ key }) => key)).not.toContain("euro--addresses");
    expect(silent.records.map(({ record }) => record.name)).not.toContain("euro--standby.sip.example.net");
  });

  test("counts at a wide region the nodes that its POPs' sets can tell", () => {
    const gaps = renderingOf({
      ...STEERED_WORLD,
      // Nobody is sent to this POP: it serves no area.
      nodes: [...STEERED_WORLD.nodes, nodeAt("noam", "ord1")],
    });
    const noam = gaps.healthChecks.find(({ kind, key }) => kind === "calculated" && key === "noam");
    expect(noam).toMatchObject({ children: ["iad1", "iad2", "lax1"] });
  });

  test("whose keys are too long to be one label is refused", () => {
    const long = "r".repeat(40);
    const policy = {
      globalGeo: true,
      regions: {
        [long]: { serves: { continents: ["EU" as const] }, fallback: ["n".repeat(17)] },
        ["n".repeat(17)]: { serves: { continents: ["NA" as const] } },
      },
    };
    const nodes = [nodeAt(long, "fra1"), nodeAt("n".repeat(17), "iad1")];
    expect(() => renderingOf({ nodes, policy })).toThrow(
      problemLine({
        place: "tree.json",
        key: "policy.regions",
        value: `${long}--then-${"n".repeat(17)}`,
        rule: "route53-label",
        message: "is a label behind a steered name and has 64 characters, of which Route 53 has room for 63",
        remedy: "shorten the keys that it is made of",
      }),
    );
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
