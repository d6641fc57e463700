/** `dialtree recovery [NAME]`: from a node's death until new calls succeed, per name, client and failure. */
import pc from "picocolors";
import type { Inventory } from "../inventory/inventory.ts";
import { valueText } from "../inventory/jsonc.ts";
import { Refusal } from "../inventory/problem.ts";
import { nearest } from "../inventory/suggestion.ts";
import { PHONE_FAILBACK } from "../plan/clients/failback.ts";
import { KNOWN_CLIENTS, type KnownClient } from "../plan/clients/known.ts";
import { FAILURES, type Failure } from "../plan/clients/reaction.ts";
import { GLOBAL_KEY } from "../plan/labels.ts";
import { planTree } from "../plan/plan.ts";
import { drainEnvelope } from "../plan/recovery/drain.ts";
import {
  INPUTS,
  type InputName,
  type Inputs,
  inputFault,
  inputRows,
  isInputName,
  resolveInputs,
} from "../plan/recovery/inputs.ts";
import { recoveryModel } from "../plan/recovery/recovery.ts";
import type { Tier, Tree } from "../plan/tree.ts";
import { nameText, overviewText, type RecoveryDocument } from "./recoveryText.ts";
import { type SelectionOptions, select } from "./selection.ts";
import { EXIT, type Terminal } from "./usage.ts";

export interface RecoveryArguments extends SelectionOptions {
  /** A full name, a POP or region key, or `global`; every name when absent. */
  readonly name?: string;
  /** `input=value`, each. */
  readonly set?: readonly string[];
  readonly client?: string;
  readonly failure?: string;
  readonly json?: boolean;
}

/** @throws UsageError, Refusal */
export function recoveryCommand(options: RecoveryArguments, io: Terminal): number {
  const { inventory, backend } = select(options);
  const tree = planTree(inventory);
  const inputs = readInputs(options.set ?? [], inventory);
  const tiers = options.name === undefined ? allTiers(tree) : [tierNamed(options.name, tree)];
  const client = oneOf<KnownClient>("--client", options.client, KNOWN_CLIENTS);
  const failure = oneOf<Failure>("--failure", options.failure, FAILURES);
  const nameRecovery = recoveryModel(tree, backend, inputs, {
    ...(client === undefined ? {} : { clients: [client] }),
    ...(failure === undefined ? {} : { failures: [failure] }),
  });
  const document: RecoveryDocument = {
    domain: tree.domain,
    backend,
    inputs: inputRows(inputs),
    drain: drainEnvelope(inputs),
    names: tiers.map(nameRecovery),
    phones: PHONE_FAILBACK,
  };
  const colours = pc.createColors(io.stdout.isTTY === true && !process.env.NO_COLOR);
  const [only] = document.names;
  io.stdout.write(
    options.json === true
      ? `${JSON.stringify(document, undefined, 2)}\n`
      : options.name !== undefined && only !== undefined
        ? nameText(only, document, colours)
        : overviewText(document, colours),
  );
  return EXIT.fine;
}

function allTiers({ pops, regions, global }: Tree): Tier[] {
  return [global, ...regions, ...pops];
}

function refusal(place: string, value: string, rule: string, message: string, remedy: string): Refusal {
  return new Refusal([{ place, key: "", value: valueText(value), rule, message, remedy }]);
}

function didYouMean(word: string, candidates: readonly string[], otherwise: string): string {
  const meant = nearest(word, candidates);
  return meant === undefined ? otherwise : `did you mean "${meant}"?`;
}

function tierNamed(text: string, tree: Tree): Tier {
  const wanted = text.toLowerCase().replace(/\.$/, "");
  const tiers = allTiers(tree);
  const tier = tiers.find(({ key, name }) => key === wanted || name === wanted);
  if (tier !== undefined) return tier;
  const node = tree.nodes.find(({ slot, name }) => slot === wanted || name === wanted);
  if (node !== undefined) {
    const message = "is a single node: nothing fails over behind its name";
    throw refusal("NAME", text, "recovery-name", message, `ask for its POP, ${node.pop}`);
  }
  const names = tiers.flatMap(({ key, name }) => [key, name]);
  const remedy = didYouMean(wanted, names, `give a name, a POP, a region, or ${GLOBAL_KEY}`);
  throw refusal("NAME", text, "recovery-name", "is no name of this tree", remedy);
}

function readInputs(settings: readonly string[], { policy }: Inventory): Inputs {
  const names = Object.keys(INPUTS);
  const set: Partial<Record<InputName, number>> = {};
  for (const setting of settings) {
    const [, name = setting, text] = /^([^=]*)=(.*)$/s.exec(setting) ?? [];
    if (!isInputName(name)) {
      const remedy = didYouMean(name, names, `set one of ${names.join(", ")}`);
      throw refusal("--set", setting, "recovery-input", "names no input of the model", remedy);
    }
    const value = text === undefined || !/^\d+(\.\d+)?$/.test(text) ? Number.NaN : Number(text);
    const fault = Number.isNaN(value) ? "is no input=value with a plain number" : inputFault(name, value);
    if (fault !== undefined) {
      throw refusal(
        "--set",
        setting,
        "recovery-input",
        fault,
        `write it like ${name}=${INPUTS[name].minimum}`,
      );
    }
    set[name] = value;
  }
  return resolveInputs(policy, set);
}

function oneOf<T extends string>(
  place: string,
  text: string | undefined,
  known: readonly T[],
): T | undefined {
  if (text === undefined) return undefined;
  const found = known.find((word) => word === text);
  if (found !== undefined) return found;
  throw refusal(
    place,
    text,
    "unknown-choice",
    "is not known",
    didYouMean(text, known, `choose one of ${known.join(", ")}`),
  );
}
