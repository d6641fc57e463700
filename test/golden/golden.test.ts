/**
 * One folder per idea: an inventory, the plan that it must give at one backend, and the zone. A mismatch leaves
 * `<file>.actual` beside the expected one. `UPDATE_GOLDEN=1` writes the expected files instead; a new case
 * starts with an empty plan.<backend>.json.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { planTree } from "../../plan/plan.ts";
import { planDocument } from "../../plan/planDocument.ts";
import { render } from "../../plan/render.ts";
import { BACKENDS } from "../../plan/rendering.ts";
import { goldenCases } from "../support/goldenCases.ts";

test("every golden case is numbered, named and for one backend", () => {
  const names = goldenCases().map(({ name }) => name);
  expect(names.length).toBeGreaterThan(10);
  for (const [i, name] of names.entries()) {
    expect(name).toMatch(new RegExp(`^${String(i + 1).padStart(3, "0")}-[a-z0-9-]+$`));
  }
});

describe.each(goldenCases())("$name", ({ folder, backend, inventory, zoneText }) => {
  test(`gives the plan that is written down for ${backend}`, () => {
    const rendering = render(planTree(inventory()), backend);
    expectFile(path.join(folder, `plan.${backend}.json`), oneEntryPerLine(planDocument(rendering)));
  });

  test("gives the zone that is written down", () => {
    expectFile(path.join(folder, "zone.txt"), zoneText());
  });
});

/** Differences that fit on a screen: the first lines that are not alike. */
const SHOWN_LINES = 12;

function expectFile(file: string, actual: string): void {
  const actualFile = `${file}.actual`;
  rmSync(actualFile, { force: true });
  if (process.env.UPDATE_GOLDEN === "1") return writeFileSync(file, actual);
  const expected = existsSync(file) ? readFileSync(file, "utf8") : "";
  if (actual === expected) return;
  writeFileSync(actualFile, actual);
  expect.fail(`${path.relative(process.cwd(), actualFile)} differs from what is written down:\n${diff(expected, actual)}`);
}

function diff(expected: string, actual: string): string {
  const before = expected.split("\n");
  const after = actual.split("\n");
  const lines = [
    ...before.filter((line) => !after.includes(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`),
  ];
  const more = lines.length > SHOWN_LINES ? [`… ${lines.length - SHOWN_LINES} more`] : [];
  return [...(lines.length === 0 ? ["the same lines in another order"] : lines.slice(0, SHOWN_LINES)), ...more].join("\n");
}

/** JSON in which a reader and a diff see each record, pool or certificate as one line. */
function oneEntryPerLine(document: object): string {
  const members = Object.entries(document).map(([key, value]) => {
    if (!Array.isArray(value) || value.length === 0) return `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`;
    const entries = value.map((entry) => `    ${JSON.stringify(entry)}`).join(",\n");
    return `  ${JSON.stringify(key)}: [\n${entries}\n  ]`;
  });
  return `{\n${members.join(",\n")}\n}\n`;
}

test("no case is left with a file that nothing compares", () => {
  const known = new Set(["nodes.json", "tree.json", "zone.txt", ...BACKENDS.map((backend) => `plan.${backend}.json`)]);
  for (const { folder } of goldenCases()) {
    const files = readdirSync(folder).filter((file) => !file.endsWith(".actual"));
    expect(files.filter((file) => !known.has(file))).toEqual([]);
  }
});
