/**
 * The tree as one SVG file: no script, no font or other file from elsewhere, the same bytes for the same tree.
 * It brings its own light background, so that it is read alike on light and dark pages.
 */
import type { Tree } from "../plan/tree.ts";
import { type NodeState, outline, type RegionBranch } from "./outline.ts";
import type { LegendItem, LegendSign } from "./pictureLegend.ts";
import { type Box, type Card, type Label, LABEL_FONTS, type LabelStyle, type NodeRow, type Point } from "./pictureParts.ts";
import { FONT_FAMILIES } from "./textFit.ts";
import { globalNotes, popNotes, regionNotes } from "./tierNotes.ts";
import { nodeLine } from "./treeText.ts";
import { type Link, type StandIn, treeLayout } from "./treeLayout.ts";
import { decimal, element } from "./xml.ts";
