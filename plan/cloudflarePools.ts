/** Pools of a steered name at Cloudflare, and the order in which each place prefers them. */
import type { Area, GeoForm } from "../inventory/treeSchema.ts";
import { CLOUDFLARE_REGIONS, type CloudflareRegion, cloudflareArea } from "./areas.ts";
import type { GeoHalf } from "./labels.ts";
import { compareSlots } from "./order.ts";
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
 * Sites that claim a region of Cloudflare's, the one with the most area codes in it first: where there are several,
 * the platform sends every caller of the region to the first. In the order of the codes.
 */
export function regionClaimants(
  sites: readonly PoolSite[],
): ReadonlyMap<CloudflareRegion, readonly PoolSite[]> {
  const claims = sites.map((site) => ({
    site,
    served: cloudflareArea(site.regionServes).regions,
    own: cloudflareArea(site.serves).regions,
  }));
  return new Map(
    CLOUDFLARE_REGIONS.flatMap((code): [CloudflareRegion, PoolSite[]][] => {
      const claimants = claims
        .filter(({ served }) => served.has(code))
        .sort((a, b) => (b.own.get(code) ?? 0) - (a.own.get(code) ?? 0))
        .map(({ site }) => site);
      return claimants.length === 0 ? [] : [[code, claimants]];
    }),
  );
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
export function sitePoolKeys(site: GeoSite, preferred: PreferredPart): string[] {
  return PREFERENCE[preferred]
    .filter((part) => membersOf(site, part).length > 0)
    .map((part) => poolKey(site.key, part));
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
