import { describe, expect, test } from "vitest";
import { Refusal } from "../../../inventory/problem.ts";
import { EMPTY_LEDGER, goneSince, type Ledger, readLedger } from "../../../plan/ledger.ts";
import type { ObservedRow } from "../../../plan/observed.ts";
import { planTree } from "../../../plan/plan.ts";
import { inventoryOf, nodeAt } from "../../support/inventories.ts";

const NOW = new Date("2026-11-23T12:00:00Z");
const EARLIER = "2026-11-22T08:30:00.000Z";

function treeWith(status: "planned" | "active" | "draining" | "down" | "retired") {
  return planTree(inventoryOf({ nodes: [nodeAt("euro", "fra1"), nodeAt("euro", "fra2", { status })] }));
}

function row(slot: string, backend: ObservedRow["backend"] = "cloudflare"): ObservedRow {
  return {
    backend,
    name: "_sips._tcp.euro.sip.example.net",
    type: "SRV",
    data: `10 100 5061 ${slot}.sip.example.net`,
  };
}

function ledgerWith(times: Ledger["goneSince"]): Ledger {
  return { ...EMPTY_LEDGER, goneSince: times };
}

describe("the time since when a node's rows are gone", () => {
  test("does not begin in the run that asks for the drain: its rows are still live then", () => {
    expect(goneSince(treeWith("draining"), [row("fra1"), row("fra2")], EMPTY_LEDGER, NOW)).toEqual({});
  });

  test("begins with the first run that sees them gone", () => {
    for (const status of ["draining", "down"] as const) {
      expect(goneSince(treeWith(status), [row("fra1")], EMPTY_LEDGER, NOW)).toEqual({
        fra2: NOW.toISOString(),
      });
    }
  });

  test("stays as it is in every later run", () => {
    expect(goneSince(treeWith("draining"), [row("fra1")], ledgerWith({ fra2: EARLIER }), NOW)).toEqual({
      fra2: EARLIER,
    });
  });

  test("waits for every platform", () => {
    const observed = [row("fra1"), row("fra1", "route53"), row("fra2", "route53")];
    expect(goneSince(treeWith("draining"), observed, EMPTY_LEDGER, NOW)).toEqual({});
  });

  test("ends when the rows are seen again, and begins anew", () => {
    const before = ledgerWith({ fra2: EARLIER });
    const seen = goneSince(treeWith("draining"), [row("fra2")], before, NOW);
    expect(seen).toEqual({});
    expect(goneSince(treeWith("draining"), [row("fra1")], ledgerWith(seen), NOW)).toEqual({
      fra2: NOW.toISOString(),
    });
  });

  test("is kept for no node that is meant to be listed, not listed yet, or retired", () => {
    for (const status of ["active", "planned", "retired"] as const) {
      expect(goneSince(treeWith(status), [row("fra1")], ledgerWith({ fra2: EARLIER }), NOW)).toEqual({});
    }
  });

  test("stands as it was where nothing could be read", () => {
    const before = ledgerWith({ fra2: EARLIER, lhr9: EARLIER });
    expect(goneSince(treeWith("draining"), undefined, before, NOW)).toBe(before.goneSince);
  });
});

describe("a ledger that is read back", () => {
  test("is empty where there is none yet", () => {
    expect(readLedger(undefined)).toEqual(EMPTY_LEDGER);
    expect(readLedger(null)).toEqual(EMPTY_LEDGER);
  });

  test("is what an earlier run wrote", () => {
    const written: Ledger = {
      version: 1,
      goneSince: { fra2: EARLIER },
      certificates: [{ slot: "fra1", profile: "exact", notBefore: EARLIER, notAfter: NOW.toISOString() }],
    };
    expect(readLedger(JSON.parse(JSON.stringify(written)))).toEqual(written);
    expect(readLedger({ version: 1 })).toEqual(EMPTY_LEDGER);
  });

  test("is refused where another program wrote it, with what to do", () => {
    const read = () => readLedger({ ...EMPTY_LEDGER, version: 2 });
    expect(read).toThrow(Refusal);
    expect(read).toThrow(
      "ledger.version: 2: was written by another dialtree; this one reads version 1 [ledger-version]",
    );
  });
});
