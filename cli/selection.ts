/** What a command works on: a stack of the project, or a folder of inventory files. */

import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Inventory } from "../inventory/inventory.ts";
import { type LoadOptions, loadInventory } from "../inventory/load.ts";
import type { StackConfig } from "../inventory/stackConfig.ts";
import { BACKENDS, type Backend } from "../plan/rendering.ts";
import { readStackFile } from "./stackFile.ts";
import { UsageError } from "./usage.ts";

export interface SelectionOptions {
  readonly stack?: string;
  readonly inventory?: string;
  readonly domain?: string;
  readonly backend?: string;
}

export interface Selection {
  readonly inventory: Inventory;
  readonly backend: Backend;
  /** The inventory's folder, as the user would write it. */
  readonly folder: string;
  /** Absent where a folder is named. */
  readonly stack?: { readonly name: string; readonly config: StackConfig };
}

const PROJECT = fileURLToPath(new URL("..", import.meta.url));

export const DEFAULT_STACK = "prod";

/**
 * Loads what the options name: `--stack` (prod when neither is given) or `--inventory`. The backend is the
 * stack's first, and `static` for a folder, unless `--backend` says otherwise.
 * @throws UsageError for contradictory or unknown options; Refusal for what the files say.
 */
export function select(options: SelectionOptions, loading: Omit<LoadOptions, "domain"> = {}): Selection {
  const { backends, ...selected } = selectAll(options, loading);
  return { ...selected, backend: backends[0] ?? "static" };
}

/** The same with every backend of the stack, for commands that look at all of them. */
export function selectAll(
  { stack, inventory, domain, backend }: SelectionOptions,
  loading: Omit<LoadOptions, "domain"> = {},
): Omit<Selection, "backend"> & { readonly backends: readonly Backend[] } {
  if (stack !== undefined && inventory !== undefined)
    throw new UsageError("give --stack or --inventory, not both");
  if (backend !== undefined && !BACKENDS.includes(backend as Backend)) {
    throw new UsageError(`--backend ${backend}: choose one of ${BACKENDS.join(", ")}`);
  }
  const chosen = backend === undefined ? undefined : [backend as Backend];
  const load = (folder: string) => ({
    inventory: loadInventory(folder, { ...loading, ...(domain === undefined ? {} : { domain }) }),
    folder,
  });
  if (inventory !== undefined) return { ...load(inventory), backends: chosen ?? ["static"] };
  const name = stack ?? DEFAULT_STACK;
  const config = readStackFile(name, PROJECT);
  const folder = path.relative(process.cwd(), path.resolve(PROJECT, config.inventory)) || ".";
  return { ...load(folder), backends: chosen ?? config.backends, stack: { name, config } };
}
