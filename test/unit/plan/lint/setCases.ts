/** Cases of the rules about sets, weights and redundancy. */
import type { LintRuleId } from "../../../../inventory/lintRuleIds.ts";
import type { Rendering } from "../../../../plan/rendering.ts";
import { nodeAt } from "../../../support/inventories.ts";
import { changed, PAIRS, type Plan, type RuleCase, WORLD, withNodes, withPolicy } from "./lintOf.ts";

function without(drop: (name: string, type: string) => boolean): (rendering: Rendering) => Rendering {
  return (rendering) => ({
    ...rendering,
    records: rendering.records.filter(({ record: { name, type } }) => !drop(name, type)),
  });
}

const STANDBY_LONE = withNodes(PAIRS, nodeAt("euro", "ams1", { role: "standby" }));
const STANDBY_PAIR = withNodes(STANDBY_LONE, nodeAt("euro", "ams2", { role: "standby" }));
const NINE: Plan = {
  ...PAIRS,
  nodes: Array.from({ length: 9 }, (_, index) => nodeAt("euro", `fra${index + 1}`)),
};

/** A label of 50 characters: two targets of such names and a long question take more than half of 512 octets. */
const LONG = "a".repeat(50);
const LONG_NAMES: Plan = {
  nodes: [1, 2, 3, 4].map((number) => nodeAt(`r${LONG}`, `p${LONG}${number}`)),
  policy: { setSize: { maxAnswerOctets: 600 } },
  environment: { domain: `${LONG}.${LONG}.example.net` },
};

/** The answer of the region, and of its POP, has 512 octets: 73 + 3 × 113 of the domain + 2 × 50 of the slots. */
const ANSWER_OF_512: Plan = {
  nodes: [1, 2].map((number) => nodeAt("r", `${"a".repeat(49)}${number}`, { pop: "p" })),
  environment: { domain: `${LONG}.${LONG}.example.net` },
};

const WEIGHTS = (first: number, second: number): Plan =>
  changed(changed(WORLD, "fra1", { weight: first }), "lhr1", { weight: second });

/** The plan with a capacity for each node of which one is told. */
function withCapacity(plan: Plan, capacityOf: (slot: string) => number | undefined): Plan {
  return {
    ...plan,
    nodes: plan.nodes.map((node) => {
      const capacity = capacityOf(node.slot);
      return capacity === undefined ? node : { ...node, capacity };
    }),
  };
}

