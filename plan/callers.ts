/**
 * To whom callers belong by tree.json's own words, whatever a platform can be told of it: the narrowest code that a site
 * names decides.
 */
import { continentOf } from "../inventory/countries.ts";
import type { Area } from "../inventory/treeSchema.ts";

/** A code of an area. The list belongs to it: SA is South America among continents, Saudi Arabia among countries. */
export interface AreaCode {
  readonly list: keyof Area;
  readonly code: string;
}

const LISTS = ["subdivisions", "countries", "continents"] as const;

/** Every code of the areas once, the narrow ones first. */
export function areaCodes(areas: readonly Area[]): AreaCode[] {
  return LISTS.flatMap((list) =>
    [...new Set<string>(areas.flatMap((area): readonly string[] => area[list]))]
      .sort()
      .map((code) => ({ list, code })),
  );
}

/** The country of a state or province: US of US-CA. */
export function countryOfPart(subdivision: string): string {
  return subdivision.slice(0, subdivision.indexOf("-"));
}

/** The site that names the code, or else the narrowest code around it that one names. No two name the same. */
export function siteServing<T extends { readonly serves: Area }>(
  code: AreaCode,
  sites: readonly T[],
): T | undefined {
  for (const around of outward(code)) {
    const site = sites.find(({ serves }) => (serves[around.list] as readonly string[]).includes(around.code));
    if (site !== undefined) return site;
  }
  return undefined;
}

/** The code and those around it, the narrowest first. */
function outward({ list, code }: AreaCode): AreaCode[] {
  if (list === "continents") return [{ list, code }];
  const country = list === "countries" ? code : countryOfPart(code);
  const continent = continentOf(country);
  return [
    { list, code },
    ...(list === "countries" ? [] : [{ list: "countries", code: country } as const]),
    ...(continent === undefined ? [] : [{ list: "continents", code: continent } as const]),
  ];
}
