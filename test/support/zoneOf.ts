/** The zone file of an inventory at one platform. */
import type { Inventory } from "../../inventory/inventory.ts";
import { planTree } from "../../plan/plan.ts";
import { render } from "../../plan/render.ts";
import type { Backend } from "../../plan/rendering.ts";
import { zoneText } from "../../plan/zoneText.ts";

export function zoneOf(inventory: Inventory, backend: Backend): string {
  const tree = planTree(inventory);
  return zoneText(tree, render(tree, backend));
}
