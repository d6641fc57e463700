/** What the rules say of a plan, with the levels of the stack. Pure. */
import { LINT_RULE_IDS, type LintLevel, type LintRuleId } from "../../inventory/lintRuleIds.ts";
import { type Problem, problemLine, Refusal } from "../../inventory/problem.ts";
import type { Policy } from "../../inventory/treeSchema.ts";
import { compareText } from "../order.ts";
import type { Backend } from "../rendering.ts";
import { type LintInput, lintContext } from "./context.ts";
import type { LintSubject, Observation } from "./rule.ts";
import { LINT_RULES } from "./rules.ts";

export interface LintFinding {
  readonly rule: LintRuleId;
  readonly level: Exclude<LintLevel, "off">;
  readonly subject: LintSubject;
  /** The name, node or key that it speaks of. */
  readonly about: string;
  readonly message: string;
  readonly remedy: string;
  readonly source: string;
  readonly file: "nodes.json" | "tree.json";
  /** Platforms at which it is so; absent: wherever the tree is served. */
  readonly backends?: readonly Backend[];
  /** Why policy.lint gives the rule this level; absent where the level is the rule's own. */
  readonly reason?: string;
}

const LEVEL_ORDER: Record<LintFinding["level"], number> = { error: 0, warning: 1, note: 2 };

/** All findings, errors first, then in the order of the rules and of what they speak of. */
export function lint(input: LintInput): LintFinding[] {
  const context = lintContext(input);
  const { policy } = input.tree;
  return LINT_RULE_IDS.flatMap((rule): LintFinding[] => {
    const { level, reason } = levelOf(rule, policy);
    if (level === "off") return [];
    const { subject, source, remedy, file, check } = LINT_RULES[rule];
    return merged(check(context), input).map((observation) => ({
      rule,
      level,
      subject,
      about: observation.about,
      message: observation.message,
      remedy: observation.remedy ?? remedy,
      source,
      file,
      ...(observation.backends === undefined ? {} : { backends: observation.backends }),
      ...(reason === undefined ? {} : { reason }),
    }));
  }).sort((a, b) => LEVEL_ORDER[a.level] - LEVEL_ORDER[b.level]);
}

/** The rule's level in a stack with this policy, and why where it is not the rule's own. */
export function levelOf(
  rule: LintRuleId,
  policy: Pick<Policy, "lint">,
): { readonly level: LintLevel; readonly reason?: string } {
  return policy.lint[rule] ?? { level: LINT_RULES[rule].level };
}

/** The same word about the same thing at several platforms is one; at all of them it needs no platform. */
function merged(observations: Iterable<Observation>, { renderings }: LintInput): Observation[] {
  const everywhere = renderings.map(({ backend }) => backend);
  const byText = new Map<string, { observation: Observation; backends: Set<Backend> }>();
  for (const { backends = everywhere, ...observation } of observations) {
    const key = `${observation.about}\n${observation.message}`;
    const known = byText.get(key) ?? { observation, backends: new Set() };
    for (const backend of backends) known.backends.add(backend);
    byText.set(key, known);
  }
  return [...byText]
    .sort(([a], [b]) => compareText(a, b))
    .map(([, { observation, backends }]) =>
      everywhere.every((backend) => backends.has(backend))
        ? observation
        : { ...observation, backends: [...backends] },
    );
}

/** Warnings of one rule that a preview shows; a large fleet may have thousands. */
const WARNINGS_SHOWN = 10;

/**
 * What a preview shows of the findings before anything is registered: a line for each warning.
 * @throws Refusal with the errors, where there are any.
 */
export function warningLines(findings: readonly LintFinding[]): string[] {
  const errors = findings.filter(({ level }) => level === "error");
  if (errors.length > 0) throw new Refusal(errors.map(toProblem));
  const warnings = Map.groupBy(
    findings.filter(({ level }) => level === "warning"),
    ({ rule }) => rule,
  );
  return [...warnings].flatMap(([rule, group]) => {
    const lines = group.slice(0, WARNINGS_SHOWN).map((finding) => problemLine(toProblem(finding)));
    const more = group.length - lines.length;
    return more === 0 ? lines : [...lines, `${more} more of ${rule}: npx dialtree lint shows them`];
  });
}

/** The finding as a problem of the file in which it is mended. */
export function toProblem(finding: LintFinding): Problem {
  const reason = finding.reason === undefined ? "" : ` (level by policy.lint: ${finding.reason})`;
  return {
    place: finding.file,
    key: finding.about,
    rule: finding.rule,
    message: `${messageText(finding)}${reason}`,
    remedy: finding.remedy,
  };
}

/** The message, with the platforms where it is not so at all of them. */
export function messageText({ message, backends }: LintFinding): string {
  return backends === undefined ? message : `${message} (at ${backends.join(" and ")})`;
}
