/** Which nodes a set lists, in which order of preference, when there are more than a client reads. */
import type { Policy } from "../inventory/treeSchema.ts";
import { compareSlots, compareText } from "./order.ts";
import type { Group, Member, TreeNode } from "./tree.ts";

/** Priority of the first choice and of the standby nodes, as in the field's usual zones. */
export const PRIMARY_PRIORITY = 10;
export const STANDBY_PRIORITY = 20;

export function toMember(node: TreeNode): Member {
  return { slot: node.slot, weight: node.weight };
}

/**
 * Takes at most `count` nodes, POPs in turn: the first node of each POP, then the second of each, POPs by
 * key and nodes by slot. One node more or less moves at most one other across the cut, because it adds or
 * removes exactly one turn of one POP.
 */
export function spread(nodes: readonly TreeNode[], count: number): TreeNode[] {
  const turnsTaken = new Map<string, number>();
  const turns = [...nodes]
    .sort((a, b) => compareSlots(a.slot, b.slot))
    .map((node) => {
      const turn = turnsTaken.get(node.pop) ?? 0;
      turnsTaken.set(node.pop, turn + 1);
      return { node, turn };
    });
  turns.sort((a, b) => a.turn - b.turn || compareText(a.node.pop, b.node.pop));
  return turns
    .slice(0, count)
    .map(({ node }) => node)
    .sort((a, b) => compareSlots(a.slot, b.slot));
}

/**
 * The groups of an SRV set: primaries first, standby nodes behind them, together at most `maxTargets`.
 * Standby nodes keep up to `standbyTargets` places of a full set. A set without primaries lists its standby
 * nodes alone, at their own priority, so that their rows stay as they are when a primary leaves or returns.
 */
export function groupsOf(
  primaries: readonly TreeNode[],
  standby: readonly TreeNode[],
  sizes: Pick<Policy["setSize"], "maxTargets" | "standbyTargets">,
): Group[] {
  const kept = Math.min(standby.length, sizes.standbyTargets, Math.max(sizes.maxTargets - 1, 0));
  const first = spread(primaries, primaries.length === 0 ? 0 : sizes.maxTargets - kept);
  const second = spread(standby, sizes.maxTargets - first.length);
  return [
    { priority: PRIMARY_PRIORITY, members: first.map(toMember) },
    { priority: STANDBY_PRIORITY, members: second.map(toMember) },
  ].filter((group) => group.members.length > 0);
}

/**
 * Divides nodes into two disjoint halves that differ by at most one. A slot with an odd number goes to the
 * first and with an even one to the second, so that neighbours at one POP part; a surplus moves from the end.
 */
export function halves<T extends { readonly slot: string }>(nodes: readonly T[]): [a: T[], b: T[]] {
  const a: T[] = [];
  const b: T[] = [];
  for (const node of [...nodes].sort((x, y) => compareSlots(x.slot, y.slot))) {
    (Number(/\d*$/.exec(node.slot)?.[0] ?? "") % 2 === 1 ? a : b).push(node);
  }
  while (a.length > b.length + 1) b.push(a.pop() as T);
  while (b.length > a.length) a.push(b.pop() as T);
  const inOrder = (half: T[]) => half.sort((x, y) => compareSlots(x.slot, y.slot));
  return [inOrder(a), inOrder(b)];
}
