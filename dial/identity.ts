/** Whether a certificate speaks for a dialed name: by SIP's own rule, and by the rule of web clients. */
import { isIP } from "node:net";
import type { SubjectAltName } from "./subjectAltNames.ts";

export interface IdentityVerdict {
  /** RFC 5922 sections 7.1 to 7.3: an exact match, never by a wildcard. PJSIP, Asterisk and Sofia-SIP ask this. */
  readonly strict: boolean;
  /** RFC 6125 section 6.4: an exact match, or `*` standing for exactly one whole label. libre and Teams ask this. */
  readonly wildcard: boolean;
  /** One clause for people. */
  readonly reason: string;
}

/** Which of the two rules a client asks; `any` for whichever of them is kept. */
export type IdentityRule = "strict" | "wildcard" | "any";

/** Why a client of the rule would not go on, one clause; undefined when it would. */
export function identityFault(identity: IdentityVerdict, rule: IdentityRule): string | undefined {
  const { strict, wildcard, reason } = identity;
  if (rule === "any") return strict || wildcard ? undefined : reason;
  if (identity[rule]) return undefined;
  return strict ? "only a URI entry names it, and clients of RFC 6125 read DNS entries" : reason;
}

/**
 * Compares a dialed name with the names of a certificate. SIP identities in the `sip:` URI entries put the DNS
 * entries out of force for the strict rule (RFC 5922 section 7.1); the common name counts only in a certificate
 * without subjectAltName at all.
 * @param dialedName the name the person dialed, not an SRV target (RFC 5922 section 7.3)
 * @param sans undefined when the certificate has no subjectAltName
 */
export function verdict(
  dialedName: string,
  sans: readonly SubjectAltName[] | undefined,
  commonName?: string,
): IdentityVerdict {
  const name = canonical(dialedName);
  if (isIP(name) !== 0) return { strict: false, wildcard: false, reason: "an IP address is no SIP domain" };
  if (sans === undefined) {
    const match = commonName !== undefined && canonical(commonName) === name;
    return {
      strict: match,
      wildcard: match,
      reason: `no subjectAltName; the common name ${match ? "matches" : "does not match"}`,
    };
  }
  const dnsNames = sans.filter((san) => san.kind === "dns").map((san) => canonical(san.value));
  const sipDomains = sans.flatMap((san) => (san.kind === "uri" ? (sipDomain(san.value) ?? []) : []));
  const dnsExact = dnsNames.includes(name);
  const covering = dnsNames.find((pattern) => wildcardCovers(pattern, name));
  const strict = sipDomains.length > 0 ? sipDomains.includes(name) : dnsExact;
  return {
    strict,
    wildcard: dnsExact || covering !== undefined,
    reason: reasonFor({ name, strict, sipDomains, dnsExact, covering }),
  };
}

interface Findings {
  readonly name: string;
  readonly strict: boolean;
  readonly sipDomains: readonly string[];
  readonly dnsExact: boolean;
  readonly covering: string | undefined;
}

function reasonFor({ name, strict, sipDomains, dnsExact, covering }: Findings): string {
  if (strict) return sipDomains.length > 0 ? `URI:sip:${name} names it` : `DNS:${name} names it`;
  if (sipDomains.length > 0) {
    return `the certificate speaks for sip:${sipDomains.join(", sip:")}; its DNS entries do not count for SIP`;
  }
  if (covering !== undefined && !dnsExact)
    return `only ${covering} covers it, and SIP knows no wildcard (RFC 5922 section 7.2)`;
  return "no entry names it";
}

/** Whether the pattern's `*`, alone in the first label, stands for the first label of the name. */
function wildcardCovers(pattern: string, name: string): boolean {
  const [star, ...base] = pattern.split(".");
  const [first, ...rest] = name.split(".");
  return (
    star === "*" &&
    base.length >= 2 &&
    first !== undefined &&
    first !== "" &&
    base.join(".") === rest.join(".")
  );
}

/** The domain that a `sip:` URI without user part speaks for; undefined for any other URI (RFC 5922 section 7.1). */
function sipDomain(uri: string): string | undefined {
  const [, host] = /^sip:([^@:;?/]+)(?:[:;?][^@]*)?$/i.exec(uri) ?? [];
  return host === undefined ? undefined : canonical(host);
}

function canonical(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}
