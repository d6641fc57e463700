import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { refreshOperationTables } from "../../../../plan/operations/describe.ts";
import { PROJECT } from "../../../support/project.ts";

const MANUAL = `${PROJECT}docs/operations.md`;

test("the manual's table is that of the steps (vitest --update makes it anew)", async () => {
  await expect(refreshOperationTables(readFileSync(MANUAL, "utf8"))).toMatchFileSnapshot(MANUAL);
});

test("the manual shows every command of the fleet", () => {
  const manual = readFileSync(MANUAL, "utf8");
  for (const command of [
    ...["add", "activate", "drain", "undrain", "down", "replace", "retire", "remove", "list", "show"].map(
      (each) => `node ${each}`,
    ),
    "region promote",
    "due",
    "addresses",
  ]) {
    expect(manual).toContain(`npx dialtree ${command}`);
  }
});
