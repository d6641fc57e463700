/** Rules of what is left of a name when a node, a POP or a region fails. */
import type { Tier } from "../tree.ts";
import { type LintContext, listText, nameOfTier } from "./context.ts";
import type { LintRules } from "./rule.ts";

function slotsOf({ members, standby }: Tier): string[] {
  return [...members, ...standby].map(({ slot }) => slot);
}

/** Regions that their own nodes answer for. */
function ownRegions({ tree }: LintContext): Tier[] {
  return tree.regions.filter(({ answeredBy }) => answeredBy.kind === "own");
}

export const redundancyRules = {
  "single-target": {
    subject: "redundancy",
    level: "warning",
    finds: "a region or the global name with one active node: nothing is left when it fails",
    source: "RFC 2782: failover needs a second target",
    remedy: "add a node, best at another POP",
    file: "nodes.json",
    *check(context) {
      for (const tier of [...ownRegions(context), context.tree.global]) {
        const [slot, ...others] = slotsOf(tier);
        if (slot === undefined || others.length > 0) continue;
        yield { about: nameOfTier(tier), message: `${tier.name} leads to ${slot} alone` };
      }
    },
  },

  "single-node-pop": {
    subject: "redundancy",
    level: "note",
    finds: "a POP with one active node, which a customer may have pinned",
    source: "RFC 2782: failover needs a second target",
    remedy: "add a node to the POP, or tell customers to pin the region",
    file: "nodes.json",
    *check({ tree }) {
      for (const tier of tree.pops) {
        const [slot, ...others] = slotsOf(tier);
        if (slot === undefined || others.length > 0 || tier.answeredBy.kind !== "own") continue;
        yield { about: nameOfTier(tier), message: `${tier.name} leads to ${slot} alone` };
      }
    },
  },

  "one-pop-region": {
    subject: "redundancy",
    level: "warning",
    finds: "a region of several active nodes, all at one POP",
    source: "a datacenter fails as a whole; a fallback region answers only after an edit",
    remedy: "place a node of the region at a second POP",
    file: "nodes.json",
    *check(context) {
      for (const [region, nodes] of context.activeByRegion) {
        const pops = new Set(nodes.map(({ pop }) => pop));
        const [pop] = pops;
        if (pops.size !== 1 || nodes.length < 2) continue;
        yield { about: `region ${region}`, message: `all ${nodes.length} active nodes are at POP ${pop}` };
      }
    },
  },

  "standby-serves": {
    subject: "redundancy",
    level: "warning",
    finds: "a region whose standby nodes take the calls, because no primary is active",
    source: "RFC 2782 (Priority)",
    remedy: "set a primary to active, or give a standby node the role primary",
    file: "nodes.json",
    *check(context) {
      for (const tier of ownRegions(context)) {
        const nodes = context.activeByRegion.get(tier.key) ?? [];
        if (nodes.some(({ role }) => role === "primary")) continue;
        const slots = nodes.map(({ slot }) => slot);
        yield {
          about: nameOfTier(tier),
          message: `no primary is active; ${listText(slots)} stand${slots.length === 1 ? "s" : ""} in, with no one behind`,
        };
      }
    },
  },

  "standby-capacity": {
    subject: "redundancy",
    level: "warning",
    finds: "standby nodes of a region that cannot carry the load expected there, or what its primaries can",
    source: "Byphone, 2022-06-16: phones moved to a backup that was too small",
    remedy: "add standby nodes, or let nodes of another POP share the calls as primaries",
    file: "nodes.json",
    *check(context) {
      const capacityOf = new Map(context.inventory.nodes.map(({ slot, capacity }) => [slot, capacity]));
      const expectedLoad = new Map(Object.entries(context.tree.policy.expectedLoad));
      const total = (members: Tier["members"]): number | undefined =>
        members.reduce<number | undefined>((sum, { slot }) => {
          const capacity = capacityOf.get(slot);
          return sum === undefined || capacity === undefined ? undefined : sum + capacity;
        }, 0);
      for (const tier of ownRegions(context)) {
        const expected = expectedLoad.get(tier.key);
        const needed = expected ?? total(tier.members);
        const standby = total(tier.standby);
        if (tier.standby.length === 0 || needed === undefined || standby === undefined) continue;
        if (standby >= needed) continue;
        const load =
          expected === undefined ? `the primaries that they back carry ${needed}` : `${needed} are expected`;
        yield { about: nameOfTier(tier), message: `standby nodes carry ${standby} calls, and ${load}` };
      }
    },
  },

  "region-answered-by-fallback": {
    subject: "redundancy",
    level: "note",
    finds: "a region that another answers for, because it has no active node",
    source: "policy.regions: fallback",
    remedy: "nothing, where the region has no hardware yet; else set one of its nodes to active",
    file: "nodes.json",
    *check({ tree }) {
      for (const tier of tree.regions) {
        if (tier.answeredBy.kind !== "region") continue;
        yield {
          about: nameOfTier(tier),
          message: `${tier.name} has no active node of its own; ${tier.answeredBy.region} answers`,
        };
      }
    },
  },

  "pop-answered-by-region": {
    subject: "redundancy",
    level: "note",
    finds: "a POP that its region answers for, because it has no active node",
    source: "RFC 2308 section 5: an empty name would be remembered as empty",
    remedy: "nothing during a drain; else set one of its nodes to active",
    file: "nodes.json",
    *check({ tree }) {
      for (const tier of tree.pops) {
        if (tier.answeredBy.kind !== "region") continue;
        yield {
          about: nameOfTier(tier),
          message: `${tier.name} has no active node of its own; region ${tier.answeredBy.region} answers`,
        };
      }
    },
  },

  "no-fallback": {
    subject: "redundancy",
    level: "note",
    finds: "a region without a fallback that no other region falls back to either",
    source: "policy.regions: fallback",
    remedy: "name a region that answers when this one has no active node",
    file: "tree.json",
    *check({ tree }) {
      const { regions } = tree.policy;
      const standIns = new Set(Object.values(regions).flatMap(({ fallback }) => fallback));
      if (tree.regions.length < 2) return;
      for (const { key, name } of tree.regions) {
        if ((regions[key]?.fallback ?? []).length > 0 || standIns.has(key)) continue;
        yield {
          about: `region ${key}`,
          message: `${name} has no fallback: the edit that takes its last node will be refused`,
        };
      }
    },
  },

  "inactive-fallback": {
    subject: "redundancy",
    level: "warning",
    finds: "a fallback region that has no active node itself",
    source: "policy.regions: fallback",
    remedy: "name regions with active nodes",
    file: "tree.json",
    *check({ tree, activeByRegion }) {
      for (const [region, { fallback }] of Object.entries(tree.policy.regions)) {
        const inactive = fallback.filter((key) => !activeByRegion.has(key));
        if (inactive.length === 0) continue;
        yield {
          about: `region ${region}`,
          message: `its fallback ${listText(inactive)} has no active node`,
        };
      }
    },
  },
} as const satisfies LintRules;
