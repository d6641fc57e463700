/**
 * Token buckets: a number of tokens at most, one of them back after each refill time. The whole state of a bucket is
 * the time at which it is full again, whatever was spent before: a list of what was issued in the last week would not
 * do, because a bucket that is spent as fast as it refills stays as empty as it was weeks ago.
 */

export interface TokenBucket {
  /** Tokens of the full bucket: what can be spent at one moment. */
  readonly capacity: number;
  /** After this long one token is back. */
  readonly refillSeconds: number;
}

/** Milliseconds since 1970. */
type Time = number;

/** Before every other time: the bucket has been full for ever. */
export const ALWAYS_FULL: Time = Number.NEGATIVE_INFINITY;

function refillMilliseconds({ refillSeconds }: TokenBucket): number {
  return refillSeconds * 1000;
}

/** Whole tokens that are there: 0 to the capacity. */
export function tokensAt(bucket: TokenBucket, fullAt: Time, at: Time): number {
  const missing = Math.ceil(Math.max(0, fullAt - at) / refillMilliseconds(bucket));
  return Math.max(0, bucket.capacity - missing);
}

/** When the bucket is full again after tokens were spent at a time. What is not there cannot be spent. */
export function spend(bucket: TokenBucket, fullAt: Time, at: Time, tokens = 1): Time {
  const refill = refillMilliseconds(bucket);
  return Math.min(Math.max(fullAt, at) + tokens * refill, at + bucket.capacity * refill);
}

/** The first time at which so many tokens are there; never, where that is more than the bucket holds. */
export function availableAt(bucket: TokenBucket, fullAt: Time, tokens: number): Time {
  if (tokens > bucket.capacity) return Number.POSITIVE_INFINITY;
  return fullAt - (bucket.capacity - tokens) * refillMilliseconds(bucket);
}
