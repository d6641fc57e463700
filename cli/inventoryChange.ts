/** From an intention to a written change: shown first, confirmed, and written whole or not at all. */
import path from "node:path";
import pc from "picocolors";
import { editEntries } from "../inventory/edit/entries.ts";
import { type LineChange, lineDiff } from "../inventory/edit/lineDiff.ts";
import { withOverride } from "../inventory/edit/overrides.ts";
import { loadInventory } from "../inventory/load.ts";
import { type Change, changeBetween, deployableState, plannedState } from "../plan/change/change.ts";
import type { Known } from "../plan/operations/facts.ts";
import type { Context, Intention } from "../plan/operations/intention.ts";
import { runTime } from "../plan/runTime.ts";
import { changeText, linesText, section } from "./changeText.ts";
import { confirm, isInteractive } from "./confirm.ts";
import { type InventoryFile, readInventoryFile, writeInventoryFiles } from "./inventoryFile.ts";
import { readLedgerFile } from "./ledgerFile.ts";
import { selectAll } from "./selection.ts";
import { uncommitted } from "./uncommitted.ts";
import { EXIT, type Terminal } from "./usage.ts";

/** What the commands of the fleet work on. */
export interface FleetOptions {
  readonly stack?: string;
  readonly inventory?: string;
  readonly domain?: string;
  /** File with the stack's ledger. */
  readonly ledger?: string;
  readonly json?: boolean;
}

