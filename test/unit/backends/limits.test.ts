import { readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { ACME_TRAPS } from "../../../backends/acme.limits.ts";
import { CLOUDFLARE_TRAPS } from "../../../backends/cloudflare.limits.ts";
import type { Trap } from "../../../backends/limits.ts";
import { ROUTE53_TRAPS } from "../../../backends/route53.limits.ts";
import { PLATFORM_TABLES, refreshPlatformTables } from "../../support/platformTables.ts";
import { checkout, trackedFiles } from "../../support/trackedFiles.ts";

const MANUAL = "docs/backends.md";

const TEST_CALLS = new Set(["test", "it"]);

/** The titles of every test in the tree, as they stand in the sources. */
function titles(): Set<string> {
  const found = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && TEST_CALLS.has(rootOf(node.expression))) {
      const [title] = node.arguments;
      if (title !== undefined && ts.isStringLiteralLike(title)) found.add(title.text);
    }
    ts.forEachChild(node, visit);
  };
  for (const file of trackedFiles().filter((name) => /^test\/.*\.test\.ts$/.test(name))) {
    const text = readFileSync(path.join(checkout, file), "utf8");
    visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest));
  }
  return found;
}

/** `test` of `test(…)`, `test.each(…)(…)` and the like. */
function rootOf(expression: ts.Expression): string {
  if (ts.isIdentifier(expression)) return expression.text;
  if (ts.isPropertyAccessExpression(expression) || ts.isCallExpression(expression)) {
    return rootOf(expression.expression);
  }
  return "";
}

describe.each<[string, readonly Trap[]]>([
  ["Cloudflare", CLOUDFLARE_TRAPS],
  ["Route 53", ROUTE53_TRAPS],
  ["ACME", ACME_TRAPS],
])("what is known of %s", (_, traps) => {
  test("has every trap once, each with a decision, a source and a month", () => {
    expect(new Set(traps.map(({ id }) => id)).size).toBe(traps.length);
    for (const { id, fact, decision, source, verified } of traps) {
      expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      for (const text of [fact, decision]) expect(text, id).toMatch(/^[^\n]{8,}\.$/);
      expect(source.length, id).toBeGreaterThan(3);
      expect(verified, id).toMatch(/^20\d\d-(0[1-9]|1[0-2])$/);
    }
  });

  test("is proven by a test that exists, or says what a live account alone would show", () => {
    const known = titles();
    expect(known.size).toBeGreaterThan(100);
    const unproven = traps.flatMap((trap) =>
      "provenBy" in trap && !known.has(trap.provenBy) ? [`${trap.id}: ${trap.provenBy}`] : [],
    );
    expect(unproven).toEqual([]);
    for (const trap of traps) {
      if ("provenBy" in trap) expect(trap, trap.id).not.toHaveProperty("liveOnly");
      else expect(trap.liveOnly.length, trap.id).toBeGreaterThan(8);
    }
  });
});

test("what is not verified is proven by no test: a live account would tell", () => {
  const all = [...CLOUDFLARE_TRAPS, ...ROUTE53_TRAPS, ...ACME_TRAPS];
  const unverified = all.filter(({ status }) => status === "unverified");
  expect(unverified.length).toBeGreaterThan(0);
  for (const trap of unverified) expect(trap, trap.id).toHaveProperty("liveOnly");
});

test("the manual's tables are those of the limits (vitest --update makes them anew)", async () => {
  const manual = readFileSync(path.join(checkout, MANUAL), "utf8");
  for (const name of PLATFORM_TABLES) expect(manual).toContain(`<!-- table: ${name} -->`);
  await expect(refreshPlatformTables(manual)).toMatchFileSnapshot(path.join(checkout, MANUAL));
});

test("an unknown table is an error", () => {
  expect(() => refreshPlatformTables("<!-- table: nonsense -->\n<!-- end -->")).toThrow(
    'no table "nonsense"',
  );
});
