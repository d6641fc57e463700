/** What a change of the inventory does, for a person: lines of the files, names, rows, certificates, findings. */
import type pc from "picocolors";
import type { LineChange } from "../inventory/edit/lineDiff.ts";
import type { AnswerChange, Choices, NameChange, NodeNameChange } from "../plan/change/answers.ts";
import type { Change } from "../plan/change/change.ts";
import type { FieldChange, RowChange } from "../plan/change/rows.ts";
import { type LintFinding, messageText } from "../plan/lint/lint.ts";
import { table } from "./table.ts";

type Colours = ReturnType<typeof pc.createColors>;

/** The lines that differ, each with its number and sign, below the file's name. */
export function linesText(place: string, changes: readonly LineChange[], colours: Colours): string {
  const width = Math.max(0, ...changes.map(({ line }) => String(line).length));
  const lines = changes.map(({ change, line, text }) => {
    const paint = change === "added" ? colours.green : colours.red;
    return `${paint(`${change === "added" ? "+" : "-"} ${String(line).padStart(width)} ${text}`.trimEnd())}\n`;
  });
  return section(place, lines, colours);
}

/** Every part that has something to tell; a line where nothing that is published differs. */
export function changeText(change: Change, colours: Colours): string {
  const { names, nodes, rows, certificates, findings } = change;
  const all = rows.flatMap((each) => each.changes);
  if (names.length + nodes.length + all.length + certificates.length === 0) {
    return `\nnothing that is published changes\n${findingsText(findings, colours)}`;
  }
  return [
    section(
      "names that answer otherwise",
      [
        ...names.map((name) => nameText(name, change, colours)),
        ...nodes.map((node) => nodeText(node, colours)),
      ],
      colours,
    ),
    ...rows.map(({ backend, changes }) => {
      return rowsText(`rows at ${backend}`, changes, colours);
    }),
    rowsText("certificates", certificates, colours),
    findingsText(findings, colours),
  ].join("");
}

export function section(title: string, lines: readonly string[], colours: Colours): string {
  return lines.length === 0 ? "" : `\n${colours.bold(title)}\n${lines.join("")}`;
}

/** Changes of answers that a name shows before it goes on with a count. */
const ANSWERS_SHOWN = 12;

function nameText({ name, standIn, answers }: NameChange, { backends }: Change, colours: Colours): string {
  const shown = answers.slice(0, ANSWERS_SHOWN).map((answer) => {
    const rest = [
      answer.backends.length < backends.length ? `at ${answer.backends.join(" and ")}` : "",
      answer.site === undefined ? "" : `near ${answer.site}`,
    ].filter((part) => part !== "");
    const head = rest.length === 0 ? "" : `  ${rest.join(", ")}\n`;
    return head + table(answerRows(answer, standIn));
  });
  const more = answers.length - shown.length;
  return `${colours.bold(name)}\n${shown.join("")}${more > 0 ? `  and ${more} more places, all in --json\n` : ""}`;
}

function answerRows({ before, after }: AnswerChange, standIn: NameChange["standIn"]): string[][] {
  const side = (choices: Choices | undefined, region: string | undefined) =>
    `${choicesText(choices)}${region === undefined ? "" : ` (of ${region}, which stands in)`}`;
  return [
    ["    before", side(before, standIn.before)],
    ["    after", side(after, standIn.after)],
  ];
}

/** `fra1 50 %, lhr1 50 %; then ams1 100 %`. */
export function choicesText(choices: Choices | undefined): string {
  if (choices === undefined) return "no answer";
  return choices
    .map((shares) => shares.map(({ slot, part }) => `${slot} ${percent(part)}`).join(", "))
    .join("; then ");
}

function percent(part: number): string {
  return `${Math.round(part * 1000) / 10} %`;
}

function nodeText({ name, before, after }: NodeNameChange, colours: Colours): string {
  const side = (addresses: readonly string[]) =>
    addresses.length === 0 ? "no address" : addresses.join(" ");
  return `${colours.bold(name)}\n${table([
    ["    before", side(before)],
    ["    after", side(after)],
  ])}`;
}

/** Rows of one kind of change that a person is shown; a policy change touches thousands. */
const ROWS_SHOWN = 40;

