/**
 * Where everything of the picture stands: names from left to right, from the global one to the nodes. Plain
 * numbers in pixels, so that a test can measure the picture without seeing it.
 */
import { SERVICES } from "../dns/services.ts";
import type { Tree } from "../plan/tree.ts";
import {
  nodeState,
  type Outline,
  outline,
  type PopBranch,
  type RegionBranch,
  weightsDiffer,
} from "./outline.ts";
import { LEGEND_LINE_HEIGHT, type LegendItem, placeLegend } from "./pictureLegend.ts";
import {
  type Box,
  type Card,
  cardHeight,
  cardWidth,
  type Label,
  type NodeRow,
  noteLines,
  type Point,
  placeCard,
  placeLabel,
  placeRow,
  ROW_HEIGHT,
  type RowColumns,
  rowColumns,
  rowWidth,
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

/** From a name to one below it: chosen by location, by weight, as a second choice, or not at all for now. */
export interface Link {
  readonly kind: "steered" | "shared" | "standby" | "idle";
  readonly from: Point;
  readonly to: Point;
}

/** From a region without an active node up to the one that answers for it. */
export interface StandIn {
  readonly from: Point;
  readonly to: Point;
}

/** Widest picture, in pixels: what a README shows without scrolling, hardly made smaller. */
export const MAX_WIDTH = 1200;

const MIN_WIDTH = 640;
const MARGIN = 24;
const HEADER_HEIGHT = 104;
const COLUMN_GAPS = { global: 46, region: 46, pop: 30 };
const MOST = { global: 200, region: 250, pop: 220 };
const ROW_GAP = 3;
const POP_GAP = 12;
const REGION_GAP = 26;
/** A region that another one answers for stands below it, moved to the right to leave room for the arrow. */
const STAND_IN_INDENT = 28;

interface Column {
  readonly x: number;
  readonly width: number;
}

interface Columns {
  readonly global: Column;
  readonly region: Column;
  readonly pop: Column;
  readonly node: Column;
  readonly row: RowColumns;
  readonly withWeights: boolean;
}

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
  const placed = placeRegions(regions, globalCard, columns, top);
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

function placeColumns(tree: Tree, { global, regions }: Outline): Columns {
  const widest = (widths: readonly number[], most: number) => Math.min(most, Math.max(0, ...widths));
  const globalWidth = widest([cardWidth(global)], MOST.global);
  const regionWidth = widest(
    regions.map((region) => cardWidth(region.tier) + indent(region)),
    MOST.region,
  );
  const popWidth = widest(tree.pops.map(cardWidth), MOST.pop);
  const regionX = MARGIN + globalWidth + COLUMN_GAPS.global;
  const popX = regionX + regionWidth + COLUMN_GAPS.region;
  const nodeX = popX + popWidth + COLUMN_GAPS.pop;
  const withWeights = weightsDiffer(tree);
  const row = rowColumns(tree.nodes, withWeights, MAX_WIDTH - MARGIN - nodeX);
  return {
    global: { x: MARGIN, width: globalWidth },
    region: { x: regionX, width: regionWidth },
    pop: { x: popX, width: popWidth },
    node: { x: nodeX, width: rowWidth(row) },
    row,
    withWeights,
  };
}

function indent({ answeredBy }: RegionBranch): number {
  return answeredBy === undefined ? 0 : STAND_IN_INDENT;
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
        kind: global.globe === undefined ? "shared" : "steered",
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
      placed.links.push({ kind: nodeLink(row), from: rightOf(card), to: leftOf(row) });
      rowY += ROW_HEIGHT + ROW_GAP;
    }
    y += height + POP_GAP;
  }
}

function popLink({ nodes, answeredBy, serves }: PopBranch, { tier }: RegionBranch): Link["kind"] {
  if (answeredBy !== undefined) return "idle";
  if (tier.geo !== undefined && serves !== undefined) return "steered";
  return nodes.some((node) => nodeState(node) === "active") ? "shared" : "standby";
}

function nodeLink({ state }: NodeRow): Link["kind"] {
  return state === "active" ? "shared" : state === "standby" ? "standby" : "idle";
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
  return [
    placeLabel("title", `Names to dial at ${tree.domain}`, { x: MARGIN, y: 18 }, room),
    placeLabel("subtitle", [...counts, ...services].join(" · "), { x: MARGIN, y: 46 }, room),
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
