/** The tree as text for a terminal, a name a line. */
import type { Fqdn } from "../dns/names.ts";
import type { Tier, Tree, TreeNode } from "../plan/tree.ts";
import { type Cell, cellRoom, type Entry, indentedLines, type Paint } from "./indentedLines.ts";
import {
  addressText,
  type NodeState,
  nodeState,
  outline,
  type PopBranch,
  type RegionBranch,
  weightsDiffer,
} from "./outline.ts";
import { globalNotes, popNotes, regionNotes } from "./tierNotes.ts";

/** What came of asking for a name. */
export interface Served {
  readonly ok: boolean;
  /** For example `answered by fra1`: one line, nothing that a terminal would obey. */
  readonly text: string;
}

export interface TreePaint {
  readonly name: Paint;
  readonly muted: Paint;
  readonly good: Paint;
  readonly bad: Paint;
  readonly state: Readonly<Record<NodeState, Paint>>;
}

export interface TreeTextOptions {
  /**
   * Widest line in characters, 40 or more; endless when absent. Notes that do not fit go on further lines, and
   * where that would leave them too little room, names lose the domain.
   */
  readonly columns?: number;
  /** By name; nothing is said of names that are not in it. */
  readonly served?: ReadonlyMap<Fqdn, Served>;
  /** Without it the text is plain. */
  readonly paint?: TreePaint;
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

/** Room for notes, in characters, below which names are shortened. */
const NOTES_ROOM = 26;

/** Every line ends in a newline. */
export function treeText(tree: Tree, options: TreeTextOptions = {}): string {
  const { columns = Number.POSITIVE_INFINITY } = options;
  const whole = treeEntries(tree, options, ({ name }) => name);
  const entries =
    cellRoom(whole, columns) < NOTES_ROOM ? treeEntries(tree, options, ({ key }) => key) : whole;
  return indentedLines(entries, columns)
    .map((line) => `${line}\n`)
    .join("");
}

interface Named {
  readonly name: Fqdn;
  /** The label alone. */
  readonly key: string;
}

function treeEntries(
  tree: Tree,
  { served = new Map(), paint = NO_PAINT }: TreeTextOptions,
  shownName: (named: Named) => string,
): Entry[] {
  const { global, regions } = outline(tree);
  const withWeights = weightsDiffer(tree);
  const widths = columnWidths(tree.nodes);

  const tierEntry = (depth: number, { kind, name, key }: Tier, notes: readonly string[]): Entry => ({
    depth,
    head: [{ text: kind === "global" ? name : shownName({ name, key }), paint: paint.name }],
    cells: [...noteCells(notes, paint), ...servedCells(served.get(name), paint)],
  });
  const nodeEntry = (node: TreeNode): Entry => {
    const state = nodeState(node);
    const weight = { text: `weight ${node.weight}`, paint: paint.muted, width: widths.weight };
    return {
      depth: 3,
      head: [
        { text: `${STATE_SIGNS[state]} `, paint: paint.state[state] },
        { text: shownName({ name: node.name, key: node.slot }), paint: PLAIN },
      ],
      cells: [
        { text: addressText(node), paint: paint.muted, width: widths.address },
        { text: state, paint: paint.state[state], width: widths.state },
        ...(withWeights ? [weight] : []),
        ...servedCells(served.get(node.name), paint),
      ],
    };
  };
  const popEntries = (pop: PopBranch): Entry[] => [
    tierEntry(2, pop.tier, popNotes(pop)),
    ...pop.nodes.map(nodeEntry),
  ];
  const regionEntries = (region: RegionBranch): Entry[] => [
    tierEntry(1, region.tier, regionNotes(region)),
    ...region.pops.flatMap(popEntries),
  ];
  return [tierEntry(0, global, globalNotes(global)), ...regions.flatMap(regionEntries)];
}

function columnWidths(nodes: readonly TreeNode[]): { address: number; state: number; weight: number } {
  const widest = (text: (node: TreeNode) => string) => Math.max(0, ...nodes.map((node) => text(node).length));
  return {
    address: widest(addressText),
    state: widest(nodeState),
    weight: widest(({ weight }) => `weight ${weight}`),
  };
}

function noteCells(notes: readonly string[], { muted }: TreePaint): Cell[] {
  return notes.length === 0 ? [] : [{ text: notes.join("; "), paint: muted }];
}

function servedCells(answer: Served | undefined, { good, bad }: TreePaint): Cell[] {
  if (answer === undefined) return [];
  return [{ text: `${answer.ok ? "✓" : "✗"} ${answer.text}`, paint: answer.ok ? good : bad }];
}
