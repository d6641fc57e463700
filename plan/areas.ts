/**
 * How an area of the world is said to each platform. Cloudflare knows 13 regions and single countries
 * (developers.cloudflare.com, load balancing, region mapping; read 2026-11). Route 53 knows continents,
 * countries, and the states of the USA (API reference, GeoLocation; read 2026-11).
 */
import type { Area } from "../inventory/treeSchema.ts";

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

/** Antarctica is in no region: callers there get the default pools. */
const REGIONS_OF_CONTINENT: Record<Area["continents"][number], readonly CloudflareRegion[]> = {
  AF: ["NAF", "SAF"],
  AN: [],
  AS: ["ME", "NEAS", "SAS", "SEAS"],
  EU: ["EEU", "WEU"],
  NA: ["ENAM", "WNAM"],
  OC: ["OC"],
  SA: ["NSAM", "SSAM"],
};

/**
 * States of the USA on the western side of Cloudflare's line through North America. Where exactly the line
 * runs is not published state by state (unverified); a caller on the wrong side reaches a farther POP, not none.
 */
const WESTERN_STATES = new Set([
  "AK",
  "AZ",
  "CA",
  "CO",
  "HI",
  "ID",
  "MT",
  "NM",
  "NV",
  "OR",
  "UT",
  "WA",
  "WY",
]);

const US_STATE = /^US-([A-Z]{2})$/;

export interface CloudflareArea {
  /** Region code to the number of area codes that name it: the weight of a claim where two sites share one. */
  readonly regions: ReadonlyMap<CloudflareRegion, number>;
  readonly countries: readonly string[];
  /** Codes that no pool map can express. */
  readonly inexpressible: readonly string[];
}

/** What Cloudflare can be told of the area. */
export function cloudflareArea(area: Area): CloudflareArea {
  const regions = new Map<CloudflareRegion, number>();
  const claim = (code: CloudflareRegion) => regions.set(code, (regions.get(code) ?? 0) + 1);
  const inexpressible: string[] = [];
  for (const continent of area.continents) REGIONS_OF_CONTINENT[continent].forEach(claim);
  for (const subdivision of area.subdivisions) {
    const state = US_STATE.exec(subdivision)?.[1];
    if (state === undefined) inexpressible.push(subdivision);
    else claim(WESTERN_STATES.has(state) ? "WNAM" : "ENAM");
  }
  return { regions, countries: area.countries, inexpressible };
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
