/** `npm run check`: every check and every test, each step within its budget, and the counts as the last line. */
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { progressPrinter } from "../cli/progress.ts";
import type { ProgressStep } from "../engine/progress.ts";
import { runStep } from "./runStep.ts";
import { setUpEngine, setUpTools } from "./setUp.ts";
import { ChoiceError, chooseSteps, type Step, steps } from "./steps.ts";
import { countLine, type Failure, sum, type Tally } from "./tally.ts";

const usage = `Usage: npm run check [-- --only NAME,NAME]   everything, or these steps
       npm test                              all tests, without format, lint and types
Steps: ${steps.map(({ name }) => name).join(", ")}`;

const root = dirname(import.meta.dirname);
const onProgress = progressPrinter(process.stderr);

const chosen = choice();
if (chosen === undefined) process.exitCode = 2;
else process.exitCode = await check(chosen);

function choice(): Step[] | undefined {
  try {
    const { values } = parseArgs({ options: { only: { type: "string" }, tests: { type: "boolean" } } });
    return chooseSteps(values, root);
  } catch (error) {
    const isWrongOption = (error as NodeJS.ErrnoException).code?.startsWith("ERR_PARSE_ARGS") === true;
    if (!isWrongOption && !(error instanceof ChoiceError)) throw error;
    console.error(`${(error as Error).message}\n${usage}`);
    return undefined;
  }
}

/** @returns the exit code */
async function check(chosen: readonly Step[]): Promise<number> {
  const interrupt = new AbortController();
  process.once("SIGINT", () => interrupt.abort());
  const setUp = { env: process.env, signal: interrupt.signal, onProgress };

  const tallies: Tally[] = [];
  if (chosen.some(({ kind }) => kind === "level")) await setUpTools(setUp);
  if (chosen.some(({ name }) => name === "engine")) {
    tallies.push({ passed: 0, failures: await setUpEngine(setUp), skipped: [] });
  }
  for (const [index, step] of chosen.entries()) {
    tallies.push(await watched(step, index + 1, chosen.length, interrupt.signal));
  }

  const total = sum(tallies);
  for (const title of total.skipped) console.log(`skip  ${title}`);
  for (const failure of total.failures) console.log(failureLines(failure));
  console.log(countLine(total));
  return total.failures.length === 0 ? 0 : 1;
}

async function watched(step: Step, number: number, count: number, signal: AbortSignal): Promise<Tally> {
  const shown: ProgressStep = {
    what: step.what,
    number,
    count,
    usually: `at most ${step.budgetMinutes} min`,
  };
  const start = performance.now();
  const elapsedSeconds = () => (performance.now() - start) / 1000;
  onProgress({ kind: "started", step: shown });
  const tally = await runStep(step, {
    root,
    env: process.env,
    signal,
    onLine: (line) =>
      onProgress({ kind: "running", step: shown, elapsedSeconds: elapsedSeconds(), detail: line.trim() }),
  });
  const kind = tally.failures.length === 0 ? "ended" : "failed";
  onProgress({ kind, step: shown, elapsedSeconds: elapsedSeconds() });
  return tally;
}

function failureLines({ what, detail }: Failure): string {
  const indented = detail.trimEnd().replaceAll("\n", "\n      ");
  return indented === "" ? `FAIL  ${what}` : `FAIL  ${what}\n      ${indented}`;
}
