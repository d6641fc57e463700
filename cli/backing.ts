/** What the person brings along, as the intentions take it: a proof, an observation, a reason. */
import type { Backing } from "../plan/operations/intention.ts";
import { idleReport } from "./idleReport.ts";
import { UsageError } from "./usage.ts";

export interface BackingOptions {
  readonly installed?: boolean;
  /** File or URL. */
  readonly observed?: string;
  /** Why a rule does not count. */
  readonly override?: string;
}

/** @throws UsageError for an empty reason; Refusal when the report does not show an idle node */
export async function backingOf(options: BackingOptions, now: Date): Promise<Backing> {
  const { observed, override } = options;
  if (override !== undefined && override.trim() === "") throw new UsageError("--override: say why");
  return {
    ...(proof(options) ? { installed: true } : {}),
    ...(observed === undefined ? {} : { idle: await idleReport(observed, now) }),
    ...(override === undefined ? {} : { override: override.trim() }),
  };
}

/** Whether the node was shown to answer with its certificates; today the person's own word. */
function proof({ installed }: BackingOptions): boolean {
  return installed === true;
}
