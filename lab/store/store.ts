/**
 * What the lab's platforms hold, and the one door through which it changes. The operation log is written
 * first and is the truth; `state.json` is a snapshot that saves replaying it from the start. A process killed
 * at any moment therefore leaves every operation either done or not done.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Faults, lostAnswer, refusalOf } from "./faults.ts";
import { type Operation, OperationLog, type OperationRequest, type Platform } from "./operationLog.ts";
import { PlatformError } from "./platformError.ts";

/** Changes between two snapshots: a restart replays at most this many. */
const CHANGES_PER_SNAPSHOT = 256;

export interface StoreOptions {
  /** Where the log and the snapshot live; made when missing. Absent: in memory only. */
  readonly folder?: string;
  readonly now?: () => Date;
  /** Called before each request is carried out, with the request held back until it returns. */
  readonly beforeOperation?: (request: OperationRequest) => void | Promise<void>;
}

/** What a request does to one object. Without `before` it appears, without `after` it goes. */
export interface Change {
  readonly id: string;
  readonly previousId?: string;
  readonly before?: object;
  readonly after?: object;
}

/** Rows of one kind, in the order they were first created. */
export interface Table<Row> {
  get(id: string): Row | undefined;
  all(): readonly Row[];
}

type Rows = Map<string, object>;

interface Snapshot {
  readonly sequence: number;
  readonly tables: Readonly<Record<string, Readonly<Record<string, object>>>>;
}

export class Store {
  readonly faults = new Faults();
  readonly #tables = new Map<string, Rows>();
  readonly #log: OperationLog;
  readonly #folder: string | undefined;
  readonly #now: () => Date;
  #beforeOperation: NonNullable<StoreOptions["beforeOperation"]>;
  #changesSinceSnapshot = 0;
  #revision = 0;

  /** Opens the folder's store, or an empty one. One process at a time: the caller holds the lab's lock. */
  constructor(options: StoreOptions = {}) {
    this.#folder = options.folder;
    this.#now = options.now ?? (() => new Date());
    this.#beforeOperation = options.beforeOperation ?? (() => {});
    if (this.#folder !== undefined) mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    this.#log = new OperationLog(this.#folder && join(this.#folder, "operations.jsonl"));
    const replayFrom = this.#loadSnapshot();
    for (const entry of this.#log.entries) {
      if (entry.sequence > replayFrom) this.#apply(entry);
    }
  }

  /** Grows with every change: what is derived from the rows is fresh as long as this stays. */
  get revision(): number {
    return this.#revision;
  }

  get operations(): readonly Operation[] {
    return this.#log.entries;
  }

  /** Rows of one kind. The caller names the row type that it alone writes under that kind. */
  table<Row>(platform: Platform, kind: string): Table<Row> {
    const rows = this.#rows(platform, kind) as Map<string, Row>;
    return { get: (id) => rows.get(id), all: () => [...rows.values()] };
  }

  /** Replaces the hook that runs before each request. */
  onOperation(hook: NonNullable<StoreOptions["beforeOperation"]>): void {
    this.#beforeOperation = hook;
  }

  /**
   * Carries out one request: hook, fault, rules, log, change. `effect` checks the platform's rules against the
   * rows and says what changes; it is synchronous, so no two requests see each other half done.
   * @throws PlatformError as the platform refuses; the refusal is logged and nothing has changed.
   */
  async perform<T>(
    request: OperationRequest,
    effect: () => { readonly answer: T; readonly change?: Change },
  ): Promise<T> {
    await this.#beforeOperation(request);
    const fault = this.faults.take(request);
    let outcome: { readonly answer: T; readonly change?: Change };
    try {
      if (fault === "error" || fault === "throttle") throw refusalOf(fault);
      outcome = effect();
    } catch (error) {
      if (error instanceof PlatformError) {
        this.#commit({ ...request, error: `${error.code}: ${error.message}` });
      }
      throw error;
    }
    this.#commit({ ...request, ...outcome.change, ...(fault && { answerLost: true }) });
    if (fault !== undefined) throw lostAnswer();
    return outcome.answer;
  }

  /** The present time by the lab's clock, ISO 8601. */
  timestamp(): string {
    return this.#now().toISOString();
  }

  /** Writes the snapshot and closes the log. Nothing may be performed afterwards. */
  close(): void {
    this.#saveSnapshot();
    this.#log.close();
  }

  #commit(entry: Omit<Operation, "sequence" | "at">): void {
    const operation = { sequence: this.#log.lastSequence + 1, at: this.timestamp(), ...entry };
    this.#log.append(operation);
    if (!this.#apply(operation)) return;
    this.#changesSinceSnapshot += 1;
    if (this.#changesSinceSnapshot >= CHANGES_PER_SNAPSHOT) this.#saveSnapshot();
  }

  /** Whether the entry changes a row. */
  #apply(entry: Operation): boolean {
    if (entry.error !== undefined || (entry.before === undefined && entry.after === undefined)) return false;
    const rows = this.#rows(entry.platform, entry.kind);
    if (entry.previousId !== undefined) rows.delete(entry.previousId);
    if (entry.after === undefined) rows.delete(entry.id);
    else rows.set(entry.id, entry.after);
    this.#revision += 1;
    return true;
  }

  #rows(platform: Platform, kind: string): Rows {
    const key = `${platform}/${kind}`;
    const known = this.#tables.get(key);
    if (known !== undefined) return known;
    const rows: Rows = new Map();
    this.#tables.set(key, rows);
    return rows;
  }

  /** Sequence number up to which the log is already contained in the rows. */
  #loadSnapshot(): number {
    const path = this.#folder && join(this.#folder, "state.json");
    if (path === undefined || !existsSync(path)) return 0;
    const snapshot = JSON.parse(readFileSync(path, "utf8")) as Snapshot;
    for (const [key, rows] of Object.entries(snapshot.tables)) {
      this.#tables.set(key, new Map(Object.entries(rows)));
    }
    return snapshot.sequence;
  }

  #saveSnapshot(): void {
    this.#changesSinceSnapshot = 0;
    if (this.#folder === undefined) return;
    const tables = Object.fromEntries(
      [...this.#tables].map(([key, rows]) => [key, Object.fromEntries(rows)]),
    );
    const snapshot: Snapshot = { sequence: this.#log.lastSequence, tables };
    const path = join(this.#folder, "state.json");
    writeFileSync(`${path}.new`, JSON.stringify(snapshot), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }
}
