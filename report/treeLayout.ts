/**
 * Where everything of the picture stands: names from left to right, from the global one to the nodes. Plain
 * numbers in pixels, so that a test can measure the picture without seeing it.
 */
import { SERVICES } from "../dns/services.ts";
import type { Tier, Tree } from "../plan/tree.ts";
import { type LinkKind, nodeLink, popLink, regionLink } from "./linkKind.ts";
import { outline, type PopBranch, type RegionBranch } from "./outline.ts";
import {
  type Column,
  type Columns,
  indent,
  MARGIN,
  placeColumns,
  STAND_IN_INDENT,
} from "./pictureColumns.ts";
import { LEGEND_LINE_HEIGHT, type LegendItem, placeLegend } from "./pictureLegend.ts";
import {
  type Box,
  type Card,
  cardHeight,
  type Label,
  type NodeRow,
  noteLines,
  type Point,
  placeCard,
  placeLabel,
  placeRow,
  ROW_HEIGHT,
} from "./pictureParts.ts";
import { globalNotes, popNotes, regionNotes } from "./tierNotes.ts";

export interface TreeLayout {
  readonly width: number;
  readonly height: number;
  /** Title, subtitle and the headings of the columns. */
  readonly headings: readonly Label[];
  readonly cards: readonly Card[];
  readonly rows: readonly NodeRow[];
  readonly links: readonly Link[];
  readonly standIns: readonly StandIn[];
  readonly legend: readonly LegendItem[];
}

/** From a name to one below it. */
export interface Link {
  readonly kind: LinkKind;
  readonly from: Point;
  readonly to: Point;
}

/** From a region without an active node up to the one that answers for it. */
export interface StandIn {
  readonly from: Point;
  readonly to: Point;
}

const MIN_WIDTH = 640;
const HEADER_HEIGHT = 104;
const ROW_GAP = 3;
const POP_GAP = 12;
const REGION_GAP = 26;

export function treeLayout(tree: Tree): TreeLayout {
  const branches = outline(tree);
  const columns = placeColumns(tree, branches);
  const regions = branches.regions.map((region) => measureRegion(region, columns));
  const globalLines = noteLines(globalNotes(branches.global), columns.global.width);
  const treeHeight = Math.max(
    cardHeight(globalLines),
    regions.reduce((sum, { height }) => sum + height, 0) + REGION_GAP * (regions.length - 1),
  );
  const top = HEADER_HEIGHT;
  const globalTop = top + (treeHeight - cardHeight(globalLines)) / 2;
  const globalCard = placeCard(
    branches.global,
    globalLines,
    { x: columns.global.x, y: globalTop },
    columns.global.width,
  );
  const placed = placeRegions(regions, branches.global, globalCard, columns, top);
  const width = Math.max(MIN_WIDTH, columns.node.x + columns.node.width + MARGIN);
  const legend = placeLegend({ x: MARGIN, y: top + treeHeight + 28 }, width - 2 * MARGIN);
  return {
    width,
    height: Math.max(...legend.map(({ label }) => label.y)) + LEGEND_LINE_HEIGHT + MARGIN - 8,
    headings: placeHeadings(tree, columns, width),
    ...placed,
    cards: [globalCard, ...placed.cards],
    legend,
  };
}

interface MeasuredPop {
  readonly branch: PopBranch;
  readonly lines: readonly string[];
  readonly height: number;
}

interface MeasuredRegion {
  readonly branch: RegionBranch;
  readonly lines: readonly string[];
  readonly pops: readonly MeasuredPop[];
  readonly popsHeight: number;
  readonly height: number;
}

function measurePop(branch: PopBranch, columns: Columns): MeasuredPop {
  const lines = noteLines(popNotes(branch), columns.pop.width);
  return { branch, lines, height: Math.max(cardHeight(lines), rowsHeight(branch)) };
}

function rowsHeight({ nodes }: PopBranch): number {
  return Math.max(0, nodes.length * (ROW_HEIGHT + ROW_GAP) - ROW_GAP);
}

