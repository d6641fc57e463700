/** Runs a command inside this process and keeps what it prints. */
import { Writable } from "node:stream";
import type { Terminal } from "../../cli/usage.ts";

export interface Captured {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs it without a terminal: nobody can be asked. */
export async function captured(run: (io: Terminal) => Promise<number>): Promise<Captured> {
  const written = { stdout: "", stderr: "" };
  const stream = (name: keyof typeof written) =>
    new Writable({
      decodeStrings: false,
      write(chunk: string, _encoding, done) {
        written[name] += chunk;
        done();
      },
    });
  const code = await run({ stdout: stream("stdout"), stderr: stream("stderr") });
  return { code, ...written };
}
