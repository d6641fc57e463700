/** How many calls at once each region and POP carries: the policy's figures, moved to where they are answered. */
import { nodesBySlot } from "../staticRecords.ts";
import type { Member, Tier, Tree } from "../tree.ts";

export interface ExpectedLoads {
  /** Calls at once that the nodes of a region carry, those of the regions that it answers for included. */
  readonly regions: ReadonlyMap<string, number>;
  /** Calls at once by POP: the policy's figure, else the POP's part of what is left of its region by weight. */
  readonly pops: ReadonlyMap<string, number>;
  /** All of them; undefined where no load is given. */
  readonly total: number | undefined;
}

export function expectedLoads(tree: Tree): ExpectedLoads {
  const given = new Map(Object.entries(tree.policy.expectedLoad));
  const popsOf = Map.groupBy(tree.pops, ({ region }) => region ?? "");
  const regions = new Map<string, number>();
  for (const tier of tree.regions) {
    const own = given.get(tier.key) ?? sumOfGiven(popsOf.get(tier.key) ?? [], given);
    if (own === undefined) continue;
    const answering = answeringRegion(tier);
    regions.set(answering, (regions.get(answering) ?? 0) + own);
  }
  const pops = new Map<string, number>();
  for (const tier of tree.regions) {
    const carried = regions.get(tier.key);
    if (carried === undefined || tier.answeredBy.kind === "region") continue;
    const inside = (popsOf.get(tier.key) ?? []).filter(({ answeredBy }) => answeredBy.kind === "own");
    for (const [pop, calls] of splitOverPops(inside, carried, given, tree)) pops.set(pop, calls);
  }
  const total = regions.size === 0 ? undefined : [...regions.values()].reduce((sum, calls) => sum + calls, 0);
  return { regions, pops, total };
}

/** Calls at once that the tier's nodes carry; undefined where nobody told. */
export function loadOf({ kind, key }: Tier, loads: ExpectedLoads): number | undefined {
  if (kind === "global") return loads.total;
  return (kind === "pop" ? loads.pops : loads.regions).get(key);
}

/** Key of the region whose nodes answer at the tier's name. */
export function answeringRegion({ key, answeredBy }: Tier): string {
  return answeredBy.kind === "region" ? answeredBy.region : key;
}

function sumOfGiven(pops: readonly Tier[], given: ReadonlyMap<string, number>): number | undefined {
  const calls = pops.flatMap(({ key }) => given.get(key) ?? []);
  return calls.length === 0 ? undefined : calls.reduce((sum, each) => sum + each, 0);
}

/** A POP of standby nodes has no part of its own: it is dialed while the primaries are gone. */
function splitOverPops(
  pops: readonly Tier[],
  carried: number,
  given: ReadonlyMap<string, number>,
  tree: Tree,
): [pop: string, calls: number][] {
  const told = pops.flatMap(({ key }) => given.get(key) ?? []);
  const left = Math.max(0, carried - told.reduce((sum, calls) => sum + calls, 0));
  const open = pops
    .filter(({ key }) => !given.has(key))
    .map((pop) => ({ pop, weight: primaryWeight(pop.members, tree) }))
    .filter(({ weight }) => weight > 0);
  const weights = open.reduce((sum, { weight }) => sum + weight, 0);
  return [
    ...pops.flatMap(({ key }): [string, number][] => {
      const calls = given.get(key);
      return calls === undefined ? [] : [[key, calls]];
    }),
    ...open.map(({ pop, weight }): [string, number] => [pop.key, (left * weight) / weights]),
  ];
}

function primaryWeight(members: readonly Member[], tree: Tree): number {
  const nodes = nodesBySlot(tree);
  return members
    .filter(({ slot }) => nodes.get(slot)?.role === "primary")
    .reduce((sum, { weight }) => sum + weight, 0);
}
