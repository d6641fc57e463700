/** `dialtree cert renewals --preview FILE`: whether an update would renew certificates and nothing else. */
import {
  type OtherStep,
  type RenewalVerdict,
  readPreview,
  renewalOnly,
} from "../plan/certificates/renewalOnly.ts";
import { inputPlace, readInput } from "./inputDocument.ts";
import { table } from "./table.ts";
import { EXIT, type Terminal } from "./usage.ts";

export interface RenewalsArguments {
  /** File that holds what `pulumi preview --json` printed; `-` for standard input. */
  readonly preview: string;
  readonly json?: boolean;
}

/** Exit code when no certificate is due and nothing else would change. */
export const EXIT_NOTHING_DUE = 3;

/**
 * Exit code: 0 renewals and nothing else, 3 nothing at all, 1 anything else.
 * @throws Refusal when there is no such document
 */
export async function certRenewalsCommand(
  { preview, json }: RenewalsArguments,
  io: Terminal,
): Promise<number> {
  const remedy = "write it with `pulumi preview --stack <stack> --json > FILE`";
  const document = await readInput({ file: preview, option: "--preview", rule: "preview-document", remedy });
  const verdict = renewalOnly(readPreview(document, inputPlace(preview)));
  io.stdout.write(
    json === true ? `${JSON.stringify({ version: 1, ...verdict }, undefined, 2)}\n` : text(verdict),
  );
  return { renewals: EXIT.fine, nothing: EXIT_NOTHING_DUE, other: EXIT.refused }[verdict.kind];
}

const HEADS: Record<RenewalVerdict["kind"], string> = {
  renewals: "only renewals, nothing else would change",
  nothing: "no certificate is due, and nothing else would change",
  other: "not only renewals: nothing may be updated unattended",
};

function text({ kind, renewals, others, errors }: RenewalVerdict): string {
  return [
    `${HEADS[kind]}\n`,
    table(
      renewals.map(({ slot, profile, notAfter }) => [
        "  renew",
        slot,
        profile,
        `ends ${notAfter || "unknown"}`,
      ]),
    ),
    table(others.map((step) => [`  ${step.operation}`, step.name, step.type, because(step)])),
    ...errors.map((line) => `  ${line}\n`),
  ].join("");
}

function because({ inputs }: OtherStep): string {
  return inputs.length === 0 ? "" : `changes ${inputs.join(", ")}`;
}
