/**
 * Let's Encrypt's rate limits at their production figures, by the algorithm that its server has (GCRA: a bucket is the
 * time at which it is full again). What the planner knows of them is not used here: the lab is the check of it.
 * @see letsencrypt/boulder ratelimits/gcra.go, transaction.go, limiter.go and wfe2/wfe.go (read 2026-11)
 */
import { isWithin } from "../../dns/names.ts";
import { type AcmeAccount, type AcmeStore, problem } from "../store/acmeStore.ts";
import type { PlatformError } from "../store/platformError.ts";
import { BACKDATE_MILLISECONDS } from "./labCa.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** So many within a period, all of them at once if need be. */
interface Limit {
  readonly count: number;
  readonly period: number;
  /** As Go prints the period. */
  readonly periodText: string;
  /** Heading of the manual's page on rate limits. */
  readonly anchor: string;
}

const LIMITS = {
  newOrdersPerAccount: {
    count: 300,
    period: 3 * HOUR,
    periodText: "3h0m0s",
    anchor: "new-orders-per-account",
  },
  failedAuthorizationsPerNamePerAccount: {
    count: 5,
    period: HOUR,
    periodText: "1h0m0s",
    anchor: "authorization-failures-per-identifier-per-account",
  },
  certificatesPerDomain: {
    count: 50,
    period: 7 * DAY,
    periodText: "168h0m0s",
    anchor: "new-certificates-per-registered-domain",
  },
  certificatesPerExactSet: {
    count: 5,
    period: 7 * DAY,
    periodText: "168h0m0s",
    anchor: "new-certificates-per-exact-set-of-identifiers",
  },
} as const satisfies Record<string, Limit>;

type LimitName = keyof typeof LIMITS;

/** An order for a set of names that was certified within this time is a renewal. */
const RENEWAL_WINDOW = 120 * DAY;

/** A view of the store: what it remembers is counted, over a restart too. */
export class RateLimits {
  readonly #store: AcmeStore;
  readonly #now: () => Date;
  readonly #registeredDomains: readonly string[];
  /** Bucket to the time at which it is full again. */
  readonly #full = new Map<string, number>();
  /** Set of names to its last issue. */
  readonly #lastIssue = new Map<string, number>();
  /** Rows of the store's tables that are counted. */
  readonly #counted = { orders: 0, failures: 0, certificates: 0 };

  /** @param registeredDomains names that somebody bought; of any other name it is the last two labels. */
  constructor(store: AcmeStore, registeredDomains: readonly string[], now: () => Date) {
    this.#store = store;
    this.#now = now;
    this.#registeredDomains = registeredDomains;
  }

  /** Whether an order for these names is a renewal, which does not count where only new certificates do. */
  isRenewal(names: readonly string[]): boolean {
    this.#count();
    return this.#isRenewalAt(names, this.#now().getTime());
  }

  /** @throws PlatformError 429 when another order, or what it would lead to, is one too many. */
  check({ id }: AcmeAccount, names: readonly string[]): void {
    const renewal = this.isRenewal(names);
    const refusals = [
      ...(renewal ? [] : [this.#refusal("newOrdersPerAccount", id, "new orders", "from this account")]),
      ...names.map((name) =>
        this.#refusal(
          "failedAuthorizationsPerNamePerAccount",
          `${id} ${bare(name)}`,
          "failed authorizations",
          `for "${bare(name)}"`,
        ),
      ),
      ...(renewal ? [] : this.#domainsOf(names)).map((domain) =>
        this.#refusal("certificatesPerDomain", domain, "certificates", `already issued for "${domain}"`),
      ),
      this.#refusal(
        "certificatesPerExactSet",
        setOf(names),
        "certificates",
        "already issued for this exact set of identifiers",
      ),
    ];
    const refusal = refusals.find((each) => each !== undefined);
    if (refusal !== undefined) throw refusal;
  }

  /** Takes up the rows that are new since it was called last; all tables only ever grow. */
  #count(): void {
    const counted = this.#counted;
    const orders = this.#store.orders();
    for (const { account, createdAt, renewal } of orders.slice(counted.orders)) {
      if (!renewal) this.#spend("newOrdersPerAccount", account, Date.parse(createdAt));
    }
    const failures = this.#store.failedAuthorizations();
    for (const { account, identifier, failedAt } of failures.slice(counted.failures)) {
      const bucket = `${account} ${bare(identifier)}`;
      this.#spend("failedAuthorizationsPerNamePerAccount", bucket, Date.parse(failedAt));
    }
    const certificates = this.#store.certificates();
    for (const { names, notBefore } of certificates.slice(counted.certificates)) {
      this.#countIssue(names, Date.parse(notBefore) + BACKDATE_MILLISECONDS);
    }
    counted.orders = orders.length;
    counted.failures = failures.length;
    counted.certificates = certificates.length;
  }

  #countIssue(names: readonly string[], at: number): void {
    if (!this.#isRenewalAt(names, at)) {
      for (const domain of this.#domainsOf(names)) this.#spend("certificatesPerDomain", domain, at);
    }
    this.#spend("certificatesPerExactSet", setOf(names), at);
    this.#lastIssue.set(setOf(names), at);
  }

  #isRenewalAt(names: readonly string[], at: number): boolean {
    const last = this.#lastIssue.get(setOf(names));
    return last !== undefined && at - last <= RENEWAL_WINDOW;
  }

  #domainsOf(names: readonly string[]): string[] {
    const domains = names.map((name) => {
      const bought = this.#registeredDomains.find((domain) => isWithin(bare(name), domain));
      return bought ?? bare(name).split(".").slice(-2).join(".");
    });
    return [...new Set(domains)];
  }

  /** After one more: when the bucket is full again, and how long that one has to wait; not at all up to 0. */
  #after(limit: LimitName, bucket: string, at: number): { readonly full: number; readonly waitFor: number } {
    const { count, period } = LIMITS[limit];
    const full = Math.max(this.#full.get(`${limit} ${bucket}`) ?? 0, at) + period / count;
    return { full, waitFor: full - period - at };
  }

  /** What is beyond the bucket is not taken from it, and not refused either: it was promised by the order. */
  #spend(limit: LimitName, bucket: string, at: number): void {
    const { full, waitFor } = this.#after(limit, bucket, at);
    if (waitFor <= 0) this.#full.set(`${limit} ${bucket}`, full);
  }

  #refusal(limit: LimitName, bucket: string, what: string, whose: string): PlatformError | undefined {
    const at = this.#now().getTime();
    const { waitFor } = this.#after(limit, bucket, at);
    if (waitFor <= 0) return undefined;
    const { count, periodText, anchor } = LIMITS[limit];
    const retryAfter = new Date(at + waitFor).toISOString().slice(0, 19).replace("T", " ");
    const text = `too many ${what} (${count}) ${whose} in the last ${periodText}, retry after ${retryAfter} UTC`;
    return problem(429, "rateLimited", `${text}: see https://letsencrypt.org/docs/rate-limits/#${anchor}`);
  }
}

/** The same for the same names in any order. */
export function setOf(names: readonly string[]): string {
  return [...new Set(names.map((name) => name.toLowerCase()))].sort().join(" ");
}

function bare(name: string): string {
  return name.replace(/^\*\./, "");
}
