/** Lint rules that hold the planner to what it promises: why no inventory sets them off. */
import type { LintRuleId } from "../../inventory/lintRuleIds.ts";

export const PLANNER_GUARDS: Partial<Readonly<Record<LintRuleId, string>>> = {
  "empty-name":
    "a POP without an active node is answered by its region and a region by its fallback; where none can answer, the inventory is refused (region-without-answer)",
  "target-without-address":
    "sets list active nodes and the host names of halves; every node that is not retired has its addresses, every half its load balancer",
  "split-brain": "a name whose addresses are steered has its SRV set steered too, or has none",
  "uncovered-name": "the names of an exact certificate are those of all names that can list the node",
};
