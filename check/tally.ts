/** One thing that went wrong: a failed test, a test file that did not finish, a tool that found something. */
export interface Failure {
  readonly what: string;
  /** What a person needs to see of it; may have several lines, or be empty. */
  readonly detail: string;
}

/** What a step of the check came to. */
export interface Tally {
  readonly passed: number;
  readonly failures: readonly Failure[];
  /** Names of the skipped tests; each holds its reason. */
  readonly skipped: readonly string[];
}

export function sum(tallies: readonly Tally[]): Tally {
  return {
    passed: tallies.reduce((total, { passed }) => total + passed, 0),
    failures: tallies.flatMap(({ failures }) => failures),
    skipped: tallies.flatMap(({ skipped }) => skipped),
  };
}

/** `3 passed, 0 failed`, with `, 2 skipped` only where some are. */
export function countLine({ passed, failures, skipped }: Tally): string {
  const counts = `${passed} passed, ${failures.length} failed`;
  return skipped.length === 0 ? counts : `${counts}, ${skipped.length} skipped`;
}
