/** A tree served by both steering platforms at once, without sockets: who is down is what the test says. */
import { CLIENT_NETWORKS } from "../../lab/clientNetworks.ts";
import { createLocate, type LocatedNetwork } from "../../lab/geo/locate.ts";
import { render } from "../../plan/render.ts";
import type { Tree } from "../../plan/tree.ts";
import { allUpBut, deployRendering } from "./deployRendering.ts";
import type { DrawnZone } from "./reachedNodes.ts";

export const STEERING_BACKENDS = ["cloudflare", "route53"] as const;

export type SteeringBackend = (typeof STEERING_BACKENDS)[number];

export interface ServedTree {
  readonly tree: Tree;
  readonly zones: Readonly<Record<SteeringBackend, DrawnZone>>;
  /** Slot of the node that has the address. */
  readonly slotOf: ReadonlyMap<string, string>;
  /** Takes these nodes down, and brings all others up. */
  takeDown(slots: ReadonlySet<string>): void;
}

/** @param networks where askers are: those of the lab unless told. */
export async function serveTree(
  tree: Tree,
  networks: readonly LocatedNetwork[] = CLIENT_NETWORKS,
): Promise<ServedTree> {
  const deadAddresses = new Set<string>();
  const serve = async (backend: SteeringBackend): Promise<DrawnZone> => {
    const state = { draw: 0 };
    const rendering = backend === "cloudflare" ? render(tree, backend) : render(tree, backend);
    const zone = await deployRendering(rendering, {
      health: allUpBut(deadAddresses),
      locate: createLocate(networks),
      random: () => state.draw,
    });
    return Object.assign(state, { zone });
  };
  return {
    tree,
    zones: { cloudflare: await serve("cloudflare"), route53: await serve("route53") },
    slotOf: new Map(
      tree.nodes.flatMap(({ slot, address, address6 }): [string, string][] => [
        [address, slot],
        ...(address6 === undefined ? [] : ([[address6, slot]] as [string, string][])),
      ]),
    ),
    takeDown(slots) {
      deadAddresses.clear();
      for (const { slot, address } of tree.nodes) if (slots.has(slot)) deadAddresses.add(address);
    },
  };
}
