/**
 * The capacity model: whether the nodes that callers are told of carry the expected load, each priority shared in three
 * ways, with every node there and without the one node, POP or place that is missed most. Pure. Linear in nodes: sets
 * are cut to size, and of a pool those two are tried whose loss is felt most.
 */
import type { Inventory } from "../../inventory/inventory.ts";
import type { ShareModel } from "../clients/shares.ts";
import type { Backend } from "../rendering.ts";
import type { Tier, Tree } from "../tree.ts";
import { answeringRegion, type ExpectedLoads, expectedLoads, loadOf } from "./load.ts";
import { type LimitOf, type NodeLoad, wholeCalls } from "./nodeLoad.ts";
import { type CapacityRow, type Situation, worstRows } from "./row.ts";
import { steeredCases } from "./steered.ts";
import { unsteeredCases } from "./unsteered.ts";

export interface CapacityReport {
  readonly utilizationLimit: number;
  /** Names with a known load whose nodes have known capacities; sorted as the tree: POPs, regions, global. */
  readonly rows: readonly CapacityRow[];
  /** What the model cannot look at: regions without a load, nodes without a capacity that some name leads to. */
  readonly unknown: { readonly regions: readonly string[]; readonly nodes: readonly string[] };
}

/** One row that is over its limit, in words. */
export interface CapacityFinding {
  readonly tier: Pick<Tier, "kind" | "key">;
  readonly model: ShareModel;
  readonly situation: Situation;
  readonly backend?: Backend;
  /** Calls at once on the node that is hardest put. */
  readonly loadOnNode: number;
  readonly limit: number;
  readonly message: string;
  readonly remedy: string;
}

/** @param backends the platforms that serve the tree: they decide what callers of a steered name are told. */
export function capacityReport(
  tree: Tree,
  inventory: Inventory,
  backends: readonly Backend[],
): CapacityReport {
  const { utilizationLimit } = tree.policy;
  const limits = new Map(
    inventory.nodes.flatMap(({ slot, capacity }) =>
      capacity === undefined ? [] : [[slot, capacity * utilizationLimit] as const],
    ),
  );
  const loads = expectedLoads(tree);
  const tiers = [...tree.pops, ...tree.regions, tree.global].filter(ownsItsAnswer);
  const told = new Set(tiers.flatMap((tier) => slotsTold(tier, backends)));
  return {
    utilizationLimit,
    rows: tiers.flatMap((tier) => tierRows(tier, loads, tree, backends, (slot) => limits.get(slot))),
    unknown: {
      regions: tree.regions.filter((tier) => !loads.regions.has(answeringRegion(tier))).map(({ key }) => key),
      nodes: tree.nodes.flatMap(({ slot }) => (told.has(slot) && !limits.has(slot) ? [slot] : [])),
    },
  };
}

/** A name that others answer for adds nothing: its load is on their names. */
function ownsItsAnswer({ answeredBy }: Tier): boolean {
  return answeredBy.kind === "own";
}

/** Those that the name lists, and at Cloudflare those in the pools behind it. */
function slotsTold({ groups, geo }: Tier, backends: readonly Backend[]): string[] {
  const sites = backends.includes("cloudflare") ? (geo?.sites ?? []) : [];
  return [
    ...groups.flatMap(({ members }) => members),
    ...sites.flatMap(({ halves, standby }) => [...halves.flat(), ...standby]),
  ].map(({ slot }) => slot);
}

function tierRows(
  tier: Tier,
  loads: ExpectedLoads,
  tree: Tree,
  backends: readonly Backend[],
  limitOf: LimitOf,
): CapacityRow[] {
  const calls = loadOf(tier, loads);
  const { geo } = tier;
  if (calls === undefined || slotsTold(tier, backends).every((slot) => limitOf(slot) === undefined))
    return [];
  if (geo === undefined) return worstRows(tier, unsteeredCases(tier, calls, loads, tree), limitOf);
  const cases = backends.flatMap((backend) =>
    backend === "static"
      ? unsteeredCases(tier, calls, loads, tree).map((each) => ({ ...each, backend }))
      : steeredCases(tier, geo, tree, backend, loads),
  );
  return worstRows(tier, cases, limitOf);
}

/** What is over its limit. */
export function capacityFindings(
  tree: Tree,
  inventory: Inventory,
  backends: readonly Backend[],
): CapacityFinding[] {
  return capacityReport(tree, inventory, backends).rows.flatMap((row): CapacityFinding[] => {
    const { hardest, backend } = row;
    if (!row.over || hardest === undefined) return [];
    return [
      {
        tier: { kind: row.tier, key: row.key },
        model: row.model,
        situation: row.situation,
        ...(backend === undefined ? {} : { backend }),
        loadOnNode: wholeCalls(hardest.calls),
        limit: Math.floor(hardest.limit),
        message: findingText(row, hardest),
        remedy: "add a node, raise its capacity, or share the region's calls with another POP",
      },
    ];
  });
}

const MODEL_TEXT: Readonly<Record<ShareModel, string>> = {
  proportional: "calls shared by weight",
  uniform: "calls shared evenly",
  heaviest: "all calls at one node, as Kamailio sends them with its defaults",
};

function findingText(
  { situation, gone, model, callers }: CapacityRow,
  { slot, calls, limit }: NodeLoad,
): string {
  const when = situation === "all nodes" ? "with every node there" : `without ${gone}`;
  const who = callers === undefined ? "" : `, all callers ${callers}`;
  const over = `${slot} carries ${wholeCalls(calls)} calls at once, and its limit is ${Math.floor(limit)}`;
  return `${when}${who} and ${MODEL_TEXT[model]}, ${over}`;
}
