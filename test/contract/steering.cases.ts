/**
 * What both platforms must do alike: who dials, from where, while what is down. And where they may differ: each
 * difference with its reason and with the cases that it is for; any other one is a fault.
 */
import { CLIENT_NETWORKS, type ClientNetwork } from "../../lab/clientNetworks.ts";
import type { Asker } from "../../lab/dns/zoneData.ts";
import type { GeoSteering, Tier, Tree } from "../../plan/tree.ts";
import { type Home, homeOf } from "../support/callerHome.ts";
import type { Client, Reached } from "../support/reachedNodes.ts";

export const CLIENTS: readonly Client[] = ["rfc3263", "a-only"];

/** Callers of every continent, of both coasts and the middle of the USA, of its neighbours, and of nowhere. */
export const CALLERS: readonly ClientNetwork[] = [
  ...CLIENT_NETWORKS,
  { city: "nowhere", network: "233.252.0.0/24", location: {} },
];

export function askerIn({ network }: ClientNetwork): Asker {
  const [address = "", prefixLength] = network.split("/");
  return { address: "127.0.0.1", subnet: { address, prefixLength: Number(prefixLength) } };
}

/** What is down. */
export interface Situation {
  readonly title: string;
  readonly down: ReadonlySet<string>;
}

export function situations({ nodes, pops, regions }: Tree): Situation[] {
  const situation = (title: string, isDown: (node: Tree["nodes"][number]) => boolean): Situation => ({
    title,
    down: new Set(nodes.filter(isDown).map(({ slot }) => slot)),
  });
  return [
    situation("all healthy", () => false),
    ...nodes.map(({ slot }) => situation(`${slot} down`, (node) => node.slot === slot)),
    ...pops.map(({ key }) => situation(`POP ${key} down`, (node) => node.pop === key)),
    ...regions.map(({ key }) => situation(`region ${key} down`, (node) => node.region === key)),
    situation("everything down", () => true),
  ];
}

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

/** What of two answers is compared: who is tried first, who after these have failed, how many one answer names. */
export type Aspect = "first choice" | "after that" | "offered at once";

export function aspectOf(aspect: Aspect, { choices, offeredAtOnce }: Reached): unknown {
  switch (aspect) {
    case "first choice":
      return choices[0] ?? [];
    case "after that":
      return choices.slice(1);
    case "offered at once":
      return offeredAtOnce;
  }
}

export const ASPECTS: readonly Aspect[] = ["first choice", "after that", "offered at once"];

export interface Difference {
  readonly id: string;
  readonly aspect: Aspect;
  readonly reason: string;
  /** Whether the case is one that the reason speaks of. Asked in the order of the list. */
  readonly explains: (observation: Observation) => boolean;
}

/** Unsteered names differ in nothing. Steered ones: */
export const DIFFERENCES: readonly Difference[] = [
  {
    id: "home-down",
    aspect: "first choice",
    reason:
      "Nobody of the caller's own place is up. Route 53 answers with the whole set of the region that stands in, or " +
      "with that of the name; Cloudflare with the next pool in order, which is one place's.",
    explains: (seen) =>
      livingHome(seen).length === 0 && seen.cloudflare.choices.length > 0 && seen.route53.choices.length > 0,
  },
  {
    id: "threshold",
    aspect: "first choice",
    reason:
      "Fewer nodes of a place are up than `probe.healthyNodes` asks for. Route 53 turns to who stands in; a pool at " +
      "Cloudflare needs one node, since a half may have no more.",
    explains: isBelowThreshold,
  },
  {
    id: "addresses-of-standby",
    aspect: "first choice",
    reason:
      "All primaries of the place are down and a standby node is up. Route 53's address sets list primaries alone, so " +
      "their check hands the caller to the stand-in; Cloudflare's next pool is the standby nodes'.",
    explains: (seen) =>
      usesAddresses(seen) && isSubset(seen.cloudflare.choices[0], homeOfCaller(seen).standby),
  },
  {
    id: "half",
    aspect: "first choice",
    reason:
      "The load balancer at the name itself prefers the first half of a place while one of it is up: it shares the " +
      "pools of the two halves' host names, since pools are few.",
    explains: (seen) =>
      usesAddresses(seen) &&
      seen.tier.form === "srv" &&
      isSubset(seen.cloudflare.choices[0], livingHome(seen)),
  },
  {
    id: "regions-of-cloudflare",
    aspect: "first choice",
    reason:
      "Cloudflare places callers by 13 regions and by single countries: it tells no state of the USA from another on " +
      "the same side, knows no Antarctica, and has one list per country for all that a name steers to.",
    explains: (seen) => !isPlacedAlike(seen) && isOfOnePlace(seen, seen.cloudflare.choices[0]),
  },
  {
    id: "set-size",
    aspect: "first choice",
    reason:
      "A set at Route 53 lists no more nodes than clients read. A pool at Cloudflare holds all: one answer is one of them.",
    explains: (seen) =>
      listedAtRoute53(seen) < homeOfCaller(seen).members.length + homeOfCaller(seen).standby.length &&
      isSubset(seen.route53.choices[0] ?? [], livingHome(seen)),
  },
  {
    id: "net",
    aspect: "after that",
    reason:
      "Below Enterprise, Cloudflare steers addresses and no SRV set: behind the two steered hosts stands one static " +
      "net for all callers. Route 53 steers the set itself, in which the place's standby nodes come next.",
    explains: (seen) => {
      const { tier, down } = seen;
      const { choices } = seen.cloudflare;
      // A net of one node is not published: some clients never try a target that is alone in its priority.
      const published = tier.geo.net.length < 2 ? [] : tier.geo.net;
      const net = published.map(({ slot }) => slot).filter((slot) => !down.has(slot));
      const behind = net.filter((slot) => !choices[0]?.includes(slot)).sort();
      const expected = !usesAddresses(seen) && behind.length > 0 ? [behind] : [];
      return JSON.stringify(choices.slice(1)) === JSON.stringify(expected);
    },
  },
  {
    id: "one-address",
    aspect: "offered at once",
    reason:
      "A load balancer at Cloudflare answers with one address, so that a client gets one for each half, or one at " +
      "the name itself; Route 53 answers with the whole set.",
    explains: (seen) => {
      const { choices, offeredAtOnce } = seen.cloudflare;
      if (usesAddresses(seen)) return offeredAtOnce === 1;
      // A node of the first choice may stand in the net as well, and is then offered for certain.
      const inNet = seen.tier.geo.net.filter(({ slot }) => choices[0]?.includes(slot)).length;
      return offeredAtOnce <= 2 + inNet;
    },
  },
];

