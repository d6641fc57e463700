/**
 * What both platforms must do alike: who dials, from where, while what is down. And where they may differ: each
 * difference with its reason and with the cases that it is for; any other one is a fault.
 */
import { CLIENT_NETWORKS, type ClientNetwork } from "../../lab/clientNetworks.ts";
import type { Asker } from "../../lab/dns/zoneData.ts";
import type { GeoSteering, Tier, Tree } from "../../plan/tree.ts";
import type { Client, Reached } from "../support/reachedNodes.ts";
import {
  answering,
  isAwayFromHome,
  isBelowThreshold,
  isElsewhereByIpv6,
  isOfOnePlace,
  isOfRegion,
  isPlacedAlike,
  isSubset,
  living,
  type Observation,
  promises,
  usesAddresses,
} from "./steering.promises.ts";

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

export function situations({ nodes, pops, regions, global }: Tree): Situation[] {
  const situation = (title: string, isDown: (node: Tree["nodes"][number]) => boolean): Situation => ({
    title,
    down: new Set(nodes.filter(isDown).map(({ slot }) => slot)),
  });
  return [
    situation("all healthy", () => false),
    ...nodes.map(({ slot }) => situation(`${slot} down`, (node) => node.slot === slot)),
    ...pops.map(({ key }) => situation(`POP ${key} down`, (node) => node.pop === key)),
    ...regions.map(({ key }) => situation(`region ${key} down`, (node) => node.region === key)),
    ...regions
      .filter(({ standby }) => standby.length > 0)
      .map(({ key }) =>
        situation(
          `primaries of region ${key} down`,
          ({ region, role }) => region === key && role === "primary",
        ),
      ),
    ...withStandIn(global).map(([site, standIn]) =>
      situation(`region ${site} and its stand-in ${standIn} down`, ({ region }) =>
        [site, standIn].includes(region),
      ),
    ),
    ...regions
      .flatMap(withStandIn)
      .map(([site, standIn]) =>
        situation(`POP ${site} and its stand-in ${standIn} down`, ({ pop }) => [site, standIn].includes(pop)),
      ),
    situation("everything down", () => true),
  ];
}

/** Each site of a steered name with who answers for it first, where a third one is left. */
function withStandIn({ geo }: Tier): [site: string, standIn: string][] {
  if (geo === undefined || geo.sites.length < 3) return [];
  const others = ({ key, fallback }: GeoSteering["sites"][number]) =>
    [...fallback, geo.defaultSite, ...geo.sites.map((site) => site.key)].find((other) => other !== key);
  return geo.sites.map((site) => [site.key, others(site) ?? ""]);
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
    id: "wide-stand-in",
    aspect: "first choice",
    reason:
      "A wide region stands in for the caller's own. Route 53 steers inside it, as it does its own callers; at " +
      "Cloudflare, where nothing is steered in two steps, its POPs come in one order for everybody.",
    explains: (seen) => {
      const region = answering(seen)?.region;
      return region !== undefined && isAwayFromHome(seen) && isOfRegion(seen, region.key);
    },
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
    id: "standby-without-ipv6",
    aspect: "first choice",
    reason:
      "The standby nodes of a place answer, and none of them has IPv6. At Route 53 its callers are told the standby " +
      "nodes over IPv4 and the next place over IPv6, rather than dead primaries; pools at Cloudflare hold IPv4 alone.",
    explains: isElsewhereByIpv6,
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
      isSubset(seen.cloudflare.choices[0], living(seen, answering(seen))),
  },
  {
    id: "regions-of-cloudflare",
    aspect: "first choice",
    reason:
      "Cloudflare places callers by 13 regions and by single countries: it tells no state of the USA from another on " +
      "the same side, and has one list per country for all that a name steers to.",
    explains: (seen) => !isPlacedAlike(seen) && isOfOnePlace(seen, seen.cloudflare.choices[0]),
  },
  {
    id: "set-size",
    aspect: "first choice",
    reason:
      "A set at Route 53 lists no more nodes than clients read. A pool at Cloudflare holds all: one answer is one of them.",
    explains: (seen) => {
      const { cloudflare, route53 } = promises(seen);
      return (
        String(cloudflare) !== String(route53) && String(route53) === String(seen.route53.choices[0] ?? [])
      );
    },
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
