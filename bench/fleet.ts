/** Inventories of any size and one shape, so that the work per node is the same in small and in large ones. */
import { isCountry } from "../inventory/countries.ts";
import type { Inventory } from "../inventory/inventory.ts";
import { resolveInventory } from "../inventory/resolve.ts";
import { CONTINENTS } from "../inventory/treeSchema.ts";

const NODES_PER_POP = 10;
const POPS_PER_REGION = 5;

/** Regions stand in for each other in groups of this size; the first of a group is wide: steered over its POPs. */
const GROUP_SIZE = 4;

const LETTERS = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
const COUNTRIES = LETTERS.flatMap((first) => LETTERS.map((second) => first + second)).filter(isCountry);

/** Files of a fleet as they would be written: parsed values, not yet checked. */
export interface FleetFiles {
  readonly nodes: readonly object[];
  readonly tree: object;
}

/**
 * @param nodeCount a multiple of 50, at most 12,000: every region serves a country of its own.
 */
export function fleetFiles(nodeCount: number): FleetFiles {
  const regionCount = nodeCount / (NODES_PER_POP * POPS_PER_REGION);
  const regions = Array.from({ length: regionCount }, (_, i) => `r${i}`);
  const pops = regions.flatMap((region) =>
    Array.from({ length: POPS_PER_REGION }, (_, i) => ({
      region,
      key: `${region}p${i}`,
      serves: CONTINENTS[i],
    })),
  );
  const nodes = pops.flatMap(({ region, key }, popIndex) =>
    Array.from({ length: NODES_PER_POP }, (_, i) => ({
      slot: `${key}n${i}`,
      region,
      pop: key,
      // Loopback: the one block with room for a large fleet that is nobody's.
      ip: `127.${popIndex >> 8}.${popIndex & 255}.${i + 1}`,
      weight: 100,
      status: i === 1 ? "draining" : "active",
      role: i > 7 ? "standby" : "primary",
    })),
  );
  return {
    nodes,
    tree: {
      environment: {
        domain: "sip.example.net",
        allowAddresses: ["loopback"],
        pops: Object.fromEntries(pops.map(({ key, serves }) => [key, { serves: { continents: [serves] } }])),
      },
      policy: {
        globalGeo: true,
        regions: Object.fromEntries(
          regions.map((region, i) => [
            region,
            {
              serves: { countries: [COUNTRIES[i]] },
              geo: i % GROUP_SIZE === 0,
              fallback: i % GROUP_SIZE === 0 ? [] : [`r${i - 1}`],
            },
          ]),
        ),
      },
    },
  };
}

export function fleet({ nodes, tree }: FleetFiles): Inventory {
  const resolution = resolveInventory({
    nodes: { place: "nodes.json", value: nodes },
    tree: { place: "tree.json", value: tree },
  });
  if ("problems" in resolution) throw new Error(JSON.stringify(resolution.problems[0]));
  return resolution.inventory;
}
