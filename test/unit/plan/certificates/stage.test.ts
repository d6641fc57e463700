import { describe, expect, test } from "vitest";
import { recordData } from "../../../../dns/records.ts";
import { problemLine, Refusal } from "../../../../inventory/problem.ts";
import { LETS_ENCRYPT_STAGING } from "../../../../plan/certificates/authorities.ts";
import type { IssuanceFacts } from "../../../../plan/certificates/due.ts";
import { bucketsAfter } from "../../../../plan/certificates/issued.ts";
import { type Stage, stageUpdate } from "../../../../plan/certificates/stage.ts";
import type { Ledger } from "../../../../plan/ledger.ts";
import type { ObservedRow } from "../../../../plan/observed.ts";
import { planTree } from "../../../../plan/plan.ts";
import { render } from "../../../../plan/render.ts";
import type { Tree } from "../../../../plan/tree.ts";
import { type InventorySketch, inventoryOf, nodeAt } from "../../../support/inventories.ts";
import { allIssued, type FactsSketch, factsOf, inDays, issued } from "../../../support/issuance.ts";

function fleet(count: number, waves = true): InventorySketch {
  const nodes = Array.from({ length: count }, (_, index) => nodeAt("euro", `fra${index + 1}`));
  return { nodes, policy: { certificates: { waves } } };
}

/** What a platform holds once the tree is deployed there. */
function rowsOf(tree: Tree): ObservedRow[] {
  return render(tree, "cloudflare").records.map(({ record }) => ({
    backend: "cloudflare",
    name: record.name,
    type: record.type,
    data: recordData(record),
  }));
}

/** One update of the inventory, with the tree that it asks for. */
function staged(
  sketch: InventorySketch,
  live: readonly ObservedRow[] = [],
  facts: FactsSketch = {},
): Stage & { asked: Tree; facts: IssuanceFacts } {
  const inventory = inventoryOf(sketch);
  const asked = planTree(inventory);
  const known = factsOf(asked, facts);
  return { ...stageUpdate(inventory, asked, live, known), asked, facts: known };
}

/** The ledger after the update: the certificates that were there and those that it issues, and what they took. */
function ledgerOf({ certificates, facts: { ledger, now } }: ReturnType<typeof staged>): Partial<Ledger> {
  const before = new Map(ledger.certificates.map((each) => [`${each.slot} ${each.profile}`, each]));
  const after = certificates.map(
    ({ order }) => before.get(`${order.slot} ${order.profile}`) ?? issued(order, 90, now),
  );
  return { certificates: after, buckets: bucketsAfter(ledger, after) };
}

function refusal(update: () => unknown): string[] {
  try {
    update();
  } catch (error) {
    if (error instanceof Refusal) return error.problems.map(problemLine);
    throw error;
  }
  throw new Error("nothing was refused");
}

const slots = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `fra${from + index}`);
const listedGlobally = ({ tree }: Stage) => tree.global.members.map(({ slot }) => slot);
const sorted = (texts: Iterable<string>) => [...texts].sort();

describe("the first update of an empty stack", () => {
  test("does everything at once where the authority has room for every certificate", () => {
    const { tree, asked, certificates, lines } = staged(fleet(25, false));
    expect(tree).toEqual(asked);
    expect(certificates).toEqual(asked.certificates.map((order) => ({ order, waits: false })));
    expect(lines).toEqual([]);
  });

  test("lists the nodes of the first wave, and says which wait and from when on they fit", () => {
    const first = staged(fleet(27));
    expect(first.certificates).toHaveLength(50);
    expect(sorted(listedGlobally(first))).toEqual(sorted(slots(1, 25)));
    expect(first.tree.nodes.map(({ slot }) => slot)).toEqual(slots(1, 27));
    const waiting = (order: string) =>
      `certificate-limits: ${order} waits for the authority's limits and fits from 2026-11-24 12:00 UTC`;
    const notListed = (slot: string) =>
      `certificate-order: ${slot} is not listed yet at fra.sip.example.net, euro.sip.example.net, sip.example.net: ` +
      "its certificate for them must have been issued by an earlier update. Install it, prove it " +
      `(npx dialtree dial fra.sip.example.net --node ${slot} --identity strict), then update again`;
    expect(first.lines).toEqual([
      ...["fra26 exact", "fra26 wildcard", "fra27 exact", "fra27 wildcard"].map(waiting),
      notListed("fra26"),
      notListed("fra27"),
    ]);
  });

  test("is refused where not all fits and waves are not allowed", () => {
    const [line = "", ...others] = refusal(() => staged(fleet(26, false)));
    expect(line).toMatch(
      /^tree\.json: policy\.certificates\.waves: .*52 certificates.*\[certificate-limits\]/,
    );
    expect(others).toEqual([]);
  });

  test("is followed by one that issues the rest, and by one that lists them", () => {
    const first = staged(fleet(26));
    const later = { now: new Date(inDays(2)), ledger: ledgerOf(first) };
    const second = staged(fleet(26), rowsOf(first.tree), later);
    expect(second.certificates).toHaveLength(52);
    expect(sorted(listedGlobally(second))).toEqual(sorted(slots(1, 25)));
    const third = staged(fleet(26), rowsOf(second.tree), {
      ...later,
      ledger: ledgerOf(second),
    });
    expect([third.tree, third.lines]).toEqual([third.asked, []]);
  });
});

