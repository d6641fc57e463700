/** The tree in sentences: what a picture of it says to those who hear it. */
import type { Tree } from "../plan/tree.ts";
import { nodeState, outline, type PopBranch, type RegionBranch } from "./outline.ts";
import { globalNotes, popNotes, regionNotes } from "./tierNotes.ts";

export function treeDescription(tree: Tree): string {
  const { global, regions } = outline(tree);
  return [
    `Global name ${global.name}${inBrackets(globalNotes(global))}.`,
    ...regions.map((region) => `Region ${regionText(region)}.`),
  ].join(" ");
}

function regionText(region: RegionBranch): string {
  const head = `${region.tier.name}${inBrackets(regionNotes(region))}`;
  return region.pops.length === 0 ? head : `${head}: ${region.pops.map(popText).join("; ")}`;
}

function popText(pop: PopBranch): string {
  const nodes = pop.nodes.map((node) => `${node.slot} ${nodeState(node)}`).join(", ");
  return `POP ${pop.tier.key}${inBrackets(popNotes(pop))} with ${nodes === "" ? "no node" : nodes}`;
}

function inBrackets(notes: readonly string[]): string {
  return notes.length === 0 ? "" : ` (${notes.join("; ")})`;
}