function rowsText(title: string, changes: readonly RowChange[], colours: Colours): string {
  const kinds = (["added", "changed", "removed"] as const).flatMap((kind) => {
    const count = changes.filter(({ change }) => change === kind).length;
    return count === 0 ? [] : [`${count} ${kind}`];
  });
  const shown = changes.slice(0, ROWS_SHOWN);
  const isRecord = ({ row }: RowChange) => row.kind === "record";
  const lines = [
    ...paintedTable(shown.filter(isRecord).map(recordCells), colours),
    ...paintedTable(shown.filter((each) => !isRecord(each)).map(objectCells), colours),
  ];
  const more = changes.length - Math.min(changes.length, ROWS_SHOWN);
  return section(
    `${title}: ${kinds.join(", ")}`,
    more > 0 ? [...lines, `and ${more} more, all in --json\n`] : lines,
    colours,
  );
}

function paintedTable(rows: readonly (readonly string[])[], colours: Colours): string[] {
  const lines = table(rows).split("\n").slice(0, -1);
  return lines.map((line) => `${signPaint(line, colours)(line)}\n`);
}

function signPaint(line: string, colours: Colours): (text: string) => string {
  if (line.startsWith("+")) return colours.green;
  return line.startsWith("-") ? colours.red : colours.yellow;
}

const SIGNS = { added: "+", changed: "~", removed: "-" } as const;

function recordCells(change: RowChange): string[] {
  const { title, fields, why } = change.row;
  const content = change.change === "changed" ? fieldsText(change.fields) : (fields.data ?? "");
  return [`${SIGNS[change.change]} ${title}`, content, why];
}

function objectCells(change: RowChange): string[] {
  const { kind, title, fields } = change.row;
  const content = change.change === "changed" ? fieldsText(change.fields) : Object.values(fields).join(" ");
  return [`${SIGNS[change.change]} ${kind} ${title}`, content];
}

/** The same change of many fields is told once: a pool that goes leaves the list of every place. */
function fieldsText(fields: readonly FieldChange[]): string {
  const alike = [...Map.groupBy(fields, fieldText)];
  return alike.map(([text, group]) => `${fieldNames(group)}: ${text}`).join("; ");
}

function fieldNames(group: readonly FieldChange[]): string {
  const names = group.map(({ field }) => field);
  return names.length < 4 ? names.join(", ") : `${names[0]} and ${names.length - 1} more`;
}

/** `60 → 300`; of a list what leaves and what comes, where its order stays. */
function fieldText({ before, after }: FieldChange): string {
  if (before === undefined) return `${after}`;
  if (after === undefined) return "none any more";
  const [old, now] = [listOf(before), listOf(after)];
  const left = old.filter((item) => !now.includes(item));
  const come = now.filter((item) => !old.includes(item));
  const keptOrder =
    old.filter((item) => now.includes(item)).join() === now.filter((item) => old.includes(item)).join();
  if (old.length + now.length < 4 || !keptOrder) return `${before} → ${after}`;
  return [...left.map((item) => `-${item}`), ...come.map((item) => `+${item}`)].join(" ");
}

function listOf(text: string): string[] {
  return text.split(text.includes(", ") ? ", " : " ");
}

/** Findings of lint that a person is shown; the rest is a count. */
const FINDINGS_SHOWN = 20;

function findingsText({ added, gone }: Change["findings"], colours: Colours): string {
  const lines = added.slice(0, FINDINGS_SHOWN).map((finding) => findingText(finding, colours));
  if (added.length > lines.length) lines.push(`and ${added.length - lines.length} more\n`);
  return [
    section("what lint says of it", lines, colours),
    section(
      "what lint says no more",
      gone.slice(0, FINDINGS_SHOWN).map(({ rule, about }) => `${rule}: ${about}\n`),
      colours,
    ),
  ].join("");
}

function findingText(finding: LintFinding, colours: Colours): string {
  const paint = { error: colours.red, warning: colours.yellow, note: colours.cyan }[finding.level];
  return `${paint(finding.level)} ${finding.rule}: ${finding.about}: ${messageText(finding)}\n`;
}
