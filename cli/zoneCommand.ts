/** `dialtree zone`: the tree as a zone file. */
import { checkedRender } from "../plan/checkedRender.ts";
import { planTree } from "../plan/plan.ts";
import { zoneText } from "../plan/zoneText.ts";
import { type SelectionOptions, select } from "./selection.ts";
import { EXIT, type Terminal } from "./usage.ts";

/** @throws UsageError, Refusal */
export function zoneCommand(options: SelectionOptions, io: Terminal): number {
  const { inventory, backend } = select(options);
  const tree = planTree(inventory);
  io.stdout.write(zoneText(tree, checkedRender(tree, backend, inventory)));
  return EXIT.fine;
}
