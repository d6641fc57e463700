/** The parts that a picture of the tree is put together from, as plain numbers in pixels. */
import type { Fqdn } from "../dns/names.ts";
import type { Tier, TreeNode } from "../plan/tree.ts";
import { addressText, type NodeState, nodeState } from "./outline.ts";
import { type Font, fitText, textWidth, wrapText } from "./textFit.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** `x` and `y` are those of the upper left corner. */
export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

export const LABEL_FONTS = {
  title: { family: "sans", size: 20, bold: true },
  subtitle: { family: "sans", size: 13, bold: false },
  column: { family: "sans", size: 12, bold: true },
  name: { family: "mono", size: 14, bold: false },
  note: { family: "sans", size: 12, bold: false },
  node: { family: "mono", size: 12.5, bold: false },
  address: { family: "mono", size: 11.5, bold: false },
  state: { family: "sans", size: 12, bold: false },
  legend: { family: "sans", size: 12, bold: false },
} as const satisfies Record<string, Font>;

export type LabelStyle = keyof typeof LABEL_FONTS;

/** One line of text in the box that it needs at most. */
export interface Label extends Box {
  readonly style: LabelStyle;
  readonly text: string;
  /** Characters at the beginning that stand out: the key of a name. */
  readonly strong: number;
  readonly baseline: number;
}

/** One name above the nodes. */
export interface Card extends Box {
  readonly kind: Tier["kind"];
  readonly name: Fqdn;
  /** Its own nodes do not answer. */
  readonly standIn: boolean;
  /** Centre of the globe that marks a steered name. */
  readonly globe?: Point;
  readonly labels: readonly Label[];
}

export interface NodeRow extends Box {
  readonly node: TreeNode;
  readonly state: NodeState;
  /** Centre of the sign of its state. */
  readonly mark: Point;
  readonly labels: readonly Label[];
}

/** A label with its upper left corner at the point, cut to `width`. */
export function placeLabel(
  style: LabelStyle,
  text: string,
  { x, y }: Point,
  { width = Number.POSITIVE_INFINITY, strong = 0 } = {},
): Label {
  const font: Font = LABEL_FONTS[style];
  const fitted = fitText(text, font, width);
  return {
    style,
    text: fitted,
    strong: Math.min(strong, fitted.length),
    x,
    y,
    width: textWidth(fitted, font),
    height: font.size * 1.25,
    baseline: y + font.size,
  };
}

const CARD_PADDING = 12;
const CARD_MIN_WIDTH: Record<Tier["kind"], number> = { global: 180, region: 236, pop: 194 };
const NAME_LINE_HEIGHT = 20;
const NOTE_LINE_HEIGHT = 16;
const MOST_NOTE_LINES = 3;
const GLOBE_SPACE = 24;

/** Width that shows the tier's name whole and a note or two on few lines, with `indent` pixels to spare. */
export function cardWidth(tier: Tier, indent = 0): number {
  const name = textWidth(tier.name, LABEL_FONTS.name) + (tier.geo === undefined ? 0 : GLOBE_SPACE);
  return Math.max(CARD_MIN_WIDTH[tier.kind], Math.ceil(name) + 2 * CARD_PADDING + indent);
}

/** The notes as lines of a card of that width. */
export function noteLines(notes: readonly string[], width: number): string[] {
  return notes.flatMap((note) => wrapText(note, LABEL_FONTS.note, width - 2 * CARD_PADDING, MOST_NOTE_LINES));
}

export function cardHeight(lines: readonly string[]): number {
  return 2 * CARD_PADDING - 4 + NAME_LINE_HEIGHT + lines.length * NOTE_LINE_HEIGHT;
}

export function placeCard(tier: Tier, lines: readonly string[], { x, y }: Point, width: number): Card {
  const steered = tier.geo !== undefined;
  const room = width - 2 * CARD_PADDING;
  const left = x + CARD_PADDING;
  const top = y + CARD_PADDING - 2;
  const name = placeLabel(
    "name",
    tier.name,
    { x: left, y: top },
    {
      width: room - (steered ? GLOBE_SPACE : 0),
      strong: tier.kind === "global" ? tier.name.length : tier.key.length,
    },
  );
  const notes = lines.map((line, i) =>
    placeLabel("note", line, { x: left, y: top + NAME_LINE_HEIGHT + i * NOTE_LINE_HEIGHT }, { width: room }),
  );
  return {
    kind: tier.kind,
    name: tier.name,
    standIn: tier.answeredBy.kind === "region",
    ...(steered ? { globe: { x: x + width - CARD_PADDING - 7, y: top + 9 } } : {}),
    labels: [name, ...notes],
    x,
    y,
    width,
    height: cardHeight(lines),
  };
}

export const ROW_HEIGHT = 24;
const ROW_MARK_SPACE = 26;
const ROW_COLUMN_GAP = 10;

/** Widths inside the rows of all nodes, so that they stand in columns. */
export interface RowColumns {
  readonly name: number;
  readonly address: number;
  readonly state: number;
}

/** Columns that show every node whole where they fit into `most`; where not, the names are cut. */
export function rowColumns(nodes: readonly TreeNode[], withWeights: boolean, most: number): RowColumns {
  const widest = (style: LabelStyle, text: (node: TreeNode) => string) =>
    Math.ceil(Math.max(0, ...nodes.map((node) => textWidth(text(node), LABEL_FONTS[style]))));
  const address = widest("address", addressText);
  const state = widest("state", (node) => stateText(node, withWeights));
  const others = ROW_MARK_SPACE + address + state + 3 * ROW_COLUMN_GAP;
  return {
    name: Math.min(
      widest("node", ({ name }) => name),
      most - others,
    ),
    address,
    state,
  };
}

export function rowWidth({ name, address, state }: RowColumns): number {
  return ROW_MARK_SPACE + name + address + state + 3 * ROW_COLUMN_GAP;
}

export function placeRow(
  node: TreeNode,
  { x, y }: Point,
  columns: RowColumns,
  withWeights: boolean,
): NodeRow {
  const nameX = x + ROW_MARK_SPACE;
  const addressX = nameX + columns.name + ROW_COLUMN_GAP;
  const stateX = addressX + columns.address + ROW_COLUMN_GAP;
  return {
    node,
    state: nodeState(node),
    mark: { x: x + ROW_MARK_SPACE / 2, y: y + ROW_HEIGHT / 2 },
    labels: [
      placeLabel(
        "node",
        node.name,
        { x: nameX, y: y + 4 },
        { width: columns.name, strong: node.slot.length },
      ),
      placeLabel("address", addressText(node), { x: addressX, y: y + 5 }),
      placeLabel("state", stateText(node, withWeights), { x: stateX, y: y + 4.5 }),
    ],
    x,
    y,
    width: rowWidth(columns),
    height: ROW_HEIGHT,
  };
}

function stateText(node: TreeNode, withWeights: boolean): string {
  const state = nodeState(node);
  const takesCalls = state === "active" || state === "standby";
  return withWeights && takesCalls ? `${state} ×${node.weight}` : state;
}
