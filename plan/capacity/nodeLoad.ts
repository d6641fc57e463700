/** How a load falls on the nodes of a set of which some are gone, and which node that is hardest for. */
import { type ShareModel, shares } from "../clients/shares.ts";
import type { Group, Member } from "../tree.ts";

export interface NodeLoad {
  readonly slot: string;
  /** Calls at once. */
  readonly calls: number;
  /** Calls at once that the node may carry: its capacity times the limit of utilization. */
  readonly limit: number;
}

/** The nodes that answer: of the first priority that has any left. Empty where all are gone. */
export function answeringMembers(
  groups: readonly Group[],
  isGone: (slot: string) => boolean,
): readonly Member[] {
  for (const { members } of groups) {
    const left = members.filter(({ slot }) => !isGone(slot));
    if (left.length > 0) return left;
  }
  return [];
}

/**
 * The node that is nearest to its limit, or farthest above. Under `heaviest` it gets every call: that is what the
 * clients with this habit do, each by itself, and a large customer is one client.
 * @returns undefined where no member has a known limit
 */
export function hardestLoad(
  members: readonly Member[],
  calls: number,
  model: ShareModel,
  limitOf: (slot: string) => number | undefined,
): NodeLoad | undefined {
  const parts = shares(
    members.map(({ weight }) => weight),
    model,
  );
  let hardest: NodeLoad | undefined;
  for (const [index, { slot }] of members.entries()) {
    const limit = limitOf(slot);
    const part = parts[index] ?? 0;
    if (limit === undefined || part === 0) continue;
    const load = { slot, calls: model === "heaviest" ? calls : calls * part, limit };
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
