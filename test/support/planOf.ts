/** The tree of a sketch. */
import { planTree } from "../../plan/plan.ts";
import type { Tree } from "../../plan/tree.ts";
import { type InventorySketch, inventoryOf } from "./inventories.ts";

export function planOf(sketch: InventorySketch): Tree {
  return planTree(inventoryOf(sketch));
}
