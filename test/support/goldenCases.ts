/** The golden cases: folders of test/golden, each an inventory with what it must give at one backend. */
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Inventory } from "../../inventory/inventory.ts";
import { loadInventory } from "../../inventory/load.ts";
import { BACKENDS, type Backend } from "../../plan/rendering.ts";
import { DOMAIN } from "./inventories.ts";
import { zoneOf } from "./zoneOf.ts";

export interface GoldenCase {
  readonly name: string;
  readonly folder: string;
  readonly backend: Backend;
  inventory(): Inventory;
  zoneText(): string;
}

const FOLDER = fileURLToPath(new URL("../golden", import.meta.url));

/** In the order of their numbers. */
export function goldenCases(): GoldenCase[] {
  return readdirSync(FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => goldenCase(name, path.join(FOLDER, name)))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function goldenCase(name: string, folder: string): GoldenCase {
  const planned = BACKENDS.filter((backend) => existsSync(path.join(folder, `plan.${backend}.json`)));
  const [backend] = planned;
  if (backend === undefined || planned.length > 1)
    throw new Error(`${name}: one plan.<backend>.json is needed`);
  // Without tree.json the domain comes from the command line, as `--domain` gives it.
  const options = existsSync(path.join(folder, "tree.json")) ? {} : { domain: DOMAIN };
  const inventory = () => loadInventory(folder, options);
  return { name, folder, backend, inventory, zoneText: () => zoneOf(inventory(), backend) };
}
