/** What `dialtree cert plan` and `dialtree cert status` know: the orders, the ledger, and what they have to assume. */
import { engineSteps } from "../engine/engine.ts";
import { Refusal } from "../inventory/problem.ts";
import { authorityOf, LETS_ENCRYPT } from "../plan/certificates/authorities.ts";
import type { IssuanceFacts } from "../plan/certificates/due.ts";
import { EMPTY_LEDGER, type Ledger } from "../plan/ledger.ts";
import { planTree } from "../plan/plan.ts";
import { runTime } from "../plan/runTime.ts";
import { checkedLedger, readLedgerFile } from "./ledgerFile.ts";
import { type Selection, type SelectionOptions, selectAll } from "./selection.ts";
import { readStackOutputs, type StackOutputs } from "./stackOutputs.ts";
import { type Terminal, UsageError } from "./usage.ts";

export interface CertificateOptions extends Omit<SelectionOptions, "backend"> {
  /** File with the stack's ledger. */
  readonly ledger?: string;
  /** File with all outputs of the stack. */
  readonly outputs?: string;
  /** Certificates that others have got for the registered domain in the last 7 days. */
  readonly otherIssued?: string;
  readonly json?: boolean;
}

export interface CertificateFacts {
  readonly domain: string;
  readonly facts: IssuanceFacts;
  /** Sentences without a full stop. */
  readonly assumed: readonly string[];
}

/**
 * @param purpose a plan is of use also where the stack's ledger cannot be had, a status is not.
 * @throws UsageError, Refusal
 */
export async function certificateFacts(
  options: CertificateOptions,
  io: Terminal,
  purpose: "plan" | "status",
): Promise<CertificateFacts> {
  if (options.ledger !== undefined && options.outputs !== undefined)
    throw new UsageError("give --ledger or --outputs, not both");
  const otherIssued = count(options.otherIssued ?? "0");
  const { inventory, stack } = selectAll(options);
  const assumed: string[] = [];
  if (stack === undefined) assumed.push(`the authority is ${LETS_ENCRYPT.name}`);
  const authority = stack === undefined ? LETS_ENCRYPT : authorityOf(directoryOf(stack));
  const { ledger, unknown } = await ledgerOf(options, stack?.name, io, purpose === "plan");
  if (unknown !== undefined) assumed.push(`nothing was ever issued: ${unknown}`);
  if (ledger.certificates.some((certificate) => certificate.directory === undefined)) {
    assumed.push("certificates that an earlier version wrote down have the names that are ordered now");
  }
  if (purpose === "plan" && options.otherIssued === undefined) {
    assumed.push(
      "nobody else gets certificates for the registered domain (--other-issued N: in the last 7 days)",
    );
  }
  const facts = {
    tree: planTree(inventory),
    authority,
    ledger,
    requests: inventory.requests,
    otherIssued,
    now: runTime(process.env.DIALTREE_NOW, new Date()),
  };
  return { domain: inventory.domain, facts, assumed };
}

interface KnownLedger {
  readonly ledger: Ledger;
  /** Why it is empty, where nobody knows that it is. */
  readonly unknown?: string;
}

async function ledgerOf(
  { ledger, outputs }: CertificateOptions,
  stack: string | undefined,
  io: Terminal,
  withoutLedger: boolean,
): Promise<KnownLedger> {
  if (ledger !== undefined) return { ledger: await readLedgerFile(ledger) };
  if (outputs !== undefined) return ledgerIn(await readStackOutputs({ file: outputs }, io));
  if (stack === undefined) {
    const why = "a folder has no ledger; give that of its stack with --ledger or --outputs";
    if (withoutLedger) return { ledger: EMPTY_LEDGER, unknown: why };
    throw new UsageError(why);
  }
  const found = await askStack(stack, io, withoutLedger);
  return "why" in found ? { ledger: EMPTY_LEDGER, unknown: found.why } : ledgerIn(found);
}

/** What the stack put out, or why nobody knows, where that is of use. */
async function askStack(
  stack: string,
  io: Terminal,
  mayFail: boolean,
): Promise<StackOutputs | { readonly why: string }> {
  if (!mayFail) return readStackOutputs({ stack }, io);
  try {
    // To get an engine takes minutes, which an estimate is not worth.
    if ((await engineSteps()).length > 0)
      return { why: "there is no Pulumi engine here yet to ask the stack" };
    return await readStackOutputs({ stack }, io);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { why: error.problems.map(({ place, message }) => `${place} ${message}`).join("; ") };
  }
}

function directoryOf({ name, config }: NonNullable<Selection["stack"]>): string {
  if (config.acme !== undefined) return config.acme.directory;
  throw new Refusal([
    {
      place: `Pulumi.${name}.yaml`,
      key: "dialtree:acme",
      rule: "stack-config",
      message: "is missing: the stack issues no certificates",
      remedy: "set it to {directory, contact}; see docs/configuration.md",
    },
  ]);
}

function ledgerIn({ outputs, place }: { readonly outputs: unknown; readonly place: string }): KnownLedger {
  if (typeof outputs !== "object" || outputs === null) return { ledger: checkedLedger(outputs, place) };
  const value: unknown = Reflect.get(outputs, "ledger");
  const ledger = checkedLedger(value, place);
  return value === undefined ? { ledger, unknown: `${place} has no ledger yet` } : { ledger };
}

function count(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new UsageError(`--other-issued ${text}: give a whole number`);
}
