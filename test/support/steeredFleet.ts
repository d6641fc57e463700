/** A small fleet with all that a platform renders differently: a steered global name, a wide region, a stand-in. */
import { type InventorySketch, type NodeEntry, nodeAt } from "./inventories.ts";

export const steeredFleet: InventorySketch = {
  nodes: [
    nodeAt("euro", "fra1"),
    nodeAt("euro", "fra2"),
    nodeAt("euro", "ams1", { role: "standby" }),
    nodeAt("noam", "iad1"),
    nodeAt("noam", "iad2"),
    nodeAt("noam", "lax1"),
  ],
  environment: {
    domain: "sip.example.net",
    zone: "example.net",
    pops: {
      iad: { serves: { continents: ["NA"], countries: ["CA"] } },
      lax: { serves: { countries: ["MX"], subdivisions: ["US-CA"] } },
    },
  },
  policy: {
    transports: { "sips-tcp": 5061, "sip-udp": 5060 },
    globalGeo: true,
    defaultRegion: "noam",
    regions: {
      euro: { serves: { continents: ["EU", "AS"] }, fallback: ["noam"] },
      noam: { serves: { continents: ["NA"] }, geo: true },
      // Without hardware: euro answers for it.
      mena: { serves: { continents: ["AF"] }, fallback: ["euro"] },
    },
    certificates: { keyType: "p256" },
  },
};

/** The sketch with other entries in place of those of the same slot, and with new ones at the end. */
export function withNodes(sketch: InventorySketch, ...changed: readonly NodeEntry[]): InventorySketch {
  const slots = new Set(sketch.nodes.map(({ slot }) => slot));
  return {
    ...sketch,
    nodes: [
      ...sketch.nodes.map((node) => changed.find(({ slot }) => slot === node.slot) ?? node),
      ...changed.filter(({ slot }) => !slots.has(slot)),
    ],
  };
}

/** The node of the sketch, with some of its values changed. */
export function changedNode(sketch: InventorySketch, slot: string, more: Partial<NodeEntry>): NodeEntry {
  const node = sketch.nodes.find((entry) => entry.slot === slot);
  if (node === undefined) throw new Error(`no node ${slot} in the sketch`);
  return { ...node, ...more };
}
