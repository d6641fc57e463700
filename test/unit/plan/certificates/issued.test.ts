import { describe, expect, test } from "vitest";
import {
  type Authority,
  authorityOf,
  LETS_ENCRYPT,
  LETS_ENCRYPT_STAGING,
} from "../../../../plan/certificates/authorities.ts";
import { setDigest } from "../../../../plan/certificates/authorityBuckets.ts";
import { bucketsAfter, bucketsOf } from "../../../../plan/certificates/issued.ts";
import { EMPTY_LEDGER, type Ledger, type LedgerCertificate } from "../../../../plan/ledger.ts";

const HOUR = 3_600_000;
const START = Date.parse("2026-11-23T12:00:00Z");

/** A certificate that the authority issued so many hours after the start: it begins an hour before. */
function certificate(slot: string, hours: number, more: Partial<LedgerCertificate> = {}): LedgerCertificate {
  return {
    slot,
    profile: "exact",
    notBefore: new Date(START + (hours - 1) * HOUR).toISOString(),
    notAfter: new Date(START + (hours + 90 * 24) * HOUR).toISOString(),
    names: [`${slot}.sip.example.net`, "sip.example.net"],
    directory: LETS_ENCRYPT.directory,
    ...more,
  };
}

function ledger(certificates: readonly LedgerCertificate[], before: Ledger = EMPTY_LEDGER): Ledger {
  return { ...EMPTY_LEDGER, certificates, buckets: bucketsAfter(before, certificates) };
}

function left(known: Ledger, hours: number, authority: Authority = LETS_ENCRYPT) {
  const buckets = bucketsOf(known, authority);
  if (buckets === undefined) throw new Error("the authority has no limits");
  const at = START + hours * HOUR;
  const set = (slot: string) => setDigest(["sip.example.net", `${slot}.sip.example.net`]);
  return {
    domain: buckets.left("registeredDomain", at),
    orders: buckets.left("newOrders", at),
    fra1: buckets.left("exactSet", at, set("fra1")),
  };
}

describe("what certificates have taken from the limits", () => {
  test("is one of the domain's, the account's and the set's for a new one, from its issue on", () => {
    const known = ledger([certificate("fra1", 0), certificate("fra2", 0)]);
    expect(left(known, 0)).toEqual({ domain: 48, orders: 298, fra1: 4 });
    expect(left(known, 33.9).fra1).toBe(4);
    expect(left(known, 34).fra1).toBe(5);
    expect(left(known, 7).domain).toBe(50);
  });

  test("is one of the set's alone for the same names within 120 days, whatever their order and their key", () => {
    const first = ledger([certificate("fra1", 0)]);
    const again = certificate("fra1", 24 * 120, { names: ["sip.example.net", "fra1.sip.example.net"] });
    expect(left(ledger([again], first), 24 * 120)).toEqual({ domain: 50, orders: 300, fra1: 4 });
    const late = certificate("fra1", 24 * 121);
    expect(left(ledger([late], first), 24 * 121)).toEqual({ domain: 49, orders: 299, fra1: 4 });
    const others = certificate("fra1", 24, { names: ["fra1.sip.example.net"] });
    expect(left(ledger([others], first), 24).domain).toBe(49);
  });

  test("stays taken when its certificate is replaced, or its node goes", () => {
    let known = ledger([certificate("fra1", 0), certificate("fra2", 0)]);
    for (const hours of [1, 2, 3, 4]) known = ledger([certificate("fra1", hours)], known);
    expect(left(known, 4)).toMatchObject({ fra1: 0, domain: 49 });
    expect(left(known, 36).fra1).toBe(1);
  });

  test("of weeks ago is taken still where the bucket was never full since", () => {
    const day = (from: number, count: number, hours: number) =>
      Array.from({ length: count }, (_, index) => certificate(`fra${from + index}`, hours));
    let known = ledger(day(1, 50, 0));
    for (let days = 1; days <= 21; days++) {
      known = ledger([...known.certificates, ...day(100 * days, 7, 24 * days)], known);
    }
    expect(left(known, 24 * 21).domain).toBeLessThan(3);
  });

  test("does not change where nothing is issued, whatever time has passed", () => {
    const before = ledger([certificate("fra1", 0)]);
    expect(bucketsAfter(before, before.certificates)).toBe(before.buckets);
    expect(bucketsAfter(before, [])).toBe(before.buckets);
  });

  test("is forgotten once the bucket is full again, when the next one is issued", () => {
    const first = ledger([certificate("fra1", 0)]);
    expect(first.buckets).toHaveLength(3);
    const second = ledger([certificate("fra1", 0), certificate("fra2", 24 * 7)], first);
    expect(second.buckets.map(({ fullAt }) => Date.parse(fullAt) > START + 24 * 7 * HOUR)).toEqual([
      true,
      true,
      true,
    ]);
  });

  test("is taken from the authority that has issued it, and from no other", () => {
    const staging = certificate("fra1", 0, { directory: LETS_ENCRYPT_STAGING.directory });
    const known = ledger([staging]);
    expect(left(known, 0)).toEqual({ domain: 50, orders: 300, fra1: 5 });
    expect(left(known, 0, LETS_ENCRYPT_STAGING)).toEqual({ domain: 29_999, orders: 1499, fra1: 29_999 });
    const moved = ledger([certificate("fra1", 1)], known);
    expect(left(moved, 1)).toEqual({ domain: 49, orders: 299, fra1: 4 });
    const unlimited = certificate("fra1", 2, { directory: "https://ca.example.test/directory" });
    expect(ledger([unlimited]).buckets).toEqual([]);
    expect(bucketsOf(moved, authorityOf("https://ca.example.test/directory"))).toBeUndefined();
  });

  test("is reckoned with for certificates of which an earlier version wrote less, and counted once", () => {
    const old = ["fra1", "fra2"].map((slot) => {
      const { notBefore, notAfter, profile } = certificate(slot, 0);
      return { slot, profile, notBefore, notAfter };
    });
    const before: Ledger = { ...EMPTY_LEDGER, certificates: old };
    expect(left(before, 0).domain).toBe(48);
    const rewritten = ledger([certificate("fra1", 0), certificate("fra2", 0)], before);
    expect(left(rewritten, 0)).toEqual({ domain: 48, orders: 298, fra1: 4 });
    expect(ledger(rewritten.certificates, rewritten).buckets).toBe(rewritten.buckets);
    const renewed = ledger([certificate("fra1", 24 * 60)], before);
    expect(left(renewed, 24 * 60)).toEqual({ domain: 50, orders: 300, fra1: 4 });
  });
});
