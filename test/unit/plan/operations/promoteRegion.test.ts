import { expect, test } from "vitest";
import { promoteRegion } from "../../../../plan/operations/promoteRegion.ts";
import { nodeAt } from "../../../support/inventories.ts";
import { contextOf, FLEET, LEDGER, refusalOf } from "./intentionOf.ts";

const LATM = {
  ...FLEET,
  nodes: [
    ...FLEET.nodes,
    nodeAt("latm", "gru1", { status: "planned" }),
    nodeAt("latm", "gru2", { status: "planned" }),
    nodeAt("latm", "gru3", { status: "retired" }),
  ],
};

const ISSUED = {
  ...LEDGER,
  certificates: ["gru1", "gru2"].flatMap((slot) =>
    (["exact", "wildcard"] as const).map((profile) => ({
      slot,
      profile,
      notBefore: "2026-11-01T00:00:00Z",
      notAfter: "2027-01-30T00:00:00Z",
    })),
  ),
};

test("every planned node of the region becomes active, and no other", () => {
  const { edits, warnings, next } = promoteRegion("latm", contextOf(LATM, ISSUED), { installed: true });
  expect(edits).toEqual(
    ["gru1", "gru2"].map((slot) => ({
      kind: "set",
      slot,
      values: { status: "active", since: "2026-11-23T12:00:00Z" },
    })),
  );
  expect(warnings).toEqual([]);
  expect(next.at(-1)).toBe(
    "dial what changed: `npx dialtree dial latm.sip.example.net`, `npx dialtree dial gru.sip.example.net`",
  );
});

test("what is missing of any node is told of all at once", () => {
  const lines = refusalOf(() => promoteRegion("latm", contextOf(LATM)));
  expect(lines.map((line) => /"(\w+)".*\[([\w-]+)\]/.exec(line)?.slice(1))).toEqual([
    ["gru1", "certificate"],
    ["gru1", "installation-proof"],
    ["gru2", "certificate"],
    ["gru2", "installation-proof"],
  ]);
  expect(lines.at(-1)).toContain("`npx dialtree region promote latm --installed`");
});

test("a region that the global name does not steer to is told", () => {
  const policy = {
    globalGeo: true,
    regions: {
      euro: { serves: { continents: ["EU" as const] } },
      noam: { serves: { continents: ["NA" as const] }, fallback: ["euro"] },
      latm: { fallback: ["euro"] },
    },
  };
  const { warnings } = promoteRegion("latm", contextOf({ ...LATM, policy }, ISSUED), { installed: true });
  expect(warnings).toEqual([
    expect.stringMatching(/^policy\.regions\.latm has no `serves`: sip\.example\.net steers nobody there/),
  ]);
});

test("a region without a planned node, and one that is not there, are refused", () => {
  expect(refusalOf(() => promoteRegion("latm", contextOf()))[0]).toMatch(
    /^REGION: "latm": has no node yet \[nothing-planned\]/,
  );
  const nodes = FLEET.nodes.filter(({ status }) => status !== "planned");
  expect(refusalOf(() => promoteRegion("euro", contextOf({ ...FLEET, nodes })))[0]).toContain(
    "fra1 is active, fra2 is draining",
  );
  expect(refusalOf(() => promoteRegion("latn", contextOf()))[0]).toMatch(
    /\[unknown-region\]; did you mean "latm"\?$/,
  );
});
