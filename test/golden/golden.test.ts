/**
 * One folder per idea: an inventory, the plan that it must give at a backend, the zone there, and what lint says. A
 * mismatch leaves `<file>.actual` beside the expected one. `UPDATE_GOLDEN=1` writes the expected files instead; a new
 * case starts with an empty plan.<backend>.json, or one for each of two backends. Where a finding is the idea, the
 * policy names one client of which there is little to say, or those that the finding is about: the rest stays short.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { type LintFinding, toProblem } from "../../plan/lint/lint.ts";
import { planTree } from "../../plan/plan.ts";
import { planDocument } from "../../plan/planDocument.ts";
import { render } from "../../plan/render.ts";
import type { Backend } from "../../plan/rendering.ts";
import { type GoldenCase, goldenCases } from "../support/goldenCases.ts";
import { zoneOf } from "../support/zoneOf.ts";

test("every golden case is numbered and named", () => {
  const names = goldenCases().map(({ name }) => name);
  expect(names.length).toBeGreaterThan(10);
  for (const [i, name] of names.entries()) {
    expect(name).toMatch(new RegExp(`^${String(i + 1).padStart(3, "0")}-[a-z0-9-]+$`));
  }
});

const planFile = (backend: Backend) => `plan.${backend}.json`;

/** Zones of several backends are told apart by their files' names. */
const zoneFile = (backend: Backend, { backends }: Pick<GoldenCase, "backends">) =>
  backends.length === 1 ? "zone.txt" : `zone.${backend}.txt`;

describe.each(goldenCases())("$name", (golden) => {
  const { folder, backends, inventory, findings } = golden;

  test.each(backends)("gives the plan that is written down for %s", (backend) => {
    const rendering = render(planTree(inventory()), backend);
    expectFile(path.join(folder, planFile(backend)), oneEntryPerLine(planDocument(rendering)));
  });

  test.each(backends)("gives the zone that is written down for %s", (backend) => {
    expectFile(path.join(folder, zoneFile(backend, golden)), zoneOf(inventory(), backend));
  });

  test("gives the findings that are written down", () => {
    expectFile(path.join(folder, "lint.txt"), findings().map(findingLine).join(""));
  });
});

/** Columns as wide as the longest level and the longest rule of today. */
function findingLine(finding: LintFinding): string {
  const { key, rule, message } = toProblem(finding);
  return `${finding.level.padEnd(7)}  ${rule.padEnd(27)}  ${key}: ${message}\n`;
}

/** Differences that fit on a screen: the first lines that are not alike. */
const SHOWN_LINES = 12;

function expectFile(file: string, actual: string): void {
  const actualFile = `${file}.actual`;
  rmSync(actualFile, { force: true });
  if (process.env.UPDATE_GOLDEN === "1") {
    writeFileSync(file, actual);
    return;
  }
  const expected = existsSync(file) ? readFileSync(file, "utf8") : "";
  if (actual === expected) return;
  writeFileSync(actualFile, actual);
  expect.fail(
    `${path.relative(process.cwd(), actualFile)} differs from what is written down:\n${diff(expected, actual)}`,
  );
}

function diff(expected: string, actual: string): string {
  const before = expected.split("\n");
  const after = actual.split("\n");
  const lines = [
    ...before.filter((line) => !after.includes(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`),
  ];
  const more = lines.length > SHOWN_LINES ? [`… ${lines.length - SHOWN_LINES} more`] : [];
  return [
    ...(lines.length === 0 ? ["the same lines in another order"] : lines.slice(0, SHOWN_LINES)),
    ...more,
  ].join("\n");
}

/** JSON in which a reader and a diff see each record, pool or certificate as one line. */
function oneEntryPerLine(document: object): string {
  const members = Object.entries(document).map(([key, value]) => {
    if (!Array.isArray(value) || value.length === 0)
      return `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`;
    const entries = value.map((entry) => `    ${JSON.stringify(entry)}`).join(",\n");
    return `  ${JSON.stringify(key)}: [\n${entries}\n  ]`;
  });
  return `{\n${members.join(",\n")}\n}\n`;
}

test("no case is left with a file that nothing compares", () => {
  for (const golden of goldenCases()) {
    const compared = golden.backends.flatMap((backend) => [planFile(backend), zoneFile(backend, golden)]);
    const known = ["nodes.json", "tree.json", "ledger.json", "lint.txt", ...compared];
    const files = readdirSync(golden.folder).filter((file) => !file.endsWith(".actual"));
    expect(files.filter((file) => !known.includes(file))).toEqual([]);
  }
});
