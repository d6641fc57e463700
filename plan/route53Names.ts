/** Where the sets of a tier are owned at Route 53: at the published name, or at names behind it that nobody dials. */
import type { Fqdn } from "../dns/names.ts";
import { type DnsRecord, setKey } from "../dns/records.ts";
import { GLOBAL_KEY, policyName } from "./labels.ts";
import type { GeoSite, Tier, Tree } from "./tree.ts";

/** What is steered: the SRV set of one service, or the addresses of one family at the name itself. */
export interface Question {
  readonly type: DnsRecord["type"];
  /** The owner name of the set below `name`. */
  readonly ownedBy: (name: Fqdn) => Fqdn;
}

export function tierKey(tier: Tier): string {
  return tier.kind === "global" ? GLOBAL_KEY : tier.key;
}

/** Where the tier's plain sets are owned: at the published name itself unless that name is steered. */
export function plainName(tier: Tier, tree: Tree): Fqdn {
  return tier.geo === undefined ? tier.name : policyName(tierKey(tier), "all", tree.domain);
}

/** Whether the type is not published at the tier's name, and is asked for from above. */
export function isHidden(tier: Tier, type: DnsRecord["type"], tree: Tree): boolean {
  const { geo, form } = tree.global;
  return (
    type === "SRV" &&
    tier.kind === "region" &&
    tier.form === "addresses" &&
    geo !== undefined &&
    form === "srv"
  );
}

/** The name at which the tier answers for the type, steered where the tier is. */
export function answeringName(tier: Tier, type: DnsRecord["type"], tree: Tree): Fqdn {
  if (!isHidden(tier, type, tree)) return tier.name;
  return policyName(tierKey(tier), tier.geo === undefined ? "all" : "geo", tree.domain);
}

/** The tree, and what stands behind its sites. */
export interface Behind {
  readonly tree: Tree;
  /** Keys of the address sets of the sites' standby nodes. */
  readonly standbySets: ReadonlySet<string>;
}

export function hasStandbySet(
  site: GeoSite,
  type: DnsRecord["type"],
  { tree, standbySets }: Behind,
): boolean {
  return standbySets.has(setKey({ name: policyName(site.key, "standby", tree.domain), type }));
}
