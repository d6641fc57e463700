/**
 * The capacity model: whether the nodes that a name lists carry the expected load, each priority shared in three ways,
 * with every node there, without the one node or POP that is missed most, and for a steered name without one place.
 * Pure. Sets are cut to size, so the time is linear in nodes.
 */
import type { Inventory } from "../../inventory/inventory.ts";
import { SHARE_MODELS, type ShareModel } from "../clients/shares.ts";
import { nodesBySlot } from "../staticRecords.ts";
import type { GeoSteering, Tier, TierKind, Tree } from "../tree.ts";
import { answeringRegion, type ExpectedLoads, expectedLoads } from "./load.ts";
import { answeringMembers, hardestLoad, type NodeLoad, useOf, wholeCalls } from "./nodeLoad.ts";

/** place: a POP of a steered region, or a region of the steered global name, whose callers go to its stand-in. */
export const SITUATIONS = ["all nodes", "one node gone", "one POP gone", "one place gone"] as const;

export type Situation = (typeof SITUATIONS)[number];

export interface CapacityRow {
  readonly tier: TierKind;
  readonly key: string;
  readonly name: string;
  readonly situation: Situation;
  readonly model: ShareModel;
  /** What is gone: a slot, a POP, or a place; absent where everything is there. */
  readonly gone?: string;
  /** Key of the tier whose nodes answer, where it is another. */
  readonly answeredBy?: string;
  /** The node that is hardest put, its calls at once and its limit; absent where no node is left. */
  readonly hardest?: NodeLoad;
  readonly over: boolean;
}

export interface CapacityReport {
  readonly utilizationLimit: number;
  /** Names with a known load whose nodes have known capacities; sorted as the tree: POPs, regions, global. */
  readonly rows: readonly CapacityRow[];
  /** What the model cannot look at: regions without a load, listed nodes without a capacity. */
  readonly unknown: { readonly regions: readonly string[]; readonly nodes: readonly string[] };
}

/** One row that is over its limit, in words. */
export interface CapacityFinding {
  readonly tier: Pick<Tier, "kind" | "key">;
  readonly model: ShareModel;
  readonly situation: Situation;
  /** Calls at once on the node that is hardest put. */
  readonly loadOnNode: number;
  readonly limit: number;
  readonly message: string;
  readonly remedy: string;
}

/** A situation before the calls are shared out. */
interface Case {
  readonly situation: Situation;
  readonly gone?: string;
  readonly answeredBy?: string;
  readonly members: ReturnType<typeof answeringMembers>;
  readonly calls: number;
}

export function capacityReport(tree: Tree, inventory: Inventory): CapacityReport {
  const { utilizationLimit } = tree.policy;
  const limits = new Map(
    inventory.nodes.flatMap(({ slot, capacity }) =>
      capacity === undefined ? [] : [[slot, capacity * utilizationLimit] as const],
    ),
  );
  const loads = expectedLoads(tree);
  const tiers = tiersOf(tree);
  const all = [...tree.pops, ...tree.regions, tree.global].filter(ownsItsAnswer);
  const listed = new Set(
    all.flatMap(({ groups }) => groups.flatMap(({ members }) => members)).map(({ slot }) => slot),
  );
  return {
    utilizationLimit,
    rows: all.flatMap((tier) => tierRows(tier, tiers, loads, tree, (slot) => limits.get(slot))),
    unknown: {
      regions: tree.regions.filter((tier) => !loads.regions.has(answeringRegion(tier))).map(({ key }) => key),
      nodes: tree.nodes.flatMap(({ slot }) => (listed.has(slot) && !limits.has(slot) ? [slot] : [])),
    },
  };
}

/** A name that others answer for adds nothing: its load is on their names. */
function ownsItsAnswer({ answeredBy }: Tier): boolean {
  return answeredBy.kind === "own";
}

function tiersOf(tree: Tree): ReadonlyMap<string, Tier> {
  return new Map([...tree.pops, ...tree.regions].map((tier) => [tier.key, tier]));
}

function loadOf(tier: Tier, loads: ExpectedLoads): number | undefined {
  if (tier.kind === "global") return loads.total;
  return (tier.kind === "pop" ? loads.pops : loads.regions).get(tier.key);
}

function tierRows(
  tier: Tier,
  tiers: ReadonlyMap<string, Tier>,
  loads: ExpectedLoads,
  tree: Tree,
  limitOf: (slot: string) => number | undefined,
): CapacityRow[] {
  const calls = loadOf(tier, loads);
  const listed = tier.groups.flatMap(({ members }) => members);
  if (calls === undefined || listed.every(({ slot }) => limitOf(slot) === undefined)) return [];
  const cases =
    tier.geo === undefined
      ? [
          ...wholeCases(tier, calls),
          ...nodeCases(tier, calls),
          ...(tier.kind === "pop" ? [] : popCases(tier, calls, tiers, loads, tree)),
        ]
      : placeCases(tier.geo, tiers, loads);
  const rows = cases.flatMap((each) => SHARE_MODELS.map((model) => toRow(tier, each, model, limitOf)));
  return worstRows(rows.filter(({ row, known }) => known || row.hardest !== undefined).map(({ row }) => row));
}

