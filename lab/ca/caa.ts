/**
 * Whether CAA lets the lab's authority issue, decided as Let's Encrypt decides it (RFC 8659, RFC 8657; Boulder's
 * va/caa.go, read 2026-11).
 */
import { type CaaProperty, parseCaaData, parseIssueValue } from "../../dns/caa.ts";
import { problem } from "../store/acmeStore.ts";
import type { LookupSets } from "./lookupSets.ts";

/** What the lab's authority calls itself: it stands for Let's Encrypt, and for itself where a stack names it. */
export const ISSUER_DOMAINS: readonly string[] = ["letsencrypt.org", "ca.lab.example.test"];

const METHOD = "dns-01";

/** The critical bit, and the one that many take for it (RFC 8659 section 4.1; Boulder honours both). */
const CRITICAL_FLAGS = 0x80 | 0x01;

const KNOWN_TAGS: readonly string[] = ["issue", "issuewild", "iodef"];

/** @throws PlatformError unless every name server lets the account have the name: a validator may ask any of them. */
export async function refuseByCaa(identifier: string, accountUrl: string, lookup: LookupSets): Promise<void> {
  const relevant = await relevantSets(identifier.replace(/^\*\./, ""), lookup);
  for (const set of relevant) {
    if (set === undefined || allows(set.properties, identifier, accountUrl)) continue;
    const text = `While processing CAA for ${identifier}: CAA record for ${set.name} prevents issuance`;
    throw problem(403, "caa", text);
  }
}

/** Whether the relevant set lets the account have a certificate for the identifier. */
export function allows(properties: readonly CaaProperty[], identifier: string, accountUrl: string): boolean {
  const tagged = (tag: string) => properties.filter((property) => property.tag === tag);
  const unknown = properties.filter(({ tag }) => !KNOWN_TAGS.includes(tag));
  if (unknown.some(({ flags }) => (flags & CRITICAL_FLAGS) !== 0)) return false;
  const wild = identifier.startsWith("*.") ? tagged("issuewild") : [];
  const deciding = wild.length > 0 ? wild : tagged("issue");
  return deciding.length === 0 || deciding.some(({ value }) => authorizes(value, accountUrl));
}

/** A parameter that stands twice satisfies nobody (RFC 8657 sections 3 and 4); one that is unknown means nothing. */
function authorizes(value: string, accountUrl: string): boolean {
  const parsed = parseIssueValue(value);
  if (parsed === undefined || !ISSUER_DOMAINS.includes(parsed.issuer)) return false;
  const given = (tag: string) => parsed.parameters.filter(([key]) => key === tag).map(([, text]) => text);
  const accounts = given("accounturi");
  const methods = given("validationmethods");
  if (accounts.length > 1 || methods.length > 1) return false;
  const listed = methods[0]?.split(",") ?? [METHOD];
  return (
    (accounts[0] ?? accountUrl) === accountUrl &&
    listed.every((method) => /^[a-z0-9-]+$/i.test(method)) &&
    listed.includes(METHOD)
  );
}

interface RelevantSet {
  readonly name: string;
  readonly properties: readonly CaaProperty[];
}

/** For each name server the set of the closest name from the identifier upwards (RFC 8659 section 3). */
async function relevantSets(
  hostName: string,
  lookup: LookupSets,
): Promise<readonly (RelevantSet | undefined)[]> {
  const labels = hostName.split(".");
  const names = labels.map((_, start) => labels.slice(start).join("."));
  const answers = await Promise.all(names.map((name) => lookup(name, "CAA")));
  const servers = answers[0] ?? [];
  return servers.map((_, server) => {
    const closest = answers.findIndex((sets) => (sets[server] ?? []).length > 0);
    const name = names[closest];
    if (name === undefined) return undefined;
    return { name, properties: (answers[closest]?.[server] ?? []).map(propertyOf) };
  });
}

/** What cannot be read is none of the known properties, and lets nobody in. */
function propertyOf(data: string): CaaProperty {
  return parseCaaData(data) ?? { flags: CRITICAL_FLAGS, tag: "unreadable", value: data };
}
