/** CAA: which authority may issue for a name, to which of its accounts and by which proof (RFC 8659, RFC 8657). */

/** The proof by which this program has its certificates issued (RFC 8555 section 8.4). */
const DNS_METHOD = "dns-01";

/**
 * TTL of what authorities alone ask for: CAA, and the aliases of challenges. A wrong one is to be out of their way at
 * once, so it is the least that every platform takes.
 */
export const ISSUANCE_TTL_SECONDS = 60;

/** One CAA property; several at one name add to each other. */
export interface CaaProperty {
  /** 0 to 255; 128 is the critical flag (RFC 8659 section 4.1). */
  readonly flags: number;
  /** `issue`, `issuewild`, `iodef` and others; lower case when written, compared without case. */
  readonly tag: string;
  readonly value: string;
}

/** The value of `issue` and `issuewild`, taken apart (RFC 8659 section 4.2). */
export interface IssueValue {
  /** Domain name of the authority; empty: nobody may issue. */
  readonly issuer: string;
  /** In the order of the value; a tag may stand twice, which RFC 8657 gives a meaning. */
  readonly parameters: readonly (readonly [tag: string, value: string])[];
}

const ISSUER = /^[a-z0-9](?:-*[a-z0-9])*(?:\.[a-z0-9](?:-*[a-z0-9])*)*$/i;
const PARAMETER = /^([a-z0-9](?:-*[a-z0-9])*)[ \t]*=[ \t]*([\x21-\x3a\x3c-\x7e]*)$/i;

/** The value's parts, or undefined where it is not of the form of RFC 8659 section 4.2. */
export function parseIssueValue(value: string): IssueValue | undefined {
  const [issuer = "", ...rest] = value.split(";").map((part) => part.replace(/^[ \t]+|[ \t]+$/g, ""));
  if (issuer !== "" && !ISSUER.test(issuer)) return undefined;
  // A lone semicolon may end the value; otherwise there is a parameter after each.
  const texts = rest.length === 1 && rest[0] === "" ? [] : rest;
  const parameters = texts.map((text) => PARAMETER.exec(text));
  if (parameters.includes(null)) return undefined;
  return {
    issuer,
    parameters: parameters.map((match) => [match?.[1]?.toLowerCase() ?? "", match?.[2] ?? ""] as const),
  };
}

/**
 * The issue value that binds a name to one account and to DNS proofs: nobody else's account at the same authority
 * gets a certificate, and nobody who only reaches the name's hosts (RFC 8657 sections 3 and 4).
 * @param accountUrl URL of the account, as the authority gave it.
 */
export function accountIssueValue(issuer: string, accountUrl: string): string {
  return `${issuer}; validationmethods=${DNS_METHOD}; accounturi=${accountUrl}`;
}

/** Presentation form: `0 issue "ca.example"` (RFC 8659 section 4.1.1). */
export function caaData({ flags, tag, value }: CaaProperty): string {
  return `${flags} ${tag} "${value.replace(/["\\]/g, "\\$&")}"`;
}

/** The property that the presentation form says; undefined where it is none. */
export function parseCaaData(data: string): CaaProperty | undefined {
  const match = /^(\d{1,3}) ([a-z0-9]+) "((?:\\["\\]|[^"\\])*)"$/i.exec(data);
  if (match === null) return undefined;
  const [, flags = "", tag = "", value = ""] = match;
  if (Number(flags) > 255) return undefined;
  return { flags: Number(flags), tag: tag.toLowerCase(), value: value.replace(/\\(.)/g, "$1") };
}
