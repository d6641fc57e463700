/** Loads of a name that tells every caller the same: the set that it lists, first priority first. */
import { nodesBySlot } from "../staticRecords.ts";
import type { Tier, Tree } from "../tree.ts";
import type { ExpectedLoads } from "./load.ts";
import { loadOf } from "./load.ts";
import { answeringTargets, type Flow, loadsOf } from "./nodeLoad.ts";
import type { Case } from "./row.ts";

/** With every node there, without each node of the first priority, and without each POP. */
export function unsteeredCases(tier: Tier, calls: number, loads: ExpectedLoads, tree: Tree): Case[] {
  return [
    toCase({ situation: "all nodes" }, { calls, targets: answeringTargets(tier.groups, () => false) }),
    ...(tier.groups[0]?.members ?? []).map(({ slot }) =>
      toCase(
        { situation: "one node gone", gone: slot },
        { calls, targets: answeringTargets(tier.groups, (other) => other === slot) },
      ),
    ),
    ...(tier.kind === "pop" ? [] : popCases(tier, calls, loads, tree)),
  ];
}

function toCase(situation: Omit<Case, "loads">, flow: Flow): Case {
  return { ...situation, loads: (model) => loadsOf([flow], model) };
}

function popCases(tier: Tier, calls: number, loads: ExpectedLoads, tree: Tree): Case[] {
  const nodes = nodesBySlot(tree);
  const popOf = (slot: string) => nodes.get(slot)?.pop ?? "";
  const pops = new Set(tier.groups.flatMap(({ members }) => members.map(({ slot }) => popOf(slot))));
  return [...pops].map((pop): Case => {
    const targets = answeringTargets(tier.groups, (slot) => popOf(slot) === pop);
    const gone = { situation: "one POP gone", gone: pop } as const;
    if (targets.length > 0) return toCase(gone, { calls, targets });
    // The only POP of its region: the first fallback with nodes of its own carries both.
    const fallback = (tree.policy.regions[tier.key]?.fallback ?? [])
      .map((key) => tree.regions.find((region) => region.key === key))
      .find((region) => region?.answeredBy.kind === "own");
    if (fallback === undefined) return toCase(gone, { calls, targets });
    return toCase(
      { ...gone, answeredBy: fallback.key },
      {
        calls: calls + (loadOf(fallback, loads) ?? 0),
        targets: answeringTargets(fallback.groups, () => false),
      },
    );
  });
}
