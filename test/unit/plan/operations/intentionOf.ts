/** What the tests of the intentions share: a fleet, what is known of it, and the words of a refusal. */
import { problemLine, Refusal } from "../../../../inventory/problem.ts";
import { EMPTY_LEDGER, type Ledger } from "../../../../plan/ledger.ts";
import type { Context, Intention } from "../../../../plan/operations/intention.ts";
import { type InventorySketch, inventoryOf, nodeAt } from "../../../support/inventories.ts";

export const NOW = new Date("2026-11-23T12:00:00.250Z");

/** A node in each status, and a region without hardware. */
export const FLEET: InventorySketch = {
  nodes: [
    nodeAt("euro", "fra1"),
    nodeAt("euro", "fra2", { status: "draining", since: "2026-11-23T06:00:00Z" }),
    nodeAt("euro", "fra3", { status: "planned" }),
    nodeAt("euro", "fra4", { status: "retired" }),
    nodeAt("euro", "lhr1", { ip6: "2001:db8::1" }),
    nodeAt("euro", "lhr2", { status: "down", since: "2026-11-23T11:55:00Z" }),
  ],
  policy: { regions: { latm: { fallback: ["euro"] } } },
};

/** fra2 is gone long enough, lhr2 for five minutes; the certificates of fra3 are issued. */
export const LEDGER: Ledger = {
  ...EMPTY_LEDGER,
  goneSince: { fra2: "2026-11-23T06:05:00.000Z", lhr2: "2026-11-23T11:56:00.000Z" },
  certificates: (["exact", "wildcard"] as const).flatMap((profile) =>
    ["fra1", "fra3"].map((slot) => ({
      slot,
      profile,
      notBefore: "2026-11-01T00:00:00Z",
      notAfter: "2027-01-30T00:00:00Z",
    })),
  ),
};

/** `ledger: null`: nobody gave one. */
export function contextOf(sketch: InventorySketch = FLEET, ledger: Ledger | null = LEDGER): Context {
  return {
    inventory: inventoryOf(sketch),
    known: { now: NOW, issuesCertificates: true, ...(ledger === null ? {} : { ledger }) },
    commandLine: (args) => `npx dialtree ${args}`,
  };
}

/** The lines of the refusal. */
export function refusalOf(intend: () => Intention): string[] {
  try {
    intend();
  } catch (error) {
    if (error instanceof Refusal) return error.problems.map(problemLine);
    throw error;
  }
  throw new Error("nothing was refused");
}
