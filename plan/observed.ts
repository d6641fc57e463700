/** What is live: rows as they were read from the platforms at the start of a run. */
import type { Backend } from "./rendering.ts";
import type { Tree } from "./tree.ts";

/** One live value: a record, or an origin of a pool. */
export interface ObservedRow {
  readonly backend: Exclude<Backend, "static">;
  /** Owner name without trailing dot, or the pool's name. */
  readonly name: string;
  readonly type: string;
  /** Presentation form; targets without trailing dot. Empty for an alias set. */
  readonly data: string;
  /** The platform's own id of the row, where it has one. */
  readonly id?: string;
}

/** Type of a row that is an origin of a load balancer's pool; its data is the address. */
export const POOL_ORIGIN = "POOL";

/** Slots that some name above the node still lists: by SRV row, tier address or pool origin. */
export function listedSlots(tree: Tree, observed: readonly ObservedRow[]): ReadonlySet<string> {
  const slotByName = new Map(tree.nodes.map((node) => [node.name as string, node.slot]));
  const slotByAddress = new Map(
    tree.nodes.flatMap((node) =>
      [node.address, node.address6].flatMap((address) =>
        address === undefined ? [] : [[address, node.slot] as const],
      ),
    ),
  );
  const listed = new Set<string>();
  for (const { name, type, data } of observed) {
    const slot =
      type === "SRV"
        ? slotByName.get(data.split(" ")[3] ?? "")
        : slotByName.has(name)
          ? undefined
          : slotByAddress.get(data);
    if (slot !== undefined) listed.add(slot);
  }
  return listed;
}
