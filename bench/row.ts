/** One row of the benchmark: what is measured, what came out, and the bounds it is held against. */

export interface Measure {
  readonly what: string;
  readonly value: number;
  readonly unit: "ms" | "µs" | "times";
}

export interface Verdict {
  /** The bound in words. */
  readonly bound: string;
  readonly holds: boolean;
}

export interface RowResult {
  readonly measures: readonly Measure[];
  readonly verdicts: readonly Verdict[];
}

export interface Row {
  readonly title: string;
  run(): Promise<RowResult>;
}

/** The middle value: one slow run on a busy machine does not move it. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error("no values");
  return middle;
}

/** Milliseconds that the work takes. */
export async function elapsed(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
