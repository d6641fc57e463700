/** What a command is going to do to the inventory, and what it says before and after. Pure: nothing is written here. */
import type { EntryEdit } from "../../inventory/edit/entries.ts";
import type { Inventory } from "../../inventory/inventory.ts";
import { valueText } from "../../inventory/jsonc.ts";
import type { Node } from "../../inventory/nodeSchema.ts";
import { type Problem, Refusal } from "../../inventory/problem.ts";
import { nearest } from "../../inventory/suggestion.ts";
import type { Override } from "../../inventory/treeSchema.ts";
import { type Known, stepFacts } from "./facts.ts";
import { after, dueText, momentText, timestamp } from "./moment.ts";
import {
  destinationOf,
  type Standing,
  type Step,
  type StepFacts,
  type Verdict,
  verdictOf,
} from "./transitions.ts";

export interface Intention {
  /** For example `drain fra2`. */
  readonly title: string;
  /** Changes of nodes.json; none where nothing is left to do. */
  readonly edits: readonly EntryEdit[];
  /** To be written into tree.json, so that the update may do what the command may. */
  readonly overrides: readonly Override[];
  /** What a person has to know before the change is written. */
  readonly warnings: readonly string[];
  /** What could not be checked, for want of a ledger. */
  readonly unchecked: readonly string[];
  /** What to do after it, in order. */
  readonly next: readonly string[];
}

export interface Context {
  readonly inventory: Inventory;
  readonly known: Known;
  /** A command line that works on the same inventory, for example of `node drain fra2`. */
  readonly commandLine: (args: string) => string;
}

/** What a person brings along. */
export interface Backing {
  /** The node was seen to answer with its certificates. */
  readonly installed?: boolean;
  /** What was observed of a node that had nothing left: when and where. */
  readonly idle?: string;
  /** Why a rule does not count this time. */
  readonly override?: string;
  /** The command line to give again with the proof, where that is not `node activate`. */
  readonly again?: string;
}

/** Longest time that an override lasts. */
const OVERRIDE_SECONDS = 24 * 3600;

/** What a step takes beside the verdict: the status written, overrides and doubts. */
export interface Granted {
  readonly to: Standing;
  readonly overrides: readonly Override[];
  readonly warnings: readonly string[];
  readonly unchecked: readonly string[];
}

/** @throws Refusal when there is no such entry, with the slot that was probably meant. */
export function nodeOf(slot: string, { nodes }: Inventory): Node {
  const node = nodes.find((each) => each.slot === slot);
  if (node !== undefined) return node;
  const slots = nodes.map((each) => each.slot);
  const meant = nearest(slot, slots);
  throw new Refusal([
    {
      place: "SLOT",
      key: "",
      value: valueText(slot),
      rule: "unknown-slot",
      message: "is no slot of this inventory",
      remedy: meant === undefined ? "`npx dialtree node list` shows them" : `did you mean "${meant}"?`,
    },
  ]);
}

/**
 * Whether the step may be taken now, with what the person brings along.
 * @throws Refusal with the rule, the time from which the step is legal, and the way round it.
 */
export function granted(
  slot: string,
  from: Standing,
  step: Step,
  context: Context,
  backing: Backing,
): Granted {
  const facts = stepFacts(slot, context.inventory, context.known);
  const verdict = verdictOf(from, step, facts);
  const problems = unproven(slot, from, step, verdict, context, backing);
  if (verdict.allowed) {
    if (problems.length > 0) throw new Refusal(problems);
    const { to, unchecked } = verdict;
    return { to, overrides: [], warnings: [], unchecked: unchecked === undefined ? [] : [unchecked] };
  }
  const idle = backing.idle === undefined ? undefined : verdictOf(from, step, { ...facts, idle: true });
  const reason = idle?.allowed === true ? backing.idle : backing.override;
  if (reason === undefined || verdict.rule === "state-machine") {
    const told = idle === undefined || idle.allowed ? verdict : idle;
    throw new Refusal([refusedStep(slot, step, told, facts, context), ...problems]);
  }
  if (problems.length > 0) throw new Refusal(problems);
  const until = timestamp(after(facts.now, OVERRIDE_SECONDS));
  const to = destinationOf(from, step);
  const lapses = `it lapses at ${momentText(new Date(until))}: deploy before, and delete it from tree.json then`;
  return {
    to,
    overrides: [{ rule: verdict.rule, scope: slot, reason, until }],
    warnings: [`overrides ${verdict.rule} for ${slot} (${verdict.message}), because: ${reason}; ${lapses}`],
    unchecked: idle?.allowed === true && idle.unchecked !== undefined ? [idle.unchecked] : [],
  };
}

