import { existsSync, globSync } from "node:fs";
import { join } from "node:path";
import manifest from "../package.json" with { type: "json" };

/** A tool that passes or fails as a whole. */
interface ToolStep {
  readonly kind: "tool";
  readonly name: string;
  readonly what: string;
  /** Command of an installed package, and its arguments. */
  readonly command: readonly [string, ...string[]];
  readonly budgetMinutes: number;
}

/** A level of tests, one project of vitest.config.ts. */
interface LevelStep {
  readonly kind: "level";
  readonly name: string;
  readonly what: string;
  readonly budgetMinutes: number;
}

export type Step = ToolStep | LevelStep;

const level = (name: string, budgetMinutes: number): LevelStep => ({
  kind: "level",
  name,
  what: `${name} tests`,
  budgetMinutes,
});

/** The words of an npm script that is one command: what a person runs alone is what the check runs. */
function npmScript(name: "lint" | "types"): ToolStep["command"] {
  const [command = "", ...words] = manifest.scripts[name].split(" ");
  return [command, ...words];
}

/** In the order they run, cheapest first. A budget is what a slow machine may take: together they stay under 50 minutes. */
export const steps: readonly Step[] = [
  { kind: "tool", name: "format", what: "format", command: ["biome", "format", "."], budgetMinutes: 1 },
  { kind: "tool", name: "lint", what: "lint", command: npmScript("lint"), budgetMinutes: 1 },
  { kind: "tool", name: "types", what: "types", command: npmScript("types"), budgetMinutes: 3 },
  level("unit", 8),
  level("golden", 1),
  level("contract", 4),
  level("components", 4),
  level("clients", 5),
  level("engine", 18),
];

/** A choice of steps that cannot be made. */
export class ChoiceError extends Error {}

/**
 * The steps to run: all, the tests, or those named; of the levels, those that have test files.
 * @throws {ChoiceError} for a name that no step has, or a level that has no test file
 */
export function chooseSteps(choice: { only?: string; tests?: boolean }, root: string): Step[] {
  const isThere = (step: Step) => step.kind === "tool" || testFiles(step.name, root).length > 0;
  if (choice.only === undefined) {
    return steps.filter((step) => (step.kind === "level" || !choice.tests) && isThere(step));
  }
  const names = choice.only.split(",");
  const known = steps.map(({ name }) => name);
  for (const name of names) {
    if (!known.includes(name)) throw new ChoiceError(`no step "${name}": there are ${known.join(", ")}`);
  }
  const chosen = steps.filter(({ name }) => names.includes(name));
  const empty = chosen.filter((step) => !isThere(step)).map(({ name }) => name);
  if (empty.length > 0) throw new ChoiceError(`no test file for ${empty.join(", ")}`);
  return chosen;
}

/** A level's test files, relative to the checkout. */
export function testFiles(levelName: string, root: string): string[] {
  const folder = join("test", levelName);
  return existsSync(join(root, folder)) ? globSync(`${folder}/**/*.test.ts`, { cwd: root }).sort() : [];
}
