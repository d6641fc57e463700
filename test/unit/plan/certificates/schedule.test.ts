import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Authority,
  type AuthorityLimits,
  COUNTED_LIMITS,
  LETS_ENCRYPT,
} from "../../../../plan/certificates/authorities.ts";
import { setDigest } from "../../../../plan/certificates/authorityBuckets.ts";
import {
  type DueCertificate,
  dueCertificates,
  type IssuanceFacts,
} from "../../../../plan/certificates/due.ts";
import { limitProblems } from "../../../../plan/certificates/runOrders.ts";
import { schedule, type Wave } from "../../../../plan/certificates/schedule.ts";
import type { LedgerBucket, LedgerCertificate } from "../../../../plan/ledger.ts";
import type { Tree } from "../../../../plan/tree.ts";
import { nodeAt } from "../../../support/inventories.ts";
import { factsOf, inDays, issued, NOW, treeOf } from "../../../support/issuance.ts";

const DAY = 86_400_000;

function fleet(count: number, more: Parameters<typeof nodeAt>[2] = {}): Tree {
  const pops = ["fra", "lhr", "ams"];
  const nodes = Array.from({ length: count }, (_, index) =>
    nodeAt("euro", `${pops[index % 3]}${Math.floor(index / 3) + 1}`, index === 0 ? {} : more),
  );
  return treeOf({ nodes });
}

function waves(facts: IssuanceFacts): readonly [Wave, ...Wave[]] {
  return schedule(dueCertificates(facts), facts);
}

function slotsOf({ certificates }: Wave): string[] {
  return [...new Set(certificates.map(({ order }) => order.slot))];
}

function sizes(all: readonly Wave[]): number[] {
  return all.map(({ certificates }) => certificates.length);
}

const limits = LETS_ENCRYPT.limits as AuthorityLimits;

/** Let's Encrypt with other figures. */
function authorityWith(change: { [Limit in (typeof COUNTED_LIMITS)[number]]?: [number, number] }): Authority {
  const changed = COUNTED_LIMITS.map((limit) => {
    const [capacity, refillSeconds] = change[limit] ?? [limits[limit].capacity, limits[limit].refillSeconds];
    return [limit, { ...limits[limit], capacity, refillSeconds }];
  });
  return { ...LETS_ENCRYPT, limits: { ...limits, ...Object.fromEntries(changed) } };
}

