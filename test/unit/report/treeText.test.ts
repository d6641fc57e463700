import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { child, fqdn } from "../../../dns/names.ts";
import { planTree } from "../../../plan/plan.ts";
import { type Served, type TreePaint, treeText } from "../../../report/treeText.ts";
import { arbitrarySketch } from "../../support/arbitraryInventory.ts";
import { DOMAIN, inventoryOf, nodeAt, STEERED_WORLD } from "../../support/inventories.ts";

const domain = fqdn(DOMAIN);
const steered = planTree(inventoryOf(STEERED_WORLD));

const served: ReadonlyMap<typeof domain, Served> = new Map([
  [domain, { ok: true, text: "answered by fra1" }],
  [child("latm", domain), { ok: false, text: "no such name" }],
  [child("lax1", domain), { ok: false, text: "connection refused" }],
]);

/** Puts marks around texts that a test can see and take off again. */
const marks: TreePaint = {
  name: (text) => `<n>${text}</n>`,
  muted: (text) => `<m>${text}</m>`,
  good: (text) => `<good>${text}</good>`,
  bad: (text) => `<bad>${text}</bad>`,
  state: {
    active: (text) => `<active>${text}</active>`,
    standby: (text) => `<standby>${text}</standby>`,
    draining: (text) => text,
    planned: (text) => text,
    down: (text) => text,
  },
};

/** The lines between the marks of a template. */
function block(text: string): string {
  return text.slice(1).replaceAll("\n    ", "\n").replace(/^ {4}/, "").trimEnd().concat("\n");
}

describe("the tree as text", () => {
  it("shows every name with whom it serves, who stands in, and how each node is", () => {
    expect(treeText(steered)).toBe(
      block(`
    sip.example.net                  by caller's location, else euro
    ├─ euro.sip.example.net          for Africa, Europe; falls back to noam
    │  ├─ ams.sip.example.net
    │  │  └─ ○ ams1.sip.example.net  127.168.96.1       standby
    │  ├─ fra.sip.example.net
    │  │  ├─ ● fra1.sip.example.net  127.187.174.1 +v6  active
    │  │  └─ ● fra2.sip.example.net  127.187.174.2 +v6  active
    │  └─ lhr.sip.example.net
    │     └─ ● lhr1.sip.example.net  127.209.15.1       active
    ├─ noam.sip.example.net          for N. America; by caller's location, else iad
    │  ├─ iad.sip.example.net        for N. America, US-NY
    │  │  ├─ ● iad1.sip.example.net  127.196.229.1 +v6  active
    │  │  └─ ● iad2.sip.example.net  127.196.229.2      active
    │  └─ lax.sip.example.net        for MX, US-CA, US-WA
    │     └─ ● lax1.sip.example.net  127.208.60.1       active
    └─ latm.sip.example.net          for S. America; answered by noam`),
    );
  });

  it("says of each name that was asked for what came of it", () => {
    const lines = treeText(steered, { served }).split("\n");
    expect(lines.filter((line) => /[✓✗]/.test(line))).toEqual([
      "sip.example.net                  by caller's location, else euro  ✓ answered by fra1",
      "│     └─ ● lax1.sip.example.net  127.208.60.1       active   ✗ connection refused",
      "└─ latm.sip.example.net          for S. America; answered by noam  ✗ no such name",
    ]);
  });

  it("puts notes that do not fit on further lines and keeps the names whole", () => {
    const lines = treeText(steered, { columns: 64 }).split("\n");
    expect(lines.slice(1, 4)).toEqual([
      "├─ euro.sip.example.net          for Africa, Europe;",
      "│  │                             falls back to noam",
      "│  ├─ ams.sip.example.net",
    ]);
  });

  it("shortens the names below the domain where notes have too little room", () => {
    const lines = treeText(steered, { columns: 50, served }).split("\n");
    expect(lines.slice(-6)).toEqual([
      "│  └─ lax        for MX, US-CA, US-WA",
      "│     └─ ● lax1  127.208.60.1       active",
      "│                ✗ connection refused",
      "└─ latm          for S. America; answered by noam",
      "                 ✗ no such name",
      "",
    ]);
  });

  it("is never wider than the terminal, whatever the tree", () => {
    fc.assert(
      fc.property(arbitrarySketch, fc.integer({ min: 40, max: 140 }), (sketch, columns) => {
        const tree = planTree(inventoryOf(sketch));
        const answers = new Map(
          tree.nodes.map(({ name }) => [name, { ok: true, text: "answered by itself" }]),
        );
        const lines = treeText(tree, { columns, served: answers }).split("\n");
        expect(lines.filter((line) => line.length > columns)).toEqual([]);
        expect(lines.filter((line) => line !== line.trimEnd())).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it("is the same with colours, once they are taken off", () => {
    for (const columns of [45, 64, 200]) {
      const painted = treeText(steered, { columns, served, paint: marks });
      expect(painted.replace(/<\/?[a-z]+>/g, "")).toBe(treeText(steered, { columns, served }));
    }
  });

  it("paints names, states and answers each in their colour", () => {
    const painted = treeText(steered, { served, paint: marks });
    expect(painted).toContain("<n>euro.sip.example.net</n>");
    expect(painted).toContain("<standby>○ </standby>ams1.sip.example.net");
    expect(painted).toContain("<active>active</active>   <bad>✗ connection refused</bad>");
    expect(painted).toContain("<good>✓ answered by fra1</good>");
  });

  it("tells weights only where they differ", () => {
    const nodes = [nodeAt("euro", "fra1"), nodeAt("euro", "fra2", { weight: 5 })];
    const text = treeText(planTree(inventoryOf({ nodes })), { served: new Map() });
    expect(text).toMatch(/fra1\..* active {2}weight 100\n.*fra2\..* active {2}weight 5\n$/);
    expect(treeText(steered)).not.toContain("weight");
  });
});
