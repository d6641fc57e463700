import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Area } from "../../../inventory/treeSchema.ts";
import { CONTINENTS } from "../../../inventory/treeSchema.ts";
import { type CloudflareRegion, cloudflareArea } from "../../../plan/areas.ts";
import { type PoolSite, regionClaimants } from "../../../plan/cloudflarePools.ts";

const NOWHERE: Area = { continents: [], countries: [], subdivisions: [] };

/** A site that is a region of its own, or a POP of the one that is given. */
function site(
  key: string,
  serves: Partial<Area>,
  outer?: { region: string; serves: Partial<Area> },
): PoolSite {
  const own = { ...NOWHERE, ...serves };
  return {
    key,
    kind: outer === undefined ? "region" : "pop",
    serves: own,
    region: outer?.region ?? key,
    regionServes: outer === undefined ? own : { ...NOWHERE, ...outer.serves },
    fallback: [],
    halves: [[], []],
    standby: [],
  };
}

function order(sites: readonly PoolSite[], code: CloudflareRegion): string[] {
  return (regionClaimants(sites).get(code) ?? []).map(({ key }) => key);
}

describe("several sites that claim one of Cloudflare's regions", () => {
  test("come in the order of how many states and provinces there they name", () => {
    const sites = [
      site("a", { subdivisions: ["US-OR"] }),
      site("b", { subdivisions: ["US-CA", "CA-BC"] }),
      site("c", { subdivisions: ["US-NY", "US-NJ", "US-VA"] }),
    ];
    expect(order(sites, "WNAM")).toEqual(["b", "a"]);
    expect(order(sites, "ENAM")).toEqual(["c"]);
  });

  test("come before one that claims it by its continent alone, whatever their keys", () => {
    const sites = [site("a", { continents: ["NA"] }), site("b", { subdivisions: ["US-WA"] })];
    expect(order(sites, "WNAM")).toEqual(["b", "a"]);
    expect(order(sites, "ENAM")).toEqual(["a"]);
  });

  test("and name as many states come in the order of the continent, then of the key", () => {
    const sites = [
      site("a", { subdivisions: ["US-WA"] }),
      site("b", { subdivisions: ["US-OR"] }),
      site("c", { subdivisions: ["US-CA"], continents: ["NA"] }),
    ];
    expect(order(sites, "WNAM")).toEqual(["c", "a", "b"]);
  });

  test("claim nothing by a country: its callers have a list of their own", () => {
    const sites = [site("a", { countries: ["US", "CA"] }), site("b", { continents: ["NA"] })];
    expect(order(sites, "WNAM")).toEqual(["b"]);
  });

  test("are those of the strongest region first: a POP does not outdo the region that the callers belong to", () => {
    const wide = { region: "noam", serves: { continents: ["NA" as const] } };
    const sites = [
      site("lax", { subdivisions: ["US-WA", "US-OR", "US-NV"] }, wide),
      site("iad", {}, wide),
      site("calif", { subdivisions: ["US-CA"] }),
    ];
    expect(order(sites, "WNAM")).toEqual(["calif", "lax", "iad"]);
    // Of two regions with the same claim the POPs are not mixed.
    const equal = [
      site("p", { subdivisions: ["US-CA"] }, { region: "y", serves: { subdivisions: ["US-CA"] } }),
      site("q", {}, { region: "x", serves: { subdivisions: ["US-WA"] } }),
      site("r", {}, { region: "y", serves: { subdivisions: ["US-CA"] } }),
    ];
    expect(order(equal, "WNAM")).toEqual(["q", "p", "r"]);
  });

  const area = fc.record({
    continents: fc.subarray([...CONTINENTS]),
    countries: fc.subarray(["US", "CA", "MX", "DE"]),
    subdivisions: fc.subarray(["US-CA", "US-WA", "US-NY", "CA-BC", "CA-ON"]),
  });
  const sitesOfRegions = fc
    .uniqueArray(fc.constantFrom(..."abcdefghij"), { minLength: 1 })
    .chain((keys) =>
      fc.tuple(
        fc.tuple(
          ...keys.map((key) => fc.tuple(fc.constant(key), area, fc.constantFrom("x", "y", undefined))),
        ),
        area,
        area,
      ),
    )
    .map(([entries, x, y]) =>
      entries.map(([key, serves, region]) =>
        region === undefined
          ? site(key, serves)
          : site(key, serves, { region, serves: region === "x" ? x : y }),
      ),
    );

  test("stand in the same order whatever that of the inventory, every one once and none unasked", () => {
    fc.assert(
      fc.property(sitesOfRegions, fc.nat(), (sites, salt) => {
        const cut = salt % sites.length;
        const others = [...sites.slice(cut), ...sites.slice(0, cut)].reverse();
        const claimed = regionClaimants(sites);
        expect([...regionClaimants(others)]).toEqual([...claimed]);
        for (const [code, claimants] of claimed) {
          const expected = sites.filter(({ regionServes }) => cloudflareArea(regionServes).regions.has(code));
          expect(claimants.map(({ key }) => key).sort()).toEqual(expected.map(({ key }) => key).sort());
        }
      }),
    );
  });

  test("never put a continent alone before a state, of two sites that are no POPs", () => {
    fc.assert(
      fc.property(sitesOfRegions, (sites) => {
        for (const [code, claimants] of regionClaimants(sites.filter(({ kind }) => kind === "region"))) {
          const parts = claimants.map(({ serves }) => cloudflareArea(serves).regions.get(code)?.parts ?? 0);
          expect(parts).toEqual(parts.toSorted((a, b) => b - a));
        }
      }),
    );
  });
});
