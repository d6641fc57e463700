/**
 * What one update of a stack does of all that the inventory asks for: certificates come first, and a name lists a node
 * once an earlier update has issued what the node needs there.
 */
import { isWithin } from "../../dns/names.ts";
import type { Inventory } from "../../inventory/inventory.ts";
import { Refusal } from "../../inventory/problem.ts";
import { listedSlots, type ObservedRow, POOL_ORIGIN } from "../observed.ts";
import { planTree } from "../plan.ts";
import { timeText } from "../runTime.ts";
import type { CertificateOrder, Tree } from "../tree.ts";
import { type MayList, mayListIssued, mayListIssuing } from "./coverage.ts";
import type { IssuanceFacts } from "./due.ts";
import { heldBack, heldBackLines, vanishingNames } from "./heldBack.ts";
import { orderText } from "./orderChecks.ts";
import { runOrders } from "./runOrders.ts";

export interface Stage {
  readonly tree: Tree;
  readonly certificates: readonly StagedCertificate[];
  /** What waits for a later update, for people. */
  readonly lines: readonly string[];
}

export interface StagedCertificate {
  readonly order: CertificateOrder;
  /** What is there stays as it is for now, although it is due. */
  readonly waits: boolean;
}

export type StageFacts = Omit<IssuanceFacts, "tree" | "requests">;

/**
 * @param asked the tree of the inventory as it stands.
 * @param observed what is live.
 * @throws Refusal (rule `certificate-limits`) when the authority has no room for what is due and the policy does not
 *   allow waves; (rule `certificate-order`) when a name that is live would be left without an answer.
 */
export function stageUpdate(
  inventory: Inventory,
  asked: Tree,
  observed: readonly ObservedRow[],
  facts: StageFacts,
): Stage {
  const run = runOrders({ ...facts, tree: asked, requests: inventory.requests });
  const waiting = new Set(run.defer.map(({ order }) => orderText(order)));
  refuseOtherAuthority(waiting, facts);
  const tree = planTree(inventory, mayList(asked, observed, run.issue, facts));
  const held = heldBack(asked, tree);
  const problems = vanishingNames(held, observed);
  if (problems.length > 0) throw new Refusal(problems);
  return {
    tree,
    certificates: [...run.issue, ...run.keep].map((order) => ({
      order,
      waits: waiting.has(orderText(order)),
    })),
    lines: [
      ...run.defer.map(
        ({ order, at }) =>
          `certificate-limits: ${orderText(order)} waits for the authority's limits and fits from ${timeText(at)}`,
      ),
      ...heldBackLines(held, inventory.policy.certificates.profiles),
    ],
  };
}

/** A certificate that is left as it is needs its account, and the stack has that of the present authority only. */
function refuseOtherAuthority(waiting: ReadonlySet<string>, { ledger, authority }: StageFacts): void {
  const other = ledger.certificates.filter(
    (held) =>
      waiting.has(orderText(held)) && held.directory !== undefined && held.directory !== authority.directory,
  );
  if (other.length === 0) return;
  throw new Refusal([
    {
      place: "stack configuration",
      key: "dialtree:acme.directory",
      value: authority.directory,
      rule: "certificate-limits",
      message: `${other.length} certificates of the authority before would have to wait for this one's limits, and only one authority is asked at a time`,
      remedy:
        "deploy once without dialtree:acme, which revokes nothing and leaves every name as it is (the account is " +
        "unprotected before, with pulumi state unprotect), then with the new directory",
    },
  ]);
}

/**
 * Before the first certificate the stack is empty, and names wait for certificates inside the one update; or it was
 * deployed without them, and a node that is listed already stays listed until it has its own, in whichever wave.
 */
function mayList(
  asked: Tree,
  observed: readonly ObservedRow[],
  issuing: readonly CertificateOrder[],
  { ledger }: StageFacts,
): MayList {
  const may =
    ledger.certificates.length > 0 ? mayListIssued(ledger) : mayListIssuing(issuing, asked.certificates);
  const holding = new Set(ledger.certificates.map(({ slot }) => slot));
  // Other names of the zone may lead to a node that is yet to be brought into service.
  const own = observed.filter(({ name, type }) => type === POOL_ORIGIN || isWithin(name, asked.domain));
  const listed = listedSlots(asked, own);
  return (slot, names) => (listed.has(slot) && !holding.has(slot)) || may(slot, names);
}