export interface ChangeOptions extends FleetOptions {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

export interface Fleet extends Context {
  readonly selection: Omit<ReturnType<typeof selectAll>, "inventory">;
}

/** @throws UsageError, Refusal */
export async function openFleet(options: FleetOptions): Promise<Fleet> {
  const { inventory, ...selection } = selectAll(options);
  const { stack } = selection;
  const known: Known = {
    now: runTime(process.env.DIALTREE_NOW, new Date()),
    ...(options.ledger === undefined ? {} : { ledger: await readLedgerFile(options.ledger) }),
    ...(stack === undefined ? {} : { issuesCertificates: stack.config.acme !== undefined }),
  };
  return { inventory, known, commandLine: (args) => commandLine(args, options), selection };
}

/** A command line that works on what the options name. */
function commandLine(args: string, { stack, inventory, domain }: FleetOptions): string {
  const selected = [
    ...(stack === undefined ? [] : [`--stack ${quoted(stack)}`]),
    ...(inventory === undefined ? [] : [`--inventory ${quoted(inventory)}`]),
    ...(domain === undefined ? [] : [`--domain ${quoted(domain)}`]),
  ];
  return ["npx dialtree", args, ...selected].join(" ");
}

/** As a shell takes it for one word. */
function quoted(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

interface FileChange {
  readonly file: InventoryFile;
  readonly text: string;
  readonly lines: readonly LineChange[];
}

/**
 * Carries an intention out as far as the options and the person allow.
 * @returns the exit code
 * @throws UsageError, Refusal; nothing is written then
 */
export async function carryOut(
  intend: (context: Context) => Intention,
  fleet: Fleet,
  options: ChangeOptions,
  io: Terminal,
): Promise<number> {
  const { selection } = fleet;
  const { folder, backends } = selection;
  const load = (texts: Readonly<Record<string, string>>) =>
    loadInventory(folder, { texts, ...(options.domain === undefined ? {} : { domain: options.domain }) });
  const access = options.dryRun === true ? "read" : "write";
  const nodes = readInventoryFile(folder, "nodes.json", access);
  const before = load({ [nodes.name]: nodes.text });
  const intention = intend({ ...fleet, inventory: before });
  const changes = fileChanges(nodes, intention, () => readInventoryFile(folder, "tree.json", access));
  const after = load(Object.fromEntries(changes.map(({ file, text }) => [file.name, text])));
  const change = changeBetween(plannedState(before, backends), deployableState(after, backends));
  const colours = pc.createColors(io.stdout.isTTY === true && !process.env.NO_COLOR);
  const pending = uncommitted(changes.map(({ file }) => file.target)).map((file) => path.basename(file));
  if (options.json !== true) io.stdout.write(shown(intention, changes, change, pending, colours));
  const written = changes.length > 0 && (await mayWrite(changes, options, io));
  if (written) writeInventoryFiles(changes);
  const outcome: Outcome = changes.length === 0 ? "nothing to do" : written ? "written" : "shown";
  io.stdout.write(
    options.json === true
      ? `${JSON.stringify(document(intention, changes, change, outcome), undefined, 2)}\n`
      : closing(intention, changes, outcome, options, colours),
  );
  return outcome === "shown" && options.dryRun !== true ? EXIT.unconfirmed : EXIT.fine;
}

type Outcome = "written" | "shown" | "nothing to do";

/** An override stands first: a command that is killed in between leaves one that nothing needs. */
function fileChanges(
  nodes: InventoryFile,
  { edits, overrides }: Intention,
  readTree: () => InventoryFile,
): FileChange[] {
  const tree = overrides.length === 0 ? [] : [readTree()];
  return [
    ...tree.map((file) => ({ file, text: overrides.reduce(withOverride, file.text) })),
    { file: nodes, text: editEntries(nodes.text, edits) },
  ].flatMap(({ file, text }) =>
    text === file.text ? [] : [{ file, text, lines: lineDiff(file.text, text) }],
  );
}

async function mayWrite(
  changes: readonly FileChange[],
  options: ChangeOptions,
  io: Terminal,
): Promise<boolean> {
  if (options.dryRun === true) return false;
  if (options.yes === true) return true;
  if (options.json === true || !isInteractive(io)) return false;
  return confirm(`\nWrite ${changes.map(({ file }) => file.place).join(" and ")}?`, io);
}

type Colours = ReturnType<typeof pc.createColors>;

function shown(
  { title, warnings, unchecked }: Intention,
  changes: readonly FileChange[],
  change: Change,
  pending: readonly string[],
  colours: Colours,
): string {
  const notes = [
    ...warnings.map((warning) => `${colours.yellow("warning")} ${warning}\n`),
    ...unchecked.map((doubt) => `${colours.yellow("not checked")} ${doubt}\n`),
    ...pending.map(
      (file) =>
        `${colours.yellow("note")} ${file} has changes that are not committed: the next update makes them too\n`,
    ),
  ];
  return [
    `${colours.bold(title)}: ${change.domain} at ${change.backends.join(" and ")}\n`,
    ...changes.map(({ file, lines }) => linesText(file.place, lines, colours)),
    changes.length === 0 ? "" : changeText(change, colours),
    notes.length === 0 ? "" : `\n${notes.join("")}`,
  ].join("");
}

function closing(
  { next }: Intention,
  changes: readonly FileChange[],
  outcome: Outcome,
  { dryRun }: ChangeOptions,
  colours: Colours,
): string {
  const places = changes.map(({ file }) => file.place).join(" and ");
  const steps = next.map((step, i) => `  ${next.length > 1 ? `${i + 1}. ` : ""}${step}\n`);
  if (outcome !== "shown") {
    return `${outcome === "written" ? `\nwrote ${places}\n` : ""}${section("next", steps, colours)}`;
  }
  const how = dryRun === true ? " (--dry-run)" : "; --yes writes it";
  return `${section("next, once it is written", steps, colours)}\nnothing was written${how}\n`;
}

/** What `--json` prints. */
function document(
  intention: Intention,
  changes: readonly FileChange[],
  change: Change,
  outcome: Outcome,
): Record<string, unknown> {
  const { title, overrides, warnings, unchecked, next } = intention;
  return {
    version: 1,
    title,
    outcome,
    files: changes.map(({ file, lines }) => ({ file: file.place, lines })),
    change,
    overrides,
    warnings,
    unchecked,
    next,
  };
}
