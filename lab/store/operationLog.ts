/** The ordered record of every request that reached a platform of the lab, as JSON lines. */
import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";

export type Platform = "cloudflare" | "route53" | "acme";

export type OperationKind = "create" | "update" | "delete" | "read";

/** What a request is about, before it is known whether it succeeds. */
export interface OperationRequest {
  readonly platform: Platform;
  readonly operation: OperationKind;
  /** The platform's object: `dnsRecord`, `pool`, `recordSet`, `healthCheck` … */
  readonly kind: string;
  /** Identity at the platform; empty for a create and for a list. */
  readonly id: string;
  /** What a person knows the object by: an owner name, a pool's name, a certificate's first name. */
  readonly name: string;
}

/** One request and what became of it. An entry with `error` changed nothing. */
export interface Operation extends OperationRequest {
  /** Counted from 1, without gaps, over the life of the lab's folder. */
  readonly sequence: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Identity before an update that changed it; absent when it stayed. */
  readonly previousId?: string;
  readonly before?: object;
  readonly after?: object;
  readonly error?: string;
  /** The operation took effect, and the caller was told that it failed. */
  readonly answerLost?: true;
}

/**
 * An append-only log, in memory and, where a path is given, in a file. One entry is one write, so a process
 * killed at any moment leaves at most one torn last line. It is cut off on opening: nobody had been answered.
 */
export class OperationLog {
  readonly #entries: Operation[] = [];
  readonly #file: number | undefined;

  constructor(path?: string) {
    if (path === undefined) return;
    const known = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
    const wholeLines = known.lastIndexOf("\n") + 1;
    for (const line of known.subarray(0, wholeLines).toString("utf8").split("\n")) {
      if (line !== "") this.#entries.push(JSON.parse(line) as Operation);
    }
    this.#file = openSync(path, "a", 0o600);
    if (wholeLines < known.length) ftruncateSync(this.#file, wholeLines);
  }

  get entries(): readonly Operation[] {
    return this.#entries;
  }

  /** Sequence number of the last entry; 0 when there is none. */
  get lastSequence(): number {
    return this.#entries.at(-1)?.sequence ?? 0;
  }

  append(entry: Operation): void {
    if (this.#file !== undefined) writeSync(this.#file, `${JSON.stringify(entry)}\n`);
    this.#entries.push(entry);
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
  }
}
