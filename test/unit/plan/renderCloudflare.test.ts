import { describe, expect, test } from "vitest";
import { recordData } from "../../../dns/records.ts";
import { problemLine, Refusal } from "../../../inventory/problem.ts";
import { originWeight } from "../../../plan/cloudflarePools.ts";
import { planTree } from "../../../plan/plan.ts";
import { render } from "../../../plan/render.ts";
import type { CloudflareRendering, LoadBalancer } from "../../../plan/rendering.ts";
import {
  CHAINED_WORLD,
  type InventorySketch,
  inventoryOf,
  nodeAt,
  STEERED_WORLD,
  withNode,
} from "../../support/inventories.ts";

function renderingOf(sketch: InventorySketch): CloudflareRendering {
  return render(planTree(inventoryOf(sketch)), "cloudflare");
}

function balancer(rendering: CloudflareRendering, key: string): LoadBalancer | undefined {
  return rendering.loadBalancers.find((one) => one.key === key);
}

function rowsOf(rendering: CloudflareRendering, owner: string): string[] {
  return rendering.records
    .filter(({ record }) => record.name === owner)
    .map(({ record }) => recordData(record));
}

function poolsOf({ pools }: CloudflareRendering): Record<string, string[]> {
  return Object.fromEntries(pools.map(({ key, origins }) => [key, origins.map(({ slot }) => slot)]));
}

const world = renderingOf(STEERED_WORLD);