/** A node is listed only after somebody has seen it answer: a certificate that is issued is not yet installed. */
function unproven(
  slot: string,
  from: Standing,
  step: Step,
  verdict: Verdict,
  { inventory, commandLine }: Context,
  { installed, again = commandLine(`node activate ${slot}`) }: Backing,
): Problem[] {
  const isFirstTime = step === "activate" && (from === "planned" || from === "absent");
  if (!isFirstTime || installed === true || (!verdict.allowed && verdict.rule === "state-machine")) return [];
  return [
    {
      place: "SLOT",
      key: "",
      value: valueText(slot),
      rule: "installation-proof",
      message:
        "nobody has said that it answers with its certificates, and a name that lists it sends calls at once",
      remedy:
        `see \`npx dialtree dial ${inventory.domain} --node ${slot} --identity strict\` succeed, ` +
        `then \`${again} --installed\``,
    },
  ];
}

function refusedStep(
  slot: string,
  step: Step,
  verdict: Extract<Verdict, { allowed: false }>,
  { now }: StepFacts,
  context: Context,
): Problem {
  const { legalAt, message, rule } = verdict;
  return {
    place: "SLOT",
    key: "",
    value: valueText(slot),
    rule,
    message: legalAt === undefined ? message : `${message}; legal from ${dueText(legalAt, now)}`,
    remedy: remedyOf(slot, step, verdict, context),
  };
}

/** The arguments of the command that takes a step. */
export const COMMANDS: Readonly<Record<Step, string>> = {
  add: "node add",
  activate: "node activate",
  drain: "node drain",
  undrain: "node undrain",
  down: "node down",
  readdress: "node replace",
  retire: "node retire",
  remove: "node remove",
};

function remedyOf(
  slot: string,
  step: Step,
  { rule, legalAt, way }: Extract<Verdict, { allowed: false }>,
  { known, commandLine }: Context,
): string {
  const command = (of: Step, more = "") => `\`${commandLine(`${COMMANDS[of]} ${slot}${more}`)}\``;
  const override = `override it for 24 h with --override "REASON"`;
  const ledger = "give --ledger FILE, as `pulumi stack output --json` prints it";
  switch (rule) {
    case "state-machine": {
      const [first, ...rest] = way;
      if (first === undefined) return "nothing is left to do";
      if (rest.length === 0) return `${command(first)} does that`;
      return `begin with ${command(first)}; then ${rest.map((each) => command(each)).join(", then ")}`;
    }
    case "certificate":
      return `deploy it as planned (\`pulumi up\`) and install what that issues; or ${override}`;
    case "hold-down":
      return `${legalAt === undefined ? ledger : "wait until then"}; or ${override}`;
    case "never-listed":
      return `${command("down")} and deploy, so that its wait is counted; or ${override}`;
    case "drain-envelope": {
      const observed =
        step === "retire"
          ? "; where nothing is registered and no dialog is left, --observed FILE or URL; or"
          : "; or";
      const first =
        legalAt !== undefined
          ? "wait until then"
          : known.ledger === undefined
            ? ledger
            : "run `pulumi up` and give its ledger";
      return `${first}${observed} ${override}`;
    }
  }
}
