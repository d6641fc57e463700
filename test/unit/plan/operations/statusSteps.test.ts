import { describe, expect, test } from "vitest";
import { statusStep } from "../../../../plan/operations/statusSteps.ts";
import { contextOf, FLEET, LEDGER, refusalOf } from "./intentionOf.ts";

const NOW_WRITTEN = "2026-11-23T12:00:00Z";

describe("a step that is legal", () => {
  test.each([
    ["drain", "fra1", { status: "draining", since: NOW_WRITTEN }],
    ["undrain", "fra2", { status: "active", since: NOW_WRITTEN }],
    ["down", "fra1", { status: "down", since: NOW_WRITTEN }],
    ["retire", "fra2", { status: "retired", since: NOW_WRITTEN }],
    ["retire", "fra3", { status: "retired", since: NOW_WRITTEN }],
  ] as const)("%s %s writes the status and its time", (step, slot, values) => {
    const { edits, overrides, warnings } = statusStep(slot, step, contextOf());
    expect({ edits, overrides, warnings }).toEqual({
      edits: [{ kind: "set", slot, values }],
      overrides: [],
      warnings: [],
    });
  });

  test("takes the entry of a retired node out", () => {
    expect(statusStep("fra4", "remove", contextOf()).edits).toEqual([{ kind: "remove", slot: "fra4" }]);
  });

  test("tells what to do next, with times and commands", () => {
    expect(statusStep("fra1", "drain", contextOf()).next).toEqual([
      "commit the change, then `pulumi preview` and `pulumi up`",
      "new calls end within 13 min of the rows being gone; calls that are up go on",
      "run `pulumi up` once more: the first run that sees the rows gone starts the wait of 5 h 13 min",
      "not before 2026-11-23 17:14 UTC: `npx dialtree node retire fra1 --ledger FILE`",
    ]);
    expect(statusStep("fra1", "down", contextOf()).next[1]).toBe(
      "when it is well again, not before 2026-11-23 12:11 UTC: `npx dialtree node activate fra1`",
    );
  });

  test("tells which certificate requests nothing names any more", () => {
    const csr = { wildcard: "csr/a.pem", exact: "csr/b.pem" };
    const nodes = FLEET.nodes.map((node) => (node.slot === "fra4" ? { ...node, csr } : node));
    expect(statusStep("fra4", "remove", contextOf({ ...FLEET, nodes })).next.at(-1)).toBe(
      "nothing names csr/a.pem and csr/b.pem any more: delete it where you like",
    );
  });
});

describe("a step that is refused", () => {
  test("names the slot that was probably meant", () => {
    expect(refusalOf(() => statusStep("fr1", "drain", contextOf()))).toEqual([
      'SLOT: "fr1": is no slot of this inventory [unknown-slot]; did you mean "fra1"?',
    ]);
    expect(refusalOf(() => statusStep("nonsense", "drain", contextOf()))[0]).toMatch(
      /`npx dialtree node list` shows them$/,
    );
  });

  test("tells the rule, the time from which it is legal, and the way round it", () => {
    const ledger = { ...LEDGER, goneSince: { fra2: "2026-11-23T08:00:00.000Z" } };
    expect(refusalOf(() => statusStep("fra2", "retire", contextOf(FLEET, ledger)))).toEqual([
      'SLOT: "fra2": calls, registrations or caches may still hold on to it; ' +
        "legal from 2026-11-23 13:13 UTC, in 73 min [drain-envelope]; wait until then; where nothing is registered " +
        'and no dialog is left, --observed FILE or URL; or override it for 24 h with --override "REASON"',
    ]);
    expect(refusalOf(() => statusStep("lhr2", "activate", contextOf()))[0]).toMatch(
      /legal from 2026-11-23 12:06 UTC, in 6 min \[hold-down\]; wait until then; or override it/,
    );
  });

  test("says what no ledger could tell", () => {
    expect(refusalOf(() => statusStep("fra2", "retire", contextOf(FLEET, null)))[0]).toMatch(
      /^SLOT: "fra2": without a ledger nobody knows .* \[drain-envelope\]; give --ledger FILE/,
    );
    const notGone = { ...LEDGER, goneSince: {} };
    expect(refusalOf(() => statusStep("fra2", "retire", contextOf(FLEET, notGone)))[0]).toMatch(
      /: no run has seen its rows gone: .*\[drain-envelope\]; run `pulumi up` and give its ledger; /,
    );
  });

  test("gives the steps that lead where it would", () => {
    expect(refusalOf(() => statusStep("fra1", "remove", contextOf()))[0]).toMatch(
      /\[state-machine\]; begin with `npx dialtree node drain fra1`; then `npx dialtree node retire fra1`, then `npx dialtree node remove fra1`$/,
    );
  });

  test("tells a time of an earlier drain from that of this one, which an old ledger cannot know", () => {
    const ledger = { ...LEDGER, goneSince: { fra2: "2026-11-01T00:00:00.000Z" } };
    const nodes = FLEET.nodes.map((node) =>
      node.slot === "fra2" ? { ...node, since: "2026-11-23T11:00:00Z" } : node,
    );
    expect(refusalOf(() => statusStep("fra2", "retire", contextOf({ ...FLEET, nodes }, ledger)))[0]).toMatch(
      /legal from 2026-11-23 16:13 UTC/,
    );
  });
});

