/** The places that an inventory names, with nodes or without, and which regions stand in for which. */
import type { Inventory } from "../inventory/inventory.ts";

/** Every region that a node, a POP or the policy names, sorted. */
export function regionKeys(inventory: Inventory): string[] {
  const named = [
    ...inventory.nodes.map((node) => node.region),
    ...Object.values(inventory.environment.pops).flatMap((pop) => pop.region ?? []),
    ...Object.keys(inventory.policy.regions),
  ];
  return [...new Set(named)].sort();
}

/**
 * Every POP and the region that it lies in, sorted by key. Retired nodes still tell that their POP exists: a name that
 * a customer dials outlives the hardware.
 */
export function regionByPop(inventory: Inventory): ReadonlyMap<string, string> {
  const regions = new Map<string, string>();
  for (const [key, pop] of Object.entries(inventory.environment.pops)) {
    if (pop.region !== undefined) regions.set(key, pop.region);
  }
  for (const node of inventory.nodes) regions.set(node.pop, node.region);
  return new Map([...regions].sort());
}

/** Regions that stand in for the region, first choice first, as its policy names them. */
export function fallbacks(region: string, inventory: Inventory): readonly string[] {
  return inventory.policy.regions[region]?.fallback ?? [];
}

/** Regions whose nodes can ever answer for the region: itself, and every fallback however far down the chain. */
export function standIns(
  region: string,
  inventory: Inventory,
  seen: Set<string> = new Set(),
): ReadonlySet<string> {
  if (!seen.has(region)) {
    seen.add(region);
    for (const next of fallbacks(region, inventory)) standIns(next, inventory, seen);
  }
  return seen;
}
