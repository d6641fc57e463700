import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { descendants, signalProcess } from "./processTree.ts";

export interface ProcessOptions {
  readonly cwd?: string;
  /** The whole environment: nothing is inherited. */
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutSeconds: number;
  readonly signal?: AbortSignal;
  /** Each line as it is written, without its end. */
  readonly onLine?: (line: string, stream: "stdout" | "stderr") => void;
  /** Time to end in good order after an interrupt, before everything is killed. */
  readonly graceSeconds?: number;
}

export interface ProcessResult {
  /** Exit code; 128 + signal number when a signal ended it, as a shell counts. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Why the process was stopped from here; absent when it ended by itself. */
  readonly stopped?: "timeout" | "aborted";
}

/** The executable cannot be started: it is missing, not executable, or not of this machine. */
export class StartError extends Error {}

/**
 * Runs a program without a shell, with no input. On a timeout or an abort it gets SIGINT first and, after the grace
 * time, it and all processes below it get SIGKILL. Those are looked up rather than addressed as a process group,
 * because the Pulumi CLI moves its language hosts to groups of their own.
 * @throws {StartError} when the program cannot be started
 */
export async function runProcess(
  file: string,
  args: readonly string[],
  options: ProcessOptions,
): Promise<ProcessResult> {
  const { onLine, signal } = options;
  if (signal?.aborted)
    return { code: 128 + constants.signals.SIGINT, stdout: "", stderr: "", stopped: "aborted" };
  const child = spawn(file, args, { cwd: options.cwd, env: options.env, stdio: ["ignore", "pipe", "pipe"] });
  const closed = once(child, "close");
  const stdout = collect(child.stdout, (line) => onLine?.(line, "stdout"));
  const stderr = collect(child.stderr, (line) => onLine?.(line, "stderr"));

  let stopped: ProcessResult["stopped"];
  let stopping: Promise<void> = Promise.resolve();
  const stop = (why: "timeout" | "aborted") => {
    if (stopped !== undefined || child.pid === undefined) return;
    stopped = why;
    stopping = stopTree(child.pid, closed, options.graceSeconds ?? 10);
  };
  const onAbort = () => stop("aborted");
  const timer = setTimeout(() => stop("timeout"), options.timeoutSeconds * 1000);
  signal?.addEventListener("abort", onAbort);
  try {
    const [code, endedBy] = (await closed) as [number | null, NodeJS.Signals | null];
    await stopping;
    const result = {
      code: code ?? 128 + (endedBy === null ? 0 : constants.signals[endedBy]),
      stdout: await stdout,
      stderr: await stderr,
    };
    return stopped === undefined ? result : { ...result, stopped };
  } catch (error) {
    throw new StartError(`${file} cannot be started: ${(error as NodeJS.ErrnoException).code ?? error}`);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

async function stopTree(pid: number, closed: Promise<unknown>, graceSeconds: number): Promise<void> {
  // Noted before the root ends, for what it leaves behind then belongs to another parent.
  const below = await descendants(pid);
  signalProcess(pid, "SIGINT");
  const patience = new AbortController();
  const graceOver = once(patience.signal, "abort");
  const timer = setTimeout(() => patience.abort(), graceSeconds * 1000);
  await Promise.race([closed, graceOver]);
  clearTimeout(timer);
  const rest = new Set([pid, ...below, ...(await descendants(pid))]);
  for (const each of rest) signalProcess(each, "SIGKILL");
}

/** All that a stream holds, as text, with each line reported when it is complete. */
async function collect(stream: Readable, onLine: (line: string) => void): Promise<string> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
    lines.push(line);
    onLine(line);
  }
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}
