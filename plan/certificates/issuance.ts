/**
 * What stands around the certificates: who answers their challenges, and who may issue them. Decided from a stack's
 * configuration before anything is registered.
 */
import { createHash } from "node:crypto";
import { parseIssueValue } from "../../dns/caa.ts";
import { accountKeyDigest } from "../../inventory/accountKey.ts";
import { type Problem, Refusal } from "../../inventory/problem.ts";
import type { ChallengeProvider, StackBackend, StackConfig } from "../../inventory/stackConfig.ts";
import { authorityOf } from "./authorities.ts";

type AcmeConfig = NonNullable<StackConfig["acme"]>;

export interface Issuance {
  /** Providers that publish the challenges, by the names that lego has for them. */
  readonly challenges: readonly ChallengeProvider[];
  /** What CAA says at the domain; absent: nothing. */
  readonly caa?: CaaPolicy;
}

/** Who may issue for the domain and all names below it. */
export interface CaaPolicy {
  /** The authority's name for itself; the stack's own account there is bound to it. */
  readonly issuer: string;
  /** Those of other accounts and authorities, sorted. */
  readonly also: readonly CaaEntry[];
}

export interface CaaEntry {
  /** Identity, which its record is named by at platforms that have a record per value. */
  readonly key: string;
  /** Value of an `issue` property (RFC 8659 section 4.2). */
  readonly value: string;
}

export interface IssuanceContext {
  readonly backends: readonly StackBackend[];
  /** Zone that the challenges are delegated to. */
  readonly challengeZone: string | undefined;
  /** The stack's file, for messages. */
  readonly place: string;
}

/** @throws Refusal when the configuration does not say who publishes a challenge, or who the authority is. */
export function planIssuance(acme: AcmeConfig, context: IssuanceContext): Issuance {
  const problems: Problem[] = [];
  const challenges = acme.challenges ?? context.backends;
  if (acme.challenges === undefined && context.challengeZone !== undefined) {
    problems.push({
      place: context.place,
      key: "dialtree:acme.challenges",
      rule: "challenge-provider",
      message: `is missing, and the challenges are delegated to ${context.challengeZone}, which no platform of the stack need hold`,
      remedy: "name who publishes in that zone, for example [route53] or [rfc2136]",
    });
  }
  const caa = caaPolicy(acme, context.place);
  if (caa !== undefined && "rule" in caa) problems.push(caa);
  if (problems.length > 0) throw new Refusal(problems);
  return { challenges, ...(caa === undefined || "rule" in caa ? {} : { caa }) };
}

/** By default the domain is bound to the account wherever it is known what the authority calls itself. */
function caaPolicy({ directory, caa }: AcmeConfig, place: string): CaaPolicy | Problem | undefined {
  const { name, caaIssuer } = authorityOf(directory);
  if (caa === false || (caa === undefined && caaIssuer === undefined)) return undefined;
  const { issuer = caaIssuer, also = [] } = typeof caa === "object" ? caa : {};
  const key = "dialtree:acme.caa";
  if (issuer === undefined) {
    const message = `does not say what ${name} calls itself in CAA, and this program does not know it`;
    const remedy =
      "add the issuer from the authority's manual, for example {issuer: ca.example}, or write false";
    return { place, key, rule: "caa-issuer", message, remedy };
  }
  if (caaIssuer !== undefined && issuer !== caaIssuer) {
    const message = `is not what ${name} calls itself: it would refuse every certificate`;
    const remedy = `leave issuer out, or write ${caaIssuer}`;
    return { place, key: `${key}.issuer`, value: issuer, rule: "caa-issuer", message, remedy };
  }
  return { issuer, also: [...new Set(also)].sort().map((value) => ({ key: entryKey(value), value })) };
}

/**
 * Digest of the account's public key, where it is known before an update: as the last update put it out, or of the key
 * that the account is to be made with.
 * @param output the stack's output `account`, of any version.
 */
export function knownAccountKey(
  directory: string,
  output: unknown,
  accountKeyPem: string | undefined,
): string | undefined {
  const before = (output ?? {}) as { readonly directory?: unknown; readonly keyDigest?: unknown };
  if (before.directory === directory && typeof before.keyDigest === "string") return before.keyDigest;
  return accountKeyPem === undefined ? undefined : accountKeyDigest(accountKeyPem);
}

/** Of the value alone, so that one more in the list moves no other. */
function entryKey(value: string): string {
  const digest = createHash("sha256").update(value).digest("hex").slice(0, 8);
  return `${parseIssueValue(value)?.issuer}-${digest}`;
}
