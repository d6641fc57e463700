/**
 * Which certificates the next update issues, and why; how long those that are there still live. The provider renews
 * by its own count of days, which this one repeats.
 */
import type { Inventory } from "../../inventory/inventory.ts";
import type { Policy } from "../../inventory/treeSchema.ts";
import { type Ledger, type LedgerCertificate, requestDigest } from "../ledger.ts";
import type { CertificateOrder, Tree } from "../tree.ts";
import type { Authority } from "./authorities.ts";
import { setDigest } from "./authorityBuckets.ts";
import { isRenewal, issuesBySet } from "./issued.ts";
import { orderText } from "./orderChecks.ts";
import { requestOf } from "./requestChecks.ts";

/** All that decides what is issued when. */
export interface IssuanceFacts {
  readonly tree: Pick<Tree, "certificates" | "nodes" | "policy">;
  /** The authority that the stack names. */
  readonly authority: Authority;
  readonly ledger: Ledger;
  readonly requests: Inventory["requests"];
  /** Certificates of the registered domain that others have got in the last 7 days, as far as somebody knows. */
  readonly otherIssued: number;
  readonly now: Date;
}

export type DueReason =
  | "new"
  | "renewed"
  | "names-changed"
  | "request-changed"
  | "key-type-changed"
  | "acme-profile-changed"
  | "authority-changed";

export interface DueCertificate {
  readonly order: CertificateOrder;
  /** Never empty; the weightiest first. */
  readonly why: readonly DueReason[];
  /** Whether the authority takes it for a renewal: it issued the same names before, and lately. */
  readonly renewal: boolean;
  /** What the node has meanwhile. */
  readonly held?: LedgerCertificate;
}

export type CertificateCondition = "ok" | "due" | "below-floor" | "expired" | "not-issued";

export interface CertificateStatus {
  readonly order: CertificateOrder;
  readonly condition: CertificateCondition;
  /** Present where it is issued. */
  readonly life?: {
    /** ISO 8601. */
    readonly notAfter: string;
    /** Whole days; 0 in the last one, and below 0 once it has expired for as long. */
    readonly daysLeft: number;
    /** From when on an update renews it. */
    readonly renewAt: Date;
  };
}

const SECONDS_PER_DAY = 86_400;
const DEFAULT_FLOOR_DAYS = 14;

/** Days left below which a certificate is an error: by then several renewals have failed. */
export function floorDays({ floorDays, minDaysRemaining }: Policy["certificates"]): number {
  return floorDays ?? Math.min(DEFAULT_FLOOR_DAYS, minDaysRemaining - 1);
}

/** Whole days until it expires, counted as the provider does (2.48: whole seconds, divided, cut towards zero). */
export function daysLeft({ notAfter }: Pick<LedgerCertificate, "notAfter">, now: Date): number {
  const seconds = Date.parse(notAfter) / 1000 - Math.floor(now.getTime() / 1000);
  // Adding 0 makes 0 of the -0 of the day after.
  return Math.trunc(seconds / SECONDS_PER_DAY) + 0;
}

/** The orders that are to be issued, in the order in which they stand. */
export function dueCertificates(facts: IssuanceFacts): DueCertificate[] {
  const { tree, ledger, authority, now } = facts;
  const heldBy = heldByOrder(ledger);
  const issues = issuesBySet(ledger.certificates, authority.directory);
  return tree.certificates.flatMap((order): DueCertificate[] => {
    const held = heldBy.get(orderText(order));
    const why = held === undefined ? (["new"] as const) : reasons(order, held, facts);
    if (why.length === 0) return [];
    const renewal = isRenewal(order, issues, now.getTime());
    return [{ order, why, renewal, ...(held === undefined ? {} : { held }) }];
  });
}

/** One for each order. */
export function certificateStatuses(facts: IssuanceFacts): CertificateStatus[] {
  const { tree, ledger, now } = facts;
  const { certificates: policy } = tree.policy;
  const heldBy = heldByOrder(ledger);
  const due = new Set(dueCertificates(facts).map(({ order }) => orderText(order)));
  return tree.certificates.map((order) => {
    const held = heldBy.get(orderText(order));
    if (held === undefined) return { order, condition: "not-issued" };
    const { notAfter } = held;
    const left = daysLeft(held, now);
    const renewedBefore = (policy.minDaysRemaining + 1) * SECONDS_PER_DAY;
    const renewAt = new Date(Date.parse(notAfter) - renewedBefore * 1000);
    const condition = isExpired(held, now)
      ? "expired"
      : left < floorDays(policy)
        ? "below-floor"
        : due.has(orderText(order))
          ? "due"
          : "ok";
    return { order, condition, life: { notAfter, daysLeft: left, renewAt } };
  });
}

/** What the ledger has for each slot and profile, by `orderText`. */
export function heldByOrder({ certificates }: Pick<Ledger, "certificates">): Map<string, LedgerCertificate> {
  return new Map(certificates.map((certificate) => [orderText(certificate), certificate]));
}

/** Why the certificate that is there does not do any more. What an earlier version did not write down is taken as equal. */
function reasons(order: CertificateOrder, held: LedgerCertificate, facts: IssuanceFacts): DueReason[] {
  const { tree, authority, requests, now } = facts;
  const { certificates: policy } = tree.policy;
  const differs = (before: string | undefined, after: string | undefined) =>
    before !== undefined && after !== undefined && before !== after;
  const tests: Record<Exclude<DueReason, "new">, boolean> = {
    "authority-changed": differs(held.directory, authority.directory),
    "names-changed": held.names !== undefined && setDigest(held.names) !== setDigest(order.names),
    "request-changed": requestChanged(order, held, requests),
    "key-type-changed": differs(held.keyType, order.keyType),
    "acme-profile-changed": differs(held.acmeProfile, policy.acmeProfile),
    renewed: daysLeft(held, now) <= policy.minDaysRemaining,
  };
  return (Object.keys(tests) as (keyof typeof tests)[]).filter((reason) => tests[reason]);
}

/** Also one that was made anew for the same key; and where the node gives a request for the first time, or no more. */
function requestChanged(
  order: CertificateOrder,
  { directory, requestDigest: held }: LedgerCertificate,
  requests: Inventory["requests"],
): boolean {
  if (directory === undefined) return false;
  if (order.csr === undefined) return held !== undefined;
  const request = requestOf(order, requests);
  return request !== undefined && requestDigest(request.pem) !== held;
}

function isExpired({ notAfter }: LedgerCertificate, now: Date): boolean {
  return now.getTime() > Date.parse(notAfter);
}
