import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ALWAYS_FULL,
  availableAt,
  spend,
  type TokenBucket,
  tokensAt,
} from "../../../../plan/certificates/buckets.ts";

const MINUTE = 60_000;
const FIFTY: TokenBucket = { capacity: 50, refillSeconds: 202 * 60 };
const START = Date.parse("2026-11-23T12:00:00Z");

const arbitraryBucket: fc.Arbitrary<TokenBucket> = fc.record({
  capacity: fc.integer({ min: 1, max: 20 }),
  refillSeconds: fc.integer({ min: 1, max: 500 }),
});

/** Waits, each followed by an attempt to spend. */
const arbitraryLife = fc.array(
  fc.record({ waitSeconds: fc.integer({ min: 0, max: 3000 }), tokens: fc.integer({ min: 1, max: 6 }) }),
  { maxLength: 40 },
);

describe("a token bucket", () => {
  test("has its capacity at first, one less after each token, and one back after each refill time", () => {
    expect(tokensAt(FIFTY, ALWAYS_FULL, START)).toBe(50);
    const after = spend(FIFTY, ALWAYS_FULL, START, 3);
    expect(tokensAt(FIFTY, after, START)).toBe(47);
    expect(tokensAt(FIFTY, after, START + 202 * MINUTE - 1)).toBe(47);
    expect(tokensAt(FIFTY, after, START + 202 * MINUTE)).toBe(48);
    expect(tokensAt(FIFTY, after, START + 10_000 * MINUTE)).toBe(50);
  });

  test("stays empty for weeks where it is spent as fast as it refills", () => {
    let fullAt = spend(FIFTY, ALWAYS_FULL, START, 50);
    let at = START;
    for (let week = 0; week < 3 * 50; week++) {
      at += 202 * MINUTE;
      expect(tokensAt(FIFTY, fullAt, at)).toBe(1);
      fullAt = spend(FIFTY, fullAt, at);
    }
    expect(tokensAt(FIFTY, fullAt, at)).toBe(0);
  });

  test("holds what a reservoir holds that fills drop by drop, and never less than nothing", () => {
    fc.assert(
      fc.property(arbitraryBucket, arbitraryLife, (bucket, life) => {
        const { capacity, refillSeconds } = bucket;
        let level = capacity * refillSeconds;
        let fullAt = ALWAYS_FULL;
        let seconds = START / 1000;
        for (const { waitSeconds, tokens } of life) {
          seconds += waitSeconds;
          level = Math.min(capacity * refillSeconds, level + waitSeconds);
          const left = tokensAt(bucket, fullAt, seconds * 1000);
          expect(left).toBe(Math.floor(level / refillSeconds));
          if (tokens > left) continue;
          level -= tokens * refillSeconds;
          fullAt = spend(bucket, fullAt, seconds * 1000, tokens);
        }
      }),
    );
  });

  test("is empty, and not worse than empty, after more was spent than it had", () => {
    fc.assert(
      fc.property(arbitraryBucket, fc.integer({ min: 0, max: 1000 }), (bucket, tokens) => {
        const fullAt = spend(bucket, ALWAYS_FULL, START, bucket.capacity + tokens);
        expect(tokensAt(bucket, fullAt, START)).toBe(0);
        expect(tokensAt(bucket, fullAt, START + bucket.refillSeconds * 1000)).toBe(1);
      }),
    );
  });

  test("has tokens from the time on that is told, and not before it", () => {
    fc.assert(
      fc.property(
        arbitraryBucket,
        fc.nat({ max: 30 }),
        fc.integer({ min: 1, max: 30 }),
        (bucket, spent, wanted) => {
          const fullAt = spend(bucket, ALWAYS_FULL, START, spent);
          const at = availableAt(bucket, fullAt, wanted);
          if (wanted > bucket.capacity) {
            expect(at).toBe(Number.POSITIVE_INFINITY);
            return;
          }
          expect(tokensAt(bucket, fullAt, at)).toBeGreaterThanOrEqual(wanted);
          if (wanted > tokensAt(bucket, fullAt, START))
            expect(tokensAt(bucket, fullAt, at - 1)).toBeLessThan(wanted);
        },
      ),
    );
  });
});
