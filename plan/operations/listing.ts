/** Which names lead to which nodes, now and ever. */
import type { Inventory } from "../../inventory/inventory.ts";
import { planTree } from "../plan.ts";
import type { Tier, TreeNode } from "../tree.ts";

/**
 * Names that can ever lead to each published node, whatever the profiles: those of an exact certificate. By slot, its
 * own name first.
 */
export function namesThatMayList(inventory: Inventory): ReadonlyMap<string, readonly string[]> {
  const { policy } = inventory;
  const certificates = { ...policy.certificates, profiles: ["exact" as const] };
  const tree = planTree({ ...inventory, policy: { ...policy, certificates } });
  return new Map(tree.certificates.map(({ slot, names }) => [slot, names]));
}

/** Every node that some caller of the name is led to at present, first choices first, each once. */
export function answeringSlots({ groups, geo }: Tier): string[] {
  const places = (geo?.sites ?? []).flatMap(({ halves, standby }) => [...halves.flat(), ...standby]);
  const members = geo === undefined ? groups.flatMap((group) => group.members) : [...places, ...geo.net];
  return [...new Set(members.map(({ slot }) => slot))];
}

export function addressesOf(node: Pick<TreeNode, "address" | "address6"> | undefined): string[] {
  return [node?.address, node?.address6].flatMap((address) => address ?? []);
}
