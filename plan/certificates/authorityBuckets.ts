/** The limits of one authority as they stand for a stack, and what certificates take from them. */
import { createHash } from "node:crypto";
import { type AuthorityLimits, COUNTED_LIMITS, type CountedLimit } from "./authorities.ts";
import { ALWAYS_FULL, availableAt, spend, tokensAt } from "./buckets.ts";

/** A certificate as the limits see it. */
export interface Issue {
  /** Digest of its names. */
  readonly set: string;
  /** Whether the set of names was issued before, lately enough to be exempt from some limits. */
  readonly renewal: boolean;
}

export interface BucketState {
  readonly limit: CountedLimit;
  /** Digest of the names, of the limit that counts exact sets. */
  readonly set?: string;
  /** When it is full again, in milliseconds since 1970. */
  readonly fullAt: number;
}

interface Taking {
  readonly limit: CountedLimit;
  readonly set: string | undefined;
  readonly tokens: number;
}

/** SHA-256, in hex, of the names in whatever order they stand. */
export function setDigest(names: readonly string[]): string {
  return createHash("sha256")
    .update([...names].sort().join("\n"))
    .digest("hex");
}

/** Changes as certificates are issued. */
export class AuthorityBuckets {
  readonly #limits: AuthorityLimits;
  readonly #states: Map<string, BucketState>;

  constructor(limits: AuthorityLimits, states: Iterable<BucketState>) {
    this.#limits = limits;
    this.#states = new Map([...states].map((state) => [keyOf(state), state]));
  }

  states(): BucketState[] {
    return [...this.#states.values()];
  }

  /** When the bucket is full again, in milliseconds since 1970; long ago where nothing was ever taken from it. */
  fullAt(limit: CountedLimit, set?: string): number {
    return this.#states.get(keyOf({ limit, set }))?.fullAt ?? ALWAYS_FULL;
  }

  /** Whole tokens left at a time. */
  left(limit: CountedLimit, at: number, set?: string): number {
    return tokensAt(this.#limits[limit], this.fullAt(limit, set), at);
  }

  /** The first time at which so many tokens are there; never, where that is more than the bucket holds. */
  available(limit: CountedLimit, tokens: number, set?: string): number {
    return availableAt(this.#limits[limit], this.fullAt(limit, set), tokens);
  }

  /** The limit that refuses the certificates, were they issued together at this time; undefined: none does. */
  refusedBy(issues: readonly Issue[], at: number): CountedLimit | undefined {
    return this.#takes(issues).find(({ limit, set, tokens }) => this.left(limit, at, set) < tokens)?.limit;
  }

  /** The first time at which all of them can be issued together; never, where a bucket cannot hold so many. */
  firstFit(issues: readonly Issue[]): number {
    return Math.max(
      ...this.#takes(issues).map(({ limit, set, tokens }) => this.available(limit, tokens, set)),
    );
  }

  issue(issues: readonly Issue[], at: number): void {
    for (const { limit, set, tokens } of this.#takes(issues)) this.take(limit, tokens, at, set);
  }

  take(limit: CountedLimit, tokens: number, at: number, set?: string): void {
    const fullAt = spend(this.#limits[limit], this.fullAt(limit, set), at, tokens);
    this.#states.set(keyOf({ limit, set }), { limit, ...(set === undefined ? {} : { set }), fullAt });
  }

  /** Tokens that are taken, by bucket. */
  #takes(issues: readonly Issue[]): Taking[] {
    return COUNTED_LIMITS.flatMap((limit): Taking[] => {
      const counted = issues.filter(({ renewal }) => !(renewal && this.#limits[limit].exemptsRenewals));
      if (limit !== "exactSet") {
        return counted.length === 0 ? [] : [{ limit, set: undefined, tokens: counted.length }];
      }
      return [...Map.groupBy(counted, ({ set }) => set)].map(([set, alike]) => ({
        limit,
        set,
        tokens: alike.length,
      }));
    });
  }
}

function keyOf({ limit, set }: { readonly limit: CountedLimit; readonly set?: string | undefined }): string {
  return set === undefined ? limit : `${limit} ${set}`;
}
