/** The picture's columns: where they begin and how wide they are, in pixels. */
import type { Tree } from "../plan/tree.ts";
import { type Outline, type RegionBranch, weightsDiffer } from "./outline.ts";
import { cardWidth, type RowColumns, rowColumns, rowWidth } from "./pictureParts.ts";

/** Widest picture, in pixels: what a README shows without scrolling, hardly made smaller. */
export const MAX_WIDTH = 1200;

/** Left and right of everything. */
export const MARGIN = 24;

/** A region that another one answers for stands below it, moved to the right to leave room for the arrow. */
export const STAND_IN_INDENT = 28;

const GAPS = { global: 42, region: 42, pop: 28 };
const MOST = { global: 200, region: 250, pop: 220 };

export interface Column {
  readonly x: number;
  readonly width: number;
}

export interface Columns {
  readonly global: Column;
  readonly region: Column;
  readonly pop: Column;
  readonly node: Column;
  readonly row: RowColumns;
  readonly withWeights: boolean;
}

export function placeColumns(tree: Tree, { global, regions }: Outline): Columns {
  const widest = (widths: readonly number[], most: number) => Math.min(most, Math.max(0, ...widths));
  const globalWidth = widest([cardWidth(global)], MOST.global);
  const regionWidth = widest(
    regions.map((region) => cardWidth(region.tier, indent(region))),
    MOST.region,
  );
  const popWidth = widest(
    tree.pops.map((pop) => cardWidth(pop)),
    MOST.pop,
  );
  const regionX = MARGIN + globalWidth + GAPS.global;
  const popX = regionX + regionWidth + GAPS.region;
  const nodeX = popX + popWidth + GAPS.pop;
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

export function indent({ answeredBy }: RegionBranch): number {
  return answeredBy === undefined ? 0 : STAND_IN_INDENT;
}
