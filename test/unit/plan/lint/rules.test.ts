import { describe, expect, test } from "vitest";
import { LINT_RULE_IDS, type LintRuleId } from "../../../../inventory/lintRuleIds.ts";
import { areaCases } from "./areaCases.ts";
import { capacityCases } from "./capacityCases.ts";
import { fleetCases } from "./fleetCases.ts";
import { issuanceCases } from "./issuanceCases.ts";
import { found, type RuleCase } from "./lintOf.ts";
import { reachCases } from "./reachCases.ts";
import { setCases } from "./setCases.ts";

/** Every rule has a case, or this does not compile. */
const CASES: Readonly<Record<LintRuleId, RuleCase>> = {
  ...setCases,
  ...capacityCases,
  ...fleetCases,
  ...reachCases,
  ...areaCases,
  ...issuanceCases,
};

describe.each(LINT_RULE_IDS)("rule %s", (rule) => {
  test("finds what it is for, and says where, what and with which figures", () => {
    expect(CASES[rule].expected.length).toBeGreaterThan(0);
    for (const plan of [CASES[rule].fires].flat()) expect(found(rule, plan)).toEqual(CASES[rule].expected);
  });

  test("finds nothing where all is well", () => {
    for (const plan of [CASES[rule].silent].flat()) expect(found(rule, plan)).toEqual([]);
  });
});
