import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CLIENTS } from "../../../../inventory/clients.ts";
import { LINT_RULE_IDS } from "../../../../inventory/lintRuleIds.ts";
import { refreshLintTables } from "../../../../plan/lint/describe.ts";
import { checkout } from "../../../support/trackedFiles.ts";

const MANUAL = `${checkout}/docs/lint.md`;

test("the manual's tables are those of the rules and clients (vitest --update makes them anew)", async () => {
  await expect(refreshLintTables(readFileSync(MANUAL, "utf8"))).toMatchFileSnapshot(MANUAL);
});

test("the manual has a row for every rule and every client", () => {
  const manual = refreshLintTables(readFileSync(MANUAL, "utf8"));
  for (const id of LINT_RULE_IDS)
    expect(manual).toMatch(new RegExp(`^\\| \`${id}\` \\| (note|warning|error) \\|`, "m"));
  for (const client of CLIENTS) expect(manual).toContain(`\n| \`${client}\``);
});

test("the rules that the manual speaks of exist", () => {
  const manual = readFileSync(MANUAL, "utf8");
  const named = [...manual.matchAll(/lint ((?:`[a-z0-9-]+`(?:, )?)+)/g)].flatMap(([, list = ""]) =>
    [...list.matchAll(/`([a-z0-9-]+)`/g)].map(([, id]) => id),
  );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((id) => !(LINT_RULE_IDS as readonly (string | undefined)[]).includes(id))).toEqual([]);
});