describe("waves", () => {
  test("are one where everything fits, and everything fits where no limit is known", () => {
    expect(sizes(waves(factsOf(fleet(25))))).toEqual([50]);
    const { limits: _, ...unlimited } = LETS_ENCRYPT;
    expect(sizes(waves(factsOf(fleet(60), { authority: unlimited })))).toEqual([120]);
    expect(
      waves(
        factsOf(fleet(3), {
          ledger: { certificates: fleet(3).certificates.map((each) => issued(each, 60)) },
        }),
      ),
    ).toEqual([{ at: NOW, certificates: [] }]);
  });

  test("take what is there at first, then what comes back in a day", () => {
    const planned = waves(factsOf(fleet(40)));
    expect(sizes(planned)).toEqual([50, 6, 8, 6, 8, 2]);
    expect(planned.map(({ at }) => (at.getTime() - NOW.getTime()) / DAY)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test("never part the certificates of a node that can come together", () => {
    for (const { certificates } of waves(factsOf(fleet(60)))) {
      const bySlot = Map.groupBy(certificates, ({ order }) => order.slot);
      expect([...bySlot.values()].map(({ length }) => length)).toEqual([...bySlot].map(() => 2));
    }
  });

  test("let renewals through whatever new ones have left", () => {
    const tree = fleet(60);
    const old = tree.certificates.filter(({ slot }) => slot.startsWith("lhr"));
    const planned = waves(factsOf(tree, { ledger: { certificates: old.map((each) => issued(each, 20)) } }));
    expect(planned[0].certificates.filter(({ renewal }) => renewal)).toHaveLength(40);
    expect(planned[0].certificates).toHaveLength(90);
  });

  test("put first what ends first, then nodes that hold certificates, then new ones, active before others", () => {
    const tree = treeOf({
      nodes: [
        nodeAt("euro", "ams1", { status: "planned" }),
        nodeAt("euro", "ams2"),
        nodeAt("euro", "fra1"),
        nodeAt("euro", "fra2"),
        nodeAt("euro", "lhr1"),
      ],
    });
    const held = (slot: string, days: number, names?: string[]): LedgerCertificate[] =>
      tree.certificates
        .filter((order) => order.slot === slot)
        .map((order) => ({ ...issued(order, days), ...(names === undefined ? {} : { names }) }));
    const certificates = [
      ...held("lhr1", 20),
      ...held("fra2", 60, ["other.sip.example.net"]),
      ...held("fra1", 3),
    ];
    expect(slotsOf(waves(factsOf(tree, { ledger: { certificates } }))[0])).toEqual([
      "fra1",
      "lhr1",
      "fra2",
      "ams2",
      "ams1",
    ]);
  });

  test("begin with one new node of each place", () => {
    expect(slotsOf(waves(factsOf(fleet(9)))[0])).toEqual([
      "ams1",
      "fra1",
      "lhr1",
      "ams2",
      "fra2",
      "lhr2",
      "ams3",
      "fra3",
      "lhr3",
    ]);
  });

  test("let nobody past who takes from a limit that another waits for", () => {
    const alone = { certificates: { profiles: ["exact" as const] } };
    const tree = treeOf({ nodes: [nodeAt("euro", "ams1"), nodeAt("euro", "fra1", alone)] });
    expect(sizes(waves(factsOf(tree, { otherIssued: 49 })))).toEqual([0, 3]);
    expect(sizes(waves(factsOf(tree, { otherIssued: 48 })))).toEqual([2, 1]);
  });

  test("wait for a set of names alone where only that is used up", () => {
    const tree = fleet(3);
    const [first] = tree.certificates;
    if (first === undefined) throw new Error("no order");
    const authority = authorityWith({ exactSet: [1, 5 * 86_400] });
    const facts = factsOf(tree, { authority });
    const used: LedgerBucket = {
      directory: authority.directory,
      limit: "exactSet",
      set: setDigest(first.names),
      fullAt: inDays(5),
    };
    const planned = waves({ ...facts, ledger: { ...facts.ledger, buckets: [used] } });
    expect(sizes(planned)).toEqual([5, 1]);
    expect(planned[1]?.at).toEqual(new Date(inDays(5)));
  });

  test("reckon with what others have got for the domain", () => {
    expect(sizes(waves(factsOf(fleet(25), { otherIssued: 46 })))).toEqual([4, 6, 8, 6, 8, 6, 8, 4]);
    expect(sizes(waves(factsOf(fleet(1), { otherIssued: 1000 })))).toEqual([0, 2]);
  });

  test("part what a limit can never hold together", () => {
    const authority = authorityWith({ registeredDomain: [1, 86_400] });
    expect(sizes(waves(factsOf(fleet(2), { authority })))).toEqual([1, 1, 1, 1]);
  });
});

const arbitraryFacts: fc.Arbitrary<IssuanceFacts> = fc
  .record({
    count: fc.integer({ min: 1, max: 12 }),
    held: fc.array(fc.integer({ min: -5, max: 89 }), { maxLength: 24 }),
    renamed: fc.nat({ max: 6 }),
    figures: fc.record({
      registeredDomain: fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 600, max: 200_000 })),
      newOrders: fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 60, max: 90_000 })),
      exactSet: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 3600, max: 300_000 })),
    }),
    fullAgain: fc.array(fc.integer({ min: -2, max: 9 }), { minLength: 3, maxLength: 3 }),
    otherIssued: fc.nat({ max: 4 }),
  })
  .map(({ count, held, renamed, figures, fullAgain, otherIssued }) => {
    const tree = fleet(count);
    const authority = authorityWith(figures);
    const certificates = tree.certificates.flatMap((order, index) => {
      const days = held[index];
      if (days === undefined) return [];
      const names = index < renamed ? { names: [...order.names, "old.sip.example.net"] } : {};
      return [{ ...issued(order, days), ...names }];
    });
    const [domain = 0, orders = 0, set = 0] = fullAgain;
    const { directory } = authority;
    // Never emptier than empty: full again within the capacity's refills.
    const fullAt = (limit: keyof typeof figures, days: number) =>
      inDays(Math.min(days, (figures[limit][0] * figures[limit][1]) / 86_400));
    const buckets: LedgerBucket[] = [
      { directory, limit: "registeredDomain", fullAt: fullAt("registeredDomain", domain) },
      { directory, limit: "newOrders", fullAt: fullAt("newOrders", orders) },
      ...tree.certificates.slice(0, 3).map((order) => ({
        directory,
        limit: "exactSet" as const,
        set: setDigest(order.names),
        fullAt: fullAt("exactSet", set),
      })),
    ];
    return factsOf(tree, { authority, otherIssued, ledger: { certificates, buckets } });
  });

