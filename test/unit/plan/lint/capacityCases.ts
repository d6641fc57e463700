/** Cases of the rules about load. */
import type { LintRuleId } from "../../../../inventory/lintRuleIds.ts";
import { PAIRS, type RuleCase, withPolicy } from "./lintOf.ts";

/** Four nodes at two POPs, each for 100 calls at once, of which 80 may be used. */
const FOUR = { ...PAIRS, nodes: PAIRS.nodes.map((node) => ({ ...node, capacity: 100 })) };

export const capacityCases = {
  "over-capacity": {
    fires: withPolicy(FOUR, { expectedLoad: { euro: 200 } }),
    expected: [
      "POP fra: with every node there and all calls at one node, as Kamailio sends them with its defaults, fra1 carries 100 calls at once, and its limit is 80; 3 more cases in `dialtree capacity`",
      "POP lhr: with every node there and all calls at one node, as Kamailio sends them with its defaults, lhr1 carries 100 calls at once, and its limit is 80; 3 more cases in `dialtree capacity`",
      "region euro: with every node there and all calls at one node, as Kamailio sends them with its defaults, fra1 carries 200 calls at once, and its limit is 80; 4 more cases in `dialtree capacity`",
      "the global name: with every node there and all calls at one node, as Kamailio sends them with its defaults, fra1 carries 200 calls at once, and its limit is 80; 4 more cases in `dialtree capacity`",
    ],
    silent: withPolicy(FOUR, { expectedLoad: { euro: 80 } }),
  },
} as const satisfies Partial<Record<LintRuleId, RuleCase>>;
