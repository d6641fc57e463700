/** What is known of a node when a step is asked for: from its entry, the ledger and the policy's drain envelope. */
import type { Inventory } from "../../inventory/inventory.ts";
import type { Node } from "../../inventory/nodeSchema.ts";
import type { Ledger } from "../ledger.ts";
import { drainEnvelope } from "../recovery/drain.ts";
import { resolveInputs } from "../recovery/inputs.ts";
import type { RecordedFacts, StepFacts } from "./transitions.ts";

/** What a command knows beside the inventory. */
export interface Known {
  readonly now: Date;
  /** Absent: nobody gave one, so that what it would tell is not checked and not guessed. */
  readonly ledger?: Ledger;
  /** Whether the stack issues certificates; absent where no stack is named. */
  readonly issuesCertificates?: boolean;
}

/** How long the steps wait, under the stack's policy. */
export type Waits = Pick<StepFacts, "noNewCallsSeconds" | "retireSeconds" | "holdDownSeconds">;

export function waitsOf({ policy }: Inventory): Waits {
  const inputs = resolveInputs(policy);
  const { noNewCallsSeconds, retireSeconds } = drainEnvelope(inputs);
  return { noNewCallsSeconds, retireSeconds, holdDownSeconds: inputs.holdDownSeconds };
}

/** @param slot of an entry, or of one that is to be added. */
export function stepFacts(slot: string, inventory: Inventory, known: Known): StepFacts {
  const node = inventory.nodes.find((each) => each.slot === slot);
  const since = node?.since === undefined ? undefined : new Date(node.since);
  return {
    now: known.now,
    ...waitsOf(inventory),
    ...(since === undefined ? {} : { since }),
    ...(known.ledger === undefined
      ? {}
      : { recorded: recordedFacts(slot, node, since, inventory, known.ledger, known) }),
  };
}

function recordedFacts(
  slot: string,
  node: Node | undefined,
  since: Date | undefined,
  inventory: Inventory,
  ledger: Ledger,
  known: Known,
): RecordedFacts {
  const told = ledger.goneSince[slot];
  const gone = told === undefined ? undefined : new Date(told);
  // A file can be older than the drain: its time would be that of an earlier one, so that the wait was over too soon.
  const isOlder = gone !== undefined && since !== undefined && node?.status === "draining" && gone < since;
  const goneSince = isOlder ? since : gone;
  const standing = ledger.nodes === undefined ? undefined : (ledger.nodes[slot]?.status ?? "absent");
  return {
    ...(goneSince === undefined ? {} : { goneSince }),
    ...(standing === undefined ? {} : { standing }),
    certificates: certificatesOf(slot, inventory, ledger, known),
  };
}

function certificatesOf(
  slot: string,
  { policy }: Inventory,
  ledger: Ledger,
  { now, issuesCertificates }: Known,
): RecordedFacts["certificates"] {
  if (issuesCertificates === false) return "unmanaged";
  const held = ledger.certificates.filter((each) => each.slot === slot);
  const isComplete = policy.certificates.profiles.every((profile) =>
    held.some((each) => each.profile === profile),
  );
  if (isComplete) return held.some(({ notAfter }) => new Date(notAfter) <= now) ? "expired" : "issued";
  if (ledger.certificates.length > 0) return "missing";
  if (issuesCertificates === undefined) return "unknown";
  return Object.keys(ledger.nodes ?? {}).length === 0 ? "first-update" : "missing";
}
