import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { challengeName } from "../../../../dns/challenge.ts";
import { AcmeAuthority, challengeValue, type Order } from "../../../../lab/ca/acmeAuthority.ts";
import { LabCa } from "../../../../lab/ca/labCa.ts";
import { RateLimits } from "../../../../lab/ca/rateLimits.ts";
import { newPrivateKeyPem, publicKeyOf } from "../../../../lab/providers/acmeKeys.ts";
import { AcmeStore } from "../../../../lab/store/acmeStore.ts";
import { Store } from "../../../../lab/store/store.ts";
import { NOON } from "../../../support/labStores.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const KEY = publicKeyOf(newPrivateKeyPem("P256"));

const clock = { at: NOON().getTime() };
const now = () => new Date(clock.at);

let ca: LabCa;
beforeAll(async () => {
  ca = await LabCa.open({ now });
});

/** An authority with accounts `a` and `b`, to which every challenge but those of `unproven` names is answered. */
async function authority(options: { folder?: string; limits?: boolean } = {}) {
  clock.at = NOON().getTime();
  return openAuthority(options);
}

async function openAuthority({ folder, limits = true }: { folder?: string; limits?: boolean }) {
  const records = new Store({ now, ...(folder === undefined ? {} : { folder }) });
  const store = new AcmeStore(records);
  for (const account of ["a", "b"]) await store.register(account);
  const unproven = new Set<string>();
  const orders: Order[] = [];
  const acme = new AcmeAuthority(
    store,
    ca,
    async (name, type) => {
      if (type !== "TXT") return [[]];
      const values = orders.flatMap(({ account, challenges }) =>
        challenges
          .filter(({ identifier }) => challengeName(identifier) === name && !unproven.has(identifier))
          .map(({ token }) => challengeValue(token, account.thumbprint)),
      );
      return [values];
    },
    { now, ...(limits ? { limits: new RateLimits(store, ["example.net"], now) } : {}) },
  );
  const order = async (account: string, names: readonly string[]) => {
    const made = await acme.order(account, names);
    orders.push(made);
    return made;
  };
  const prove = async (made: Order) => {
    for (const challenge of made.challenges) await acme.validate(made, challenge);
  };
  const issue = async (account: string, names: readonly string[]) => {
    const made = await order(account, names);
    await prove(made);
    return acme.finalizeKey(made, KEY);
  };
  return { acme, store, records, unproven, order, prove, issue };
}

function names(number: number): string[] {
  return [`n${number}.sip.example.net`, "sip.example.net"];
}

