/**
 * The ledger: the times that the next run must know and that nothing else keeps. It is carried as an output
 * of the stack, so its values change only when a fact changes; an idle run leaves it as it is.
 */

import { Refusal } from "../inventory/problem.ts";
import type { CertificateProfile } from "../inventory/treeSchema.ts";
import type { ObservedRow } from "./observed.ts";
import { listedSlots } from "./observed.ts";
import type { Tree } from "./tree.ts";

export const LEDGER_VERSION = 1;

export interface Ledger {
  readonly version: typeof LEDGER_VERSION;
  /** Slot to the time (ISO 8601, UTC) at which a run first saw that no name lists the node any more. */
  readonly goneSince: Readonly<Record<string, string>>;
  /** Certificates that an update has issued: slot, profile, and their own times. */
  readonly certificates: readonly LedgerCertificate[];
}

export interface LedgerCertificate {
  readonly slot: string;
  readonly profile: CertificateProfile;
  readonly notBefore: string;
  readonly notAfter: string;
}

export const EMPTY_LEDGER: Ledger = { version: LEDGER_VERSION, goneSince: {}, certificates: [] };

/**
 * Reads a ledger that an earlier run wrote.
 * @returns the empty ledger where there is none yet.
 * @throws Refusal when another version of the ledger is there.
 */
export function readLedger(value: unknown): Ledger {
  if (value === undefined || value === null) return EMPTY_LEDGER;
  const { version } = value as Partial<Ledger>;
  if (version !== LEDGER_VERSION) {
    throw new Refusal([
      {
        place: "stack output",
        key: "ledger.version",
        value: String(version),
        rule: "ledger-version",
        message: `was written by another dialtree; this one reads version ${LEDGER_VERSION}`,
        remedy: "deploy with the version that wrote it, or a newer one",
      },
    ]);
  }
  return { ...EMPTY_LEDGER, ...(value as Ledger) };
}

/**
 * When each unlisted node was first seen gone. A node that is meant to be listed, or that any platform still
 * lists, has no such time. Where nothing could be read the earlier times stand.
 */
export function goneSince(
  tree: Tree,
  observed: readonly ObservedRow[] | undefined,
  before: Ledger,
  now: Date,
): Ledger["goneSince"] {
  if (observed === undefined) return before.goneSince;
  const listed = listedSlots(tree, observed);
  const times = tree.nodes
    .filter((node) => node.status === "draining" || node.status === "down")
    .filter((node) => !listed.has(node.slot))
    .map((node) => [node.slot, before.goneSince[node.slot] ?? now.toISOString()] as const);
  return Object.fromEntries(times);
}
