/** Labels below the domain that the tree takes for itself. The inventory may use none of them. */
import { child, type Fqdn } from "../dns/names.ts";

/** Key of the global name wherever a key is needed. */
export const GLOBAL_KEY = "global";

export type GeoHalf = "a" | "b";

/** Host name of one half of a steered name: `geo-a` for the global name, `geo-<region>-a` for a wide region. */
export function geoHostName(key: string, half: GeoHalf, domain: Fqdn): Fqdn {
  return child(key === GLOBAL_KEY ? `geo-${half}` : `geo-${key}-${half}`, domain);
}

/**
 * What stands behind a steered name: its group of locations, its whole unsteered set; behind one of its sites the
 * site's failover group, the group of its primaries and standby nodes, and the addresses of the latter.
 */
export type PolicyPart = "geo" | "all" | "failover" | "own" | "standby";

/** Label of a name that nobody dials: `<key>--<part>`. */
export function policyLabel(key: string, part: PolicyPart): string {
  return `${key}--${part}`;
}

export function policyName(key: string, part: PolicyPart, domain: Fqdn): Fqdn {
  return child(policyLabel(key, part), domain);
}

/** Label of the group in which a stand-in answers for a site, or for all sites of a steered name. */
export function standInLabel(key: string, standIn: string): string {
  return `${key}--then-${standIn}`;
}
