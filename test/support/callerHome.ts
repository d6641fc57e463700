/** Where the inventory sends a caller, read from tree.json's own words and from nothing that a platform is told. */
import type { Location } from "../../lab/geo/locate.ts";
import type { GeoSite, GeoSteering, Tier, Tree } from "../../plan/tree.ts";

/** The code that placed the caller: the narrowest that a site names, else the default. */
export type PlacedBy = "subdivision" | "country" | "continent" | "default";

/** How the caller is placed. */
export interface Home {
  /** The site, and inside a wide region the POP. */
  readonly path: readonly { readonly site: GeoSite; readonly by: PlacedBy }[];
  /** Every area that could have placed the caller, at both steps. */
  readonly areas: readonly GeoSite["serves"][];
}

/** A place whose nodes answer together: a region, or a POP of a wide one. */
export interface Place {
  readonly site: GeoSite;
  /** The wide region that the POP stands for under the global name. */
  readonly region?: GeoSite;
  /** Slots of the first choice: primaries, or standby nodes where there is no primary. */
  readonly members: readonly string[];
  readonly standby: readonly string[];
}

/**
 * The places that answer a caller, each when all before it are down: the home, its stand-ins in their order, then all
 * others, the default site first. A wide region is gone through from the POP that the caller belongs to there.
 */
export function placesFor(geo: GeoSteering, tree: Tree, at: Location): Place[] {
  return inOrder(geo, place(geo, at).site).flatMap((site): Place[] => {
    const inner = site.kind === "region" ? regionOf(tree, site.key)?.geo : undefined;
    if (inner === undefined) return [placeOf(site)];
    return inOrder(inner, place(inner, at).site).map((pop) => ({ ...placeOf(pop), region: site }));
  });
}

function inOrder({ sites, defaultSite }: GeoSteering, home: GeoSite): GeoSite[] {
  const keys = [home.key, ...home.fallback, defaultSite, ...sites.map(({ key }) => key)];
  return [...new Set(keys)].flatMap((key) => sites.find((site) => site.key === key) ?? []);
}

function placeOf(site: GeoSite): Place {
  return {
    site,
    members: site.halves.flat().map(({ slot }) => slot),
    standby: site.standby.map(({ slot }) => slot),
  };
}

export function homeOf(geo: GeoSteering, tree: Tree, at: Location): Home {
  const step = place(geo, at);
  const inner = step.site.kind === "region" ? regionOf(tree, step.site.key)?.geo : undefined;
  const path = inner === undefined ? [step] : [step, place(inner, at)];
  const wide = geo.sites.flatMap(({ kind, key }) =>
    kind === "region" ? (regionOf(tree, key)?.geo?.sites ?? []) : [],
  );
  return { path, areas: [...geo.sites, ...wide].map(({ serves }) => serves) };
}

function regionOf(tree: Tree, key: string): Tier | undefined {
  return tree.regions.find((region) => region.key === key);
}

function place({ sites, defaultSite }: GeoSteering, at: Location): { site: GeoSite; by: PlacedBy } {
  const state = `${at.country}-${at.subdivision}`;
  const bySubdivision = sites.find(({ serves }) => serves.subdivisions.includes(state));
  if (bySubdivision !== undefined) return { site: bySubdivision, by: "subdivision" };
  const byCountry = sites.find(({ serves }) => serves.countries.includes(at.country ?? ""));
  if (byCountry !== undefined) return { site: byCountry, by: "country" };
  const byContinent = sites.find(({ serves }) =>
    (serves.continents as string[]).includes(at.continent ?? ""),
  );
  if (byContinent !== undefined) return { site: byContinent, by: "continent" };
  const site = sites.find(({ key }) => key === defaultSite);
  if (site === undefined) throw new Error(`no site ${defaultSite}`);
  return { site, by: "default" };
}
