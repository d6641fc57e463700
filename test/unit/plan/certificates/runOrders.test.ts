import { describe, expect, test } from "vitest";
import { problemLine, Refusal } from "../../../../inventory/problem.ts";
import { LETS_ENCRYPT, LETS_ENCRYPT_STAGING } from "../../../../plan/certificates/authorities.ts";
import { setDigest } from "../../../../plan/certificates/authorityBuckets.ts";
import type { IssuanceFacts } from "../../../../plan/certificates/due.ts";
import { issuancePlan } from "../../../../plan/certificates/issuancePlan.ts";
import { type RunOrders, runOrders } from "../../../../plan/certificates/runOrders.ts";
import type { LedgerBucket } from "../../../../plan/ledger.ts";
import type { Tree } from "../../../../plan/tree.ts";
import { nodeAt } from "../../../support/inventories.ts";
import { allIssued, factsOf, inDays, issued, NOW, treeOf } from "../../../support/issuance.ts";

function fleet(count: number, waves = false): Tree {
  const nodes = Array.from({ length: count }, (_, index) => nodeAt("euro", `fra${index + 1}`));
  return treeOf({ nodes, policy: { certificates: { waves } } });
}

function keys(orders: RunOrders["issue"]): string[] {
  return orders.map(({ slot, profile }) => `${slot} ${profile}`);
}

function refusalOf(facts: IssuanceFacts): string[] {
  try {
    runOrders(facts);
  } catch (error) {
    if (error instanceof Refusal) return error.problems.map(problemLine);
    throw error;
  }
  throw new Error("nothing was refused");
}

/** The set of an order as used up until so many days from now. */
function usedUp(tree: Tree, days: number): LedgerBucket {
  const names = tree.certificates[0]?.names ?? [];
  return {
    directory: LETS_ENCRYPT.directory,
    limit: "exactSet",
    set: setDigest(names),
    fullAt: inDays(days),
  };
}

describe("an update", () => {
  test("issues what is due and keeps the rest", () => {
    const tree = fleet(2);
    const ledger = { certificates: allIssued(tree, 60).certificates.slice(0, 3) };
    const run = runOrders(factsOf(tree, { ledger }));
    expect(keys(run.issue)).toEqual(["fra2 wildcard"]);
    expect(run.keep).toEqual(tree.certificates.slice(0, 3));
    expect(run.defer).toEqual([]);
  });

  test("issues what fits where waves are allowed, and says when the others come", () => {
    const tree = fleet(30, true);
    const run = runOrders(factsOf(tree));
    expect([run.issue.length, run.keep.length, run.defer.length]).toEqual([50, 0, 10]);
    expect(keys(run.issue)).toEqual(keys(tree.certificates.slice(0, 50)));
    expect(run.defer.map(({ order, at }) => `${order.slot} ${at.toISOString()}`)).toEqual(
      ["fra26", "fra26", "fra27", "fra27", "fra28", "fra28"]
        .map((slot) => `${slot} 2026-11-24T12:00:00.000Z`)
        .concat(["fra29", "fra29", "fra30", "fra30"].map((slot) => `${slot} 2026-11-25T12:00:00.000Z`)),
    );
  });

  test("keeps a certificate that has to wait with the names and the key that it was issued for", () => {
    const tree = fleet(30, true);
    const before = tree.certificates.map((order) => ({ ...issued(order, 60), names: order.names.slice(1) }));
    const run = runOrders(factsOf(tree, { ledger: { certificates: before } }));
    expect(run.issue).toHaveLength(50);
    expect(run.keep).toEqual(
      tree.certificates.slice(50).map((order) => ({ ...order, names: order.names.slice(1) })),
    );
    expect(keys(run.defer.map(({ order }) => order))).toEqual(keys(run.keep));
  });

  test("keeps a key that the provider made although a request waits, and a request although it is gone", () => {
    const [exact] = fleet(1).certificates;
    if (exact === undefined) throw new Error("no order");
    const { keyType, ...plain } = exact;
    const requested = { ...plain, csr: "fra1.pem" };
    const keep = (order: typeof requested | typeof exact, held: object) => {
      const tree = { ...fleet(1, true), certificates: [order] };
      const { keyType: _, ...times } = issued(exact, 60);
      const requests = { "fra1.pem": { pem: "b2" } } as unknown as IssuanceFacts["requests"];
      const ledger = { certificates: [{ ...times, ...held }], buckets: [usedUp(tree, 7)] };
      return runOrders(factsOf(tree, { requests, ledger })).keep;
    };
    expect(keep(requested, { keyType })).toEqual([exact]);
    expect(keep(requested, { requestDigest: "a1" })).toEqual([requested]);
    expect(keep(exact, { requestDigest: "a1" })).toEqual([plain]);
  });

  test("is refused where it does not fit and waves are not allowed, with figures, limit, date and remedy", () => {
    expect(refusalOf(factsOf(fleet(30)))).toEqual([
      "tree.json: policy.certificates.waves: false: 60 certificates take from Let's Encrypt's limit of 50 new " +
        "certificates per registered domain in 7 days, of which 50 are left: they never fit at once, and in waves the " +
        "last is issued by 2026-11-25 12:00 UTC [certificate-limits]; set it to true, so that this update issues what " +
        "fits and later ones the rest; or add fewer nodes at once, or begin with one profile",
    ]);
    const [later = ""] = refusalOf(factsOf(fleet(10), { otherIssued: 45 }));
    expect(later).toContain("of which 5 are left: all fit at once from 2026-11-25 14:30 UTC [");
  });

  test("is refused for each set of names that is used up, and the node's certificate is named", () => {
    const tree = fleet(1);
    const ledger = {
      certificates: allIssued(tree, 60).certificates.map((each) => ({ ...each, keyType: "p256" as const })),
      buckets: [usedUp(tree, 7)],
    };
    expect(refusalOf(factsOf(tree, { ledger }))).toEqual([
      "nodes.json: fra1 exact: nothing is left of Let's Encrypt's limit of 5 certificates of one exact set of names in " +
        "7 days: the next fits from 2026-11-24 20:00 UTC [certificate-limits]; wait until then and keep the node's key; " +
        "with policy.certificates.waves the other certificates need not wait",
    ]);
    const waves = fleet(1, true);
    const run = runOrders(factsOf(waves, { ledger }));
    expect([keys(run.issue), keys(run.keep)]).toEqual([["fra1 wildcard"], ["fra1 exact"]]);
  });

  test("is never refused for renewals, or by an authority whose limits are wide or not known", () => {
    const tree = fleet(60);
    expect(runOrders(factsOf(tree, { ledger: allIssued(tree, 10), otherIssued: 50 })).issue).toHaveLength(
      120,
    );
    expect(runOrders(factsOf(tree, { authority: LETS_ENCRYPT_STAGING })).issue).toHaveLength(120);
    const own = { name: "ca.example.test", directory: "https://ca.example.test/directory" };
    expect(runOrders(factsOf(tree, { authority: own })).issue).toHaveLength(120);
  });
});

