/** `dialtree region promote REGION`: a new location goes live. */
import { promoteRegion } from "../plan/operations/promoteRegion.ts";
import { type BackingOptions, backingOf } from "./backing.ts";
import { type ChangeOptions, carryOut, openFleet } from "./inventoryChange.ts";
import type { Terminal } from "./usage.ts";

export interface RegionPromoteOptions extends ChangeOptions, BackingOptions {
  readonly region: string;
}

/** @throws UsageError, Refusal */
export async function regionPromoteCommand(options: RegionPromoteOptions, io: Terminal): Promise<number> {
  const fleet = await openFleet(options);
  const backing = await backingOf(options, fleet.known.now);
  return carryOut((context) => promoteRegion(options.region, context, backing), fleet, options, io);
}
