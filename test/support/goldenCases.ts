/** The golden cases: folders of test/golden, each an inventory with what it must give at one backend or two. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Inventory } from "../../inventory/inventory.ts";
import { loadInventory } from "../../inventory/load.ts";
import { type Ledger, readLedger } from "../../plan/ledger.ts";
import { type LintFinding, lint } from "../../plan/lint/lint.ts";
import { planTree } from "../../plan/plan.ts";
import { render } from "../../plan/render.ts";
import { BACKENDS, type Backend } from "../../plan/rendering.ts";
import { DOMAIN } from "./inventories.ts";
import { factsOf } from "./issuance.ts";

export interface GoldenCase {
  readonly name: string;
  readonly folder: string;
  /** Those that the folder has a plan.<backend>.json for. */
  readonly backends: readonly Backend[];
  inventory(): Inventory;
  /** What lint says of the plan for these backends. */
  findings(): LintFinding[];
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
  const backends = BACKENDS.filter((backend) => existsSync(path.join(folder, `plan.${backend}.json`)));
  if (backends.length === 0) throw new Error(`${name}: a plan.<backend>.json is needed`);
  // Without tree.json the domain comes from the command line, as `--domain` gives it.
  const options = existsSync(path.join(folder, "tree.json")) ? {} : { domain: DOMAIN };
  const inventory = () => loadInventory(folder, options);
  return { name, folder, backends, inventory, findings: () => findingsOf(inventory(), backends, folder) };
}

function findingsOf(inventory: Inventory, backends: readonly Backend[], folder: string): LintFinding[] {
  const tree = planTree(inventory);
  const issued = issuedIn(folder);
  return lint({
    inventory,
    tree,
    renderings: backends.map((backend) => render(tree, backend)),
    ...(issued === undefined ? {} : { issuance: factsOf(tree, issued) }),
  });
}

/** What the case's ledger.json, if it has one, says of certificates at Let's Encrypt, and when. */
function issuedIn(folder: string): { ledger: Ledger; now: Date } | undefined {
  const file = path.join(folder, "ledger.json");
  if (!existsSync(file)) return undefined;
  const { ledger, now } = JSON.parse(readFileSync(file, "utf8")) as { ledger: unknown; now: string };
  return { ledger: readLedger(ledger), now: new Date(now) };
}
