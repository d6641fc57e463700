/** One thing that is wrong with what a person wrote, said so that the person can act on it. */
export interface Problem {
  /** Where: a file (relative to where the user stands), a stack's configuration, or an option of a command. */
  readonly place: string;
  /** Line in the file, counted from 1, where it is known. */
  readonly line?: number;
  /** Path of the value, for example `[3].weight` or `policy.ttlSeconds.srv`; empty for the whole file. */
  readonly key: string;
  /** The offending value as the user wrote it, shortened; absent when something is missing. */
  readonly value?: string;
  /** Stable identifier of the rule, for example `srv-weight`. */
  readonly rule: string;
  /** What is wrong, with the rule's source where it has one. */
  readonly message: string;
  /** What to do. */
  readonly remedy: string;
}

/** `file:line: key: value: message [rule]; remedy` on one line. */
export function problemLine(problem: Problem): string {
  const place = problem.line === undefined ? problem.place : `${problem.place}:${problem.line}`;
  const parts = [place, problem.key, problem.value].filter((part) => part !== undefined && part !== "");
  return `${parts.join(": ")}: ${problem.message} [${problem.rule}]; ${problem.remedy}`;
}

/** What is refused, all at once. Everything a user can cause is one of these; any other error is a bug. */
export class Refusal extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(problemLine).join("\n"));
    this.name = "Refusal";
    this.problems = problems;
  }
}
