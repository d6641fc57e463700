import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { loadInventory } from "../../../inventory/load.ts";
import { planTree } from "../../../plan/plan.ts";
import { treeSvg } from "../../../report/treeSvg.ts";
import { checkout } from "../../support/trackedFiles.ts";

it("the picture in the documentation is that of the production inventory", () => {
  const picture = treeSvg(planTree(loadInventory(path.join(checkout, "inventory/prod"))));
  expect(
    readFileSync(path.join(checkout, "docs/tree.svg"), "utf8") === picture,
    "docs/tree.svg is out of date: run `npx dialtree picture --out docs/tree.svg`",
  ).toBe(true);
});