describe("a planned node", () => {
  test("is activated when its certificates are issued and it was seen to answer", () => {
    const { edits, unchecked } = statusStep("fra3", "activate", contextOf(), { installed: true });
    expect(edits).toMatchObject([{ values: { status: "active" } }]);
    expect(unchecked).toEqual([]);
  });

  test("is refused without that proof, and the command that gives it is told", () => {
    expect(refusalOf(() => statusStep("fra3", "activate", contextOf()))).toEqual([
      expect.stringMatching(
        /\[installation-proof\]; see `npx dialtree dial sip\.example\.net --node fra3 --identity strict` succeed, then `npx dialtree node activate fra3 --installed`$/,
      ),
    ]);
  });

  test("is refused while no update has issued its certificates, with both reasons at once", () => {
    const ledger = { ...LEDGER, certificates: LEDGER.certificates.filter(({ slot }) => slot !== "fra3") };
    const lines = refusalOf(() => statusStep("fra3", "activate", contextOf(FLEET, ledger)));
    expect(lines.map((line) => /\[([\w-]+)\]/.exec(line)?.[1])).toEqual([
      "certificate",
      "installation-proof",
    ]);
  });

  test("is refused with certificates that have expired", () => {
    const certificates = LEDGER.certificates.map((each) => ({ ...each, notAfter: "2026-11-23T12:00:00Z" }));
    const context = contextOf(FLEET, { ...LEDGER, certificates });
    expect(refusalOf(() => statusStep("fra3", "activate", context, { installed: true }))[0]).toMatch(
      /expired \[certificate\]/,
    );
  });

  test("in a folder of which nobody knows whether certificates are issued, the doubt is told", () => {
    const { known, ...context } = contextOf(FLEET, { ...LEDGER, certificates: [] });
    const { issuesCertificates: _, ...unknown } = known;
    const asked = (more: object) =>
      statusStep("fra3", "activate", { ...context, known: { ...unknown, ...more } }, { installed: true });
    expect(asked({}).unchecked).toEqual([
      "whether an earlier update issued its certificates: the ledger does not tell",
    ]);
    expect(asked({ issuesCertificates: false }).unchecked).toEqual([]);
  });

  test("without a ledger it is activated with the doubt told", () => {
    const { unchecked } = statusStep("fra3", "activate", contextOf(FLEET, null), { installed: true });
    expect(unchecked).toEqual(["whether an earlier update issued its certificates: there is no ledger"]);
  });
});

describe("an override", () => {
  test("lets a step be taken for 24 hours, and tells it", () => {
    const { edits, overrides, warnings } = statusStep("lhr2", "activate", contextOf(), {
      override: "power is back",
    });
    expect(edits).toMatchObject([{ slot: "lhr2", values: { status: "active" } }]);
    expect(overrides).toEqual([
      { rule: "hold-down", scope: "lhr2", reason: "power is back", until: "2026-11-24T12:00:00Z" },
    ]);
    expect(warnings[0]).toMatch(
      /^overrides hold-down for lhr2 \(.*\), because: power is back; it lapses at 2026-11-24 12:00 UTC/,
    );
  });

  test("is not written where the step is legal without it", () => {
    expect(statusStep("fra2", "retire", contextOf(), { override: "in a hurry" }).overrides).toEqual([]);
  });

  test("neither makes a step that does not exist, nor is a proof of installation", () => {
    expect(refusalOf(() => statusStep("fra1", "retire", contextOf(), { override: "now" }))[0]).toContain(
      "[state-machine]",
    );
    expect(refusalOf(() => statusStep("fra3", "activate", contextOf(), { override: "now" }))[0]).toContain(
      "[installation-proof]",
    );
  });
});

describe("an observation", () => {
  const idle = "0 registrations and 0 dialogs, seen 2026-11-23T12:00:00Z at metrics";

  test("ends the wait early and stands in the override, so that the update allows it too", () => {
    const ledger = { ...LEDGER, goneSince: { fra2: "2026-11-23T11:30:00.000Z" } };
    expect(statusStep("fra2", "retire", contextOf(FLEET, ledger), { idle }).overrides).toEqual([
      { rule: "drain-envelope", scope: "fra2", reason: idle, until: "2026-11-24T12:00:00Z" },
    ]);
  });

  test("needs no override when the wait is over", () => {
    expect(statusStep("fra2", "retire", contextOf(), { idle }).overrides).toEqual([]);
  });

  test("does not count while callers may still be told of the node", () => {
    const ledger = { ...LEDGER, goneSince: { fra2: "2026-11-23T11:50:00.000Z" } };
    expect(refusalOf(() => statusStep("fra2", "retire", contextOf(FLEET, ledger), { idle }))[0]).toMatch(
      /callers may still be told of it; legal from 2026-11-23 12:03 UTC/,
    );
  });

  test("without a ledger it counts, and the doubt is told", () => {
    const { overrides, unchecked } = statusStep("fra2", "retire", contextOf(FLEET, null), { idle });
    expect(overrides).toHaveLength(1);
    expect(unchecked).toEqual(["whether a name still lists it: there is no ledger"]);
  });
});
