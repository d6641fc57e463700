/** Cases of the rules that look at issued certificates. */
import type { LintRuleId } from "../../../../inventory/lintRuleIds.ts";
import { LETS_ENCRYPT_STAGING } from "../../../../plan/certificates/authorities.ts";
import { nodeAt } from "../../../support/inventories.ts";
import { allIssued, factsOf } from "../../../support/issuance.ts";
import { PAIRS, type Plan, type RuleCase, withPolicy } from "./lintOf.ts";

/** So many nodes of one region, by tens at a POP. */
function nodes(count: number): Plan {
  return {
    nodes: Array.from({ length: count }, (_, index) =>
      nodeAt("euro", `p${"abcdef"[Math.floor(index / 10)]}${(index % 10) + 1}`),
    ),
  };
}

/** Every certificate with so many days left. */
function left(days: number): NonNullable<Plan["issuance"]> {
  return (tree) => factsOf(tree, { ledger: allIssued(tree, days) });
}

const ONE_EACH = withPolicy({ nodes: PAIRS.nodes.slice(0, 2) }, { certificates: { profiles: ["exact"] } });

export const issuanceCases = {
  "certificate-below-floor": {
    fires: { ...ONE_EACH, issuance: left(13.9) },
    expected: [
      "node fra1: exact: 13 days left, below the floor of 14 days",
      "node fra2: exact: 13 days left, below the floor of 14 days",
    ],
    silent: [
      { ...ONE_EACH, issuance: left(14) },
      { ...ONE_EACH, issuance: (tree) => factsOf(tree) },
      ONE_EACH,
      {
        ...withPolicy(ONE_EACH, {
          certificates: { profiles: ["exact"], floorDays: 3, minDaysRemaining: 10 },
        }),
        issuance: left(3),
      },
    ],
  },
  "certificate-waves": {
    fires: { ...nodes(26), issuance: (tree) => factsOf(tree) },
    expected: [
      "policy.certificates.waves: 52 certificates take from Let's Encrypt's limit of 50 new certificates per registered domain in 7 days, of which 50 are left: they never fit at once, and in waves the last is issued by 2026-11-24 12:00 UTC",
    ],
    silent: [
      { ...nodes(25), issuance: (tree) => factsOf(tree) },
      { ...withPolicy(nodes(26), { certificates: { waves: true } }), issuance: (tree) => factsOf(tree) },
      { ...nodes(26), issuance: (tree) => factsOf(tree, { authority: LETS_ENCRYPT_STAGING }) },
      { ...nodes(60), issuance: left(10) },
      nodes(60),
    ],
  },
} satisfies Partial<Record<LintRuleId, RuleCase>>;
