/**
 * Whether an update would renew certificates and do nothing else: the gate of a renewal that runs unattended. It
 * reads what `pulumi preview --json` prints (engine 3.259, run 2026-11).
 */
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { CertificateProfile } from "../../inventory/certificateKinds.ts";
import { type Problem, Refusal } from "../../inventory/problem.ts";
import { compareSlots } from "../order.ts";

/** One certificate that has reached its renewal time: same account, same names, same key; new dates. */
export interface Renewal {
  readonly slot: string;
  readonly profile: CertificateProfile;
  /** End of validity of the certificate that is replaced, as the provider writes it; empty when it says none. */
  readonly notAfter: string;
}

/** A step that is no renewal. */
export interface OtherStep {
  /** Logical name of the resource. */
  readonly name: string;
  readonly type: string;
  /** What the engine would do, for example `create`. */
  readonly operation: string;
  /** Inputs that change, where that is why an update is no renewal. */
  readonly inputs: readonly string[];
}

export interface RenewalVerdict {
  /** `renewals`: nothing but these. `nothing`: no change at all. `other`: something else, whatever is due. */
  readonly kind: "renewals" | "nothing" | "other";
  /** Sorted by slot, then profile. */
  readonly renewals: readonly Renewal[];
  /** Sorted by name. */
  readonly others: readonly OtherStep[];
  /** What the preview says went wrong: its steps are not all there then. */
  readonly errors: readonly string[];
}

const CERTIFICATE = "acme:index/certificate:Certificate";

/** Logical name of a certificate: backends/acme.ts. */
const CERTIFICATE_NAME = /^([^/]+)\/acme\/(exact|wildcard)$/;

/** Operations that change nothing; `read` is the stack's look at its own outputs. */
const IDLE: ReadonlySet<string> = new Set(["same", "read"]);

const stateSchema = z.looseObject({
  inputs: z.record(z.string(), z.unknown()).default({}),
  outputs: z.record(z.string(), z.unknown()).default({}),
});

const previewSchema = z.looseObject({
  steps: z
    .array(
      z.looseObject({
        op: z.string(),
        urn: z.string(),
        oldState: stateSchema.optional(),
        newState: stateSchema.optional(),
        diffReasons: z.array(z.string()).nullish(),
        detailedDiff: z.record(z.string(), z.unknown()).nullish(),
      }),
    )
    .min(1),
  diagnostics: z.array(z.looseObject({ message: z.string(), severity: z.string() })).default([]),
  changeSummary: z.record(z.string(), z.number()),
});

type Preview = z.infer<typeof previewSchema>;
type Step = Preview["steps"][number];

/**
 * Reads the document of a preview.
 * @param place where it is from, for the message
 * @throws Refusal when it is none, or only a part of one
 */
export function readPreview(text: string, place: string): Preview {
  const parsed = previewSchema.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  const problem: Problem = {
    place,
    key: "",
    rule: "preview-document",
    message: "is no whole preview as `pulumi preview --json` prints it",
    remedy:
      "write one with `pulumi preview --stack <stack> --json > FILE`, and look at what that command says",
  };
  throw new Refusal([problem]);
}

/** A certificate is renewed when only its outputs change; an update that any input causes is a change of the stack. */
export function renewalOnly({ steps, diagnostics }: Preview): RenewalVerdict {
  const errors = diagnostics.flatMap(({ severity, message }) =>
    severity === "error" ? [message.trim()] : [],
  );
  const renewals: Renewal[] = [];
  const others: OtherStep[] = [];
  for (const step of steps.filter(({ op }) => !IDLE.has(op))) {
    const renewal = renewalOf(step);
    if (renewal !== undefined) renewals.push(renewal);
    else others.push({ ...nameAndType(step), operation: step.op, inputs: changedInputs(step) });
  }
  renewals.sort((a, b) => compareSlots(a.slot, b.slot) || (a.profile < b.profile ? -1 : 1));
  others.sort((a, b) => (a.name < b.name ? -1 : 1));
  const clean = errors.length === 0 && others.length === 0;
  return { kind: !clean ? "other" : renewals.length > 0 ? "renewals" : "nothing", renewals, others, errors };
}

function renewalOf(step: Step): Renewal | undefined {
  const { name, type } = nameAndType(step);
  const [, slot, profile] = CERTIFICATE_NAME.exec(name) ?? [];
  if (step.op !== "update" || type !== CERTIFICATE || slot === undefined) return undefined;
  if (step.oldState === undefined || step.newState === undefined || changedInputs(step).length > 0)
    return undefined;
  const { certificateNotAfter } = step.oldState.outputs;
  const notAfter = typeof certificateNotAfter === "string" ? certificateNotAfter : "";
  return { slot, profile: profile as CertificateProfile, notAfter };
}

/** By the values, and by what the provider says differs: secret values all look alike in a preview. */
function changedInputs({ oldState, newState, diffReasons, detailedDiff }: Step): string[] {
  const before = oldState?.inputs ?? {};
  const after = newState?.inputs ?? {};
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const said = [...(diffReasons ?? []), ...Object.keys(detailedDiff ?? {})].map(firstPart);
  return keys.filter((key) => said.includes(key) || !isDeepStrictEqual(before[key], after[key]));
}

/** `dnsChallenges` of the property path `dnsChallenges[0].config`. */
function firstPart(path: string): string {
  return /^[^.[]*/.exec(path)?.[0] ?? path;
}

/** A URN ends in `::<parent types>$<type>::<logical name>`. */
function nameAndType({ urn }: Step): { name: string; type: string } {
  const [, , types = "", ...name] = urn.replace(/^urn:pulumi:/, "").split("::");
  return { name: name.join("::"), type: types.split("$").at(-1) ?? types };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
