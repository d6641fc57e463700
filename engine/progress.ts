/** One slow thing to do on the way to an engine. */
export interface ProgressStep {
  /** What happens, as "building the Pulumi CLI from Go modules". */
  readonly what: string;
  /** Counted from 1. */
  readonly number: number;
  readonly count: number;
  /** How long it tends to take, as "usually about 6 minutes on two cores". */
  readonly usually: string;
}

/** What is told while the engine is got ready; `plan` always comes before the first step. */
export type ProgressEvent =
  | { readonly kind: "plan"; readonly lines: readonly string[] }
  | { readonly kind: "note"; readonly text: string }
  | { readonly kind: "started"; readonly step: ProgressStep }
  | {
      readonly kind: "running";
      readonly step: ProgressStep;
      readonly elapsedSeconds: number;
      /** The last line that the tool itself wrote. */
      readonly detail: string;
    }
  | { readonly kind: "ended"; readonly step: ProgressStep; readonly elapsedSeconds: number }
  | { readonly kind: "failed"; readonly step: ProgressStep; readonly elapsedSeconds: number };

export type OnProgress = (event: ProgressEvent) => void;
