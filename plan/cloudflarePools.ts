/** Pools of a steered name at Cloudflare, and the order in which each place prefers them. */

import type { Area } from "../inventory/treeSchema.ts";
import type { GeoHalf } from "./labels.ts";
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

export function poolKey(site: string, part: GeoHalf | "standby"): string {
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

/** The pools of a site, in the order that a caller of `half` prefers them: own half, other half, standby. */
export function sitePoolKeys(site: GeoSite, half: GeoHalf): string[] {
  const [a, b] = site.halves;
  const members: Record<GeoHalf, readonly Member[]> = { a, b };
  const order: GeoHalf[] = half === "a" ? ["a", "b"] : ["b", "a"];
  const keys = order.filter((part) => members[part].length > 0).map((part) => poolKey(site.key, part));
  return site.standby.length > 0 ? [...keys, poolKey(site.key, "standby")] : keys;
}

/** Every pool of the sites, sorted by key, each once. */
export function renderPools(sites: readonly PoolSite[], tree: Tree): Pool[] {
  const nodes = nodesBySlot(tree);
  const pools = new Map<string, Pool>();
  for (const site of sites) {
    const [a, b] = site.halves;
    const parts: [GeoHalf | "standby", readonly Member[]][] = [
      ["a", a],
      ["b", b],
      ["standby", site.standby],
    ];
    for (const [part, members] of parts) {
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
