/**
 * What certificate authorities allow, as data, by the directory URL that a stack names. An authority that is not
 * here has limits that nobody wrote down: it is asked for everything at once.
 */
import type { TokenBucket } from "./buckets.ts";

/** `newOrders` is per account, `registeredDomain` and `exactSet` over all accounts. */
export const COUNTED_LIMITS = ["registeredDomain", "newOrders", "exactSet"] as const;

export type CountedLimit = (typeof COUNTED_LIMITS)[number];

export interface AuthorityLimit extends TokenBucket {
  /** What is counted, and in which time the empty bucket is full again, for people. */
  readonly counts: string;
  readonly period: string;
  /** A certificate for a set of names that was issued before takes nothing from it. */
  readonly exemptsRenewals: boolean;
}

/** @see https://letsencrypt.org/docs/rate-limits/ and /docs/staging-environment/ (August 2026, read 2026-11) */
export interface AuthorityLimits extends Readonly<Record<CountedLimit, AuthorityLimit>> {
  /** Per account and identifier. A failure cannot be foreseen, so nothing is scheduled by it. */
  readonly failedAuthorizations: AuthorityLimit;
}

export interface Authority {
  /** For people. */
  readonly name: string;
  /** Directory URL (RFC 8555 section 7.1.1). */
  readonly directory: string;
  /** Its issuer domain name in CAA records (RFC 8659 section 4.2); absent: not known here. */
  readonly caaIssuer?: string;
  /** Absent: none that are known. */
  readonly limits?: AuthorityLimits;
}

/** Days in which a set of names must have been issued before, so that it is a renewal. */
export const RENEWAL_WINDOW_DAYS = 120;

/**
 * Let's Encrypt's certificates begin this long before they are issued, for clients whose clocks are late. Its limits
 * count from the issue.
 */
export const BACKDATE_SECONDS = 3600;

const HOUR = 3600;
const WEEK = "7 days";

/** Refills as documented: rounded up from the exact ones, which is the safe side. */
const PRODUCTION_LIMITS: AuthorityLimits = {
  exactSet: {
    counts: "certificates of one exact set of names",
    capacity: 5,
    refillSeconds: 34 * HOUR,
    period: WEEK,
    exemptsRenewals: false,
  },
  registeredDomain: {
    counts: "new certificates per registered domain",
    capacity: 50,
    refillSeconds: 202 * 60,
    period: WEEK,
    exemptsRenewals: true,
  },
  newOrders: {
    counts: "new orders of one account",
    capacity: 300,
    refillSeconds: 36,
    period: "3 hours",
    exemptsRenewals: true,
  },
  failedAuthorizations: {
    counts: "failed authorizations of one name",
    capacity: 5,
    refillSeconds: 12 * 60,
    period: "1 hour",
    exemptsRenewals: false,
  },
};

/**
 * So wide that no mistake of a fleet shows there: what fits at staging may not fit in production. Of the 30,000 a
 * second per registered domain one a second is as good as all.
 */
const STAGING_LIMITS: AuthorityLimits = {
  exactSet: { ...PRODUCTION_LIMITS.exactSet, capacity: 30_000, refillSeconds: 21 },
  registeredDomain: {
    ...PRODUCTION_LIMITS.registeredDomain,
    capacity: 30_000,
    refillSeconds: 1,
    period: "1 second",
  },
  newOrders: { ...PRODUCTION_LIMITS.newOrders, capacity: 1500, refillSeconds: 8 },
  failedAuthorizations: { ...PRODUCTION_LIMITS.failedAuthorizations, capacity: 200, refillSeconds: 18 },
};

export const LETS_ENCRYPT: Authority = {
  name: "Let's Encrypt",
  directory: "https://acme-v02.api.letsencrypt.org/directory",
  caaIssuer: "letsencrypt.org",
  limits: PRODUCTION_LIMITS,
};

export const LETS_ENCRYPT_STAGING: Authority = {
  name: "Let's Encrypt (staging)",
  directory: "https://acme-staging-v02.api.letsencrypt.org/directory",
  caaIssuer: "letsencrypt.org",
  limits: STAGING_LIMITS,
};

const AUTHORITIES = [LETS_ENCRYPT, LETS_ENCRYPT_STAGING];

/** The authority of a directory URL; one that nothing is known of is named by its host. */
export function authorityOf(directory: string): Authority {
  const known = AUTHORITIES.find((authority) => authority.directory === directory);
  return known ?? { name: new URL(directory).host, directory };
}
