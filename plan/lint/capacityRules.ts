/** Rules of load: whether the nodes carry what is expected of them, also when some are gone. */
import { type CapacityFinding, capacityFindings } from "../capacity/capacity.ts";
import { tierText } from "./context.ts";
import type { LintRules } from "./rule.ts";

export const capacityRules = {
  "over-capacity": {
    subject: "redundancy",
    level: "warning",
    finds:
      "a name whose nodes are over policy.utilizationLimit, all there or one node, POP or place gone, in one of " +
      "three ways in which clients share calls",
    source: "measured: weights are read in three ways; Byphone, 2022-06-16: a backup that was too small",
    remedy: "add a node, raise its capacity, or share the region's calls with another POP",
    file: "nodes.json",
    *check({ tree, inventory, renderings }) {
      const backends = renderings.map(({ backend }) => backend);
      const alike = Map.groupBy(capacityFindings(tree, inventory, backends), ({ tier, backend = "" }) =>
        [tier.kind, tier.key, backend].join("\n"),
      );
      for (const [first, ...others] of alike.values()) {
        if (first === undefined) continue;
        const { tier, backend } = first;
        yield {
          about: tierText({ tier: tier.kind, key: tier.key }),
          message: messageOf(first, others.length),
          ...(backend === undefined ? {} : { backends: [backend] }),
        };
      }
    },
  },
} as const satisfies LintRules;

/** The mildest case that is over: what follows from it is counted only. */
function messageOf({ message }: CapacityFinding, others: number): string {
  if (others === 0) return message;
  return `${message}; ${others} more case${others === 1 ? "" : "s"} in \`dialtree capacity\``;
}