function measureRegion(branch: RegionBranch, columns: Columns): MeasuredRegion {
  const lines = noteLines(regionNotes(branch), columns.region.width - indent(branch));
  const pops = branch.pops.map((pop) => measurePop(pop, columns));
  const popsHeight =
    pops.reduce((sum, { height }) => sum + height, 0) + POP_GAP * Math.max(0, pops.length - 1);
  return { branch, lines, pops, popsHeight, height: Math.max(cardHeight(lines), popsHeight) };
}

interface Placed {
  readonly cards: Card[];
  readonly rows: NodeRow[];
  readonly links: Link[];
  readonly standIns: StandIn[];
}

function placeRegions(
  regions: readonly MeasuredRegion[],
  globalTier: Tier,
  global: Card,
  columns: Columns,
  top: number,
): Placed {
  const placed: Placed = { cards: [], rows: [], links: [], standIns: [] };
  let y = top;
  let answering: Card | undefined;
  for (const region of regions) {
    const { branch, lines, height, popsHeight } = region;
    const card = placeCard(
      branch.tier,
      lines,
      { x: columns.region.x + indent(branch), y: y + (height - cardHeight(lines)) / 2 },
      columns.region.width - indent(branch),
    );
    placed.cards.push(card);
    if (branch.answeredBy === undefined) {
      answering = card;
      placed.links.push({
        kind: regionLink(branch.tier, globalTier),
        from: rightOf(global),
        to: leftOf(card),
      });
    } else if (answering !== undefined) {
      placed.standIns.push({
        from: leftOf(card),
        to: { x: columns.region.x + STAND_IN_INDENT / 2, y: answering.y + answering.height },
      });
    }
    placePops(region, card, columns, y + (height - popsHeight) / 2, placed);
    y += height + REGION_GAP;
  }
  return placed;
}

function placePops(
  { branch: region, pops }: MeasuredRegion,
  regionCard: Card,
  columns: Columns,
  top: number,
  placed: Placed,
): void {
  let y = top;
  for (const { branch, lines, height } of pops) {
    const card = placeCard(
      branch.tier,
      lines,
      { x: columns.pop.x, y: y + (height - cardHeight(lines)) / 2 },
      columns.pop.width,
    );
    placed.cards.push(card);
    placed.links.push({ kind: popLink(branch, region), from: rightOf(regionCard), to: leftOf(card) });
    let rowY = y + (height - rowsHeight(branch)) / 2;
    for (const node of branch.nodes) {
      const row = placeRow(node, { x: columns.node.x, y: rowY }, columns.row, columns.withWeights);
      placed.rows.push(row);
      placed.links.push({ kind: nodeLink(row.state), from: rightOf(card), to: leftOf(row) });
      rowY += ROW_HEIGHT + ROW_GAP;
    }
    y += height + POP_GAP;
  }
}

function rightOf({ x, y, width, height }: Box): Point {
  return { x: x + width, y: y + height / 2 };
}

function leftOf({ x, y, height }: Box): Point {
  return { x, y: y + height / 2 };
}

function placeHeadings(tree: Tree, columns: Columns, width: number): Label[] {
  const room = { width: width - 2 * MARGIN };
  const services = tree.services.map(
    ({ transport, port }) => `${SERVICES[transport].labels.join(".")} ${port}`,
  );
  const counts = [
    counted(tree.regions.length, "region"),
    counted(tree.pops.length, "POP"),
    counted(tree.nodes.length, "node"),
  ];
  const columnLabel = (text: string, { x }: Column) =>
    placeLabel("column", text, { x, y: HEADER_HEIGHT - 28 });
  const weights = columns.withWeights ? ["×: weight, a node's share of new calls"] : [];
  return [
    placeLabel("title", `Names to dial at ${tree.domain}`, { x: MARGIN, y: 18 }, room),
    placeLabel("subtitle", [...counts, ...services, ...weights].join(" · "), { x: MARGIN, y: 46 }, room),
    columnLabel("Global name", columns.global),
    columnLabel("Regions", columns.region),
    columnLabel("POPs", columns.pop),
    columnLabel("Nodes", columns.node),
  ];
}

/** For example `1 node` or `18 nodes`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
