/** Where an asker is, from a configured map of client networks: the lab's stand-in for a geolocation database. */
import ipaddr from "ipaddr.js";
import type { Asker } from "../dns/zoneData.ts";

/** A place as the platforms name it; each part is absent where nothing is known. */
export interface Location {
  /** Route 53 continent code: AF, AN, AS, EU, NA, OC, SA. */
  readonly continent?: string;
  /** ISO 3166-1 alpha-2. */
  readonly country?: string;
  /** ISO 3166-2 part after the country, for example `NY`. */
  readonly subdivision?: string;
  /** Cloudflare load balancing region of the data center that answers, for example `WEU`. */
  readonly cloudflareRegion?: string;
}

export interface LocatedNetwork {
  /** CIDR notation, IPv4 or IPv6. */
  readonly network: string;
  readonly location: Location;
}

export type Locate = (asker: Asker) => Location;

/**
 * A lookup by longest prefix. The client subnet is taken where the resolver passed one on, else the resolver's
 * own address; nowhere for an address that no network holds.
 * @throws Error when a network is not in CIDR notation.
 */
export function createLocate(networks: readonly LocatedNetwork[]): Locate {
  const ranges = networks
    .map(({ network, location }) => ({ range: ipaddr.parseCIDR(network), location }))
    .sort((a, b) => b.range[1] - a.range[1]);
  return (asker) => {
    const address = asker.subnet?.address ?? asker.address;
    if (!ipaddr.isValid(address)) return {};
    const where = ipaddr.process(address);
    return ranges.find(({ range }) => where.kind() === range[0].kind() && where.match(range))?.location ?? {};
  };
}
