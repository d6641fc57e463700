/** What the inventory promises to a caller whatever is down, and what of the case says where a platform may differ. */
import type { ClientNetwork } from "../../lab/clientNetworks.ts";
import type { GeoSteering, Tier, Tree } from "../../plan/tree.ts";
import { homeOf, type Place, placesFor } from "../support/callerHome.ts";
import type { Client, Reached } from "../support/reachedNodes.ts";

/** One case, and what both platforms made of it. */
export interface Observation {
  readonly tree: Tree;
  /** The steered name that is dialed. */
  readonly tier: Tier & { readonly geo: GeoSteering };
  readonly client: Client;
  readonly caller: ClientNetwork;
  readonly down: ReadonlySet<string>;
  readonly cloudflare: Reached;
  readonly route53: Reached;
}

/** What the inventory promises, whatever the platforms have in common: who is tried first. */
export function brokenPromises(seen: Observation): string[] {
  const promised = promises(seen);
  const inOneOrderForAll = isAwayFromHome(seen) && answering(seen)?.region !== undefined;
  const isExcused = {
    cloudflare: usesAddresses(seen) || !isPlacedAlike(seen) || inOneOrderForAll,
    route53: isBelowThreshold(seen) || isElsewhereByIpv6(seen),
  };
  return (["cloudflare", "route53"] as const).flatMap((backend) => {
    const { answered, choices } = seen[backend];
    if (!answered || isExcused[backend] || promised[backend].length === 0) return [];
    if (String(choices[0]) === String(promised[backend])) return [];
    return [`promised ${promised[backend]}, ${backend} reaches ${choices[0] ?? "nobody"} first`];
  });
}

/**
 * Living nodes of the first place that has any, standby nodes if no primary is left there. Of a place's nodes Route 53
 * knows those that its set lists.
 */
export function promises(seen: Observation): Readonly<Record<"cloudflare" | "route53", readonly string[]>> {
  const listed = asListed(seen).find((place) => living(seen, place).length > 0);
  return { cloudflare: living(seen, answering(seen)), route53: living(seen, listed) };
}

/** Whether the slots are one place's: a region's, and a POP's inside a wide region. */
export function isOfOnePlace({ tree, tier }: Observation, slots: readonly string[] | undefined): boolean {
  const places = tier.geo.sites.flatMap((site) => {
    const inner = tree.regions.find(({ key }) => site.kind === "region" && key === site.key)?.geo;
    return inner?.sites ?? [site];
  });
  return places.some(({ halves, standby }) =>
    isSubset(
      slots,
      [...halves.flat(), ...standby].map(({ slot }) => slot),
    ),
  );
}

/** Whether the client goes by the addresses of the name itself. */
export function usesAddresses({ client, tier, tree }: Observation): boolean {
  return client === "a-only" || tier.form === "addresses" || !hasStandardSrv(tree);
}

/** `_sip._tls` is in no standard: a client that follows RFC 3263 never asks for it. */
export function hasStandardSrv({ services }: Tree): boolean {
  return services.some(({ transport }) => transport !== "sip-tls");
}

export function isSubset(slots: readonly string[] | undefined, of: readonly string[]): boolean {
  return slots?.every((slot) => of.includes(slot)) ?? false;
}

function placesOfCaller({ tier, tree, caller }: Observation): Place[] {
  return placesFor(tier.geo, tree, caller.location);
}

/** The first place that has a living node. */
export function answering(seen: Observation): Place | undefined {
  return placesOfCaller(seen).find((place) => living(seen, place).length > 0);
}

/** Who of the place should be tried first. */
export function living({ down }: Observation, place: Place | undefined): string[] {
  const up = (slots: readonly string[] = []) => slots.filter((slot) => !down.has(slot)).sort();
  return up(place?.members).length > 0 ? up(place?.members) : up(place?.standby);
}

/** Whether another region answers than the one that the caller belongs to. */
export function isAwayFromHome(seen: Observation): boolean {
  const regionOf = (place: Place | undefined) => (place?.region ?? place?.site)?.key;
  return regionOf(answering(seen)) !== regionOf(placesOfCaller(seen)[0]);
}

/** Whether both platforms reach nodes of that region first. */
export function isOfRegion({ tree, cloudflare, route53 }: Observation, region: string): boolean {
  const slots = tree.nodes.filter((node) => node.region === region).map(({ slot }) => slot);
  return [cloudflare, route53].every(({ choices }) => isSubset(choices[0], slots));
}

/** Whether a place that Route 53 passes or ends at, or the region that it stands for, has some nodes up and too few. */
export function isBelowThreshold(seen: Observation): boolean {
  const places = asListed(seen);
  const last = places.findIndex((place) => living(seen, place).length > 0);
  const all = ({ members, standby }: Place) => [...members, ...standby];
  const counted = places
    .slice(0, last + 1)
    .flatMap((place) => [
      all(place),
      place.members,
      places.filter(({ region }) => region !== undefined && region === place.region).flatMap(all),
    ]);
  return counted.some((slots) => {
    const up = slots.filter((slot) => !seen.down.has(slot)).length;
    return up > 0 && up < Math.min(seen.tree.policy.probe.healthyNodes, slots.length);
  });
}

/** Whether Route 53 leads to nodes without IPv6 as promised, and besides these to nodes that have it. */
export function isElsewhereByIpv6(seen: Observation): boolean {
  const promised = promises(seen).route53;
  const [first = []] = seen.route53.choices;
  const hasIpv6 = (slot: string) =>
    seen.tree.nodes.some((node) => node.slot === slot && node.address6 !== undefined);
  return (
    seen.client === "rfc3263" &&
    usesAddresses(seen) &&
    promised.length > 0 &&
    promised.every((slot) => first.includes(slot) && !hasIpv6(slot)) &&
    first.every((slot) => promised.includes(slot) || hasIpv6(slot))
  );
}

/** The caller's places with the nodes that the sets at Route 53 list. */
function asListed(seen: Observation): Place[] {
  const tiers = [...seen.tree.pops, ...seen.tree.regions];
  return placesOfCaller(seen).map((place) => {
    const groups = tiers.find(({ key }) => key === place.site.key)?.groups ?? [];
    const [members = [], standby = []] = groups.map((group) => group.members.map(({ slot }) => slot));
    return { ...place, members, standby };
  });
}

/** Whether Cloudflare can be told of the caller's place just what tree.json says of it. */
export function isPlacedAlike(seen: Observation): boolean {
  const { path, areas } = homeOf(seen.tier.geo, seen.tree, seen.caller.location);
  const { continent, country, cloudflareRegion } = seen.caller.location;
  if (path.every(({ by }) => by === "country")) return true;
  if (areas.some(({ countries }) => countries.includes(country ?? ""))) return false;
  if (continent === "NA" && areas.some(({ subdivisions }) => subdivisions.length > 0)) return false;
  if (path.every(({ by }) => by === "default")) return true;
  // Antarctica is in no region: its countries are told one by one.
  return (cloudflareRegion !== undefined || continent === "AN") && path[0]?.by === "continent";
}
