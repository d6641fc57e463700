/** Lint of a sketch, as the tests of the rules read it. */
import type { Inventory } from "../../../../inventory/inventory.ts";
import type { LintRuleId } from "../../../../inventory/lintRuleIds.ts";
import type { IssuanceFacts } from "../../../../plan/certificates/due.ts";
import { type LintFinding, lint } from "../../../../plan/lint/lint.ts";
import { planTree } from "../../../../plan/plan.ts";
import { render } from "../../../../plan/render.ts";
import type { Backend, Rendering } from "../../../../plan/rendering.ts";
import type { Tree } from "../../../../plan/tree.ts";
import { type InventorySketch, inventoryOf, type NodeEntry, nodeAt } from "../../../support/inventories.ts";

/** A sketch as it is linted: at `static` unless told. */
export interface Plan extends InventorySketch {
  readonly backends?: readonly Backend[];
  /** What no inventory leads to, done to the planner's tree or to its renderings. */
  readonly spoilTree?: (tree: Tree) => Tree;
  readonly spoil?: (rendering: Rendering) => Rendering;
  /** What is known of the certificates that are issued. */
  readonly issuance?: (tree: Tree, inventory: Inventory) => IssuanceFacts;
}

export interface RuleCase {
  /** Of several, each has the expected findings. */
  readonly fires: Plan | readonly Plan[];
  /** `about: message` of each finding, with ` at <platforms>` where it is not so everywhere. */
  readonly expected: readonly string[];
  readonly silent: Plan | readonly Plan[];
}

export function findings({
  backends = ["static"],
  spoilTree = (tree) => tree,
  spoil = (rendering) => rendering,
  issuance,
  ...sketch
}: Plan): LintFinding[] {
  const inventory = inventoryOf(sketch);
  const tree = spoilTree(planTree(inventory));
  const renderings = backends.map((backend) => spoil(render(tree, backend)));
  return lint({
    inventory,
    tree,
    renderings,
    ...(issuance === undefined ? {} : { issuance: issuance(tree, inventory) }),
  });
}

/** What one rule finds, in words. */
export function found(rule: LintRuleId, plan: Plan): string[] {
  return findings(plan)
    .filter((finding) => finding.rule === rule)
    .map(({ about, message, backends }) =>
      [`${about}: ${message}`, ...(backends === undefined ? [] : [`at ${backends.join(" and ")}`])].join(" "),
    );
}

export const EVERY_TRANSPORT = { "sips-tcp": 5061, "sip-tcp": 5060, "sip-udp": 5060, "sip-tls": 5061 };

/** Four nodes at two POPs of one region, all transports: nothing to say about its sets. */
export const PAIRS: Plan = {
  nodes: [nodeAt("euro", "fra1"), nodeAt("euro", "fra2"), nodeAt("euro", "lhr1"), nodeAt("euro", "lhr2")],
  policy: { transports: EVERY_TRANSPORT },
};

/** Two regions of two nodes each, steered at the global name. */
export const WORLD: Plan = {
  nodes: [nodeAt("euro", "fra1"), nodeAt("euro", "lhr1"), nodeAt("noam", "iad1"), nodeAt("noam", "lax1")],
  policy: {
    transports: EVERY_TRANSPORT,
    globalGeo: true,
    defaultRegion: "noam",
    regions: {
      euro: { serves: { continents: ["EU", "AF", "AS", "OC"] }, fallback: ["noam"] },
      noam: { serves: { continents: ["NA", "SA", "AN"] } },
    },
  },
  backends: ["cloudflare", "route53"],
};

/** The same with noam steered over two POPs of two nodes each. */
export const WIDE: Plan = {
  ...WORLD,
  nodes: [...WORLD.nodes, nodeAt("noam", "iad2"), nodeAt("noam", "lax2")],
  environment: {
    pops: {
      iad: { serves: { continents: ["NA", "SA", "AN"] } },
      lax: { serves: { countries: ["MX"], subdivisions: ["US-CA"] } },
    },
  },
  policy: {
    ...WORLD.policy,
    regions: {
      euro: { serves: { continents: ["EU", "AF", "AS", "OC"] }, fallback: ["noam"] },
      noam: { serves: { continents: ["NA", "SA", "AN"] }, geo: true },
    },
  },
};

export function withPolicy(plan: Plan, policy: NonNullable<Plan["policy"]>): Plan {
  return { ...plan, policy: { ...plan.policy, ...policy } };
}

/** The plan with other values for one node's entry. */
export function changed(plan: Plan, slot: string, change: Partial<NodeEntry>): Plan {
  return { ...plan, nodes: plan.nodes.map((node) => (node.slot === slot ? { ...node, ...change } : node)) };
}

export function withNodes(plan: Plan, ...nodes: readonly NodeEntry[]): Plan {
  return { ...plan, nodes: [...plan.nodes, ...nodes] };
}
