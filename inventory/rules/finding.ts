/** What a rule found, before it is known in which line of which file that is. */
import type { JsonPath } from "../jsonc.ts";
import { RULES, type RuleFacts, type RuleId } from "./catalogue.ts";

/** Where a value came from. */
export type SourceName = "nodes" | "tree" | "domainOption";

export interface Finding {
  readonly source: SourceName;
  readonly path: JsonPath;
  /** Absent when something is missing. */
  readonly value?: unknown;
  readonly rule: RuleId;
  readonly message: string;
  readonly remedy: string;
}

interface Detail {
  /** What is wrong, as a sentence without a full stop. */
  readonly message: string;
  readonly value?: unknown;
  /** More exact than what the catalogue says. */
  readonly remedy?: string;
}

/** A finding with the rule's source in its message and the rule's remedy, unless the detail has a better one. */
export function finding(rule: RuleId, source: SourceName, path: JsonPath, detail: Detail): Finding {
  const facts: RuleFacts = RULES[rule];
  const standard =
    facts.source !== undefined && /^(RFC|ISO) [0-9]/.test(facts.source) ? ` (${facts.source})` : "";
  return {
    source,
    path,
    rule,
    message: `${detail.message}${standard}`,
    remedy: detail.remedy ?? facts.remedy,
    ...(detail.value === undefined ? {} : { value: detail.value }),
  };
}