describe("a steered name at Cloudflare", () => {
  test("lists both halves' host names at equal weights, and a static net behind them", () => {
    expect(rowsOf(world, "_sips._tcp.sip.example.net")).toEqual([
      "10 100 5061 geo-a.sip.example.net",
      "10 100 5061 geo-b.sip.example.net",
      "20 100 5061 fra1.sip.example.net",
      "20 100 5061 iad1.sip.example.net",
      "20 100 5061 lax1.sip.example.net",
      "20 100 5061 lhr1.sip.example.net",
    ]);
    expect(rowsOf(world, "_sips._tcp.noam.sip.example.net").slice(0, 2)).toEqual([
      "10 100 5061 geo-noam-a.sip.example.net",
      "10 100 5061 geo-noam-b.sip.example.net",
    ]);
  });

  test("has no net of one: a lone row behind a group is lost on some clients", () => {
    const policy = { ...STEERED_WORLD.policy, setSize: { maxTargets: 3 } };
    expect(rowsOf(renderingOf({ ...STEERED_WORLD, policy }), "_sips._tcp.sip.example.net")).toHaveLength(2);
  });

  test("has load balancers one label below the domain, and one at the name for clients without SRV", () => {
    expect(world.loadBalancers.map(({ key, name }) => `${key} ${name}`)).toEqual([
      "global sip.example.net",
      "global-a geo-a.sip.example.net",
      "global-b geo-b.sip.example.net",
      "noam noam.sip.example.net",
      "noam-a geo-noam-a.sip.example.net",
      "noam-b geo-noam-b.sip.example.net",
    ]);
    const policy = { ...STEERED_WORLD.policy, tierAddresses: false };
    const keys = renderingOf({ ...STEERED_WORLD, policy }).loadBalancers.map(({ key }) => key);
    expect(keys).toEqual(["global-a", "global-b", "noam-a", "noam-b"]);
  });

  test("shares the pools of POPs inside a wide region, and pools of regions elsewhere", () => {
    expect(poolsOf(world)).toEqual({
      "euro-a": ["fra1", "lhr1"],
      "euro-b": ["fra2"],
      "euro-standby": ["ams1"],
      "iad-a": ["iad1"],
      "iad-b": ["iad2"],
      "lax-a": ["lax1"],
    });
    expect(world.monitor).toEqual({
      ...{ type: "tcp", port: 5061 },
      ...{ intervalSeconds: 60, timeoutSeconds: 5, retries: 2 },
    });
  });

  test("prefers its own half, then the other, then standby nodes, then who stands in", () => {
    expect(balancer(world, "global-a")?.regionPools.WEU).toEqual([
      ...["euro-a", "euro-b", "euro-standby"],
      ...["iad-a", "iad-b", "lax-a"],
    ]);
    expect(balancer(world, "global-b")?.regionPools.WEU).toEqual([
      ...["euro-b", "euro-a", "euro-standby"],
      ...["iad-b", "iad-a", "lax-a"],
    ]);
  });

  test("steers inside a wide region by the POPs' areas, the one with the most of a place first", () => {
    const { regionPools, countryPools } = balancer(world, "global-a") ?? {};
    expect(regionPools?.WNAM?.slice(0, 1)).toEqual(["lax-a"]);
    expect(regionPools?.ENAM?.slice(0, 2)).toEqual(["iad-a", "iad-b"]);
    expect(countryPools?.MX?.slice(0, 3)).toEqual(["lax-a", "iad-a", "iad-b"]);
    // South America is answered by noam, inside which nobody claims it: every POP, by key.
    expect(regionPools?.SSAM?.slice(0, 3)).toEqual(["iad-a", "iad-b", "lax-a"]);
  });

  test("stands in for a POP of a wide region by its neighbours first, then by the region's own stand-ins", () => {
    const regions = {
      euro: { serves: { continents: ["EU" as const] } },
      noam: { serves: { continents: ["NA" as const] }, geo: true, fallback: ["euro"] },
    };
    const rendering = renderingOf({ ...STEERED_WORLD, policy: { globalGeo: true, regions } });
    expect(balancer(rendering, "global-a")?.regionPools.WNAM).toEqual([
      ...["lax-a", "iad-a", "iad-b"],
      ...["euro-a", "euro-b", "euro-standby"],
    ]);
    expect(balancer(rendering, "noam-a")?.regionPools.WNAM).toEqual(["lax-a", "iad-a", "iad-b"]);
  });

  test("ends every place's pools with those of all others: a region without stand-ins is not left to the fallback pool", () => {
    const regions = {
      euro: { serves: { continents: ["EU" as const], countries: ["BR"] } },
      noam: { serves: { continents: ["NA" as const] } },
    };
    const rendering = renderingOf({
      ...STEERED_WORLD,
      policy: { globalGeo: true, defaultRegion: "noam", regions },
    });
    const global = balancer(rendering, "global-a");
    const euro = ["euro-a", "euro-b", "euro-standby"];
    expect(global?.regionPools.WEU).toEqual([...euro, "noam-a", "noam-b"]);
    expect(global?.regionPools.ENAM).toEqual(["noam-a", "noam-b", ...euro]);
    expect(global?.countryPools.BR).toEqual([...euro, "noam-a", "noam-b"]);
  });

  test("sends a country of a wide region to the POP that names it", () => {
    const noam = { serves: { continents: ["NA" as const], countries: ["CA", "MX"] }, geo: true };
    const regions = { ...STEERED_WORLD.policy?.regions, noam };
    const rendering = renderingOf({ ...STEERED_WORLD, policy: { ...STEERED_WORLD.policy, regions } });
    expect(balancer(rendering, "global-a")?.countryPools).toEqual({
      CA: ["iad-a", "iad-b", "lax-a", "euro-a", "euro-b", "euro-standby"],
      MX: ["lax-a", "iad-a", "iad-b", "euro-a", "euro-b", "euro-standby"],
    });
  });

  test("leaves a country that a POP alone names to the region that serves its continent", () => {
    const countries = (serves: object, sketch = STEERED_WORLD) => {
      const pops = {
        ...sketch.environment?.pops,
        iad: { serves: { continents: ["NA" as const], ...serves } },
      };
      const rendering = renderingOf({ ...sketch, environment: { ...sketch.environment, pops } });
      return Object.keys(balancer(rendering, "global-a")?.countryPools ?? {});
    };
    // noam serves North and, for latm, South America; Japan is nobody's and so the default region's.
    expect(countries({ countries: ["BR", "DE", "JP", "CU"] })).toEqual(["BR", "CU", "MX"]);
    const policy = { ...STEERED_WORLD.policy, defaultRegion: "noam" };
    expect(countries({ countries: ["DE", "JP"] }, { ...STEERED_WORLD, policy })).toEqual(["JP", "MX"]);
  });

  test("sends a country that no POP names to the POP that serves its continent", () => {
    const noam = { serves: { continents: ["NA" as const], countries: ["BR", "JP"] }, geo: true };
    const pops = { ...STEERED_WORLD.environment?.pops, lax: { serves: { continents: ["SA" as const] } } };
    const rendering = renderingOf({
      ...STEERED_WORLD,
      environment: { ...STEERED_WORLD.environment, pops },
      policy: { ...STEERED_WORLD.policy, regions: { ...STEERED_WORLD.policy?.regions, noam } },
    });
    const { countryPools } = balancer(rendering, "global-a") ?? {};
    expect(countryPools?.BR?.[0]).toBe("lax-a");
    expect(countryPools?.JP?.[0]).toBe("iad-a");
  });

  test("leaves a country to the region that serves it, whatever a POP elsewhere names", () => {
    const regions = { ...STEERED_WORLD.policy?.regions, euro: { serves: { countries: ["MX"] } } };
    const rendering = renderingOf({ ...STEERED_WORLD, policy: { ...STEERED_WORLD.policy, regions } });
    expect(balancer(rendering, "global-a")?.countryPools).toEqual({
      MX: ["euro-a", "euro-b", "euro-standby", "iad-a", "iad-b", "lax-a"],
    });
    expect(balancer(rendering, "noam-a")?.countryPools).toEqual({ MX: ["lax-a", "iad-a", "iad-b"] });
  });

  test("sends callers of no known place to the default region, and its first pool is the net below all", () => {
    const policy = { ...STEERED_WORLD.policy, defaultRegion: "noam" };
    const global = balancer(renderingOf({ ...STEERED_WORLD, policy }), "global-a");
    expect(global?.defaultPools).toEqual(["iad-a", "iad-b", "lax-a", "euro-a", "euro-b", "euro-standby"]);
    expect(global?.fallbackPool).toBe("iad-a");
  });

  test("has callers of no known place answered by the default region's stand-ins in their order, as its own callers are", () => {
    const global = balancer(renderingOf(CHAINED_WORLD), "global-a");
    const sites = global?.defaultPools.map((key) => key.replace(/-(a|b|standby)$/, ""));
    expect([...new Set(sites)]).toEqual(["iad", "lax", "ord", "latm", "euro", "apac"]);
    expect(global?.fallbackPool).toBe("iad-a");
  });

  test("answers for the second half from the first where a drain has emptied it", () => {
    const drained = renderingOf(withNode(STEERED_WORLD, "fra2", { status: "draining" }));
    expect(poolsOf(drained)).not.toHaveProperty("euro-b");
    expect(poolsOf(drained)["euro-a"]).toEqual(["fra1", "lhr1"]);
    expect(balancer(drained, "global-b")?.regionPools.WEU?.slice(0, 2)).toEqual(["euro-a", "euro-standby"]);
  });

  test("tells the countries of Antarctica one by one, where the default would send their callers elsewhere", () => {
    const regions = {
      euro: { serves: { continents: ["EU" as const, "AN" as const] } },
      noam: { serves: { continents: ["NA" as const] } },
    };
    const countries = (defaultRegion: string) => {
      const policy = { globalGeo: true, defaultRegion, regions };
      return balancer(renderingOf({ ...STEERED_WORLD, policy }), "global-a")?.countryPools ?? {};
    };
    expect(countries("euro")).toEqual({});
    expect(Object.keys(countries("noam"))).toEqual(["AQ", "BV", "GS", "HM", "TF"]);
    expect(countries("noam").AQ?.[0]).toBe("euro-a");
  });

  test("whose area Cloudflare cannot tell apart is refused, every code at once", () => {
    const policy = {
      globalGeo: true,
      regions: {
        euro: { serves: { subdivisions: ["MX-JAL", "DE-BY"] } },
        noam: { serves: { continents: ["NA" as const] } },
      },
    };
    const nodes = [nodeAt("euro", "fra1"), nodeAt("noam", "iad1")];
    let refusal: unknown;
    try {
      renderingOf({ nodes, policy });
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(Refusal);
    expect((refusal as Refusal).problems.map(problemLine)).toEqual([
      expect.stringMatching(
        /^tree\.json: region euro: serves\.subdivisions: DE-BY: .*\[cloudflare-area\]; name the/,
      ),
      expect.stringMatching(/: MX-JAL: /),
    ]);
  });

  test("is refused for a code of a wide region as well, whose POPs stand for it, and told of each code once", () => {
    const noam = { serves: { continents: ["NA" as const], subdivisions: ["MX-JAL"] }, geo: true };
    const policy = { ...STEERED_WORLD.policy, regions: { ...STEERED_WORLD.policy?.regions, noam } };
    const pops = { ...STEERED_WORLD.environment?.pops, iad: { serves: { subdivisions: ["MX-SON"] } } };
    expect(() => renderingOf({ ...STEERED_WORLD, policy, environment: { pops } })).toThrow(
      /^tree\.json: pop iad: .*MX-SON: .*\ntree\.json: region noam: .*MX-JAL: [^\n]*$/,
    );
  });
});

describe("the weight of a pool's origin", () => {
  test.each([
    [100, 100, 1],
    [50, 100, 0.5],
    [1, 3, 0.33],
    [1, 65535, 0.01],
    [2, 3, 0.67],
  ])("of %i beside %i is %f", (weight, heaviest, share) => {
    expect(originWeight(weight, heaviest)).toBe(share);
  });
});
