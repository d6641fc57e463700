import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ChoiceError, chooseSteps, steps } from "../../../check/steps.ts";
import vitestConfig from "../../../vitest.config.ts";

let root: string;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "steps-"));
  for (const level of ["unit", "golden/deep", "clients"]) {
    mkdirSync(path.join(root, "test", level), { recursive: true });
  }
  writeFileSync(path.join(root, "test/unit/a.test.ts"), "");
  writeFileSync(path.join(root, "test/golden/deep/b.test.ts"), "");
  writeFileSync(path.join(root, "test/clients/notes.ts"), "");
});

afterEach(() => rmSync(root, { recursive: true }));

const names = (choice: Parameters<typeof chooseSteps>[0]) =>
  chooseSteps(choice, root).map(({ name }) => name);

describe("the steps of a check", () => {
  it("are the tools and those levels that have test files", () => {
    expect(names({})).toEqual(["format", "lint", "types", "unit", "golden"]);
  });

  it("are only levels where tests are asked for", () => {
    expect(names({ tests: true })).toEqual(["unit", "golden"]);
  });

  it("are the named ones, in the order of the check", () => {
    expect(names({ only: "golden,format" })).toEqual(["format", "golden"]);
  });

  it("cannot be ones that do not exist or have nothing to run", () => {
    expect(() => names({ only: "unit,speed" })).toThrow(
      new ChoiceError(
        'no step "speed": there are format, lint, types, unit, golden, contract, components, clients, engine',
      ),
    );
    expect(() => names({ only: "unit,clients,engine" })).toThrow(
      new ChoiceError("no test file for clients, engine"),
    );
  });

  it("stay within fifty minutes together", () => {
    expect(steps.reduce((total, { budgetMinutes }) => total + budgetMinutes, 0)).toBeLessThan(50);
  });

  it("have one for each project of the test runner", () => {
    const projects = vitestConfig.test?.projects?.map(
      (project) => (project as { test: { name: string } }).test.name,
    );
    expect(steps.filter(({ kind }) => kind === "level").map(({ name }) => name)).toEqual(projects);
  });
});
