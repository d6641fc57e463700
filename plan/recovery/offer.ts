/** What a caller is offered at a name: the targets of each priority, and the nodes that each target leads to. */
import { type PoolSite, type PreferredPart, poolSites, sitePools } from "../cloudflarePools.ts";
import { healthyNodes } from "../probe.ts";
import type { Backend } from "../rendering.ts";
import { siteTier } from "../siteTier.ts";
import type { Group, Member, Tier, Tree } from "../tree.ts";

export interface OfferedNode {
  readonly slot: string;
  /** Part of the target's callers that get this node, 0 to 1; a target's nodes make 1. */
  readonly share: number;
}

/** One SRV target, or one address of an answer. */
export interface OfferedTarget {
  readonly weight: number;
  /** Several where the target is a load-balanced host name, which answers with one of them. */
  readonly nodes: readonly OfferedNode[];
}

export interface Offer {
  /** Key of the place whose callers are told this; absent where the name is not steered. */
  readonly site?: string;
  /** First choice first; neither a group nor the list is empty. */
  readonly groups: readonly (readonly OfferedTarget[])[];
  /** Nodes whose loss is the loss of the whole place. */
  readonly siteNodes: ReadonlySet<string>;
}

/** What differs from caller to caller at the tier's name, per platform. */
export interface TierOffers {
  /** Empty where the name has no SRV set. */
  readonly srv: readonly Offer[];
  /** Empty where the name has no addresses; never empty together with `srv`. */
  readonly addresses: readonly Offer[];
  /** Whether a single dead node is taken out by the platform's probes. */
  readonly nodesProbed: boolean;
  readonly steered: boolean;
}

/** Weight of a load-balanced host name: both halves are equal. */
const EQUAL = 1;

export function tierOffers(tier: Tier, tree: Tree, backend: Backend): TierOffers {
  const hasSrv = tier.form === "srv";
  const hasAddresses = tree.policy.tierAddresses || !hasSrv;
  if (tier.geo !== undefined && backend === "cloudflare") {
    const { net } = tier.geo;
    const sites = poolSites(tier, tier.geo, tree);
    return {
      srv: hasSrv ? sites.map((site) => halvesOffer(site, net)) : [],
      addresses: hasAddresses ? sites.map((site) => oneAddressOffer(site, hasSrv ? "a" : "all")) : [],
      nodesProbed: true,
      steered: true,
    };
  }
  if (tier.geo !== undefined && backend === "route53") {
    const offers = tier.geo.sites.map((site) => groupsOffer(siteTier(site, tree).groups, site.key));
    return {
      srv: hasSrv ? offers : [],
      addresses: hasAddresses ? offers.map(firstGroup) : [],
      // One node less is one too few: the place is left as a whole.
      nodesProbed: offers.every(({ siteNodes: { size } }) => healthyNodes(size, tree.policy) === size),
      steered: true,
    };
  }
  const offer = groupsOffer(tier.groups);
  return {
    srv: hasSrv ? [offer] : [],
    addresses: hasAddresses ? [firstGroup(offer)] : [],
    nodesProbed: false,
    steered: false,
  };
}

function single({ slot, weight }: Member): OfferedTarget {
  return { weight, nodes: [{ slot, share: 1 }] };
}

function groupsOffer(groups: readonly Group[], site?: string): Offer {
  return {
    ...(site === undefined ? {} : { site }),
    groups: groups.map(({ members }) => members.map(single)),
    siteNodes: new Set(groups.flatMap(({ members }) => members.map(({ slot }) => slot))),
  };
}

/** What a client that knows no SRV is told of the same nodes: the addresses of the first group. */
function firstGroup(offer: Offer): Offer {
  return { ...offer, groups: offer.groups.slice(0, 1) };
}

/** The two load-balanced host names of a place, and the net of nodes of several places behind them. */
function halvesOffer(site: PoolSite, net: readonly Member[]): Offer {
  const halves = (["a", "b"] as const).map((half) => ({ weight: EQUAL, nodes: poolOf(site, half) }));
  return {
    site: site.key,
    // A net of one is not published: some clients would never see it.
    groups: net.length < 2 ? [halves] : [halves, net.map(({ slot }) => single({ slot, weight: EQUAL }))],
    siteNodes: siteNodes(site),
  };
}

/** A load balancer at the name itself answers with one address. */
function oneAddressOffer(site: PoolSite, preferred: PreferredPart): Offer {
  return {
    site: site.key,
    groups: [[{ weight: EQUAL, nodes: poolOf(site, preferred) }]],
    siteNodes: siteNodes(site),
  };
}

function siteNodes({ halves, standby }: PoolSite): Set<string> {
  return new Set([...halves.flat(), ...standby].map(({ slot }) => slot));
}

/** The first pool with nodes: what is preferred, the other half, the standby nodes. */
function poolOf(site: PoolSite, preferred: PreferredPart): OfferedNode[] {
  const members = sitePools(site, preferred)[0]?.members ?? [];
  const sum = members.reduce((total, { weight }) => total + weight, 0);
  return members.map(({ slot, weight }) => ({ slot, share: weight / sum }));
}