describe("the plan of the next updates", () => {
  test("has the waves, what stays, the refusals, and what is left of each limit", () => {
    const tree = fleet(26);
    const certificates = [...tree.certificates.slice(0, 1).map((order) => issued(order, 60))];
    const buckets: LedgerBucket[] = [
      usedUp(tree, 2),
      { directory: LETS_ENCRYPT.directory, limit: "registeredDomain", fullAt: inDays(1) },
    ];
    const plan = issuancePlan(factsOf(tree, { ledger: { certificates, buckets } }));
    expect(plan.waves.map(({ at, certificates }) => [at, certificates.length])).toEqual([
      ["2026-11-23T12:00:00.000Z", 41],
      ["2026-11-24T12:00:00.000Z", 8],
      ["2026-11-25T12:00:00.000Z", 2],
    ]);
    expect(plan.waves[0]?.certificates[0]).toEqual({
      slot: "fra1",
      profile: "wildcard",
      why: ["new"],
      renewal: false,
      names: tree.certificates[1]?.names,
    });
    expect([plan.kept, plan.wavesAllowed, plan.refusals.length]).toEqual([1, false, 1]);
    expect(
      plan.limits.map(({ limit, left, capacity, fullAt, certificate }) => [
        limit,
        left,
        capacity,
        fullAt,
        certificate,
      ]),
    ).toEqual([
      ["registeredDomain", 42, 50, inDays(1), undefined],
      ["newOrders", 300, 300, undefined, undefined],
      ["exactSet", 3, 5, inDays(2), { slot: "fra1", profile: "exact" }],
    ]);
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  });

  test("refuses nothing where waves are allowed, or all fits", () => {
    expect(issuancePlan(factsOf(fleet(26, true))).refusals).toEqual([]);
    const fits = issuancePlan(factsOf(fleet(25)));
    expect([fits.refusals, fits.waves.length, fits.now]).toEqual([[], 1, NOW.toISOString()]);
  });
});
