/** Every rule by its id, in the order in which findings of one level are told. */
import { LINT_RULE_IDS, type LintRuleId } from "../../inventory/lintRuleIds.ts";
import { areaRules } from "./areaRules.ts";
import { capacityRules } from "./capacityRules.ts";
import { certificateRules } from "./certificateRules.ts";
import { failoverRules } from "./failoverRules.ts";
import { fleetRules } from "./fleetRules.ts";
import { geoRules } from "./geoRules.ts";
import { issuanceRules } from "./issuanceRules.ts";
import { platformRules } from "./platformRules.ts";
import { reachRules } from "./reachRules.ts";
import { redundancyRules } from "./redundancyRules.ts";
import type { LintRule } from "./rule.ts";
import { srvRules } from "./srvRules.ts";
import { ttlRules } from "./ttlRules.ts";
import { weightRules } from "./weightRules.ts";

export const LINT_RULES: Readonly<Record<LintRuleId, LintRule>> = {
  ...srvRules,
  ...weightRules,
  ...redundancyRules,
  ...capacityRules,
  ...fleetRules,
  ...ttlRules,
  ...reachRules,
  ...failoverRules,
  ...geoRules,
  ...areaRules,
  ...certificateRules,
  ...issuanceRules,
  ...platformRules,
};

export function isLintRuleId(text: string): text is LintRuleId {
  return (LINT_RULE_IDS as readonly string[]).includes(text);
}
