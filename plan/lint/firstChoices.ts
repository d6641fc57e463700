/** Whom callers of a steered name should get first by tree.json, and whom they get at Cloudflare. */
import type { Fqdn } from "../../dns/names.ts";
import { countriesOf } from "../../inventory/countries.ts";
import type { Inventory } from "../../inventory/inventory.ts";
import type { Continent } from "../../inventory/treeSchema.ts";
import { REGIONS_OF_CONTINENT, regionOfPart } from "../areas.ts";
import { type AreaCode, areaCodes, countryOfPart, siteServing } from "../callers.ts";
import { countrySites, type PoolSite, poolSites, regionClaimants, siteOrders } from "../cloudflarePools.ts";
import { planTree } from "../plan.ts";
import type { GeoSteering, Tree } from "../tree.ts";
import type { LintInput } from "./context.ts";

/** Callers of one code, by whom Cloudflare sends them to. */
export interface CodeCallers {
  readonly code: AreaCode;
  /** Keys of the sites that come first for them: several where Cloudflare tells them apart further. */
  readonly first: ReadonlySet<string>;
  /** Whether they are those of a part of a country and get what the country's list says. */
  readonly asCountry: boolean;
}

/** A site and the codes whose callers belong to it. */
export interface SiteCallers {
  readonly site: PoolSite;
  readonly callers: readonly CodeCallers[];
  /** Whether the site comes first for anybody who dials the name, be it for callers of other sites. */
  readonly isFirst: boolean;
}

/**
 * Of every steered name at Cloudflare the sites with callers of their own, with every node there that is not retired:
 * the areas decide, and nothing comes up for the first time while somebody drains a place.
 */
export function* callersAtCloudflare({
  inventory,
  renderings,
}: LintInput): Generator<SiteCallers & { readonly name: Fqdn }> {
  if (renderings.every(({ backend }) => backend !== "cloudflare")) return;
  const tree = fullyStaffed(inventory);
  for (const tier of [...tree.regions, tree.global]) {
    if (tier.geo === undefined) continue;
    const sites = poolSites(tier, tier.geo, tree);
    for (const each of siteCallers(tier.geo, sites)) yield { ...each, name: tier.name };
  }
}

/** One plan per inventory, however many rules ask; an inventory never changes. */
const plans = new WeakMap<Inventory, Tree>();

function fullyStaffed(inventory: Inventory): Tree {
  const known = plans.get(inventory);
  if (known !== undefined) return known;
  const nodes = inventory.nodes.map((node) =>
    node.status === "retired" ? node : { ...node, status: "active" as const },
  );
  const tree = planTree({ ...inventory, nodes });
  plans.set(inventory, tree);
  return tree;
}

/** The sites of a name with callers of their own. */
function siteCallers(geo: GeoSteering, sites: readonly PoolSite[]): SiteCallers[] {
  const { first, callersOf } = answersAt(geo, sites);
  const codes = areaCodes([...geo.sites, ...sites].map(({ serves }) => serves));
  const byHome = Map.groupBy(codes, (code) => homeOf(code, geo, sites)?.key);
  return sites.flatMap((site) => {
    const callers = (byHome.get(site.key) ?? []).map(callersOf);
    return callers.length === 0 ? [] : [{ site, callers, isFirst: first.has(site.key) }];
  });
}

/** In two steps: the place of the name, then inside a wide region the POP; the first by key where nobody names the code. */
function homeOf(code: AreaCode, geo: GeoSteering, sites: readonly PoolSite[]): PoolSite | undefined {
  const place = siteServing(code, geo.sites)?.key ?? geo.defaultSite;
  const inside = sites.filter(({ key, region }) => key === place || region === place);
  return siteServing(code, inside) ?? inside[0];
}

interface Answers {
  /** Keys of the sites that come first for somebody. */
  readonly first: ReadonlySet<string>;
  readonly callersOf: (code: AreaCode) => CodeCallers;
}

function answersAt(geo: GeoSteering, sites: readonly PoolSite[]): Answers {
  const keyOf = ([site]: readonly PoolSite[]) => site?.key ?? "";
  const byDefault = keyOf(siteOrders(sites, geo)([]));
  const regions = new Map<string | undefined, string>(
    [...regionClaimants(sites)].map(([region, claimants]) => [region, keyOf(claimants)]),
  );
  const countries = new Map(countrySites(geo, sites).map(({ country, first }) => [country, keyOf(first)]));
  const inRegion = (region: string | undefined) => regions.get(region) ?? byDefault;
  const inContinent = (continent: Continent) => {
    const parts = REGIONS_OF_CONTINENT[continent];
    if (parts.length > 0) return parts.map(inRegion);
    return countriesOf(continent).map((country) => countries.get(country) ?? byDefault);
  };
  return {
    first: new Set([...regions.values(), ...countries.values(), byDefault]),
    callersOf(code) {
      if (code.list === "continents") {
        return { code, first: new Set(inContinent(code.code as Continent)), asCountry: false };
      }
      const isPart = code.list === "subdivisions";
      const ofCountry = countries.get(isPart ? countryOfPart(code.code) : code.code);
      const first = ofCountry ?? inRegion(regionOfPart(code.code));
      return { code, first: new Set([first]), asCountry: isPart && ofCountry !== undefined };
    },
  };
}
