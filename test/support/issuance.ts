/** What is known of certificates, for tests: small ledgers of small fleets. */
import type { Inventory } from "../../inventory/inventory.ts";
import { type Authority, LETS_ENCRYPT } from "../../plan/certificates/authorities.ts";
import type { IssuanceFacts } from "../../plan/certificates/due.ts";
import { EMPTY_LEDGER, type Ledger, type LedgerCertificate } from "../../plan/ledger.ts";
import { planTree } from "../../plan/plan.ts";
import type { CertificateOrder, Tree } from "../../plan/tree.ts";
import { type InventorySketch, inventoryOf } from "./inventories.ts";

export const NOW = new Date("2026-11-23T12:00:00Z");

const DAY = 86_400_000;
const LIFETIME_DAYS = 90;

/** ISO 8601, so many days from now. */
export function inDays(days: number, now = NOW): string {
  return new Date(now.getTime() + days * DAY).toISOString();
}

/** The order as it was issued when its certificate has so many days left of 90. */
export function issued(order: CertificateOrder, daysLeft: number, now = NOW): LedgerCertificate {
  const { slot, profile, names, keyType } = order;
  return {
    slot,
    profile,
    notBefore: inDays(daysLeft - LIFETIME_DAYS, now),
    notAfter: inDays(daysLeft, now),
    names,
    directory: LETS_ENCRYPT.directory,
    acmeProfile: "classic",
    ...(keyType === undefined ? {} : { keyType }),
  };
}

export interface FactsSketch {
  readonly ledger?: Partial<Ledger>;
  readonly authority?: Authority;
  readonly requests?: Inventory["requests"];
  readonly otherIssued?: number;
  readonly now?: Date;
}

export function factsOf(tree: Tree, sketch: FactsSketch = {}): IssuanceFacts {
  return {
    tree,
    authority: LETS_ENCRYPT,
    requests: {},
    otherIssued: 0,
    now: NOW,
    ...sketch,
    ledger: { ...EMPTY_LEDGER, ...sketch.ledger },
  };
}

export function treeOf(sketch: InventorySketch): Tree {
  return planTree(inventoryOf(sketch));
}

/** A ledger in which every order of the tree is issued, with so many days left. */
export function allIssued(tree: Tree, daysLeft: number): { certificates: LedgerCertificate[] } {
  return { certificates: tree.certificates.map((order) => issued(order, daysLeft)) };
}
