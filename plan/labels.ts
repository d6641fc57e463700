/** Labels below the domain that the tree takes for itself. The inventory may use none of them. */
import { child, type Fqdn } from "../dns/names.ts";

/** Key of the global name wherever a key is needed. */
export const GLOBAL_KEY = "global";

export type GeoHalf = "a" | "b";

/** Host name of one half of a steered name: `geo-a` for the global name, `geo-<region>-a` for a wide region. */
export function geoHostName(key: string, half: GeoHalf, domain: Fqdn): Fqdn {
  return child(key === GLOBAL_KEY ? `geo-${half}` : `geo-${key}-${half}`, domain);
}

/** Name below which a routing policy does its work, behind the published name: `<key>--<policy>`. */
export function policyName(key: string, policy: "geo" | "failover" | "all", domain: Fqdn): Fqdn {
  return child(`${key}--${policy}`, domain);
}
