/**
 * How an area of the world is said to each platform. Cloudflare knows 13 regions and single countries
 * (developers.cloudflare.com, load balancing, Regions API; read 2026-11). Route 53 knows continents,
 * countries, and the states of the USA (API reference, GeoLocation; read 2026-11).
 */
import { countriesOf } from "../inventory/countries.ts";
import type { Area, Continent } from "../inventory/treeSchema.ts";

/** Cloudflare's region codes. Its provider accepts any text here, so nothing else may leave this file. */
export const CLOUDFLARE_REGIONS = [
  "EEU",
  "ENAM",
  "ME",
  "NAF",
  "NEAS",
  "NSAM",
  "OC",
  "SAF",
  "SAS",
  "SEAS",
  "SSAM",
  "WEU",
  "WNAM",
] as const;

export type CloudflareRegion = (typeof CLOUDFLARE_REGIONS)[number];

/** Antarctica is in no region: its countries are told one by one. */
export const REGIONS_OF_CONTINENT: Record<Continent, readonly CloudflareRegion[]> = {
  AF: ["NAF", "SAF"],
  AN: [],
  AS: ["ME", "NEAS", "SAS", "SEAS"],
  EU: ["EEU", "WEU"],
  NA: ["ENAM", "WNAM"],
  OC: ["OC"],
  SA: ["NSAM", "SSAM"],
};

/**
 * States of the USA and provinces of Canada on the western side of Cloudflare's line through North America. Those
 * that the API reference shows as such (List Regions, example of WNAM; read 2026-11), and their neighbours to the
 * west and north, of which nothing is published: a caller on the wrong side reaches a farther place, not none.
 */
const WESTERN_PARTS: Readonly<Record<string, ReadonlySet<string>>> = {
  US: new Set("AZ CA CO HI MN MO NV OR TX UT WA AK ID MT NM WY".split(" ")),
  CA: new Set("AB BC NT SK YT".split(" ")),
};

/** The region of a state or province; undefined below any other country: Cloudflare tells no other parts apart. */
export function regionOfPart(subdivision: string): CloudflareRegion | undefined {
  const [country = "", part = ""] = subdivision.split("-");
  const western = WESTERN_PARTS[country];
  if (western === undefined) return undefined;
  return western.has(part) ? "WNAM" : "ENAM";
}

const US_STATE = /^US-([A-Z]{2})$/;

/** States and provinces of the country whose callers belong to WNAM; the country's others belong to ENAM. */
export function westernParts(country: "US" | "CA"): readonly string[] {
  return [...(WESTERN_PARTS[country] ?? [])].sort();
}

/** How an area names a region of Cloudflare's. */
export interface RegionClaim {
  /** States and provinces in the region. */
  readonly parts: number;
  /** Whether the area has the continent around the region. */
  readonly continent: boolean;
}

export interface CloudflareArea {
  readonly regions: ReadonlyMap<CloudflareRegion, RegionClaim>;
  /** Those of a continent without regions included. They claim no region: their own lists come before its list. */
  readonly countries: readonly string[];
  /** Codes that no pool map can express. */
  readonly inexpressible: readonly string[];
}

/** What Cloudflare can be told of the area. */
export function cloudflareArea(area: Area): CloudflareArea {
  const regions = new Map<CloudflareRegion, RegionClaim>();
  const inexpressible: string[] = [];
  for (const continent of area.continents) {
    for (const region of REGIONS_OF_CONTINENT[continent]) regions.set(region, { parts: 0, continent: true });
  }
  for (const subdivision of area.subdivisions) {
    const region = regionOfPart(subdivision);
    if (region === undefined) inexpressible.push(subdivision);
    else regions.set(region, withPart(regions.get(region)));
  }
  const withoutRegion = area.continents.filter((continent) => REGIONS_OF_CONTINENT[continent].length === 0);
  const countries = new Set([...area.countries, ...withoutRegion.flatMap(countriesOf)]);
  return { regions, countries: [...countries], inexpressible };
}

function withPart({ parts, continent }: RegionClaim = { parts: 0, continent: false }): RegionClaim {
  return { parts: parts + 1, continent };
}

/** The stronger claim first: the one with more states and provinces, then the one with the continent. */
export function compareClaims(a: RegionClaim | undefined, b: RegionClaim | undefined): number {
  const strength = (claim: RegionClaim | undefined) => 2 * (claim?.parts ?? 0) + (claim?.continent ? 1 : 0);
  return strength(b) - strength(a);
}

export type Route53Location =
  | { readonly continent: string }
  | { readonly country: string; readonly subdivision?: string };

export interface Route53Area {
  readonly locations: readonly Route53Location[];
  readonly inexpressible: readonly string[];
}

/** What Route 53 can be told of the area. */
export function route53Area(area: Area): Route53Area {
  const states = area.subdivisions.filter((code) => US_STATE.test(code));
  return {
    locations: [
      ...area.continents.map((continent) => ({ continent })),
      ...area.countries.map((country) => ({ country })),
      ...states.map((code) => ({ country: "US", subdivision: code.slice("US-".length) })),
    ],
    inexpressible: area.subdivisions.filter((code) => !US_STATE.test(code)),
  };
}
