/** Asking a person before something is written. */
import { createInterface } from "node:readline";
import type { Terminal } from "./usage.ts";

/** Whether a person sits at both ends. */
export function isInteractive({ stdin, stdout }: Terminal): boolean {
  return stdin?.isTTY === true && stdout.isTTY === true;
}

/** Asks on the terminal; anything but a yes is a no, an end of the input and Ctrl-C as well: both close the reader. */
export function confirm(question: string, { stdin, stdout }: Terminal): Promise<boolean> {
  if (stdin === undefined) return Promise.resolve(false);
  const reader = createInterface({ input: stdin, output: stdout });
  return new Promise((resolve) => {
    reader.once("close", () => resolve(false));
    reader.question(`${question} [y/N] `, (answer) => {
      resolve(/^y(es)?$/i.test(answer.trim()));
      reader.close();
    });
  });
}
