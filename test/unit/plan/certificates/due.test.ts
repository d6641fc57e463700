import { describe, expect, test } from "vitest";
import type { CertificateRequest } from "../../../../inventory/certificateRequest.ts";
import { LETS_ENCRYPT_STAGING } from "../../../../plan/certificates/authorities.ts";
import {
  certificateStatuses,
  type DueCertificate,
  daysLeft,
  dueCertificates,
  floorDays,
} from "../../../../plan/certificates/due.ts";
import { floorLines, renewalLines } from "../../../../plan/certificates/dueLines.ts";
import { type LedgerCertificate, requestDigest } from "../../../../plan/ledger.ts";
import { nodeAt } from "../../../support/inventories.ts";
import {
  allIssued,
  type FactsSketch,
  factsOf,
  inDays,
  issued,
  NOW,
  treeOf,
} from "../../../support/issuance.ts";

const ONE = { nodes: [nodeAt("euro", "fra1")] };
const tree = treeOf(ONE);
const [exact, wildcard] = tree.certificates;
if (exact === undefined || wildcard === undefined) throw new Error("two certificates are expected");

function words({ order, why, renewal }: DueCertificate): string {
  return `${order.slot} ${order.profile}: ${why.join(", ")}${renewal ? " (renewal)" : ""}`;
}

/** What is due where the wildcard certificate is fresh and the exact one is as it is changed. */
function dueWith(
  change: Partial<LedgerCertificate>,
  facts: Omit<FactsSketch, "ledger"> = {},
  of = tree,
): string[] {
  const [first, second] = of.certificates;
  if (first === undefined || second === undefined) throw new Error("two certificates are expected");
  const certificates = [{ ...issued(first, 60), ...change }, issued(second, 60)];
  return dueCertificates(factsOf(of, { ...facts, ledger: { certificates } })).map(words);
}

describe("a certificate is due", () => {
  test("where none was issued", () => {
    expect(dueCertificates(factsOf(tree)).map(words)).toEqual(["fra1 exact: new", "fra1 wildcard: new"]);
    expect(dueWith({})).toEqual([]);
  });

  test("as soon as the provider's count of whole days reaches the policy's", () => {
    expect(dueWith({ notAfter: inDays(31) })).toEqual([]);
    expect(dueWith({ notAfter: inDays(31 - 1 / 86_400) })).toEqual(["fra1 exact: renewed (renewal)"]);
    expect(dueWith({ notAfter: inDays(-2) })).toEqual(["fra1 exact: renewed (renewal)"]);
    const late = treeOf({ ...ONE, policy: { certificates: { minDaysRemaining: 20 } } });
    expect(dueWith({ notAfter: inDays(21) }, {}, late)).toEqual([]);
    expect(dueWith({ notAfter: inDays(20.9) }, {}, late)).toEqual(["fra1 exact: renewed (renewal)"]);
  });

  test("where its names are others, and then it is new to the authority", () => {
    expect(dueWith({ names: [...exact.names, "lhr.sip.example.net"] })).toEqual([
      "fra1 exact: names-changed",
    ]);
    expect(dueWith({ names: exact.names.toReversed() })).toEqual([]);
  });

  test("where another key is asked for, and then it is none", () => {
    expect(dueWith({ keyType: "p256" })).toEqual(["fra1 exact: key-type-changed (renewal)"]);
  });

  test("where the node's request is another, is there for the first time, or no more", () => {
    const request = (pem: string) => ({ "fra1.pem": { pem } as CertificateRequest });
    const requested = {
      ...tree,
      certificates: [{ slot: "fra1", profile: exact.profile, names: exact.names, csr: "fra1.pem" }],
    };
    const dueFor = (held: Partial<LedgerCertificate>, present: string) => {
      const { keyType: _, ...made } = issued(exact, 60);
      const certificates = [{ ...made, ...held }];
      return dueCertificates(
        factsOf(requested, { requests: request(present), ledger: { certificates } }),
      ).map(words);
    };
    expect(dueFor({ requestDigest: requestDigest("a1") }, "a1")).toEqual([]);
    expect(dueFor({ requestDigest: requestDigest("a1") }, "b2")).toEqual([
      "fra1 exact: request-changed (renewal)",
    ]);
    expect(dueFor({ keyType: "rsa2048" }, "b2")).toEqual(["fra1 exact: request-changed (renewal)"]);
    expect(dueWith({ requestDigest: requestDigest("a1") })).toEqual([
      "fra1 exact: request-changed (renewal)",
    ]);
    // A folder whose requests were not read tells nothing of keys.
    const unread = { certificates: [{ ...issued(exact, 60), requestDigest: requestDigest("a1") }] };
    expect(dueCertificates(factsOf(requested, { ledger: unread }))).toEqual([]);
  });

  test("where the profile at the authority is another", () => {
    expect(dueWith({ acmeProfile: "tlsserver" })).toEqual(["fra1 exact: acme-profile-changed (renewal)"]);
  });

  test("where another authority has issued it, to which all names are new", () => {
    expect(dueWith({}, { authority: LETS_ENCRYPT_STAGING })).toEqual([
      "fra1 exact: authority-changed",
      "fra1 wildcard: authority-changed",
    ]);
  });

  test("for several reasons at once, and all are told", () => {
    expect(dueWith({ notAfter: inDays(3), names: ["fra1.sip.example.net"], keyType: "p384" })).toEqual([
      "fra1 exact: names-changed, key-type-changed, renewed",
    ]);
  });

  test("for its age alone where an earlier version wrote down no more than its times", () => {
    const nameless = (days: number) => {
      const { slot, profile, notBefore, notAfter } = issued(exact, days);
      return [{ slot, profile, notBefore, notAfter }, issued(wildcard, 60)];
    };
    expect(dueCertificates(factsOf(tree, { ledger: { certificates: nameless(60) } }))).toEqual([]);
    expect(dueCertificates(factsOf(tree, { ledger: { certificates: nameless(20) } })).map(words)).toEqual([
      "fra1 exact: renewed (renewal)",
    ]);
  });

  test("as a renewal only within 120 days of the last issue of its names", () => {
    const issuedBefore = (days: number) => ({ notBefore: inDays(-days - 1 / 24), notAfter: inDays(10) });
    expect(dueWith(issuedBefore(120))).toEqual(["fra1 exact: renewed (renewal)"]);
    expect(dueWith(issuedBefore(120.1))).toEqual(["fra1 exact: renewed"]);
  });
});

