/** Where the inventory sends a caller, read from tree.json's own words and from nothing that a platform is told. */
import type { Location } from "../../lab/geo/locate.ts";
import type { GeoSite, GeoSteering, Tier, Tree } from "../../plan/tree.ts";

/** The code that placed the caller: the narrowest that a site names, else the default. */
export type PlacedBy = "subdivision" | "country" | "continent" | "default";

export interface Home {
  /** The site, and inside a wide region the POP. */
  readonly path: readonly { readonly site: GeoSite; readonly by: PlacedBy }[];
  /** Slots of the first choice: primaries, or standby nodes where there is no primary. */
  readonly members: readonly string[];
  readonly standby: readonly string[];
  /** Every area that could have placed the caller, at both steps. */
  readonly areas: readonly GeoSite["serves"][];
}

/** The home of a caller of a steered name. */
export function homeOf(geo: GeoSteering, tree: Tree, at: Location): Home {
  const step = place(geo, at);
  const inner = step.site.kind === "region" ? regionOf(tree, step.site.key)?.geo : undefined;
  const path = inner === undefined ? [step] : [step, place(inner, at)];
  const { site } = path.at(-1) ?? step;
  const wide = geo.sites.flatMap(({ kind, key }) =>
    kind === "region" ? (regionOf(tree, key)?.geo?.sites ?? []) : [],
  );
  return {
    path,
    members: site.halves.flat().map(({ slot }) => slot),
    standby: site.standby.map(({ slot }) => slot),
    areas: [...geo.sites, ...wide].map(({ serves }) => serves),
  };
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