/** What the inventory promises, whatever the platforms have in common: who is tried first while the caller's place is up. */
export function brokenPromises(seen: Observation): string[] {
  const promised = livingHome(seen).toSorted();
  if (usesAddresses(seen) || promised.length === 0) return [];
  const first = { cloudflare: seen.cloudflare.choices[0] ?? [], route53: seen.route53.choices[0] ?? [] };
  const isCut = listedAtRoute53(seen) < homeOfCaller(seen).members.length + homeOfCaller(seen).standby.length;
  const kept = {
    cloudflare: !isPlacedAlike(seen) || String(first.cloudflare) === String(promised),
    route53:
      isBelowThreshold(seen) ||
      (isCut
        ? isSubset(first.route53, homeOfCaller(seen).members.concat(homeOfCaller(seen).standby))
        : String(first.route53) === String(promised)),
  };
  return (["cloudflare", "route53"] as const)
    .filter((backend) => !kept[backend])
    .map((backend) => `promised ${promised}, ${backend} reaches ${first[backend]} first`);
}

/** Whether the slots are one place's: a region's, and a POP's inside a wide region. */
function isOfOnePlace({ tree, tier }: Observation, slots: readonly string[] | undefined): boolean {
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
function usesAddresses({ client, tier, tree }: Observation): boolean {
  return client === "a-only" || tier.form === "addresses" || !hasStandardSrv(tree);
}

/** `_sip._tls` is in no standard: a client that follows RFC 3263 never asks for it. */
export function hasStandardSrv({ services }: Tree): boolean {
  return services.some(({ transport }) => transport !== "sip-tls");
}

function isSubset(slots: readonly string[] | undefined, of: readonly string[]): boolean {
  return slots?.every((slot) => of.includes(slot)) ?? false;
}

function homeOfCaller({ tier, tree, caller }: Observation): Home {
  return homeOf(tier.geo, tree, caller.location);
}

/** Who of the caller's own place should be tried first. */
function livingHome(seen: Observation): readonly string[] {
  const { members, standby } = homeOfCaller(seen);
  const living = (slots: readonly string[]) => slots.filter((slot) => !seen.down.has(slot));
  return living(members).length > 0 ? living(members) : living(standby);
}

/** At the caller's place or at the region that it lies in. */
function isBelowThreshold({ tree, tier, caller, down }: Observation): boolean {
  const { healthyNodes } = tree.policy.probe;
  return homeOf(tier.geo, tree, caller.location).path.some(({ site }) => {
    const slots = [...site.halves.flat(), ...site.standby].map(({ slot }) => slot);
    return slots.filter((slot) => !down.has(slot)).length < Math.min(healthyNodes, slots.length);
  });
}

/** Nodes in the set that Route 53 answers with for the caller's place. */
function listedAtRoute53(seen: Observation): number {
  const site = homeOfCaller(seen).path.at(-1)?.site;
  const answering = [...seen.tree.pops, ...seen.tree.regions].find(({ key }) => key === site?.key);
  return (answering?.groups ?? []).flatMap(({ members }) => members).length;
}

/** Whether Cloudflare can be told of the caller's place just what tree.json says of it. */
function isPlacedAlike(seen: Observation): boolean {
  const { path, areas } = homeOfCaller(seen);
  const { continent, country, cloudflareRegion } = seen.caller.location;
  if (path.every(({ by }) => by === "country")) return true;
  if (areas.some(({ countries }) => countries.includes(country ?? ""))) return false;
  if (continent === "NA" && areas.some(({ subdivisions }) => subdivisions.length > 0)) return false;
  if (path.every(({ by }) => by === "default")) return true;
  return cloudflareRegion !== undefined && path[0]?.by === "continent";
}
