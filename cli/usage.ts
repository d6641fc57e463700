/** Exit codes of every command, and the error that means "the options are wrong". */

export const EXIT = {
  fine: 0,
  /** The input was refused, or what was asked for is not so. */
  refused: 1,
  /** The command line itself is wrong. */
  usage: 2,
  /** A change was shown and not written, because nobody said yes. */
  unconfirmed: 3,
} as const;

/** The end of every command's help. */
export const EXIT_CODES = `
Exit codes: 0 fine, 1 refused or not so, 2 usage.`;

export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "UsageError";
  }
}

/** Where a command prints: answers on `stdout`, errors and progress on `stderr`; and where it reads an answer. */
export interface Terminal {
  readonly stdin?: NodeJS.ReadStream;
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
}
