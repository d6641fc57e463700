/**
 * Years of a fleet's certificates: what the plan issues, at an authority that refuses what Let's Encrypt refuses. The
 * two sides know nothing of each other: plan/certificates and lab/ca/rateLimits.ts count by themselves.
 */
import { X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import { parseSubjectAltNames } from "../../dial/subjectAltNames.ts";
import { daysLeft, floorDays, heldByOrder } from "../../plan/certificates/due.ts";
import { orderText } from "../../plan/certificates/orderChecks.ts";
import type { CertificateOrder } from "../../plan/tree.ts";
import { CertificateSeason, DAY, fleetOf, type Update } from "../support/certificateSeason.ts";
import { type InventorySketch, withNode } from "../support/inventories.ts";

const START = new Date("2026-11-23T12:00:00Z");
const SEASON_MILLISECONDS = 120_000;

/** What must be so after every update, whatever it was for. */
function expectSound(update: Update): void {
  const { tree, run, before, at } = update;
  const { minDaysRemaining } = tree.policy.certificates;
  const held = heldByOrder(before);
  // What the plan keeps, the provider keeps too: it renews by its own count.
  const late = run.keep.filter((order) => {
    const certificate = held.get(orderText(order));
    return certificate === undefined || daysLeft(certificate, at) <= minDaysRemaining;
  });
  expect(late).toEqual([]);
  const ends = before.certificates.map((certificate) => daysLeft(certificate, at));
  expect(Math.min(...ends, Number.POSITIVE_INFINITY)).toBeGreaterThan(floorDays(tree.policy.certificates));
  expect(uncovered(update)).toEqual([]);
}

/** Nodes that a name lists although the certificate that they have had time to install does not name it. */
function uncovered({ published, installed }: Update): string[] {
  return [...published.pops, ...published.regions, published.global].flatMap(({ name, members, standby }) =>
    [...members, ...standby]
      .filter(({ slot }) => !certifiedNames(installed.get(`${slot} exact`)?.certificatePem).has(name))
      .map(({ slot }) => `${name} lists ${slot}`),
  );
}

const readNames = new Map<string, ReadonlySet<string>>();

/** As the certificate itself has them; each is read once. */
function certifiedNames(pem: string | undefined): ReadonlySet<string> {
  if (pem === undefined) return new Set();
  const known = readNames.get(pem);
  if (known !== undefined) return known;
  const entries = parseSubjectAltNames(new X509Certificate(pem).subjectAltName) ?? [];
  const names = new Set(entries.map(({ value }) => value));
  readNames.set(pem, names);
  return names;
}

/** Updates twice a day, at noon and at midnight, for so many days. */
async function days(season: CertificateSeason, count: number): Promise<Update[]> {
  const updates: Update[] = [];
  const passed = Math.floor((season.now.getTime() - START.getTime()) / (DAY / 2));
  const begin = season.updates === 0 ? passed : passed + 1;
  for (let half = begin; half < begin + 2 * count; half++) {
    season.waitUntil(new Date(START.getTime() + (half * DAY) / 2));
    const update = await season.update();
    expectSound(update);
    updates.push(update);
  }
  return updates;
}

function keys(orders: readonly CertificateOrder[]): string[] {
  return orders.map(orderText);
}

/** Days after the start. */
function dayOf({ at }: Update): number {
  return (at.getTime() - START.getTime()) / DAY;
}

/** fra1 makes its own keys. */
function withRequests(sketch: InventorySketch): InventorySketch {
  return withNode(sketch, "fra1", { csr: { exact: "fra1-exact.pem", wildcard: "fra1-wildcard.pem" } });
}

/** Of both certificates, or of one. */
async function newRequests(season: CertificateSeason, slot: string, profile?: string): Promise<void> {
  const orders = season.tree.certificates.filter((order) => order.slot === slot);
  for (const order of orders)
    if (profile === undefined || order.profile === profile) await season.newRequest(order);
}

describe("at an authority with Let's Encrypt's limits", () => {
  test("orders without a plan are refused: the fifty-first of a domain, and the sixth of a set of names", async () => {
    const season = await CertificateSeason.begin(fleetOf(60), START);
    const [first, ...others] = season.tree.certificates;
    if (first === undefined) throw new Error("no order");
    for (let repeat = 0; repeat < 5; repeat++) await season.obtain(first);
    await expect(season.obtain(first)).rejects.toThrow(
      /^too many certificates \(5\) already issued for this exact set of identifiers in the last 168h0m0s, retry after 2026-11-24 21:36:00 UTC/,
    );
    for (const order of others.slice(0, 49)) await season.obtain(order);
    for (const order of others.slice(49)) {
      await expect(season.obtain(order)).rejects.toThrow(
        /^too many certificates \(50\) already issued for "example.net" in the last 168h0m0s, retry after 2026-11-23 15:21:36 UTC/,
      );
    }
  });

  test(
    "60 nodes from nothing are there in eleven days, none later than the first update said",
    async () => {
      const season = await CertificateSeason.begin(fleetOf(60), START);
      const updates = await days(season, 14);
      const [first] = updates;
      expect(first?.run.issue).toHaveLength(50);
      const told = new Map(first?.run.defer.map(({ order, at }) => [orderText(order), at.getTime()]));
      const issued = new Map(
        updates.flatMap(({ run, at }) => keys(run.issue).map((key) => [key, at.getTime()])),
      );
      expect(issued.size).toBe(120);
      // Names go on with whoever has a certificate meanwhile.
      expect(first?.published.global.members).toHaveLength(25);
      expect(updates.at(-1)?.published).toEqual(season.tree);
      expect([...told].filter(([key, at]) => (issued.get(key) ?? Infinity) > at)).toEqual([]);
      const last = updates.findLast(({ run }) => run.issue.length > 0);
      expect(last && dayOf(last)).toBeLessThanOrEqual(10);
      expect(season.store.certificates()).toHaveLength(120);
    },
    SEASON_MILLISECONDS,
  );

  test(
    "12 nodes that are added in one day have their certificates at once, where the limits have recovered",
    async () => {
      const season = await CertificateSeason.begin(fleetOf(48), START);
      await days(season, 20);
      season.setInventory(fleetOf(60));
      const [update] = await days(season, 1);
      expect(update?.run.issue).toHaveLength(24);
      expect(update?.run.defer).toEqual([]);
    },
    SEASON_MILLISECONDS,
  );

  test(
    "a node that is reinstalled twice a day waits once its sets of names are used up, and then no longer than it must",
    async () => {
      const season = await CertificateSeason.begin(withRequests(fleetOf(12)), START);
      await newRequests(season, "fra1");
      await season.update();
      const waited: number[] = [];
      for (let again = 1; again <= 14; again++) {
        await newRequests(season, "fra1");
        const [update] = await days(season, 0.5);
        if (update !== undefined && update.run.defer.length > 0) waited.push(again);
      }
      // Five at once, and one more after 34, 68 and 102 hours.
      expect(waited).toEqual([7, 8, 10, 11, 13, 14]);
      const [next] = await days(season, 0.5);
      expect(keys(next?.run.issue ?? [])).toEqual(["fra1 exact", "fra1 wildcard"]);
      expect(season.ledger.certificates).toHaveLength(24);
    },
    SEASON_MILLISECONDS,
  );

  test(
    "an account that changes takes all certificates along, and new nodes find their limits as they were",
    async () => {
      const season = await CertificateSeason.begin(fleetOf(60), START);
      await days(season, 20);
      await season.newAccount("second");
      const replaced = await season.updateReplacingAll();
      expect(keys([...replaced.run.issue, ...replaced.run.keep])).toHaveLength(120);
      expect(season.store.certificates()).toHaveLength(240);
      season.setInventory(fleetOf(72));
      const [update] = await days(season, 1);
      expect(update?.run.issue).toHaveLength(24);
    },
    SEASON_MILLISECONDS,
  );

  test(
    "two years with everything that happens to a fleet see no request refused and no certificate near its end",
    async () => {
      const season = await CertificateSeason.begin(withRequests(fleetOf(60)), START);
      await newRequests(season, "fra1");
      await days(season, 100);
      // A dozen more on one day.
      season.setInventory(withRequests(fleetOf(72)));
      await days(season, 100);
      // Another POP: every exact certificate of its region, and of those that stand in for it, has a name more.
      const wider = { ...withRequests(fleetOf(72)) };
      const [template] = wider.nodes;
      if (template === undefined) throw new Error("no node");
      const ams = {
        slot: "ams1",
        region: "euro",
        pop: "ams",
        ip: "127.2.0.1",
        weight: 100,
        status: "active" as const,
      };
      const widened: InventorySketch = { ...wider, nodes: [...wider.nodes, ams] };
      season.setInventory(widened);
      await newRequests(season, "fra1", "exact");
      const widening = await days(season, 30);
      expect(widening[0]?.run.issue).toHaveLength(50);
      expect(widening[0]?.run.defer.length).toBeGreaterThan(0);
      expect(widening.at(-1)?.run.defer).toEqual([]);
      // Hardware that fails and comes back under the same name, and an account that is lost.
      for (let week = 0; week < 6; week++) {
        await newRequests(season, "fra1");
        await days(season, 3);
      }
      await season.newAccount("second");
      await season.updateReplacingAll();
      // A node goes for good, and comes back.
      season.setInventory(withNode(widened, "syd1", { status: "retired" }));
      await days(season, 5);
      season.setInventory(widened);
      const rest = 2 * 365 - (season.now.getTime() - START.getTime()) / DAY;
      const [...seasons] = await days(season, Math.ceil(rest));
      const last = seasons.at(-1);
      expect(last?.ledger.certificates).toHaveLength(146);
      expect(last && dayOf(last)).toBeGreaterThan(2 * 365 - 1);
      expect(season.store.failedAuthorizations()).toEqual([]);
      expect(season.store.orders().filter(({ status }) => status !== "valid")).toEqual([]);
    },
    SEASON_MILLISECONDS,
  );
});
