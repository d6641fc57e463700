/** The ledger of a stack from a file, as `pulumi stack output ledger --json` prints it. */
import { z } from "zod";
import { CERTIFICATE_PROFILES } from "../inventory/certificateKinds.ts";
import { STATUSES } from "../inventory/nodeSchema.ts";
import { Refusal } from "../inventory/problem.ts";
import { type Ledger, readLedger } from "../plan/ledger.ts";
import { inputPlace, readInput } from "./inputDocument.ts";

const time = z.iso.datetime({ offset: true });

/** What commands read of it. Its version is checked with its own message. */
const ledgerSchema = z.looseObject({
  version: z.int(),
  goneSince: z.record(z.string(), time).default({}),
  certificates: z
    .array(
      z.looseObject({
        slot: z.string(),
        profile: z.enum(CERTIFICATE_PROFILES),
        notBefore: time,
        notAfter: time,
        names: z.array(z.string()).optional(),
      }),
    )
    .default([]),
  buckets: z
    .array(
      z.looseObject({ directory: z.string(), limit: z.string(), fullAt: time, set: z.string().optional() }),
    )
    .default([]),
  nodes: z.record(z.string(), z.looseObject({ status: z.enum(STATUSES) })).optional(),
});

const REMEDY = "write it with `pulumi stack output ledger --json --stack <stack> > FILE`";

/** @throws Refusal when there is none, or it is of another version. */
export async function readLedgerFile(file: string): Promise<Ledger> {
  const rule = "ledger-file";
  const text = await readInput({ file, option: "--ledger", rule, remedy: REMEDY });
  return checkedLedger(parsed(text), inputPlace(file));
}

/** @throws Refusal when the value is no ledger, or one of another version. */
export function checkedLedger(value: unknown, place: string): Ledger {
  if (value === undefined) return readLedger(undefined);
  const checked = ledgerSchema.safeParse(value);
  if (checked.success) return readLedger(value);
  const isOutputs = typeof value === "object" && value !== null && "ledger" in value;
  const key = checked.error.issues[0]?.path.map(String).join(".") ?? "";
  const message = key === "" ? "is no ledger of a stack" : "is not what a ledger has there";
  const remedy = isOutputs ? "these are all outputs of a stack: give them with --outputs" : REMEDY;
  throw new Refusal([{ place, key, rule: "ledger-file", message, remedy }]);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
