/** Inventories for tests, small enough to read: what matters is written out, the rest has the documented defaults. */
import type { z } from "zod";
import type { Inventory } from "../../inventory/inventory.ts";
import type { nodeSchema } from "../../inventory/nodeSchema.ts";
import { problemLine } from "../../inventory/problem.ts";
import { type Resolution, resolveInventory } from "../../inventory/resolve.ts";
import type { environmentSchema, policySchema } from "../../inventory/treeSchema.ts";

export type NodeEntry = z.input<typeof nodeSchema>;

export interface InventorySketch {
  readonly nodes: readonly NodeEntry[];
  readonly policy?: z.input<typeof policySchema>;
  readonly environment?: Partial<z.input<typeof environmentSchema>>;
}

export const DOMAIN = "sip.example.net";

/** Addresses of the tests are in the ranges for documentation or on this machine. */
const ADDRESS_EXCEPTIONS = ["documentation", "loopback"] as const;

function resolve({ nodes, policy = {}, environment = {} }: InventorySketch): Resolution {
  const tree = {
    environment: { domain: DOMAIN, allowAddresses: ADDRESS_EXCEPTIONS, ...environment },
    policy,
  };
  return resolveInventory({ nodes: { place: "nodes", value: nodes }, tree: { place: "tree", value: tree } });
}

/**
 * The inventory of the sketch, having passed every rule that a written one passes.
 * @throws Error with the rules that it breaks.
 */
export function inventoryOf(sketch: InventorySketch): Inventory {
  const resolution = resolve(sketch);
  if ("problems" in resolution) throw new Error(resolution.problems.map(problemLine).join("\n"));
  return resolution.inventory;
}

/** The inventory of a sketch that may break a rule; undefined where it does. */
export function inventoryIfValid(sketch: InventorySketch): Inventory | undefined {
  const resolution = resolve(sketch);
  return "problems" in resolution ? undefined : resolution.inventory;
}

/**
 * An active primary of weight 100. The POP is the slot without its number, and the address follows from the
 * slot alone, so that a node is the same wherever and in whatever order it stands.
 */
export function nodeAt(region: string, slot: string, more: Partial<NodeEntry> = {}): NodeEntry {
  const [, pop = "", number = "0"] = /^(.*?)(\d*)$/.exec(slot) ?? [];
  const site = [...pop].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 65536, 7);
  const ip = `127.${site >> 8}.${site & 255}.${Number(number)}`;
  return { slot, region, pop, ip, weight: 100, status: "active", ...more };
}

/** IPv6 address for documentation that belongs to the number. */
export function address6(number: number): string {
  return `2001:db8::${number.toString(16)}`;
}

/** Two regions with nodes, one of them wide, one region without any, and everything steered that can be. */
export const STEERED_WORLD: InventorySketch = {
  nodes: [
    nodeAt("euro", "fra1", { ip6: address6(1) }),
    nodeAt("euro", "fra2", { ip6: address6(2) }),
    nodeAt("euro", "lhr1"),
    nodeAt("euro", "ams1", { role: "standby" }),
    nodeAt("noam", "iad1", { ip6: address6(3) }),
    nodeAt("noam", "iad2"),
    nodeAt("noam", "lax1"),
  ],
  environment: {
    pops: {
      iad: { serves: { continents: ["NA"], subdivisions: ["US-NY"] } },
      lax: { serves: { countries: ["MX"], subdivisions: ["US-CA", "US-WA"] } },
    },
  },
  policy: {
    globalGeo: true,
    defaultRegion: "euro",
    regions: {
      euro: { serves: { continents: ["EU", "AF"] }, fallback: ["noam"] },
      noam: { serves: { continents: ["NA"] }, geo: true },
      latm: { serves: { continents: ["SA"] }, fallback: ["noam"] },
    },
  },
};

/** Four regions with chains of stand-ins: a wide one of three POPs, and one with three stand-ins. */
export const CHAINED_WORLD: InventorySketch = {
  nodes: [
    ...["fra1", "fra2", "lhr1", "lhr2"].map((slot) => nodeAt("euro", slot)),
    ...["iad1", "iad2", "ord1", "lax1"].map((slot) => nodeAt("noam", slot)),
    nodeAt("noam", "ord2", { role: "standby" }),
    ...["sin1", "sin2"].map((slot) => nodeAt("apac", slot)),
    nodeAt("apac", "nrt1", { role: "standby" }),
    nodeAt("latm", "gru1"),
  ],
  environment: {
    pops: {
      iad: { serves: { continents: ["NA"] } },
      ord: { serves: { countries: ["CA"] } },
      lax: { serves: { countries: ["MX"] } },
    },
  },
  policy: {
    globalGeo: true,
    defaultRegion: "noam",
    regions: {
      euro: { serves: { continents: ["EU", "AF"] } },
      noam: { serves: { continents: ["NA"] }, geo: true, fallback: ["latm", "euro"] },
      apac: { serves: { continents: ["AS", "OC"] }, fallback: ["latm", "noam", "euro"] },
      latm: { serves: { continents: ["SA"] }, fallback: ["euro"] },
    },
  },
};

/** The sketch with another entry in place of one slot's, or without it. */
export function withNode(
  sketch: InventorySketch,
  slot: string,
  change: Partial<NodeEntry> | undefined,
): InventorySketch {
  return {
    ...sketch,
    nodes: sketch.nodes.flatMap((node) =>
      node.slot !== slot ? [node] : change === undefined ? [] : [{ ...node, ...change }],
    ),
  };
}
