/** The tree as text for a terminal, a name a line. */
import type { Fqdn } from "../dns/names.ts";
import type { Tier, Tree, TreeNode } from "../plan/tree.ts";
import { type NodeState, nodeState, outline, type PopBranch, type RegionBranch, weightsDiffer } from "./outline.ts";
import { globalNotes, popNotes, regionNotes } from "./tierNotes.ts";

/** What came of asking for a name. */
export interface Served {
  readonly ok: boolean;
  /** For example `answered by fra1`, one line. */
  readonly text: string;
}

/** A colour or weight put around a text, or nothing at all. It must not change what is seen of the text. */
export type Paint = (text: string) => string;

export interface TreeTextOptions {
  /** Widest line in characters. Where it does not hold, names lose the domain, then notes go on further lines. */
  readonly columns?: number;
  /** By name; names that are not in it were not asked for. */
  readonly served?: ReadonlyMap<Fqdn, Served>;
  readonly paint?: TreePaint;
}

export interface TreePaint {
  readonly name: Paint;
  readonly muted: Paint;
  readonly good: Paint;
  readonly bad: Paint;
  readonly state: Readonly<Record<NodeState, Paint>>;
}

const PLAIN: Paint = (text) => text;

const NO_PAINT: TreePaint = {
  name: PLAIN,
  muted: PLAIN,
  good: PLAIN,
  bad: PLAIN,
  state: { active: PLAIN, standby: PLAIN, draining: PLAIN, planned: PLAIN, down: PLAIN },
};

const STATE_SIGNS: Record<NodeState, string> = {
  active: "●",
  standby: "○",
  draining: "▽",
  planned: "◌",
  down: "✗",
};

/** A line before its width is known. */
interface Entry {
  /** Box characters that lead to the name, and those that lead past it to what stands below. */
  readonly lead: string;
  readonly below: string;
  readonly name: Fqdn;
  /** The label alone, for narrow terminals. */
  readonly key: string;
  readonly state?: NodeState;
  readonly notes: readonly Note[];
}

interface Note {
  readonly text: string;
  readonly paint: Paint;
}

/** Every line ends in a newline. */
export function treeText(tree: Tree, options: TreeTextOptions = {}): string {
  const { columns = Number.POSITIVE_INFINITY, served = new Map(), paint = NO_PAINT } = options;
  const entries = treeEntries(tree, served, paint);
  const forms = [
    alignedLines(entries, ({ name }) => name, paint),
    alignedLines(entries, ({ key }) => key, paint),
  ];
  const lines = forms.find((form) => form.every(({ width }) => width <= columns)) ?? wrappedLines(entries, columns, paint);
  return lines.map(({ text }) => `${text}\n`).join("");
}

function treeEntries(tree: Tree, served: ReadonlyMap<Fqdn, Served>, paint: TreePaint): Entry[] {
  const { global, regions } = outline(tree);
  const withWeights = weightsDiffer(tree);
  const tierEntry = (tier: Tier, notes: readonly string[], place: Place): Entry => ({
    ...place,
    name: tier.name,
    key: tier.kind === "global" ? tier.name : tier.key,
    notes: [
      ...notes.map((text) => ({ text, paint: paint.muted })),
      ...servedNotes(tier.name, served, paint),
    ],
  });
  const nodeEntry = (node: TreeNode, place: Place): Entry => {
    const state = nodeState(node);
    const weight = withWeights ? [{ text: `weight ${node.weight}`, paint: paint.muted }] : [];
    return {
      ...place,
      name: node.name,
      key: node.slot,
      state,
      notes: [
        { text: node.address, paint: paint.muted },
        { text: state, paint: paint.state[state] },
        ...weight,
        ...servedNotes(node.name, served, paint),
      ],
    };
  };
  const popEntries = (pop: PopBranch, place: Place): Entry[] => [
    tierEntry(pop.tier, popNotes(pop), place),
    ...pop.nodes.map((node, i) => nodeEntry(node, placeBelow(place, i === pop.nodes.length - 1))),
  ];
  const regionEntries = (region: RegionBranch, place: Place): Entry[] => [
    tierEntry(region.tier, regionNotes(region), place),
    ...region.pops.flatMap((pop, i) => popEntries(pop, placeBelow(place, i === region.pops.length - 1))),
  ];
  const top: Place = { lead: "", below: "" };
  return [
    tierEntry(global, globalNotes(global), top),
    ...regions.flatMap((region, i) => regionEntries(region, placeBelow(top, i === regions.length - 1))),
  ];
}

type Place = Pick<Entry, "lead" | "below">;

function placeBelow({ below }: Place, last: boolean): Place {
  return { lead: `${below}${last ? "└─ " : "├─ "}`, below: `${below}${last ? "   " : "│  "}` };
}

function servedNotes(name: Fqdn, served: ReadonlyMap<Fqdn, Served>, { good, bad }: TreePaint): Note[] {
  const answer = served.get(name);
  if (answer === undefined) return [];
  return [{ text: `${answer.ok ? "✓" : "✗"} ${answer.text}`, paint: answer.ok ? good : bad }];
}
