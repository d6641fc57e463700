/** One line of the capacity model: a name, what is gone, how clients share calls, and the node that is hardest put. */
import { SHARE_MODELS, type ShareModel } from "../clients/shares.ts";
import type { Backend } from "../rendering.ts";
import type { Tier, TierKind } from "../tree.ts";
import { hardestLoad, type LimitOf, type Loads, type NodeLoad, useOf, wholeCalls } from "./nodeLoad.ts";

/** place: a POP of a steered region, or a region of the steered global name, whose callers go to its stand-in. */
export const SITUATIONS = ["all nodes", "one node gone", "one POP gone", "one place gone"] as const;

export type Situation = (typeof SITUATIONS)[number];

export interface CapacityRow {
  readonly tier: TierKind;
  readonly key: string;
  readonly name: string;
  readonly situation: Situation;
  readonly model: ShareModel;
  /** Platform at which it is so; absent: wherever the tree is served. */
  readonly backend?: Backend;
  /** Those who know no SRV and are told something else than the others; absent: all callers of the name. */
  readonly callers?: "by address";
  /** What is gone: a slot, a POP, or a place; absent where everything is there. */
  readonly gone?: string;
  /** Key of the tier whose nodes answer, where it is another. */
  readonly answeredBy?: string;
  /** The node that is hardest put, its calls at once and its limit; absent where no node is left. */
  readonly hardest?: NodeLoad;
  readonly over: boolean;
}

/** A situation of a name with the calls shared out. */
export interface Case extends Pick<CapacityRow, "situation" | "backend" | "callers" | "gone" | "answeredBy"> {
  /** Empty where no node is left. */
  loads(model: ShareModel): Loads;
}

/** Of each situation and model the worst: nobody left, else the highest use. */
export function worstRows(tier: Tier, cases: readonly Case[], limitOf: LimitOf): CapacityRow[] {
  const worst = new Map<string, CapacityRow>();
  for (const each of cases) {
    for (const model of SHARE_MODELS) {
      const row = toRow(tier, each, model, limitOf);
      if (row === undefined) continue;
      const key = [row.backend, row.callers, row.situation, model].join("\n");
      const known = worst.get(key);
      if (known === undefined || rank(row) > rank(known)) worst.set(key, row);
    }
  }
  return [...worst.values()];
}

/** Undefined where the nodes that are left have no known capacity: nothing can be said of them. */
function toRow(tier: Tier, each: Case, model: ShareModel, limitOf: LimitOf): CapacityRow | undefined {
  const { loads: sharedOut, ...situation } = each;
  const loads = sharedOut(model);
  const hardest = hardestLoad(loads, limitOf);
  if (hardest === undefined && loads.size > 0) return undefined;
  return {
    tier: tier.kind,
    key: tier.key,
    name: tier.name,
    ...situation,
    model,
    ...(hardest === undefined ? {} : { hardest }),
    over: hardest !== undefined && wholeCalls(hardest.calls) > hardest.limit,
  };
}

function rank({ hardest }: CapacityRow): number {
  return hardest === undefined ? Number.POSITIVE_INFINITY : useOf(hardest);
}
