/** What one update does about the certificates: it issues them, holds them as they are, or leaves them for later. */
import { type Problem, Refusal } from "../../inventory/problem.ts";
import type { LedgerCertificate } from "../ledger.ts";
import { timeText } from "../runTime.ts";
import type { CertificateOrder } from "../tree.ts";
import { type AuthorityBuckets, setDigest } from "./authorityBuckets.ts";
import { type DueCertificate, dueCertificates, heldByOrder, type IssuanceFacts } from "./due.ts";
import { orderText } from "./orderChecks.ts";
import { presentBuckets, schedule, type Wave } from "./schedule.ts";

export interface RunOrders {
  readonly issue: readonly CertificateOrder[];
  /** Issued already: with the names and the key that they were issued for, and to be left as they are. */
  readonly keep: readonly CertificateOrder[];
  /** Due, and waiting; where the node has a certificate meanwhile, that one is among those to keep. */
  readonly defer: readonly { readonly order: CertificateOrder; readonly at: Date }[];
}

/**
 * @throws Refusal (rule `certificate-limits`) when the authority's limits have no room for all that is due, and the
 *   policy does not allow waves.
 */
export function runOrders(facts: IssuanceFacts): RunOrders {
  const orders = facts.tree.certificates;
  const due = dueCertificates(facts);
  const [now, ...later] = schedule(due, facts);
  if (later.length > 0 && !facts.tree.policy.certificates.waves)
    throw new Refusal(limitProblems(due, later, facts));
  const issuing = new Set(now.certificates.map(({ order }) => orderText(order)));
  const heldBy = heldByOrder(facts.ledger);
  return {
    issue: orders.filter((order) => issuing.has(orderText(order))),
    keep: orders.flatMap((order) => {
      const held = heldBy.get(orderText(order));
      return held === undefined || issuing.has(orderText(order)) ? [] : [asHeld(order, held)];
    }),
    defer: later.flatMap(({ at, certificates }) => certificates.map(({ order }) => ({ order, at }))),
  };
}

/** What an earlier version did not write down is as it is ordered now. */
function asHeld(order: CertificateOrder, held: LedgerCertificate): CertificateOrder {
  const { names = order.names, directory, keyType } = held;
  if (directory === undefined) return { ...order, names };
  const { slot, profile, csr } = order;
  const key = keyType !== undefined ? { keyType } : csr === undefined ? {} : { csr };
  return { slot, profile, names, ...key };
}

/** Why not all of it can be issued now: one problem for each limit that all share, and for each set of names. */
export function limitProblems(
  due: readonly DueCertificate[],
  later: readonly Wave[],
  facts: IssuanceFacts,
): Problem[] {
  const buckets = presentBuckets(facts);
  if (buckets === undefined) return [];
  const shared = (["registeredDomain", "newOrders"] as const).flatMap((limit) =>
    sharedProblem(limit, due, later, facts, buckets),
  );
  return [...shared, ...due.flatMap((each) => setProblem(each, facts, buckets))];
}

function sharedProblem(
  limit: "registeredDomain" | "newOrders",
  due: readonly DueCertificate[],
  later: readonly Wave[],
  { authority: { name, limits }, now }: IssuanceFacts,
  buckets: AuthorityBuckets,
): Problem[] {
  const facts = limits?.[limit];
  const taking = due.filter(({ renewal }) => !(renewal && facts?.exemptsRenewals)).length;
  const left = buckets.left(limit, now.getTime());
  if (facts === undefined || taking <= left) return [];
  const together = buckets.available(limit, taking);
  const last = later.at(-1)?.at ?? now;
  const when = Number.isFinite(together)
    ? `all fit at once from ${timeText(new Date(together))}`
    : `they never fit at once, and in waves the last is issued by ${timeText(last)}`;
  return [
    {
      place: "tree.json",
      key: "policy.certificates.waves",
      value: "false",
      rule: "certificate-limits",
      message: `${taking} certificates take from ${name}'s limit of ${facts.capacity} ${facts.counts} in ${facts.period}, of which ${left} are left: ${when}`,
      remedy:
        "set it to true, so that this update issues what fits and later ones the rest; or add fewer nodes at once, or " +
        "begin with one profile",
    },
  ];
}

function setProblem(
  { order }: DueCertificate,
  { authority: { name, limits }, now }: IssuanceFacts,
  buckets: AuthorityBuckets,
): Problem[] {
  const set = setDigest(order.names);
  if (limits === undefined || buckets.left("exactSet", now.getTime(), set) > 0) return [];
  const { capacity, counts, period } = limits.exactSet;
  return [
    {
      place: "nodes.json",
      key: orderText(order),
      rule: "certificate-limits",
      message: `nothing is left of ${name}'s limit of ${capacity} ${counts} in ${period}: the next fits from ${timeText(new Date(buckets.available("exactSet", 1, set)))}`,
      remedy:
        "wait until then and keep the node's key; with policy.certificates.waves the other certificates need not wait",
    },
  ];
}