describe("the lab's authority", () => {
  test("issues a set of names five times in seven days, and the sixth when one comes back", async () => {
    const { issue, order } = await authority();
    for (let repeat = 0; repeat < 5; repeat++) await issue("a", names(1));
    const text =
      "too many certificates (5) already issued for this exact set of identifiers in the last 168h0m0s, retry after " +
      "2026-11-24 21:36:00 UTC: see https://letsencrypt.org/docs/rate-limits/#new-certificates-per-exact-set-of-identifiers";
    const refused = { status: 429, code: "urn:ietf:params:acme:error:rateLimited", message: text };
    await expect(order("a", names(1).toReversed())).rejects.toMatchObject(refused);
    // The limit is over all accounts, and no other set's.
    await expect(order("b", names(1))).rejects.toMatchObject(refused);
    await issue("a", names(2));
    clock.at += 33.6 * HOUR - 1000;
    await expect(order("a", names(1))).rejects.toMatchObject({ status: 429 });
    clock.at += 1000;
    await issue("a", names(1));
    await expect(order("a", names(1))).rejects.toMatchObject({ status: 429 });
  });

  test("issues fifty new certificates of a registered domain, one more after each 201.6 minutes, and any renewal", async () => {
    const { issue, order } = await authority();
    await issue("a", names(1));
    await issue("b", names(1));
    for (let number = 2; number <= 50; number++) await issue(number % 2 === 0 ? "a" : "b", names(number));
    await expect(order("a", ["n51.other.example.net"])).rejects.toThrow(
      'too many certificates (50) already issued for "example.net" in the last 168h0m0s, retry after 2026-11-23 15:21:36 UTC',
    );
    await issue("a", names(1));
    await issue("a", ["n51.example.org"]);
    clock.at += 201.6 * 60_000;
    await issue("a", names(51));
    await expect(order("a", names(52))).rejects.toMatchObject({ status: 429 });
    clock.at += 121 * DAY;
    for (let number = 1; number <= 50; number++) await issue("a", names(number));
    // Nothing of it was a renewal any more.
    await expect(order("a", names(52))).rejects.toMatchObject({ status: 429 });
  });

  test("takes 300 new orders of an account in three hours, renewals not counted", async () => {
    const { order, issue } = await authority();
    await issue("a", names(0));
    await issue("a", names(0));
    for (let number = 1; number <= 299; number++) await order("a", [`n${number}.example.org`]);
    await expect(order("a", ["n300.example.org"])).rejects.toThrow(
      "too many new orders (300) from this account in the last 3h0m0s, retry after 2026-11-23 12:00:36 UTC",
    );
    await order("b", ["n300.example.org"]);
    await issue("a", names(0));
    clock.at += 36_000;
    await order("a", ["n300.example.org"]);
  });

  test("takes no order with a name that has failed five times in an hour, of that account", async () => {
    const { order, prove, unproven } = await authority();
    unproven.add("sip.example.net");
    for (let repeat = 1; repeat <= 5; repeat++) {
      await expect(prove(await order("a", names(repeat)))).rejects.toThrow(/No TXT record found/);
    }
    await expect(order("a", names(9))).rejects.toThrow(
      'too many failed authorizations (5) for "sip.example.net" in the last 1h0m0s, retry after 2026-11-23 12:12:00 UTC',
    );
    await order("b", names(9));
    await order("a", ["n1.sip.example.net"]);
    clock.at += 12 * 60_000;
    await order("a", names(9));
  });

  test("issues what it took an order for, and takes no more than there is from the limit", async () => {
    const { acme, order, prove, issue } = await authority();
    for (let repeat = 0; repeat < 4; repeat++) await issue("a", names(1));
    const both = [await order("a", names(1)), await order("b", names(1))];
    for (const made of both) {
      await prove(made);
      await acme.finalizeKey(made, KEY);
    }
    clock.at += 33.6 * HOUR - 1000;
    await expect(order("a", names(1))).rejects.toMatchObject({ status: 429 });
    clock.at += 1000;
    await issue("a", names(1));
  });

  test("gives an account its unfinished order again, and issues it once", async () => {
    const { acme, order, prove, issue } = await authority();
    const [first, second] = [await order("a", names(1)), await order("a", names(1).toReversed())];
    expect(second.id).toBe(first.id);
    expect(second.challenges).toEqual(first.challenges);
    expect((await order("b", names(1))).id).not.toBe(first.id);
    expect((await order("a", names(2))).id).not.toBe(first.id);
    await expect(acme.finalizeKey(first, KEY)).rejects.toMatchObject({
      status: 403,
      code: "urn:ietf:params:acme:error:orderNotReady",
      message: `Order's status ("pending") is not acceptable for finalization`,
    });
    await prove(first);
    await prove(second);
    const finalized = await Promise.allSettled([acme.finalizeKey(first, KEY), acme.finalizeKey(second, KEY)]);
    expect(finalized.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    await expect(acme.finalizeKey(second, KEY)).rejects.toThrow(
      /^Order's status \("valid"\) is not acceptable/,
    );
    expect((await order("a", names(1))).id).not.toBe(first.id);
    await issue("a", names(1));
  });

  test("gives no order again that is a week old, or of which a name has failed", async () => {
    const { acme, order, prove, unproven } = await authority();
    const old = await order("a", names(1));
    clock.at += 7 * DAY;
    const next = await order("a", names(1));
    expect(next.id).not.toBe(old.id);
    unproven.add("sip.example.net");
    await expect(prove(next)).rejects.toThrow();
    expect((await order("a", names(1))).id).not.toBe(next.id);
    await expect(acme.finalizeKey(next, KEY)).rejects.toThrow(/status \("invalid"\)/);
  });

  test("has no limit where it is switched off", async () => {
    const { issue } = await authority({ limits: false });
    for (let repeat = 0; repeat < 7; repeat++) await issue("a", names(1));
  });
});

describe("after a restart, the lab's authority", () => {
  const folder = mkdtempSync(`${tmpdir()}/dialtree-acme-`);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("counts what was issued, ordered and failed before it", async () => {
    const first = await authority({ folder });
    for (let repeat = 0; repeat < 5; repeat++) await first.issue("a", names(1));
    first.unproven.add("bad.example.net");
    for (let repeat = 0; repeat < 5; repeat++) {
      const made = await first.order("a", ["bad.example.net", `n${repeat}.example.net`]);
      await expect(first.prove(made)).rejects.toThrow();
    }
    const open = await first.order("a", names(2));
    first.records.close();
    const second = await openAuthority({ folder });
    await expect(second.order("a", names(1))).rejects.toThrow(/\(5\) already issued for this exact set/);
    await expect(second.order("a", ["bad.example.net"])).rejects.toThrow(/too many failed authorizations/);
    const again = await second.order("a", names(2));
    expect([again.id, again.challenges]).toEqual([open.id, open.challenges]);
    await expect(second.acme.finalizeKey(again, KEY)).rejects.toThrow(/status \("pending"\)/);
    await second.prove(again);
    await second.acme.finalizeKey(again, KEY);
    second.records.close();
  });
});