describe("a stack that was deployed without certificates", () => {
  /** Eight nodes at a POP at most, so that its name lists them all. */
  const wide = (count: number): InventorySketch => ({
    ...fleet(0),
    nodes: Array.from({ length: count }, (_, index) =>
      nodeAt("euro", `${["ams", "fra", "lhr", "mad"][index % 4]}${Math.floor(index / 4) + 1}`),
    ),
  });
  const before = planTree(inventoryOf(wide(30)));

  test("keeps every listed node listed through all waves, with its certificate or before", () => {
    let ledger: Partial<Ledger> = {};
    for (const [day, count] of [50, 56, 60].entries()) {
      const now = new Date(inDays(day));
      const update = staged(wide(30), rowsOf(before), { now, ledger });
      expect(update.certificates).toHaveLength(count);
      expect(update.tree).toEqual(before);
      expect(update.lines.filter((line) => line.startsWith("certificate-order"))).toEqual([]);
      ledger = ledgerOf(update);
    }
  });

  test("lists a node that is added meanwhile once it has its own", () => {
    const added = wide(31);
    const first = staged(added, rowsOf(before));
    const second = staged(added, rowsOf(first.tree), {
      now: new Date(inDays(1)),
      ledger: ledgerOf(first),
    });
    for (const { tree } of [first, second]) expect(tree.global).toEqual(before.global);
    const elsewhere = { backend: "cloudflare", name: "new.example.net", type: "A" } as const;
    const data = second.tree.nodes.find(({ slot }) => slot === "lhr8")?.address ?? "";
    const { tree } = staged(added, [...rowsOf(before), { ...elsewhere, data }]);
    expect(tree.global).toEqual(before.global);
    expect(second.lines).toContainEqual(
      expect.stringMatching(/^certificate-order: lhr8 is not listed yet at /),
    );
  });
});

describe("a certificate that has to wait", () => {
  const withPop = (count: number): InventorySketch => {
    const sketch = fleet(count);
    return { ...sketch, nodes: [...sketch.nodes, nodeAt("euro", "lhr1", { status: "planned" })] };
  };

  test("stays as it was issued, and its node stays listed", () => {
    const before = planTree(inventoryOf(fleet(60)));
    const update = staged(withPop(60), rowsOf(before), { ledger: allIssued(before, 60) });
    const waiting = update.certificates.filter(({ waits }) => waits);
    expect(waiting.length).toBeGreaterThan(0);
    for (const { order } of waiting) expect(before.certificates).toContainEqual(order);
    expect(update.tree.global).toEqual(before.global);
    expect(
      new Set(update.certificates.map(({ order: { slot, profile } }) => `${slot} ${profile}`)).size,
    ).toBe(update.certificates.length);
  });

  test("is refused where it is of another authority, since the stack has the present one's account alone", () => {
    const before = planTree(inventoryOf(fleet(26)));
    const ledger = {
      certificates: allIssued(before, 60).certificates.map((each) => ({
        ...each,
        directory: LETS_ENCRYPT_STAGING.directory,
      })),
    };
    expect(refusal(() => staged(fleet(26), rowsOf(before), { ledger }))).toEqual([
      "stack configuration: dialtree:acme.directory: https://acme-v02.api.letsencrypt.org/directory: 2 certificates of " +
        "the authority before would have to wait for this one's limits, and only one authority is asked at a time " +
        "[certificate-limits]; deploy once without dialtree:acme, which revokes nothing and leaves every name as it is " +
        "(the account is unprotected before, with pulumi state unprotect), then with the new directory",
    ]);
    const fewer = fleet(25);
    const fits = allIssued(planTree(inventoryOf(fewer)), 60).certificates.map((each) => ({
      ...each,
      directory: LETS_ENCRYPT_STAGING.directory,
    }));
    const all = staged(fewer, rowsOf(before), { ledger: { certificates: fits } });
    expect(all.certificates.map(({ waits }) => waits)).toEqual(Array(50).fill(false));
  });
});

describe("a live name", () => {
  const world = (fallback: string[]): InventorySketch => ({
    nodes: [nodeAt("euro", "fra1"), nodeAt("noam", "iad1"), nodeAt("apac", "sin1", { status: "draining" })],
    policy: { regions: { apac: { fallback } }, certificates: { profiles: ["exact"] } },
  });
  const before = planTree(inventoryOf(world(["noam"])));
  const ledger = allIssued(before, 60);

  test("that would be left without an answer is refused, with who lacks what and the way out", () => {
    expect(refusal(() => staged(world(["euro"]), rowsOf(before), { ledger }))).toEqual(
      ["sin", "apac"].map(
        (label) =>
          `nodes.json, tree.json: ${label}.sip.example.net: is live, and none of the nodes now meant to answer there ` +
          "(fra1) holds a certificate for it that an earlier update has issued [certificate-order]; keep who answers " +
          "now, as a fallback behind the others or as an active node, until these have their certificates installed",
      ),
    );
  });

  test("changes hands in two updates where who answers now stays behind the others", () => {
    const first = staged(world(["euro", "noam"]), rowsOf(before), { ledger });
    const answers = ({ tree }: Stage) => tree.regions.find(({ key }) => key === "apac")?.members;
    expect(answers(first)).toEqual([{ slot: "iad1", weight: 100 }]);
    const issuedBoth = { certificates: first.certificates.map(({ order }) => issued(order, 90)) };
    const second = staged(world(["euro", "noam"]), rowsOf(first.tree), { ledger: issuedBoth });
    expect(answers(second)).toEqual([{ slot: "fra1", weight: 100 }]);
    expect(second.lines).toEqual([]);
  });

  test("that nobody publishes yet waits for its first answer without a refusal", () => {
    const { tree, lines } = staged(world(["euro"]), [], { ledger });
    expect(tree.regions.map(({ key }) => key)).toEqual(["euro", "noam"]);
    expect(lines).toContain(
      "certificate-order: apac.sip.example.net is not published yet: every node behind it waits for its certificate",
    );
  });
});
