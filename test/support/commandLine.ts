/** Runs `dialtree` as its own process, as a user does. */
import { spawn } from "node:child_process";
import { PROJECT } from "./project.ts";

export interface CommandRun {
  /** Exit code; null when a signal ended the process. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  /** Folder in which the user stands; the project's own by default. */
  readonly folder?: string;
  /** Variables beside those of this process. */
  readonly variables?: Readonly<Record<string, string>>;
  /** What it reads on standard input; nothing by default. */
  readonly input?: string;
  /** Ends the process with SIGKILL after this time, where it still runs. */
  readonly killAfterMilliseconds?: number;
}

const TIMEOUT_MILLISECONDS = 30_000;

export function dialtree(args: readonly string[], options: CommandOptions = {}): Promise<CommandRun> {
  const child = spawn(process.execPath, [`${PROJECT}cli/bin.js`, ...args], {
    cwd: options.folder ?? PROJECT,
    env: { ...process.env, NO_COLOR: undefined, FORCE_COLOR: undefined, ...options.variables },
    stdio: ["pipe", "pipe", "pipe"],
    timeout: options.killAfterMilliseconds ?? TIMEOUT_MILLISECONDS,
    ...(options.killAfterMilliseconds === undefined ? {} : { killSignal: "SIGKILL" as const }),
  });
  // A command that ends without having read it all closes the pipe.
  child.stdin.on("error", () => {}).end(options.input ?? "");
  const read = (stream: NodeJS.ReadableStream) => {
    let text = "";
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    return () => text;
  };
  const stdout = read(child.stdout);
  const stderr = read(child.stderr);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout: stdout(), stderr: stderr() }));
  });
}
