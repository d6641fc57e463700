/** What waits in the fleet: which node may take its next step, and from when on the others may. */
import type { Inventory } from "../../inventory/inventory.ts";
import type { Status } from "../../inventory/nodeSchema.ts";
import { compareSlots, compareText } from "../order.ts";
import { type Known, stepFacts } from "./facts.ts";
import { timestamp } from "./moment.ts";
import { type Step, verdictOf } from "./transitions.ts";

export interface DueStep {
  readonly slot: string;
  readonly status: Status;
  readonly step: Step;
  /** due: legal now. waiting: from `legalAt` on. blocked: something has to be done before. unknown: no ledger tells. */
  readonly state: "due" | "waiting" | "blocked" | "unknown";
  /** RFC 3339. */
  readonly legalAt?: string;
  /** Why not now, or what could not be checked. */
  readonly message?: string;
}

/** Steps that people wait for, by status. */
const AWAITED: Readonly<Record<Status, readonly Step[]>> = {
  planned: ["activate"],
  active: [],
  draining: ["retire"],
  down: ["activate", "retire"],
  retired: ["remove"],
};

/** Those that are due first, then by time, then by slot. */
export function dueSteps(inventory: Inventory, known: Known): DueStep[] {
  return inventory.nodes
    .flatMap(({ slot, status }) =>
      AWAITED[status].map((step) => dueStep(slot, status, step, inventory, known)),
    )
    .sort(
      (a, b) =>
        STATES.indexOf(a.state) - STATES.indexOf(b.state) ||
        compareText(a.legalAt ?? "", b.legalAt ?? "") ||
        compareSlots(a.slot, b.slot),
    );
}

const STATES: readonly DueStep["state"][] = ["due", "waiting", "blocked", "unknown"];

function dueStep(slot: string, status: Status, step: Step, inventory: Inventory, known: Known): DueStep {
  const verdict = verdictOf(status, step, stepFacts(slot, inventory, known));
  const base = { slot, status, step };
  if (verdict.allowed) {
    const { unchecked } = verdict;
    return unchecked === undefined
      ? { ...base, state: "due" }
      : { ...base, state: "unknown", message: `not known: ${unchecked}` };
  }
  const { legalAt, message } = verdict;
  if (legalAt !== undefined) return { ...base, state: "waiting", legalAt: timestamp(legalAt), message };
  return { ...base, state: known.ledger === undefined ? "unknown" : "blocked", message };
}
