/** How calls fall on the nodes that callers are told of, and which node that is hardest for. */
import { type ShareModel, shares } from "../clients/shares.ts";
import type { OfferedTarget } from "../recovery/offer.ts";
import type { Group, Member } from "../tree.ts";

export interface NodeLoad {
  readonly slot: string;
  /** Calls at once. */
  readonly calls: number;
  /** Calls at once that the node may carry: its capacity times the limit of utilization. */
  readonly limit: number;
}

/** Calls at once of callers who are all told the same targets of one priority. */
export interface Flow {
  readonly calls: number;
  /** Empty where all nodes are gone. */
  readonly targets: readonly OfferedTarget[];
}

/** Calls at once by slot. */
export type Loads = ReadonlyMap<string, number>;

/** Calls at once that a node may carry; undefined where that is not known. */
export type LimitOf = (slot: string) => number | undefined;

/** The targets that answer: of the first priority that has any left. Empty where all are gone. */
export function answeringTargets(
  groups: readonly Group[],
  isGone: (slot: string) => boolean,
): OfferedTarget[] {
  for (const { members } of groups) {
    const left = members.filter(({ slot }) => !isGone(slot));
    if (left.length > 0) return left.map(singleTarget);
  }
  return [];
}

function singleTarget({ slot, weight }: Member): OfferedTarget {
  return { weight, nodes: [{ slot, share: 1 }] };
}

/**
 * The calls that each node carries of the flows. Under `heaviest` every node that a client may choose gets every call
 * of the flow: that is what the clients with this habit do, each by itself, and a large customer is one client.
 */
export function loadsOf(flows: readonly Flow[], model: ShareModel): Map<string, number> {
  const loads = new Map<string, number>();
  for (const flow of flows) {
    const own = flowLoads(flow, model);
    if (flows.length === 1) return own;
    for (const [slot, calls] of own) loads.set(slot, (loads.get(slot) ?? 0) + calls);
  }
  return loads;
}

function flowLoads({ calls, targets }: Flow, model: ShareModel): Map<string, number> {
  const loads = new Map<string, number>();
  const parts = shares(
    targets.map(({ weight }) => weight),
    model,
  );
  for (const [index, { nodes }] of targets.entries()) {
    const part = parts[index] ?? 0;
    if (part === 0) continue;
    for (const { slot, share } of nodes) {
      loads.set(slot, model === "heaviest" ? calls : (loads.get(slot) ?? 0) + calls * part * share);
    }
  }
  return loads;
}

/**
 * The node that is nearest to its limit, or farthest above.
 * @returns undefined where no node has a known limit
 */
export function hardestLoad(loads: Loads, limitOf: LimitOf): NodeLoad | undefined {
  let hardest: NodeLoad | undefined;
  for (const [slot, calls] of loads) {
    const limit = limitOf(slot);
    if (limit === undefined) continue;
    const load = { slot, calls, limit };
    if (hardest === undefined || useOf(load) > useOf(hardest)) hardest = load;
  }
  return hardest;
}

/** Calls as people count them: a part of one is one. */
export function wholeCalls(calls: number): number {
  return Math.ceil(calls - ROUNDING_ERROR);
}

const ROUNDING_ERROR = 1e-6;

/** 1 at the limit. */
export function useOf({ calls, limit }: Pick<NodeLoad, "calls" | "limit">): number {
  return calls / limit;
}
