/** The tree as a person pictures it: names below names, and what each node is doing. */
import type { Area } from "../inventory/treeSchema.ts";
import type { Tier, Tree, TreeNode } from "../plan/tree.ts";

export const NODE_STATES = ["active", "standby", "draining", "planned", "down"] as const;

/** standby: active and healthy, but tried only when no primary answers. */
export type NodeState = (typeof NODE_STATES)[number];

export interface Outline {
  readonly global: Tier;
  /** Regions with an answer of their own by key, each followed by those that it answers for. */
  readonly regions: readonly RegionBranch[];
}

export interface RegionBranch {
  readonly tier: Tier;
  /** Key of the region that answers, where it is another one. */
  readonly answeredBy?: string;
  /** Callers that the global name counts to this region; absent where it is not steered. */
  readonly serves?: Area;
  /** Regions that answer, in this order, while this one has no active node. */
  readonly fallback: readonly string[];
  readonly pops: readonly PopBranch[];
}

export interface PopBranch {
  readonly tier: Tier;
  /** Key of the region that answers, where the POP has no active node. */
  readonly answeredBy?: string;
  /** Callers that the region's name steers here; absent where it is not steered to this POP. */
  readonly serves?: Area;
  readonly nodes: readonly TreeNode[];
}

export function outline(tree: Tree): Outline {
  const own = tree.regions.filter((tier) => tier.answeredBy.kind === "own");
  const order = own.flatMap((tier) => [
    tier,
    ...tree.regions.filter(
      ({ answeredBy }) => answeredBy.kind === "region" && answeredBy.region === tier.key,
    ),
  ]);
  return { global: tree.global, regions: order.map((tier) => regionBranch(tier, tree)) };
}

function regionBranch(tier: Tier, tree: Tree): RegionBranch {
  const policy = tree.policy.regions[tier.key];
  const serves = tree.global.geo === undefined ? undefined : policy?.serves;
  return {
    tier,
    ...answer(tier),
    ...(serves === undefined ? {} : { serves }),
    fallback: policy?.fallback ?? [],
    pops: tree.pops.filter((pop) => pop.region === tier.key).map((pop) => popBranch(pop, tier, tree)),
  };
}

function popBranch(pop: Tier, region: Tier, tree: Tree): PopBranch {
  const site = region.geo?.sites.find(({ key }) => key === pop.key);
  return {
    tier: pop,
    ...answer(pop),
    ...(site === undefined ? {} : { serves: site.serves }),
    nodes: tree.nodes.filter((node) => node.pop === pop.key),
  };
}

function answer({ answeredBy }: Tier): { answeredBy?: string } {
  return answeredBy.kind === "own" ? {} : { answeredBy: answeredBy.region };
}

export function nodeState({ status, role }: TreeNode): NodeState {
  return status === "active" && role === "standby" ? "standby" : status;
}

/** The IPv4 address, and whether there is an IPv6 one too. */
export function addressText({ address, address6 }: TreeNode): string {
  return address6 === undefined ? address : `${address} +v6`;
}

/** Whether the nodes' weights differ: only then does a weight tell anything. */
export function weightsDiffer(tree: Tree): boolean {
  return new Set(tree.nodes.map(({ weight }) => weight)).size > 1;
}
