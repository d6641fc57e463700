/** `dialtree node activate|drain|undrain|down|retire|remove SLOT`. */
import { type StatusStep, statusStep } from "../plan/operations/statusSteps.ts";
import { type BackingOptions, backingOf } from "./backing.ts";
import { type ChangeOptions, carryOut, openFleet } from "./inventoryChange.ts";
import type { Terminal } from "./usage.ts";

export interface NodeStepOptions extends ChangeOptions, BackingOptions {
  readonly slot: string;
  readonly step: StatusStep;
}

/** @throws UsageError, Refusal */
export async function nodeStepCommand(options: NodeStepOptions, io: Terminal): Promise<number> {
  const fleet = await openFleet(options);
  const backing = await backingOf(options, fleet.known.now);
  return carryOut((context) => statusStep(options.slot, options.step, context, backing), fleet, options, io);
}
