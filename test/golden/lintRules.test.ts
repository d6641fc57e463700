import { expect, test } from "vitest";
import { LINT_RULE_IDS } from "../../inventory/lintRuleIds.ts";
import { goldenCases } from "../support/goldenCases.ts";
import { PLANNER_GUARDS } from "../support/plannerGuards.ts";

test("every lint rule is found in a golden case, save for those that guard the planner", () => {
  const found = new Set(goldenCases().flatMap(({ findings }) => findings().map(({ rule }) => rule)));
  expect(LINT_RULE_IDS.filter((rule) => !found.has(rule)).sort()).toEqual(Object.keys(PLANNER_GUARDS).sort());
});