export const setCases = {
  "empty-name": {
    fires: { ...PAIRS, spoil: without((name) => name === "_sip._udp.fra.sip.example.net") },
    expected: ["POP fra: fra.sip.example.net has no set for _sip._udp"],
    silent: { ...WORLD, policy: { ...WORLD.policy, globalGeoForm: "addresses" } },
  },
  "target-without-address": {
    fires: {
      ...WORLD,
      spoil: without((name, type) => name === "fra1.sip.example.net" && type !== "SRV"),
    },
    expected: ["fra1.sip.example.net: is the target of a set and has no address"],
    silent: WORLD,
  },
  "lone-priority": {
    fires: STANDBY_LONE,
    expected: [
      "region euro: the priorities are 10, 10, 10, 10, 20: Linphone never tries ams1, alone at 20",
      "the global name: the priorities are 10, 10, 10, 10, 20: Linphone never tries ams1, alone at 20",
    ],
    silent: STANDBY_PAIR,
  },
  "unread-targets": {
    fires: withPolicy(NINE, { setSize: { maxTargets: 9, maxAnswerOctets: 1232 } }),
    expected: ["POP fra", "region euro", "the global name"].map(
      (tier) => `${tier}: the set has 9 targets, and PJSIP reads 8, whichever come first`,
    ),
    silent: NINE,
  },
  "large-set": {
    fires: NINE,
    expected: ["POP fra", "region euro", "the global name"].map((tier) => `${tier}: the set has 8 targets`),
    silent: withPolicy(NINE, { setSize: { maxTargets: 6 } }),
  },
  "answer-size": {
    fires: LONG_NAMES,
    expected: [
      `POP p${LONG}: the answer to _sips._tcp.p${LONG}.${LONG}.${LONG}.example.net with 2 targets has 566 octets, more than 512: PJSIP fails at once`,
      `region r${LONG}: the answer to _sips._tcp.r${LONG}.${LONG}.${LONG}.example.net with 2 targets has 566 octets, more than 512: PJSIP fails at once`,
      `the global name: the answer to _sips._tcp.${LONG}.${LONG}.example.net with 2 targets has 514 octets, more than 512: PJSIP fails at once`,
    ],
    silent: [NINE, ANSWER_OF_512],
  },
  "unlisted-nodes": {
    fires: NINE,
    expected: ["POP fra", "region euro", "the global name"].map(
      (tier) => `${tier}: the set lists 8 of 9 active nodes`,
    ),
    silent: STANDBY_PAIR,
  },

  "unequal-weights": {
    fires: [
      WEIGHTS(90, 110),
      withCapacity(WEIGHTS(90, 110), () => 100),
      withCapacity(WEIGHTS(90, 110), (slot) => (slot === "fra1" ? 90 : undefined)),
    ],
    expected: ["region euro", "the global name"].map(
      (tier) =>
        `${tier}: weights at priority 10 are from 90 to 110; Kamailio (defaults) sends everything to the heaviest; baresip shares evenly all the same`,
    ),
    silent: [WORLD, withCapacity(WEIGHTS(90, 110), (slot) => ({ fra1: 90, lhr1: 110 })[slot] ?? 100)],
  },
  "weight-ratio": {
    fires: WEIGHTS(10, 101),
    expected: [
      "region euro: weights at priority 10 are 101 and 10, a factor of 10",
      "the global name: weights at priority 10 are 101 and 10, a factor of 10",
    ],
    silent: WEIGHTS(10, 100),
  },
  "small-weights": {
    fires: WEIGHTS(9, 9),
    expected: [
      "region euro: the least weight at priority 10 is 9",
      "the global name: the least weight at priority 10 is 9",
    ],
    silent: WEIGHTS(10, 10),
  },

  "single-target": {
    fires: { nodes: [nodeAt("euro", "fra1"), nodeAt("noam", "iad1"), nodeAt("noam", "iad2")] },
    expected: ["region euro: euro.sip.example.net leads to fra1 alone"],
    silent: PAIRS,
  },
  "single-node-pop": {
    fires: withNodes(PAIRS, nodeAt("euro", "ams1")),
    expected: ["POP ams: ams.sip.example.net leads to ams1 alone"],
    silent: PAIRS,
  },
  "one-pop-region": {
    fires: {
      nodes: [nodeAt("euro", "fra1"), nodeAt("euro", "fra2"), nodeAt("euro", "lhr1", { status: "draining" })],
    },
    expected: ["region euro: all 2 active nodes are at POP fra"],
    silent: PAIRS,
  },
  "standby-serves": {
    fires: {
      nodes: [
        nodeAt("euro", "fra1", { status: "down" }),
        nodeAt("euro", "ams1", { role: "standby" }),
        nodeAt("euro", "ams2", { role: "standby" }),
      ],
    },
    expected: ["region euro: no primary is active; ams1 and ams2 stand in, with no one behind"],
    silent: STANDBY_PAIR,
  },
  "standby-capacity": {
    fires: withCapacity(STANDBY_PAIR, () => 1000),
    expected: ["region euro: standby nodes carry 2000 calls, and the primaries that they back carry 4000"],
    silent: [
      withCapacity(withPolicy(STANDBY_PAIR, { expectedLoad: { euro: 2000 } }), () => 1000),
      withCapacity(PAIRS, () => 1000),
      withCapacity(STANDBY_PAIR, (slot) => (slot === "ams2" ? undefined : 1000)),
      withCapacity(STANDBY_PAIR, (slot) => (slot.startsWith("ams") ? 1000 : undefined)),
      withPolicy(STANDBY_PAIR, { expectedLoad: { euro: 2000 } }),
    ],
  },
  "region-answered-by-fallback": {
    fires: withPolicy(PAIRS, { regions: { latm: { fallback: ["euro"] } } }),
    expected: ["region latm: latm.sip.example.net has no active node of its own; euro answers"],
    silent: PAIRS,
  },
  "pop-answered-by-region": {
    fires: withNodes(PAIRS, nodeAt("euro", "ams1", { status: "draining" })),
    expected: ["POP ams: ams.sip.example.net has no active node of its own; region euro answers"],
    silent: PAIRS,
  },
  "no-fallback": {
    fires: withNodes(PAIRS, nodeAt("noam", "iad1")),
    expected: [
      "region euro: euro.sip.example.net has no fallback: the edit that takes its last node will be refused",
      "region noam: noam.sip.example.net has no fallback: the edit that takes its last node will be refused",
    ],
    silent: WORLD,
  },
  "inactive-fallback": {
    fires: withPolicy(PAIRS, {
      regions: { apac: { fallback: ["latm", "euro"] }, latm: { fallback: ["euro"] } },
    }),
    expected: ["region apac: its fallback latm has no active node"],
    silent: WORLD,
  },
} as const satisfies Partial<Record<LintRuleId, RuleCase>>;
