import { ensureEngine } from "../engine/engine.ts";
import type { OnProgress } from "../engine/progress.ts";
import { Refusal } from "../inventory/problem.ts";
import fetchedTools from "../test/support/fetchedTools.json" with { type: "json" };
import packageOf from "../test/support/systemPackages.json" with { type: "json" };
import { type FetchedTool, fetchTool, findTool } from "./fetchedTools.ts";
import { canInstallPackages, installPackages, missingPackages } from "./systemPackages.ts";
import type { Failure } from "./tally.ts";

interface SetUpOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}

/**
 * Gets what tests need beside npm's packages: commands of the system and a linter for workflows, without which the
 * tests that need them are skipped.
 */
export async function setUpTools({ env, signal, onProgress }: SetUpOptions): Promise<void> {
  const note = (text: string) => onProgress({ kind: "note", text });
  const missing = missingPackages(packageOf, env);
  const names = missing.map(({ debianPackage }) => debianPackage);
  if (missing.length > 0 && canInstallPackages(env)) {
    note(`Installing ${names.join(", ")} with apt-get, usually under a minute`);
    for (const problem of await installPackages(names, env, { signal })) note(problem);
  }
  for (const { command, debianPackage } of missingPackages(packageOf, env)) {
    note(
      `${command} is not installed: the tests that need it are skipped. ` +
        `Debian has it in ${debianPackage}: sudo apt-get install ${debianPackage}`,
    );
  }
  for (const [name, tool] of Object.entries<FetchedTool>(fetchedTools)) {
    if (findTool(name, tool, env) !== undefined) continue;
    note(`Fetching ${name} ${tool.version}, usually under a minute`);
    const problems = await fetchTool(name, tool, env, signal);
    for (const problem of problems) note(problem);
    if (problems.length > 0) note(`${name} is not installed: the tests that need it are skipped`);
  }
}

/** Gets a Pulumi engine, before the clock of the tests that need it runs. */
export async function setUpEngine({ onProgress }: SetUpOptions): Promise<Failure[]> {
  try {
    await ensureEngine(onProgress);
    return [];
  } catch (error) {
    if (error instanceof Refusal) return [{ what: "engine", detail: error.message }];
    throw error;
  }
}
