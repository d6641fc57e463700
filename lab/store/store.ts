/**
 * What the lab's platforms hold, and the one door through which it changes. On disk there is the operation
 * log and nothing else: the rows are what its entries add up to. A process killed at any moment therefore
 * leaves every operation either done or not done.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Faults, lostAnswer, refusalOf } from "./faults.ts";
import { type Operation, OperationLog, type OperationRequest, type Platform } from "./operationLog.ts";
import { PlatformError } from "./platformError.ts";

export interface StoreOptions {
  /** Where the log lives, as `operations.jsonl`; made when missing. Absent: in memory only. */
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

export class Store {
  readonly faults = new Faults();
  readonly #tables = new Map<string, Rows>();
  readonly #log: OperationLog;
  readonly #now: () => Date;
  #beforeOperation: NonNullable<StoreOptions["beforeOperation"]>;
  #revision = 0;

  /** Opens the folder's store, or an empty one. One process at a time: the caller holds the lab's lock. */
  constructor(options: StoreOptions = {}) {
    this.#now = options.now ?? (() => new Date());
    this.#beforeOperation = options.beforeOperation ?? (() => {});
    const { folder } = options;
    if (folder !== undefined) mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#log = new OperationLog(folder && join(folder, "operations.jsonl"));
    for (const entry of this.#log.entries) this.#apply(entry);
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

  /** Closes the log. Nothing may be performed afterwards. */
  close(): void {
    this.#log.close();
  }

  #commit(entry: Omit<Operation, "sequence" | "at">): void {
    const operation = { sequence: this.#log.lastSequence + 1, at: this.timestamp(), ...entry };
    this.#log.append(operation);
    this.#apply(operation);
  }

  #apply(entry: Operation): void {
    if (entry.error !== undefined || (entry.before === undefined && entry.after === undefined)) return;
    const rows = this.#rows(entry.platform, entry.kind);
    if (entry.previousId !== undefined) rows.delete(entry.previousId);
    if (entry.after === undefined) rows.delete(entry.id);
    else rows.set(entry.id, entry.after);
    this.#revision += 1;
  }

  #rows(platform: Platform, kind: string): Rows {
    const key = `${platform}/${kind}`;
    const known = this.#tables.get(key);
    if (known !== undefined) return known;
    const rows: Rows = new Map();
    this.#tables.set(key, rows);
    return rows;
  }
}
