import { relative, resolve } from "node:path";
import { z } from "zod";
import { type Failure, sum, type Tally } from "./tally.ts";

/** What is read of the JSON reporter's file. */
const reportSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.enum(["passed", "failed"]),
      message: z.string(),
      assertionResults: z.array(
        z.object({
          fullName: z.string(),
          status: z.enum(["passed", "failed", "skipped", "pending", "todo", "disabled"]),
          failureMessages: z.array(z.string()),
        }),
      ),
    }),
  ),
});

type FileResult = z.infer<typeof reportSchema>["testResults"][number];

/** A run of one test level that has ended, in whichever way. */
export interface LevelRun {
  readonly level: string;
  /** Paths are shown relative to this folder, which is absolute. */
  readonly root: string;
  /** The level's test files: each of them has to report something. */
  readonly files: readonly string[];
  /** The JSON reporter's file; absent when none was written. */
  readonly report: string | undefined;
  readonly exitCode: number;
  /** Why the run was stopped; absent when it ended by itself. */
  readonly stopped?: string;
  /** The end of what the run printed. */
  readonly output: string;
}

/**
 * Counts a level's tests. Nothing is lost in silence: a file without a result, a file that failed outside its tests, a
 * skip without a reason in its title and a run that ended badly with nothing to show for it are failures.
 */
export function tallyOfLevel(run: LevelRun): Tally {
  const results = resultsByFile(run.report);
  const why = run.stopped ?? (run.exitCode === 0 ? undefined : `ended with exit code ${run.exitCode}`);
  const story = `${why ?? "no test ran"}\n${run.output}`;
  const tally = sum(
    run.files.map((file) => {
      const path = resolve(run.root, file);
      const what = relative(run.root, path);
      const result = results.get(path);
      return result === undefined ? failed(what, `no result: ${story}`) : tallyOfFile(what, result);
    }),
  );
  const endedWell = why === undefined && run.files.length > 0;
  return endedWell || tally.failures.length > 0 ? tally : sum([tally, failed(run.level, story)]);
}

function resultsByFile(report: string | undefined): Map<string, FileResult> {
  if (report === undefined) return new Map();
  const { testResults } = reportSchema.parse(JSON.parse(report));
  return new Map(testResults.map((result) => [result.name, result]));
}

function tallyOfFile(file: string, { assertionResults, status, message }: FileResult): Tally {
  if (assertionResults.length === 0) return failed(file, message || "no test in it ran");
  const failures: Failure[] = [];
  const skipped: string[] = [];
  let passed = 0;
  for (const { fullName, status: outcome, failureMessages } of assertionResults) {
    const what = `${file}: ${fullName.trim()}`;
    if (outcome === "passed") passed += 1;
    else if (outcome === "failed") failures.push({ what, detail: failureMessages.join("\n") });
    else if (/\(skipped: \S.*\)/.test(fullName)) skipped.push(what);
    else failures.push({ what, detail: `did not run, and its title has no "(skipped: reason)"` });
  }
  if (status === "failed" && (failures.length === 0 || message !== "")) {
    failures.push({ what: file, detail: message || "failed outside its tests" });
  }
  return { passed, failures, skipped };
}

function failed(what: string, detail: string): Tally {
  return { passed: 0, failures: [{ what, detail }], skipped: [] };
}
