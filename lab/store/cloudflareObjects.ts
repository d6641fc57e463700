/** The life cycle that monitors, pools and load balancers share; their rules are given by the caller. */
import { newCloudflareId } from "./cloudflareDns.ts";
import type { OperationKind, OperationRequest } from "./operationLog.ts";
import { PlatformError } from "./platformError.ts";
import type { Store, Table } from "./store.ts";

/** What the API adds to an object. */
export interface ObjectRow {
  readonly id: string;
  readonly createdOn: string;
  readonly modifiedOn: string;
}

/** Objects of one kind. `owner` is the account or zone id that the row carries beside what was sent. */
export class CloudflareObjects<Sent extends object, Row extends Sent & ObjectRow> {
  readonly #store: Store;
  readonly #kind: string;
  readonly #table: Table<Row>;
  readonly #nameOf: (sent: Sent) => string;

  constructor(store: Store, kind: string, nameOf: (sent: Sent) => string) {
    this.#store = store;
    this.#kind = kind;
    this.#table = store.table<Row>("cloudflare", kind);
    this.#nameOf = nameOf;
  }

  all(): readonly Row[] {
    return this.#table.all();
  }

  get(id: string): Row | undefined {
    return this.#table.get(id);
  }

  async list(): Promise<readonly Row[]> {
    return this.#store.perform(this.#request("read", "", ""), () => ({ answer: this.all() }));
  }

  async read(id: string): Promise<Row> {
    return this.#store.perform(this.#request("read", id), () => ({ answer: this.#existing(id) }));
  }

  async create(sent: Sent, owner: object, check: (id: string) => void): Promise<Row> {
    return this.#store.perform(this.#request("create", "", this.#nameOf(sent)), () => {
      const id = newCloudflareId();
      check(id);
      const now = this.#store.timestamp();
      const after = { ...sent, ...owner, id, createdOn: now, modifiedOn: now } as unknown as Row;
      return { answer: after, change: { id, after } };
    });
  }

  async update(id: string, sent: Sent, owner: object, check: () => void): Promise<Row> {
    return this.#store.perform(this.#request("update", id, this.#nameOf(sent)), () => {
      const before = this.#existing(id);
      check();
      const times = { createdOn: before.createdOn, modifiedOn: this.#store.timestamp() };
      const after = { ...sent, ...owner, id, ...times } as unknown as Row;
      return { answer: after, change: { id, before, after } };
    });
  }

  async delete(id: string, check: () => void): Promise<void> {
    return this.#store.perform(this.#request("delete", id), () => {
      const before = this.#existing(id);
      check();
      return { answer: undefined, change: { id, before } };
    });
  }

  #existing(id: string): Row {
    const row = this.#table.get(id);
    if (row === undefined)
      throw new PlatformError(404, "1001", `${this.#kind} ${id} does not exist: not found`);
    return row;
  }

  #request(operation: OperationKind, id: string, name?: string): OperationRequest {
    const row = this.#table.get(id);
    return {
      platform: "cloudflare",
      kind: this.#kind,
      operation,
      id,
      name: name ?? (row === undefined ? "" : this.#nameOf(row)),
    };
  }
}
