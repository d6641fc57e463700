/** A command on a terminal of its own, as a person has it: what is printed is seen as it comes, answers are typed. */
import { spawn } from "node:child_process";
import { PROJECT } from "./project.ts";

export interface TerminalSession {
  /** Everything that was printed up to now, without colours. */
  text(): string;
  /** Waits until the pattern is on the screen. */
  shows(pattern: RegExp): Promise<void>;
  type(keys: string): void;
  /** Ends the command at once, as SIGKILL does. */
  kill(): void;
  /** Exit code of the command; null when a signal ended it. */
  readonly ended: Promise<number | null>;
}

/** Command that gives its child a terminal: of util-linux, Debian package bsdutils. */
export const TERMINAL_TOOL = "script";

const TIMEOUT_MILLISECONDS = 30_000;
const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[[0-9;?]*[A-Za-z]`, "g");

/** Starts `dialtree` with the arguments on a terminal. */
export function dialtreeOnTerminal(
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): TerminalSession {
  const line = ["exec", process.execPath, `${PROJECT}cli/bin.js`, ...args].map(quoted).join(" ");
  const child = spawn(TERMINAL_TOOL, ["-q", "-e", "-c", line.replace("'exec'", "exec"), "/dev/null"], {
    env: { ...process.env, TERM: "xterm", NO_COLOR: undefined, ...variables },
    stdio: ["pipe", "pipe", "pipe"],
    timeout: TIMEOUT_MILLISECONDS,
    killSignal: "SIGKILL",
    detached: true,
  });
  let printed = "";
  const waiting = new Set<() => void>();
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    printed += chunk;
    for (const look of waiting) look();
  });
  const text = () => printed.replaceAll(COLOUR, "").replaceAll("\r\n", "\n");
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code));
  });
  return {
    text,
    ended,
    shows: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!pattern.test(text())) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        void ended.then(() => reject(new Error(`it ended without showing ${pattern}:\n${text()}`)), reject);
        look();
      }),
    type: (keys) => void child.stdin.write(keys),
    // The tool and the command are one group, so that neither outlives the other.
    kill: () => void (child.pid !== undefined && process.kill(-child.pid, "SIGKILL")),
  };
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
