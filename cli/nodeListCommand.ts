/** `dialtree node list`: every node with its status. */
import type { Inventory } from "../inventory/inventory.ts";
import { compareSlots } from "../plan/order.ts";
import { type FleetOptions, openFleet } from "./inventoryChange.ts";
import { table } from "./table.ts";
import { EXIT, type Terminal } from "./usage.ts";

/** @throws UsageError, Refusal */
export async function nodeListCommand(options: FleetOptions, io: Terminal): Promise<number> {
  const { inventory, known } = await openFleet(options);
  const nodes = inventory.nodes
    .map((node) => {
      const goneSince = known.ledger?.goneSince[node.slot];
      return { ...node, ...(goneSince === undefined ? {} : { goneSince }) };
    })
    .sort((a, b) => compareSlots(a.slot, b.slot));
  io.stdout.write(
    options.json === true
      ? `${JSON.stringify({ version: 1, domain: inventory.domain, nodes }, undefined, 2)}\n`
      : listText(nodes),
  );
  return EXIT.fine;
}

const HEAD = [
  "slot",
  "region",
  "pop",
  "role",
  "status",
  "since",
  "weight",
  "capacity",
  "addresses",
  "unlisted since",
];

function listText(nodes: readonly (Inventory["nodes"][number] & { readonly goneSince?: string })[]): string {
  const rows = nodes.map(
    ({ slot, region, pop, role, status, since, weight, capacity, ip, ip6, goneSince }) => [
      slot,
      region,
      pop,
      role,
      status,
      since ?? "-",
      String(weight),
      capacity === undefined ? "-" : String(capacity),
      [ip, ...(ip6 === undefined ? [] : [ip6])].join(" "),
      goneSince ?? "",
    ],
  );
  return table([HEAD, ...rows]);
}