describe("the state of a certificate", () => {
  const states = (daysLeft: number, of = tree) =>
    certificateStatuses(factsOf(of, { ledger: allIssued(of, daysLeft) })).map(({ condition }) => condition);

  test("goes from ok over due and below the floor to expired", () => {
    const course = [31, 30.9, 14, 13.9, 0, -0.001].map((days) => states(days)[0]);
    expect(course).toEqual(["ok", "due", "due", "below-floor", "below-floor", "expired"]);
    expect(certificateStatuses(factsOf(tree)).map(({ condition }) => condition)).toEqual([
      "not-issued",
      "not-issued",
    ]);
  });

  test("has the day from which an update renews it", () => {
    const [status] = certificateStatuses(factsOf(tree, { ledger: allIssued(tree, 60) }));
    expect(status?.life).toEqual({ notAfter: inDays(60), daysLeft: 60, renewAt: new Date(inDays(29)) });
  });

  test("has whole days, which are 0 in the last one and the first after it", () => {
    const days = [1.5, 1, 0.5, -0.5, -1, -1.5].map((left) => daysLeft({ notAfter: inDays(left) }, NOW));
    expect(days).toEqual([1, 1, 0, 0, -1, -1]);
  });

  test("has a floor of 14 days, or one below the renewal where that is as late, or the policy's", () => {
    const floor = (policy: { minDaysRemaining?: number; floorDays?: number }) =>
      floorDays(treeOf({ ...ONE, policy: { certificates: policy } }).policy.certificates);
    expect([floor({}), floor({ minDaysRemaining: 15 }), floor({ minDaysRemaining: 14 })]).toEqual([
      14, 14, 13,
    ]);
    expect([floor({ minDaysRemaining: 4 }), floor({ floorDays: 21 }), floor({ floorDays: 0 })]).toEqual([
      3, 21, 0,
    ]);
  });
});

describe("what a preview says", () => {
  test("is a line for each renewal, and a warning for each certificate below its floor", () => {
    const certificates = [issued(exact, 29.5), issued(wildcard, 1.2)];
    const facts = factsOf(tree, { ledger: { certificates } });
    expect(renewalLines(facts)).toEqual([
      "renews fra1 exact: 29 days left",
      "renews fra1 wildcard: 1 day left",
    ]);
    expect(floorLines(facts)).toEqual([
      "certificate-below-floor: fra1 wildcard: 1 day left, below the floor of 14 days",
    ]);
    const expired = factsOf(tree, { ledger: { certificates: [issued(exact, 60), issued(wildcard, -1)] } });
    expect(floorLines(expired)).toEqual([
      "certificate-below-floor: fra1 wildcard: expired at 2026-11-22 12:00 UTC",
    ]);
  });

  test("is nothing where nothing is near its end, and of new certificates the engine's own list tells", () => {
    for (const facts of [factsOf(tree), factsOf(tree, { ledger: allIssued(tree, 60) })]) {
      expect([...renewalLines(facts), ...floorLines(facts)]).toEqual([]);
    }
  });

  test("is short where a whole fleet is renewed", () => {
    const fleet = treeOf({
      nodes: Array.from({ length: 20 }, (_, index) => nodeAt("euro", `fra${index + 1}`)),
    });
    const lines = renewalLines(factsOf(fleet, { ledger: allIssued(fleet, 20) }));
    expect(lines).toHaveLength(21);
    expect(lines.at(-1)).toMatch(/^20 more: npx dialtree cert plan/);
  });
});
