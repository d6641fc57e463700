/** Rules of how a set shares calls: many clients read weights otherwise than RFC 2782 says. */
import { clientNames } from "../clients/clientFacts.ts";
import type { Tier } from "../tree.ts";
import { agree, type LintContext, nameOfTier } from "./context.ts";
import type { LintRules } from "./rule.ts";

/** Lowest weight at which the draw is as good as proportional: RFC 2782 draws from 0 to the sum, both included. */
const LOWEST_EVEN_WEIGHT = 10;

const HIGHEST_RATIO = 10;

/** The weights of each priority of a tier that lists several nodes at it. */
function* sharedGroups(tiers: readonly Tier[]) {
  for (const tier of tiers) {
    if (tier.form === "addresses") continue;
    for (const { priority, members } of tier.groups) {
      const weights = members.map(({ weight }) => weight);
      if (weights.length < 2) continue;
      yield { tier, priority, members, least: Math.min(...weights), most: Math.max(...weights) };
    }
  }
}

/** The capacity of every active node that states one. */
function capacities({ inventory }: LintContext): ReadonlyMap<string, number> {
  return new Map(
    inventory.nodes.flatMap(({ slot, capacity }) => (capacity === undefined ? [] : [[slot, capacity]])),
  );
}

export const weightRules = {
  "unequal-weights": {
    subject: "weights",
    level: "warning",
    finds: "unequal weights at one priority, where the nodes' capacities do not ask for them",
    source: "measured: Kamailio 5.6.3 with its defaults sends 100 % to the heaviest, baresip ignores weights",
    remedy: "give nodes of one role the same weight, or state a capacity that differs as the weights do",
    file: "nodes.json",
    *check(context) {
      const { clients } = context.tree.policy;
      const first = clientNames(clients, ({ weights }) => weights === "heaviest only");
      const ignoring = clientNames(clients, ({ weights }) => weights === "ignored");
      const capacityOf = capacities(context);
      for (const { tier, priority, members, least, most } of sharedGroups(context.tiers)) {
        if (least === most) continue;
        const stated = members.map(({ slot }) => capacityOf.get(slot));
        if (stated.every((capacity) => capacity !== undefined) && new Set(stated).size > 1) continue;
        const consequences = [
          ...(first.length === 0 ? [] : [`${agree(first, "sends", "send")} everything to the heaviest`]),
          ...(ignoring.length === 0 ? [] : [`${agree(ignoring, "shares", "share")} evenly all the same`]),
        ];
        yield {
          about: nameOfTier(tier),
          message: [`weights at priority ${priority} are from ${least} to ${most}`, ...consequences].join(
            "; ",
          ),
        };
      }
    },
  },

  "weight-ratio": {
    subject: "weights",
    level: "warning",
    finds: `a weight of more than ${HIGHEST_RATIO} times another at the same priority`,
    source:
      "RFC 2782: weights are for static selection; a node that gets almost nothing is proven by almost nobody",
    remedy: `keep weights within a factor of ${HIGHEST_RATIO}; to relieve a node, drain it`,
    file: "nodes.json",
    *check({ tiers }) {
      for (const { tier, priority, least, most } of sharedGroups(tiers)) {
        if (most <= HIGHEST_RATIO * least) continue;
        const ratio = Math.round(most / least);
        yield {
          about: nameOfTier(tier),
          message: `weights at priority ${priority} are ${most} and ${least}, a factor of ${ratio}`,
        };
      }
    },
  },

  "small-weights": {
    subject: "weights",
    level: "warning",
    finds: `weights below ${LOWEST_EVEN_WEIGHT} beside others: of 1 and 1 the first gets 67 %`,
    source: "RFC 2782 (Weight): the draw is from 0 to the sum, both included",
    remedy: "multiply all weights by 100: only their proportion counts",
    file: "nodes.json",
    *check({ tiers }) {
      for (const { tier, priority, least } of sharedGroups(tiers)) {
        if (least >= LOWEST_EVEN_WEIGHT) continue;
        yield {
          about: nameOfTier(tier),
          message: `the least weight at priority ${priority} is ${least}`,
        };
      }
    },
  },
} as const satisfies LintRules;
