/** Pools of a steered name at Cloudflare, and the order in which each place prefers them. */
import type { Area, GeoForm } from "../inventory/treeSchema.ts";
import { CLOUDFLARE_REGIONS, type CloudflareRegion, cloudflareArea, compareClaims } from "./areas.ts";
import { type AreaCode, siteServing } from "./callers.ts";
import type { GeoHalf } from "./labels.ts";
import { compareSlots, compareText } from "./order.ts";
import type { Cause, Pool, PoolOrigin } from "./rendering.ts";
import { memberNode, nodesBySlot } from "./staticRecords.ts";
import type { GeoSite, GeoSteering, Member, Tier, Tree } from "./tree.ts";

/**
 * A site whose nodes stand in pools of their own: a POP of a wide region, or a region that is not wide. Its
 * stand-ins are its own and then those of its region.
 */
export interface PoolSite extends GeoSite {
  /** Key of the region that the site is, or lies in. */
  readonly region: string;
  /** Callers whom the steered name sends to the region; inside a wide region those of the POP itself. */
  readonly regionServes: Area;
}

/** What a pool holds of a site: one half of those that serve, all of them, or the standby nodes. */
export type PoolPart = GeoHalf | "all" | "standby";

/** The part that a load balancer prefers: its half where there are two, else everybody. */
export type PreferredPart = Exclude<PoolPart, "standby">;

/**
 * Parts of a site that the form has pools for. Of a place's pools the platform answers from the first that is
 * healthy alone, so a name that is one load balancer needs all nodes in one pool.
 */
const PARTS: Record<GeoForm, readonly PoolPart[]> = {
  srv: ["a", "b", "standby"],
  addresses: ["all", "standby"],
};

export function poolKey(site: string, part: PoolPart): string {
  return `${site}-${part}`;
}

/**
 * The sites of a steered name down to those that own pools: a wide region stands for its POPs, so that a
 * node is an origin of one pool wherever it is used.
 */
export function poolSites(tier: Tier, geo: GeoSteering, tree: Tree): PoolSite[] {
  if (tier.kind !== "global") {
    return geo.sites.map((site) => ({ ...site, region: tier.key, regionServes: site.serves }));
  }
  return geo.sites.flatMap((site): PoolSite[] => {
    const outer = { region: site.key, regionServes: site.serves };
    const inner = tree.regions.find((region) => region.key === site.key)?.geo;
    if (inner === undefined) return [{ ...site, ...outer }];
    return inner.sites.map((pop) => ({ ...pop, ...outer, fallback: [...pop.fallback, ...site.fallback] }));
  });
}

/**
 * Sites whose callers are in a region of Cloudflare's, the one that the platform sends them all to first. By the claim
 * of the site's region, as a platform does that steers in two steps, then by its own: first who names most states and
 * provinces there, then who names the continent, then by key. Countries claim nothing, having lists of their own. In
 * the order of the codes, whatever that of the sites.
 */
export function regionClaimants(
  sites: readonly PoolSite[],
): ReadonlyMap<CloudflareRegion, readonly PoolSite[]> {
  const claims = sites.map((site) => ({
    site,
    outer: cloudflareArea(site.regionServes).regions,
    own: cloudflareArea(site.serves).regions,
  }));
  return new Map(
    CLOUDFLARE_REGIONS.flatMap((code): [CloudflareRegion, PoolSite[]][] => {
      const claimants = claims
        .filter(({ outer }) => outer.has(code))
        .sort(
          (a, b) =>
            compareClaims(a.outer.get(code), b.outer.get(code)) ||
            compareText(a.site.region, b.site.region) ||
            compareClaims(a.own.get(code), b.own.get(code)) ||
            compareText(a.site.key, b.site.key),
        )
        .map(({ site }) => site);
      return claimants.length === 0 ? [] : [[code, claimants]];
    }),
  );
}

export interface CountrySites {
  readonly country: string;
  /** Whom its callers get first: one site, or all POPs of a wide region that do not tell it apart. */
  readonly first: readonly PoolSite[];
  /** Whether an area names it; else it is told for its continent, which is in no region. */
  readonly isNamed: boolean;
}

/**
 * The countries that a place names, or a POP inside it, by code. Inside a wide region the POP that names the country
 * decides, then the one that serves its continent, as a platform does that steers in two steps.
 */