function wholeCases({ groups }: Tier, calls: number): Case[] {
  return [{ situation: "all nodes", members: answeringMembers(groups, () => false), calls }];
}

function nodeCases({ groups }: Tier, calls: number): Case[] {
  return (groups[0]?.members ?? []).map(({ slot }) => ({
    situation: "one node gone",
    gone: slot,
    members: answeringMembers(groups, (other) => other === slot),
    calls,
  }));
}

function popCases(
  tier: Tier,
  calls: number,
  tiers: ReadonlyMap<string, Tier>,
  loads: ExpectedLoads,
  tree: Tree,
): Case[] {
  const nodes = nodesBySlot(tree);
  const popOf = (slot: string) => nodes.get(slot)?.pop ?? "";
  const pops = new Set(tier.groups.flatMap(({ members }) => members.map(({ slot }) => popOf(slot))));
  return [...pops].map((pop): Case => {
    const members = answeringMembers(tier.groups, (slot) => popOf(slot) === pop);
    const gone = { situation: "one POP gone", gone: pop } as const;
    if (members.length > 0) return { ...gone, members, calls };
    // The only POP of its region: the first fallback with nodes of its own carries both.
    const fallback = (tree.policy.regions[tier.key]?.fallback ?? [])
      .map((key) => tiers.get(key))
      .find((other) => other !== undefined && ownsItsAnswer(other));
    if (fallback === undefined) return { ...gone, members: [], calls };
    return { ...gone, ...standIn(fallback, calls, loads) };
  });
}

/** A place of a steered name is gone: its callers are sent to the first that stands in for it. */
function placeCases(geo: GeoSteering, tiers: ReadonlyMap<string, Tier>, loads: ExpectedLoads): Case[] {
  return geo.sites.flatMap((site): Case[] => {
    const own = tiers.get(site.key);
    const calls = own === undefined ? undefined : loadOf(own, loads);
    const fallback = tiers.get(site.fallback[0] ?? "");
    if (calls === undefined || fallback === undefined) return [];
    return [{ situation: "one place gone", gone: site.key, ...standIn(fallback, calls, loads) }];
  });
}

function standIn(
  tier: Tier,
  calls: number,
  loads: ExpectedLoads,
): Pick<Case, "answeredBy" | "members" | "calls"> {
  return {
    answeredBy: tier.key,
    members: answeringMembers(tier.groups, () => false),
    calls: calls + (loadOf(tier, loads) ?? 0),
  };
}

function toRow(
  tier: Tier,
  { situation, gone, answeredBy, members, calls }: Case,
  model: ShareModel,
  limitOf: (slot: string) => number | undefined,
): { row: CapacityRow; known: boolean } {
  const hardest = hardestLoad(members, calls, model, limitOf);
  return {
    // A set without any node left says something; one whose nodes have no known capacity does not.
    known: members.length === 0,
    row: {
      tier: tier.kind,
      key: tier.key,
      name: tier.name,
      situation,
      model,
      ...(gone === undefined ? {} : { gone }),
      ...(answeredBy === undefined ? {} : { answeredBy }),
      ...(hardest === undefined ? {} : { hardest }),
      over: hardest !== undefined && wholeCalls(hardest.calls) > hardest.limit,
    },
  };
}

/** Of each situation and model the worst: nobody left, else the highest use. */
function worstRows(rows: readonly CapacityRow[]): CapacityRow[] {
  const worst = new Map<string, CapacityRow>();
  for (const row of rows) {
    const key = `${row.situation} ${row.model}`;
    const known = worst.get(key);
    if (known === undefined || isWorse(row, known)) worst.set(key, row);
  }
  return [...worst.values()];
}

function isWorse(a: CapacityRow, b: CapacityRow): boolean {
  const use = ({ hardest }: CapacityRow) =>
    hardest === undefined ? Number.POSITIVE_INFINITY : useOf(hardest);
  return use(a) > use(b);
}

/** What is over its limit. */
export function capacityFindings(tree: Tree, inventory: Inventory): CapacityFinding[] {
  return capacityReport(tree, inventory).rows.flatMap((row): CapacityFinding[] => {
    const { hardest } = row;
    if (!row.over || hardest === undefined) return [];
    return [
      {
        tier: { kind: row.tier, key: row.key },
        model: row.model,
        situation: row.situation,
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

function findingText({ situation, gone, model }: CapacityRow, { slot, calls, limit }: NodeLoad): string {
  const when = situation === "all nodes" ? "with every node there" : `without ${gone}`;
  const over = `${slot} carries ${wholeCalls(calls)} calls at once, and its limit is ${Math.floor(limit)}`;
  return `${when} and ${MODEL_TEXT[model]}, ${over}`;
}
