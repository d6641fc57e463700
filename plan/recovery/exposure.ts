/** How likely a dead node is met first, and how many dead targets stand before one that answers. */
import { type ShareModel, shares } from "../clients/shares.ts";
import { compareSlots } from "../order.ts";
import type { Offer } from "./offer.ts";

/** What the death of one node, or of one place, means to a client that reads the offer in its own way. */
export interface Exposure {
  /** The node that is dead, or the place. */
  readonly dead: string;
  /** The place whose callers are spoken of, where the name is steered. */
  readonly site?: string;
  /** Part of all callers who meet it first, 0 to 1. */
  readonly share: number;
  /** Targets that may have to be tried and given up before one that answers. */
  readonly deadTargets: number;
  /** Whether any target that the client sees leads to a node that answers. */
  readonly hasLiveTarget: boolean;
}

export interface Reading {
  readonly model: ShareModel;
  /** Whether a priority with one target is dropped where another has several (belle-sip, measured). */
  readonly dropsLonePriorities: boolean;
}

function visible(offer: Offer, { dropsLonePriorities }: Reading): Offer["groups"] {
  const { groups } = offer;
  if (!dropsLonePriorities || groups.every(({ length }) => length === 1)) return groups;
  return groups.filter(({ length }) => length > 1);
}

/** The single node whose death hurts most callers; of several alike the first by slot. */
export function worstNode(offer: Offer, reading: Reading): Exposure {
  const groups = visible(offer, reading);
  const first = groups[0] ?? [];
  const targetShares = shares(
    first.map(({ weight }) => weight),
    reading.model,
  );
  const shareOf = new Map<string, number>();
  for (const [index, { nodes }] of first.entries()) {
    for (const { slot, share } of nodes) {
      shareOf.set(slot, (shareOf.get(slot) ?? 0) + share * (targetShares[index] ?? 0));
    }
  }
  let worst: [slot: string, share: number] | undefined;
  for (const [slot, share] of shareOf) {
    const difference = share - (worst?.[1] ?? 0);
    if (
      worst === undefined ||
      difference > 1e-9 ||
      (difference > -1e-9 && compareSlots(slot, worst[0]) < 0)
    ) {
      worst = [slot, share];
    }
  }
  const [dead = "", share = 0] = worst ?? [];
  return {
    dead,
    ...(offer.site === undefined ? {} : { site: offer.site }),
    share: Math.min(1, share),
    deadTargets: Math.max(1, first.filter(({ nodes }) => nodes.some(({ slot }) => slot === dead)).length),
    hasLiveTarget: hasOther(groups, (slot) => slot === dead),
  };
}

/** Whether a second target leads to a node that answers; one that failed is not looked up again. */
function hasOther(groups: Offer["groups"], isDead: (slot: string) => boolean): boolean {
  const targets = groups.flat();
  const live = targets.filter(({ nodes }) => nodes.some(({ slot }) => !isDead(slot))).length;
  // The target that was tried may be a host name which also leads to nodes that answer.
  const tried = targets.some(({ nodes }) => nodes.length > 1 && nodes.some(({ slot }) => isDead(slot)));
  return live > (tried ? 1 : 0);
}

/** Every node of the place at once: all its callers meet a dead target first. */
export function wholeSite(offer: Offer, reading: Reading): Exposure {
  const isDead = (slot: string) => offer.siteNodes.has(slot);
  const targets = visible(offer, reading).flat();
  const deadTargets = targets.filter(({ nodes }) => nodes.every(({ slot }) => isDead(slot))).length;
  return {
    dead: offer.site ?? "",
    share: 1,
    deadTargets: Math.max(1, deadTargets),
    hasLiveTarget: targets.some(({ nodes }) => nodes.some(({ slot }) => !isDead(slot))),
  };
}

/** The exposure that hurts most: no way on first, then the share, then the targets in the way. */
export function worstOf(exposures: readonly Exposure[]): Exposure {
  const [first, ...others] = exposures;
  if (first === undefined) throw new Error("a name is offered to nobody");
  return others.reduce((worst, other) => (isWorse(other, worst) ? other : worst), first);
}

function isWorse(a: Exposure, b: Exposure): boolean {
  if (a.hasLiveTarget !== b.hasLiveTarget) return !a.hasLiveTarget;
  if (Math.abs(a.share - b.share) > 1e-9) return a.share > b.share;
  return a.deadTargets > b.deadTargets;
}