export function countrySites(geo: GeoSteering, sites: readonly PoolSite[]): CountrySites[] {
  const named = sitesByName(sites);
  const countriesTold = ({ serves }: GeoSite) => cloudflareArea(serves).countries;
  const countries = new Set([...geo.sites, ...sites].flatMap(countriesTold));
  return [...countries].sort(compareText).flatMap((country): CountrySites[] => {
    const code: AreaCode = { list: "countries", code: country };
    const place = siteServing(code, geo.sites) ?? geo.sites.find(({ key }) => key === geo.defaultSite);
    const inside = named.get(place?.key ?? "") ?? [];
    const claiming = [...(place === undefined ? [] : [place]), ...inside];
    // A POP that names a country of another region's callers never sees them.
    if (!claiming.some((site) => countriesTold(site).includes(country))) return [];
    const exact = siteServing(code, inside);
    return [
      {
        country,
        first: exact === undefined ? inside : [exact],
        isNamed: claiming.some(({ serves }) => serves.countries.includes(country)),
      },
    ];
  });
}

/**
 * Orders the sites of a name for callers who belong to the given ones, or with none given to the default site: these,
 * those that stand in for them, then all others, the default site first; each once.
 */
export function siteOrders(
  sites: readonly PoolSite[],
  { defaultSite }: GeoSteering,
): (first: readonly PoolSite[]) => PoolSite[] {
  const named = sitesByName(sites);
  const ofDefault = named.get(defaultSite) ?? [];
  return (given) => {
    const first = given.length > 0 ? given : ofDefault;
    const standIns = first.flatMap(({ fallback }) => fallback.flatMap((key) => named.get(key) ?? []));
    return [...new Set([...first, ...standIns, ...ofDefault, ...sites])];
  };
}

/** Sites by their own key, and by that of the region they lie in. */
function sitesByName(sites: readonly PoolSite[]): ReadonlyMap<string, readonly PoolSite[]> {
  const regions = Map.groupBy(sites, ({ region }) => region);
  return new Map([...regions, ...sites.map((site): [string, PoolSite[]] => [site.key, [site]])]);
}

function membersOf({ halves: [a, b], standby }: GeoSite, part: PoolPart): readonly Member[] {
  const members: Record<PoolPart, readonly Member[]> = { a, b, all: [...a, ...b], standby };
  return members[part];
}

const PREFERENCE: Record<PreferredPart, readonly PoolPart[]> = {
  a: ["a", "b", "standby"],
  b: ["b", "a", "standby"],
  all: ["all", "standby"],
};

/** The pools of a site, in the order of preference: the own half, the other, the standby nodes. */
export function sitePools(
  site: GeoSite,
  preferred: PreferredPart,
): { readonly key: string; readonly members: readonly Member[] }[] {
  return PREFERENCE[preferred]
    .map((part) => ({ key: poolKey(site.key, part), members: membersOf(site, part) }))
    .filter(({ members }) => members.length > 0);
}

/** Every pool that the steered names need of their sites, sorted by key, each once. */
export function renderPools(
  steered: readonly { readonly form: GeoForm; readonly sites: readonly PoolSite[] }[],
  tree: Tree,
): Pool[] {
  const nodes = nodesBySlot(tree);
  const pools = new Map<string, Pool>();
  for (const { form, site } of steered.flatMap(({ form, sites }) => sites.map((site) => ({ form, site })))) {
    for (const part of PARTS[form]) {
      const members = [...membersOf(site, part)].sort((x, y) => compareSlots(x.slot, y.slot));
      if (members.length === 0) continue;
      const key = poolKey(site.key, part);
      const heaviest = Math.max(...members.map((member) => member.weight));
      const origins = members.map(
        (member): PoolOrigin => ({
          slot: member.slot,
          address: memberNode(nodes, member.slot).address,
          weight: originWeight(member.weight, heaviest),
        }),
      );
      const cause: Cause = { tier: site.kind, key: site.key };
      pools.set(key, { key, origins, cause });
    }
  }
  return [...pools.values()].sort((x, y) => (x.key < y.key ? -1 : 1));
}

/** Cloudflare takes 0 to 1 in steps of 0.01 (load balancing, origin steering; read 2026-11); 0 would mean none. */
export function originWeight(weight: number, heaviest: number): number {
  return Math.max(1, Math.round((weight / heaviest) * 100)) / 100;
}