describe("over random fleets, ledgers and limits, the waves", () => {
  test("never take more than there is, by a reservoir that fills second by second", () => {
    fc.assert(
      fc.property(arbitraryFacts, (facts) => {
        const reservoirs = new Reservoirs(facts);
        for (const { at, certificates } of waves(facts)) {
          for (const certificate of certificates) reservoirs.take(certificate, at.getTime());
        }
      }),
    );
  });

  test("hold every certificate that is due, once, at times at least a day apart, and only the first may be empty", () => {
    fc.assert(
      fc.property(arbitraryFacts, (facts) => {
        const planned = waves(facts);
        const keys = planned.flatMap(({ certificates }) =>
          certificates.map(({ order }) => `${order.slot} ${order.profile}`),
        );
        const due = dueCertificates(facts).map(({ order }) => `${order.slot} ${order.profile}`);
        expect(keys.toSorted()).toEqual(due.toSorted());
        const [first, ...later] = planned;
        expect(first.at).toEqual(NOW);
        let before = first.at.getTime();
        for (const { at, certificates } of later) {
          expect(certificates.length).toBeGreaterThan(0);
          expect(at.getTime() - before).toBeGreaterThanOrEqual(DAY);
          before = at.getTime();
        }
      }),
    );
  });

  test("are more than one exactly where a limit can be named that has no room for all", () => {
    fc.assert(
      fc.property(arbitraryFacts, (facts) => {
        const [, ...later] = waves(facts);
        const problems = limitProblems(dueCertificates(facts), later, facts);
        expect(problems.length > 0).toBe(later.length > 0);
      }),
    );
  });

  test("are the same for the same facts in another order", () => {
    fc.assert(
      fc.property(arbitraryFacts, (facts) => {
        const { certificates, buckets } = facts.ledger;
        const ledger = {
          ...facts.ledger,
          certificates: certificates.toReversed(),
          buckets: buckets.toReversed(),
        };
        expect(waves({ ...facts, ledger })).toEqual(waves(facts));
      }),
    );
  });
});

/** A second account of the limits: what is in each, in seconds of its refill. */
class Reservoirs {
  readonly #facts: IssuanceFacts;
  readonly #levels = new Map<string, { seconds: number; at: number }>();

  constructor(facts: IssuanceFacts) {
    this.#facts = facts;
    for (const { limit, set, fullAt } of facts.ledger.buckets) {
      const { capacity, refillSeconds } = this.#limit(limit);
      const missing = Math.max(0, (Date.parse(fullAt) - NOW.getTime()) / 1000);
      this.#levels.set(`${limit} ${set ?? ""}`, {
        seconds: capacity * refillSeconds - missing,
        at: NOW.getTime(),
      });
    }
    const domain = this.#level("registeredDomain", "", NOW.getTime());
    const others = facts.otherIssued * this.#limit("registeredDomain").refillSeconds;
    this.#levels.set("registeredDomain ", { ...domain, seconds: Math.max(0, domain.seconds - others) });
  }

  /** @throws Error where a limit has no room for it. */
  take({ order, renewal }: DueCertificate, at: number): void {
    const taken = [
      ["exactSet", setDigest(order.names)],
      ...(renewal
        ? []
        : [
            ["registeredDomain", ""],
            ["newOrders", ""],
          ]),
    ] as [(typeof COUNTED_LIMITS)[number], string][];
    for (const [limit, set] of taken) {
      const { seconds } = this.#level(limit, set, at);
      const { refillSeconds } = this.#limit(limit);
      // A hundredth of a second is what milliseconds and fractions of them come to.
      if (seconds + 0.01 < refillSeconds)
        throw new Error(`${limit} is short at ${new Date(at).toISOString()}`);
      this.#levels.set(`${limit} ${set}`, { seconds: seconds - refillSeconds, at });
    }
  }

  #limit(limit: (typeof COUNTED_LIMITS)[number]) {
    return (this.#facts.authority.limits ?? limits)[limit];
  }

  #level(limit: (typeof COUNTED_LIMITS)[number], set: string, at: number): { seconds: number; at: number } {
    const { capacity, refillSeconds } = this.#limit(limit);
    const full = capacity * refillSeconds;
    const known = this.#levels.get(`${limit} ${set}`) ?? { seconds: full, at };
    return { seconds: Math.min(full, known.seconds + (at - known.at) / 1000), at };
  }
}
