import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { Refusal } from "../../../inventory/problem.ts";
import {
  type DeployedCertificate,
  EMPTY_LEDGER,
  goneSince,
  type Ledger,
  ledgerAfter,
  readLedger,
} from "../../../plan/ledger.ts";
import type { ObservedRow } from "../../../plan/observed.ts";
import { planTree } from "../../../plan/plan.ts";
import { inventoryOf, nodeAt } from "../../support/inventories.ts";

const NOW = new Date("2026-11-23T12:00:00Z");
const EARLIER = "2026-11-22T08:30:00.000Z";
const DIRECTORY = "https://acme-v02.api.letsencrypt.org/directory";

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
      buckets: [{ directory: DIRECTORY, limit: "registeredDomain", fullAt: NOW.toISOString() }],
    };
    expect(readLedger(JSON.parse(JSON.stringify(written)))).toEqual(written);
    expect(readLedger({ version: 1 })).toEqual(EMPTY_LEDGER);
  });

  test("may be one of an earlier version that knew of fewer things", () => {
    const { buckets: _, ...older } = ledgerWith({ fra2: EARLIER });
    expect(readLedger(older)).toEqual(ledgerWith({ fra2: EARLIER }));
  });

  test("is refused where another program wrote it, with what to do", () => {
    const read = () => readLedger({ ...EMPTY_LEDGER, version: 2 });
    expect(read).toThrow(Refusal);
    expect(read).toThrow(
      "ledger.version: 2: was written by another dialtree; this one reads version 1 [ledger-version]",
    );
  });
});

describe("the ledger after an update", () => {
  const issuer = { directory: DIRECTORY, acmeProfile: "classic" as const };
  const [exact] = planTree(inventoryOf({ nodes: [nodeAt("euro", "fra1")] })).certificates;
  if (exact === undefined) throw new Error("a certificate is expected");
  const certificate: DeployedCertificate = {
    order: exact,
    notBefore: "2026-11-22T08:30:00Z",
    notAfter: "2027-02-20T08:29:59Z",
  };

  test("says of a new certificate what it is, and takes it from the authority's limits", () => {
    const after = ledgerAfter(EMPTY_LEDGER, { fra2: EARLIER }, [certificate], issuer);
    expect(after).toMatchObject({ version: 1, goneSince: { fra2: EARLIER } });
    expect(after.certificates).toEqual([
      {
        slot: "fra1",
        profile: "exact",
        notBefore: certificate.notBefore,
        notAfter: certificate.notAfter,
        names: exact.names,
        directory: DIRECTORY,
        acmeProfile: "classic",
        keyType: "rsa2048",
      },
    ]);
    const day = (fullAt: string | undefined) => fullAt?.slice(0, 16);
    expect(after.buckets.map(({ limit, fullAt }) => [limit, day(fullAt)])).toEqual([
      ["exactSet", "2026-11-23T19:30"],
      ["newOrders", "2026-11-22T09:30"],
      ["registeredDomain", "2026-11-22T12:52"],
    ]);
  });

  test("is the same after an update that issues nothing, whatever is ordered by then", () => {
    const before = ledgerAfter(EMPTY_LEDGER, {}, [certificate], issuer);
    const widened = { ...exact, names: [...exact.names, "lhr.sip.example.net"] };
    const other = { directory: "https://ca.example.test/directory", acmeProfile: "tlsserver" as const };
    expect(ledgerAfter(before, {}, [{ ...certificate, order: widened }], other)).toEqual(before);
    expect(ledgerAfter(before, {}, [certificate], undefined)).toEqual(before);
  });

  test("has the digest of the request, another one for a request made anew with the same key", () => {
    const held = (requestPem: string) =>
      ledgerAfter(EMPTY_LEDGER, {}, [{ ...certificate, requestPem }], issuer).certificates[0];
    const digest = createHash("sha256").update("one").digest("hex");
    expect(held("one")).toMatchObject({ requestDigest: digest });
    expect(held("one")).not.toHaveProperty("keyType");
    expect(held("another")?.requestDigest).not.toBe(digest);
  });

  test("completes what an earlier version wrote of a certificate that is still there", () => {
    const { slot, profile } = exact;
    const { notBefore, notAfter } = certificate;
    const before: Ledger = { ...EMPTY_LEDGER, certificates: [{ slot, profile, notBefore, notAfter }] };
    const after = ledgerAfter(before, {}, [certificate], issuer);
    expect(after).toEqual(ledgerAfter(EMPTY_LEDGER, {}, [certificate], issuer));
    expect(ledgerAfter(after, {}, [certificate], issuer)).toEqual(after);
  });
});
