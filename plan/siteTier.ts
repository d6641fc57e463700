/** From a place that a name is steered to, to what the tree says of the place itself. */
import type { GeoSite, Tier, Tree } from "./tree.ts";

/** One index per tree; POP and region keys never clash, and a tree never changes. */
const indexes = new WeakMap<Tree, ReadonlyMap<string, Tier>>();

export function siteTier({ kind, key }: GeoSite, tree: Tree): Tier {
  const index = indexes.get(tree) ?? new Map([...tree.pops, ...tree.regions].map((tier) => [tier.key, tier]));
  indexes.set(tree, index);
  const tier = index.get(key);
  if (tier === undefined) throw new Error(`no ${kind} ${key} in the tree`);
  return tier;
}
