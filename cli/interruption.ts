/** Ctrl-C and termination as something to wait for and to pass on, so that a command can tidy up before it ends. */

export interface Interruption {
  /** Aborted at the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** Settles at the same moment. */
  readonly happened: Promise<void>;
  /** Gives the signals back: the next one ends the process as usual. */
  release(): void;
}

export function watchInterruption(): Interruption {
  const controller = new AbortController();
  const interrupt = () => controller.abort();
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  return {
    signal: controller.signal,
    happened: new Promise((resolve) =>
      controller.signal.addEventListener("abort", () => resolve(), { once: true }),
    ),
    release() {
      process.off("SIGINT", interrupt);
      process.off("SIGTERM", interrupt);
    },
  };
}
