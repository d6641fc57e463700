/** Rules of what the SRV sets hold: every name has one, every target an address, and clients read all of it. */
import { type SrvRecord, setKey } from "../../dns/records.ts";
import { PLAIN_ANSWER_OCTETS, srvAnswerOctets } from "../../dns/wireSize.ts";
import { CLIENT_FACTS, clientNames } from "../clients/clientFacts.ts";
import { serviceName } from "../staticRecords.ts";
import type { SrvAnswer } from "./answers.ts";
import { agree, labelOf, listText, nameOfTier, serviceLabel, tierText } from "./context.ts";
import type { LintRules } from "./rule.ts";

/** Targets above which a set is called large. */
const COMFORTABLE_TARGETS = 6;

function byPriority({ records }: SrvAnswer): [priority: number, records: SrvRecord[]][] {
  return [...Map.groupBy(records, ({ priority }) => priority)];
}

export const srvRules = {
  "empty-name": {
    subject: "sets",
    level: "error",
    finds:
      "a POP, region or the global name without a set for one of the published services, or without addresses where it has no SRV",
    source: "RFC 2308 section 5: clients remember that there is none",
    remedy: "give the name an active node or a fallback; if it has one, this is a defect of dialtree",
    file: "nodes.json",
    *check({ tree, tiers, renderings }) {
      for (const rendering of renderings) {
        const owners = new Set(rendering.records.map(({ record }) => setKey(record)));
        if (rendering.backend === "route53") {
          for (const alias of rendering.aliases) owners.add(setKey(alias));
        }
        if (rendering.backend === "cloudflare") {
          for (const { name } of rendering.loadBalancers) owners.add(setKey({ name, type: "A" }));
        }
        for (const tier of tiers) {
          const wanted =
            tier.form === "addresses"
              ? [{ what: "A", key: setKey({ name: tier.name, type: "A" }) }]
              : tree.services.map((service) => ({
                  what: serviceLabel(service.transport),
                  key: setKey({ name: serviceName(service, tier.name), type: "SRV" }),
                }));
          const missing = wanted.filter(({ key }) => !owners.has(key)).map(({ what }) => what);
          if (missing.length === 0) continue;
          yield {
            about: nameOfTier(tier),
            message: `${tier.name} has no set for ${listText(missing)}`,
            backends: [rendering.backend],
          };
        }
      }
    },
  },

  "target-without-address": {
    subject: "sets",
    level: "error",
    finds: "an SRV target that has no address in the same plan",
    source: "RFC 2782 (Target): there must be an address record, and the target must not be an alias",
    remedy: "publish the target's address; if its node is in the inventory, this is a defect of dialtree",
    file: "nodes.json",
    *check({ renderings }) {
      for (const rendering of renderings) {
        const addressed = new Set<string>();
        for (const { record } of rendering.records) if (record.type !== "SRV") addressed.add(record.name);
        if (rendering.backend === "cloudflare") {
          for (const { name } of rendering.loadBalancers) addressed.add(name);
        }
        const told = new Set<string>();
        for (const { record } of rendering.records) {
          if (record.type !== "SRV" || addressed.has(record.target) || told.has(record.target)) continue;
          told.add(record.target);
          yield {
            about: record.target,
            message: "is the target of a set and has no address",
            backends: [rendering.backend],
          };
        }
      }
    },
  },

  "lone-priority": {
    subject: "sets",
    level: "warning",
    finds: "a priority with one target beside a priority with several",
    source: "measured: linphonec 5.1.65 (belle-sip) drops every priority of a single target there",
    remedy: "give the lone node a partner of the same role, or make it share the calls",
    file: "nodes.json",
    *check(context) {
      const names = clientNames(context.tree.policy.clients, (facts) => facts.dropsLonePriorities === true);
      if (names.length === 0) return;
      for (const answer of context.answers) {
        const groups = byPriority(answer);
        if (groups.every(([, { length }]) => length === 1)) continue;
        for (const [priority, [record, ...others]] of groups) {
          if (record === undefined || others.length > 0) continue;
          const priorities = groups.flatMap(([each, { length }]) => Array(length).fill(each)).join(", ");
          const slot = labelOf(record.target);
          yield {
            about: tierText(answer.cause),
            message: `the priorities are ${priorities}: ${agree(names, "never tries", "never try")} ${slot}, alone at ${priority}`,
            backends: answer.backends,
          };
        }
      }
    },
  },

  "unread-targets": {
    subject: "sets",
    level: "warning",
    finds: "a set of more targets than a client reads",
    source: "measured: PJSIP 2.15.1 reads the first 8 of the answer, before any priority counts",
    remedy: "set policy.setSize.maxTargets to 8 or less",
    file: "tree.json",
    *check(context) {
      for (const answer of context.answers) {
        const { length } = answer.records;
        for (const client of context.tree.policy.clients) {
          const { name, readsTargets = Infinity } = CLIENT_FACTS[client];
          if (length <= readsTargets) continue;
          yield {
            about: tierText(answer.cause),
            message: `the set has ${length} targets, and ${name} reads ${readsTargets}, whichever come first`,
            backends: answer.backends,
          };
        }
      }
    },
  },

  "large-set": {
    subject: "sets",
    level: "note",
    finds: `a set of more than ${COMFORTABLE_TARGETS} targets`,
    source: "measured: PJSIP 2.15.1 reads 8; a set has to grow by a node before another leaves",
    remedy: `set policy.setSize.maxTargets to ${COMFORTABLE_TARGETS}, which leaves room for two more`,
    file: "tree.json",
    *check(context) {
      for (const answer of context.answers) {
        const { length } = answer.records;
        if (length <= COMFORTABLE_TARGETS) continue;
        yield {
          about: tierText(answer.cause),
          message: `the set has ${length} targets`,
          backends: answer.backends,
        };
      }
    },
  },

  "answer-size": {
    subject: "sets",
    level: "warning",
    finds: `an answer of more than ${PLAIN_ANSWER_OCTETS} octets: none of the measured clients but sipgo asks with EDNS`,
    source: "RFC 1035 section 4.2.1; measured: PJSIP fails, baresip takes what fits, Linphone is 1 s late",
    remedy: "lower policy.setSize.maxTargets, or choose a shorter domain, POPs and slots",
    file: "tree.json",
    *check(context) {
      const failing = clientNames(context.tree.policy.clients, (facts) => facts.failsOnLargeAnswer === true);
      for (const answer of context.answers) {
        const targets = answer.records.map(({ target }) => target);
        const octets = srvAnswerOctets(answer.owner, targets);
        if (octets <= PLAIN_ANSWER_OCTETS) continue;
        const consequence = failing.length === 0 ? "" : `: ${agree(failing, "fails", "fail")} at once`;
        yield {
          about: tierText(answer.cause),
          message:
            `the answer to ${answer.owner} with ${targets.length} targets has ${octets} octets, ` +
            `more than ${PLAIN_ANSWER_OCTETS}${consequence}`,
          backends: answer.backends,
        };
      }
    },
  },

  "unlisted-nodes": {
    subject: "sets",
    level: "note",
    finds: "active nodes that a name's set has no place for",
    source: "policy.setSize: PJSIP reads 8 targets, and an answer without EDNS has 512 octets",
    remedy: "nothing, if other names list them all; else split the region, or shorten names to make room",
    file: "tree.json",
    *check({ tiers }) {
      for (const tier of tiers) {
        const listed = tier.groups.reduce((sum, { members }) => sum + members.length, 0);
        const active = tier.members.length + tier.standby.length;
        if (listed >= active) continue;
        yield { about: nameOfTier(tier), message: `the set lists ${listed} of ${active} active nodes` };
      }
    },
  },
} as const satisfies LintRules;
