/** Rules of time: how long a cache may go on with what is no longer true. */
import type { Policy } from "../../inventory/treeSchema.ts";
import type { LintRules } from "./rule.ts";

const LONGEST_TTL_SECONDS = 300;

const LONGEST_GEO_TTL_SECONDS = 60;

function longestProbeSeconds({ probe }: Policy): number {
  return probe.intervalSeconds + probe.timeoutSeconds * (probe.retries + 1);
}

export const ttlRules = {
  "ttl-mismatch": {
    subject: "time",
    level: "warning",
    finds: "SRV sets and node addresses with different times to live",
    source: "RFC 2181 section 5.2; a drain is over when the longer of the two has run out",
    remedy: "make policy.ttlSeconds.srv and policy.ttlSeconds.node the same",
    file: "tree.json",
    *check({ tree }) {
      const { srv, node } = tree.policy.ttlSeconds;
      if (srv === node) return;
      yield {
        about: "policy.ttlSeconds",
        message: `SRV sets live ${srv} s and the addresses that they name ${node} s`,
      };
    },
  },

  "long-ttl": {
    subject: "time",
    level: "warning",
    finds: `a time to live of more than ${LONGEST_TTL_SECONDS} s`,
    source: "every planned change takes as long; measured: PJSIP caps it at 300 s, the others do not",
    remedy: `write 30 to ${LONGEST_TTL_SECONDS}; 60 is usual for names that change in an incident`,
    file: "tree.json",
    *check({ tree }) {
      for (const [key, seconds] of Object.entries(tree.policy.ttlSeconds)) {
        if (seconds <= LONGEST_TTL_SECONDS) continue;
        yield {
          about: `policy.ttlSeconds.${key}`,
          message: `${seconds} s is how long a node that is taken out still gets new calls`,
        };
      }
    },
  },

  "long-geo-ttl": {
    subject: "time",
    level: "note",
    finds: `steered names that live longer than ${LONGEST_GEO_TTL_SECONDS} s`,
    source:
      "detection by probes and the time to live add up; clients without SRV keep a dead address meanwhile",
    remedy: `set policy.ttlSeconds.geo to ${LONGEST_GEO_TTL_SECONDS} or less`,
    file: "tree.json",
    *check({ tree, tiers }) {
      const { geo } = tree.policy.ttlSeconds;
      if (geo <= LONGEST_GEO_TTL_SECONDS || tiers.every((tier) => tier.geo === undefined)) return;
      const probe = longestProbeSeconds(tree.policy);
      yield {
        about: "policy.ttlSeconds.geo",
        message: `a dead site is left after up to ${probe} s of probing and ${geo} s of caching`,
      };
    },
  },
} as const satisfies LintRules;
