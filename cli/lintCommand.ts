/** `dialtree lint`: what a plan that deploys does to real SIP clients. */
import pc from "picocolors";
import type { LintRuleId } from "../inventory/lintRuleIds.ts";
import { nearest } from "../inventory/suggestion.ts";
import { authorityOf, LETS_ENCRYPT } from "../plan/certificates/authorities.ts";
import type { IssuanceFacts } from "../plan/certificates/due.ts";
import { checkedRenderings } from "../plan/checkedRender.ts";
import { type LintFinding, lint, messageText } from "../plan/lint/lint.ts";
import { isLintRuleId, LINT_RULES } from "../plan/lint/rules.ts";
import { planTree } from "../plan/plan.ts";
import { runTime } from "../plan/runTime.ts";
import type { Tree } from "../plan/tree.ts";
import { readLedgerFile } from "./ledgerFile.ts";
import { type Selection, type SelectionOptions, selectAll } from "./selection.ts";
import { EXIT, type Terminal, UsageError } from "./usage.ts";

export interface LintOptions extends SelectionOptions {
  readonly json?: boolean;
  readonly explain?: string;
  /** File with the stack's ledger, for the rules that look at certificates that are issued. */
  readonly ledger?: string;
}

/** @throws UsageError, Refusal */
export async function lintCommand(options: LintOptions, io: Terminal): Promise<number> {
  const colours = pc.createColors(io.stdout.isTTY === true && !process.env.NO_COLOR);
  if (options.explain !== undefined) {
    io.stdout.write(explanation(ruleId(options.explain), options.json === true, colours));
    return EXIT.fine;
  }
  const selection = selectAll(options);
  const { inventory, backends } = selection;
  const tree = planTree(inventory);
  const renderings = checkedRenderings(tree, backends, inventory);
  const issuance = options.ledger === undefined ? {} : await issued(options.ledger, tree, selection);
  const findings = lint({ inventory, tree, renderings, ...issuance });
  const title = `${tree.domain} at ${backends.join(" and ")}`;
  io.stdout.write(
    options.json === true
      ? `${JSON.stringify({ version: 1, domain: tree.domain, backends, counts: counts(findings), findings }, undefined, 2)}\n`
      : report(title, findings, colours),
  );
  return findings.some(({ level }) => level === "error") ? EXIT.refused : EXIT.fine;
}

async function issued(
  file: string,
  tree: Tree,
  { inventory, stack }: Pick<Selection, "inventory" | "stack">,
): Promise<{ readonly issuance: IssuanceFacts }> {
  const directory = stack?.config.acme?.directory;
  const authority = directory === undefined ? LETS_ENCRYPT : authorityOf(directory);
  const now = runTime(process.env.DIALTREE_NOW, new Date());
  const ledger = await readLedgerFile(file);
  return { issuance: { tree, authority, ledger, requests: inventory.requests, otherIssued: 0, now } };
}

type Colours = ReturnType<typeof pc.createColors>;

const LEVELS = ["error", "warning", "note"] as const;

function counts(findings: readonly LintFinding[]): Record<LintFinding["level"], number> {
  const count = (level: LintFinding["level"]) => findings.filter((each) => each.level === level).length;
  return { error: count("error"), warning: count("warning"), note: count("note") };
}

/** Findings of one rule that a person is shown; a large fleet may have thousands. */
const FINDINGS_SHOWN = 20;

/** Rules by level, each with all that it found and what to do once. */
function report(title: string, findings: readonly LintFinding[], colours: Colours): string {
  const byRule = Map.groupBy(findings, ({ rule }) => rule);
  const blocks = [...byRule.values()].map((group) => `${ruleBlock(group, colours)}\n`);
  const total = counts(findings);
  const summary = LEVELS.map((level) => `${total[level]} ${level}${total[level] === 1 ? "" : "s"}`).join(
    ", ",
  );
  return `${colours.bold(title)}\n\n${blocks.join("")}${summary}\n`;
}

function ruleBlock(group: readonly LintFinding[], colours: Colours): string {
  const [first] = group;
  if (first === undefined) return "";
  const shown = group.slice(0, FINDINGS_SHOWN);
  const lines = shown.map((finding) => `  ${finding.about}: ${messageText(finding)}\n`);
  if (shown.length < group.length) lines.push(`  and ${group.length - shown.length} more, all in --json\n`);
  const remedies = new Set(group.map(({ remedy }) => remedy));
  const advice = [...remedies].map((remedy) => `  ${colours.green("→")} ${remedy}\n`);
  const because = first.reason === undefined ? "" : `  level by policy.lint: ${first.reason}\n`;
  return [painted(first, colours), "\n", ...lines, ...advice, because].join("");
}

function painted({ level, rule }: LintFinding, colours: Colours): string {
  const paint = { error: colours.red, warning: colours.yellow, note: colours.cyan }[level];
  return `${paint(level)} ${colours.bold(rule)}`;
}

function ruleId(text: string): LintRuleId {
  if (isLintRuleId(text)) return text;
  const meant = nearest(text, Object.keys(LINT_RULES));
  throw new UsageError(
    `--explain ${text}: there is no such rule${meant === undefined ? "; docs/lint.md lists them" : `, did you mean ${meant}`}`,
  );
}

function explanation(rule: LintRuleId, json: boolean, colours: Colours): string {
  const { subject, level, finds, source, remedy, file } = LINT_RULES[rule];
  if (json) {
    return `${JSON.stringify({ version: 1, rule, level, subject, finds, source, remedy, file }, undefined, 2)}\n`;
  }
  return [
    `${colours.bold(rule)}: ${level} about ${subject}\n`,
    `\n  finds   ${finds}`,
    `\n  source  ${source}`,
    `\n  remedy  ${remedy}`,
    `\n\nTo change its level in a stack, with a reason that is printed, in tree.json:\n`,
    `  "policy": { "lint": { "${rule}": { "level": "off", "reason": "…" } } }\n`,
  ].join("");
}
