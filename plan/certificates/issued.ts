/** What certificates of the past have taken from the limits of the authorities that issued them. */
import type { Ledger, LedgerBucket, LedgerCertificate } from "../ledger.ts";
import { compareText } from "../order.ts";
import type { CertificateOrder } from "../tree.ts";
import { type Authority, authorityOf, BACKDATE_SECONDS, RENEWAL_WINDOW_DAYS } from "./authorities.ts";
import { AuthorityBuckets, setDigest } from "./authorityBuckets.ts";

type Issued = Pick<Ledger, "buckets" | "certificates">;

const MILLISECONDS_PER_DAY = 86_400_000;

/** When the authority issued it, in milliseconds since 1970. */
export function issuedAt({ notBefore }: Pick<LedgerCertificate, "notBefore">): number {
  return Date.parse(notBefore) + BACKDATE_SECONDS * 1000;
}

/** When the authority last issued each set of names, by the set's digest, in milliseconds since 1970. */
export type IssuesBySet = Map<string, number>;

/** @param directory of the authority; a certificate of which it is not known counts as its own. */
export function issuesBySet(certificates: readonly LedgerCertificate[], directory: string): IssuesBySet {
  const own = certificates.filter((each) => (each.directory ?? directory) === directory);
  return new Map(inOrderOfIssue(own).map((each) => [setOf(each), issuedAt(each)]));
}

/** Whether the authority takes an issue at this time for a renewal: the same set was issued before, and lately. */
export function isRenewal(
  { slot, profile, names }: Pick<CertificateOrder, "slot" | "profile" | "names">,
  issues: IssuesBySet,
  at: number,
): boolean {
  const before = issues.get(setDigest(names)) ?? issues.get(setOf({ slot, profile }));
  return before !== undefined && at - before <= RENEWAL_WINDOW_DAYS * MILLISECONDS_PER_DAY;
}

/**
 * The authority's limits as the ledger knows them; undefined where it has none. Certificates that an earlier version
 * wrote down, without saying who issued them, are taken as this authority's and as new ones.
 */
export function bucketsOf(
  { buckets, certificates }: Issued,
  { directory, limits }: Pick<Authority, "directory" | "limits">,
): AuthorityBuckets | undefined {
  if (limits === undefined) return undefined;
  const own = buckets.filter((bucket) => bucket.directory === directory);
  const known = new AuthorityBuckets(
    limits,
    own.map(({ limit, set, fullAt }) => ({
      limit,
      ...(set === undefined ? {} : { set }),
      fullAt: Date.parse(fullAt),
    })),
  );
  for (const certificate of inOrderOfIssue(certificates.filter((each) => !isCounted(each)))) {
    known.issue([{ set: setOf(certificate), renewal: false }], issuedAt(certificate));
  }
  return known;
}

/**
 * The limits of all authorities after an update: as before it where nothing was issued, so that an idle run changes
 * nothing. Where something was, buckets that are full again by then are forgotten.
 */
export function bucketsAfter(
  before: Issued,
  certificates: readonly LedgerCertificate[],
): readonly LedgerBucket[] {
  const counted = new Set(before.certificates.filter(isCounted).map(identity));
  const fresh = certificates.filter((each) => isCounted(each) && !counted.has(identity(each)));
  if (fresh.length === 0) return before.buckets;
  const byDirectory = Map.groupBy(fresh, ({ directory = "" }) => directory);
  const untouched = before.buckets.filter(({ directory }) => !byDirectory.has(directory));
  const touched = [...byDirectory].flatMap(([directory, issued]) => afterIssue(before, directory, issued));
  return [...untouched, ...touched].sort((a, b) => compareText(bucketKey(a), bucketKey(b)));
}

function afterIssue(before: Issued, directory: string, issued: readonly LedgerCertificate[]): LedgerBucket[] {
  const buckets = bucketsOf({ buckets: before.buckets, certificates: [] }, authorityOf(directory));
  if (buckets === undefined) return [];
  const same = new Set(issued.map(identity));
  const seen = issuesBySet(
    before.certificates.filter((each) => !same.has(identity(each))),
    directory,
  );
  const ordered = inOrderOfIssue(issued);
  for (const { slot, profile, names = [slot, profile], notBefore } of ordered) {
    const set = setDigest(names);
    const at = issuedAt({ notBefore });
    buckets.issue([{ set, renewal: isRenewal({ slot, profile, names }, seen, at) }], at);
    seen.set(set, at);
  }
  const last = Math.max(...ordered.map(issuedAt));
  return buckets
    .states()
    .filter(({ fullAt }) => fullAt > last)
    .map(({ fullAt, ...state }) => ({ directory, ...state, fullAt: new Date(fullAt).toISOString() }));
}

/** Whether the ledger says who issued it, so that it is in that authority's buckets. */
function isCounted({ directory }: LedgerCertificate): boolean {
  return directory !== undefined;
}

function identity({ slot, profile, notBefore }: LedgerCertificate): string {
  return `${slot} ${profile} ${notBefore}`;
}

/** The digest of its names; of one without, which an earlier version wrote, that of what it is. */
function setOf({ slot, profile, names }: Pick<LedgerCertificate, "slot" | "profile" | "names">): string {
  return setDigest(names ?? [slot, profile]);
}

function inOrderOfIssue(certificates: readonly LedgerCertificate[]): LedgerCertificate[] {
  return [...certificates].sort((a, b) => issuedAt(a) - issuedAt(b) || compareText(identity(a), identity(b)));
}

function bucketKey({ directory, limit, set = "" }: LedgerBucket): string {
  return `${directory} ${limit} ${set}`;
}
