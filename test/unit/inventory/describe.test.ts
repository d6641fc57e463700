import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { refreshTables } from "../../../inventory/describe.ts";
import { RULES } from "../../../inventory/rules/catalogue.ts";

const MANUAL = "docs/inventory.md";

test("the manual's tables are those of the schemas and rules (vitest --update makes them anew)", async () => {
  await expect(refreshTables(readFileSync(MANUAL, "utf8"))).toMatchFileSnapshot(
    `${import.meta.dirname}/../../../${MANUAL}`,
  );
});

test("the manual has every rule, and every key with its range and default", () => {
  const manual = refreshTables(readFileSync(MANUAL, "utf8"));
  for (const rule of Object.keys(RULES)) expect(manual).toContain(`\n| \`${rule}\` |`);
  expect(manual).toContain("| `weight` | whole number from 1 to 65535 | needed |");
  expect(manual).toContain("| `csr.exact` | text | none |");
  expect(manual).toContain("| `pops.<key>.serves.countries` | list: text | `[]` |");
  expect(manual).toContain("| `ttlSeconds.srv` | whole number from 30 to 86400 | `60` |");
});

test("an unknown table is an error", () => {
  expect(() => refreshTables("<!-- table: nonsense -->\n<!-- end -->")).toThrow('no table "nonsense"');
});
