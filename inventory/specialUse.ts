/**
 * Addresses that no customer can reach: the IANA special-purpose address registries (RFC 6890 as changed by
 * RFC 8190), multicast, and what IANA has not given out for global unicast. As of 2026-11.
 */
import { contains, networkOf } from "./networks.ts";
import type { ADDRESS_EXCEPTIONS } from "./treeSchema.ts";

export interface SpecialUse {
  readonly block: string;
  /** For a message: "is …". */
  readonly use: string;
  readonly source: string;
  /** The exception of `environment.allowAddresses` that lets it pass. */
  readonly exception?: (typeof ADDRESS_EXCEPTIONS)[number];
}

/** First match counts, so the narrower block stands before the wider one. */
const IPV4: readonly SpecialUse[] = [
  { block: "0.0.0.0/8", use: "of this network only", source: "RFC 791" },
  { block: "10.0.0.0/8", use: "private", source: "RFC 1918" },
  { block: "100.64.0.0/10", use: "shared behind carrier NAT", source: "RFC 6598" },
  { block: "127.0.0.0/8", use: "loopback", source: "RFC 1122", exception: "loopback" },
  { block: "169.254.0.0/16", use: "link-local", source: "RFC 3927" },
  { block: "172.16.0.0/12", use: "private", source: "RFC 1918" },
  { block: "192.0.0.0/24", use: "for IETF protocols", source: "RFC 6890" },
  { block: "192.0.2.0/24", use: "for documentation", source: "RFC 5737", exception: "documentation" },
  { block: "192.31.196.0/24", use: "anycast of AS112", source: "RFC 7535" },
  { block: "192.52.193.0/24", use: "for multicast tunnels (AMT)", source: "RFC 7450" },
  { block: "192.88.99.0/24", use: "former 6to4 anycast", source: "RFC 7526" },
  { block: "192.168.0.0/16", use: "private", source: "RFC 1918" },
  { block: "192.175.48.0/24", use: "anycast of AS112", source: "RFC 7534" },
  { block: "198.18.0.0/15", use: "for benchmarks", source: "RFC 2544" },
  { block: "198.51.100.0/24", use: "for documentation", source: "RFC 5737", exception: "documentation" },
  { block: "203.0.113.0/24", use: "for documentation", source: "RFC 5737", exception: "documentation" },
  { block: "224.0.0.0/4", use: "multicast", source: "RFC 5771" },
  { block: "255.255.255.255/32", use: "broadcast", source: "RFC 919" },
  { block: "240.0.0.0/4", use: "reserved", source: "RFC 1112" },
];

const IPV6: readonly SpecialUse[] = [
  { block: "::/128", use: "the unspecified address", source: "RFC 4291" },
  { block: "::1/128", use: "loopback", source: "RFC 4291" },
  { block: "::ffff:0:0/96", use: "an IPv4 address in IPv6 form", source: "RFC 4291" },
  { block: "64:ff9b::/96", use: "for translation from IPv4", source: "RFC 6052" },
  { block: "64:ff9b:1::/48", use: "for local translation from IPv4", source: "RFC 8215" },
  { block: "100::/64", use: "discard-only", source: "RFC 6666" },
  { block: "100:0:0:1::/64", use: "a dummy prefix", source: "RFC 9780" },
  { block: "2001::/32", use: "for Teredo tunnels", source: "RFC 4380" },
  { block: "2001:2::/48", use: "for benchmarks", source: "RFC 5180" },
  { block: "2001:db8::/32", use: "for documentation", source: "RFC 3849", exception: "documentation" },
  { block: "2001::/23", use: "for IETF protocols", source: "RFC 2928" },
  { block: "2002::/16", use: "for 6to4", source: "RFC 3056" },
  { block: "2620:4f:8000::/48", use: "anycast of AS112", source: "RFC 7534" },
  { block: "3fff::/20", use: "for documentation", source: "RFC 9637", exception: "documentation" },
  { block: "5f00::/16", use: "for segment routing", source: "RFC 9602" },
  { block: "fc00::/7", use: "unique local", source: "RFC 4193" },
  { block: "fe80::/10", use: "link-local", source: "RFC 4291" },
  { block: "fec0::/10", use: "former site-local", source: "RFC 3879" },
  { block: "ff00::/8", use: "multicast", source: "RFC 4291" },
];

const withNetwork = (entry: SpecialUse) => ({ entry, network: networkOf(entry.block) });

const NETWORKS = { ipv4: IPV4.map(withNetwork), ipv6: IPV6.map(withNetwork) };

const GLOBAL_UNICAST_6 = networkOf("2000::/3");

/** The special use of an address, given by its 4 or 16 octets, or undefined for one that the public internet routes. */
export function specialUseOf(octets: readonly number[]): SpecialUse | undefined {
  const family = octets.length === 4 ? "ipv4" : "ipv6";
  const found = NETWORKS[family].find(({ network }) => contains(network, octets));
  if (found !== undefined) return found.entry;
  if (family === "ipv4" || contains(GLOBAL_UNICAST_6, octets)) return undefined;
  return {
    block: "outside 2000::/3",
    use: "not given out for global unicast",
    source: "RFC 4291 section 2.4",
  };
}
