/** `dialtree zone`: the tree as a zone file. */
import { planTree } from "../plan/plan.ts";
import { zoneText } from "../plan/zoneText.ts";
import { type SelectionOptions, select } from "./selection.ts";
import { EXIT, type Terminal } from "./usage.ts";

/** @throws UsageError, Refusal */
export function zoneCommand(options: SelectionOptions, io: Terminal): number {
  const { inventory, backend } = select(options);
  io.stdout.write(zoneText(planTree(inventory), backend));
  return EXIT.fine;
}
