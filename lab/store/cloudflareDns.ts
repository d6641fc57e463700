/** Cloudflare's DNS records: one object per record, refused as the API refuses them. */
import { randomBytes } from "node:crypto";
import { isWithin } from "../../dns/names.ts";
import { type RecordData, recordContent } from "./cloudflareRecordData.ts";
import type { OperationKind, OperationRequest } from "./operationLog.ts";
import { PlatformError } from "./platformError.ts";
import type { Store, Table } from "./store.ts";

export interface CloudflareZone {
  readonly zoneId: string;
  readonly accountId: string;
  /** The zone's apex, without trailing dot. */
  readonly zone: string;
}

/** A record as it is sent: `content` for plain types, `data` for SRV, NAPTR and CAA. */
export interface DnsRecordRequest {
  readonly name: string;
  readonly type: string;
  readonly content?: string;
  readonly data?: RecordData;
  readonly priority?: number;
  /** Seconds; 1 = automatic. */
  readonly ttl: number;
  readonly proxied?: boolean;
  readonly comment?: string;
  readonly tags?: readonly string[];
}

export interface DnsRecordRow extends DnsRecordRequest {
  readonly id: string;
  readonly zoneId: string;
  readonly content: string;
  readonly proxied: boolean;
  readonly createdOn: string;
  readonly modifiedOn: string;
}

const ADDRESS_TYPES = new Set(["A", "AAAA", "CNAME"]);

/** A new identifier in the API's form: 32 hexadecimal digits. */
export function newCloudflareId(): string {
  return randomBytes(16).toString("hex");
}

export class CloudflareDns {
  readonly zones: readonly CloudflareZone[];
  readonly #store: Store;
  readonly #rows: Table<DnsRecordRow>;

  constructor(store: Store, zones: readonly CloudflareZone[]) {
    this.zones = zones;
    this.#store = store;
    this.#rows = store.table<DnsRecordRow>("cloudflare", "dnsRecord");
  }

  /** Rows of one zone, without a request: for serving and tests. */
  rows(zoneId: string): readonly DnsRecordRow[] {
    return this.#rows.all().filter((row) => row.zoneId === zoneId);
  }

  async list(zoneId: string): Promise<readonly DnsRecordRow[]> {
    return this.#store.perform(request("read", "", ""), () => {
      this.#zone(zoneId);
      return { answer: this.rows(zoneId) };
    });
  }

  async read(zoneId: string, id: string): Promise<DnsRecordRow> {
    return this.#store.perform(request("read", id, this.#rows.get(id)?.name ?? ""), () => ({
      answer: this.#existing(zoneId, id),
    }));
  }

  async create(zoneId: string, sent: DnsRecordRequest): Promise<DnsRecordRow> {
    return this.#store.perform(request("create", "", sent.name), () => {
      const now = this.#store.timestamp();
      const after = this.#accepted(zoneId, newCloudflareId(), sent, now, now);
      return { answer: after, change: { id: after.id, after } };
    });
  }

  /** Replaces the whole record, as PUT does; its id stays. */
  async update(zoneId: string, id: string, sent: DnsRecordRequest): Promise<DnsRecordRow> {
    return this.#store.perform(request("update", id, sent.name), () => {
      const before = this.#existing(zoneId, id);
      const after = this.#accepted(zoneId, id, sent, before.createdOn, this.#store.timestamp());
      return { answer: after, change: { id, before, after } };
    });
  }

  async delete(zoneId: string, id: string): Promise<void> {
    return this.#store.perform(request("delete", id, this.#rows.get(id)?.name ?? ""), () => {
      const before = this.#existing(zoneId, id);
      return { answer: undefined, change: { id, before } };
    });
  }

  #zone(zoneId: string): CloudflareZone {
    const zone = this.zones.find((candidate) => candidate.zoneId === zoneId);
    if (zone === undefined) {
      const text = `Could not route to /zones/${zoneId}, perhaps your object identifier is invalid?`;
      throw new PlatformError(404, "7003", text);
    }
    return zone;
  }

  #existing(zoneId: string, id: string): DnsRecordRow {
    this.#zone(zoneId);
    const row = this.#rows.get(id);
    if (row === undefined || row.zoneId !== zoneId)
      throw new PlatformError(404, "81044", "Record does not exist.");
    return row;
  }

  #accepted(
    zoneId: string,
    id: string,
    sent: DnsRecordRequest,
    createdOn: string,
    modifiedOn: string,
  ): DnsRecordRow {
    const { zone } = this.#zone(zoneId);
    if (sent.ttl !== 1 && !(Number.isInteger(sent.ttl) && sent.ttl >= 60 && sent.ttl <= 86400)) {
      const text = "Invalid TTL. Must be between 60 and 86400 seconds, or 1 for Automatic.";
      throw new PlatformError(400, "9021", text);
    }
    const content = recordContent(sent.type, sent.content, sent.data);
    const name = nameInZone(sent.name, zone);
    const priority = sent.type === "SRV" ? Number(sent.data?.priority) : sent.priority;
    const row: DnsRecordRow = {
      ...sent,
      ...(priority !== undefined && { priority }),
      id,
      zoneId,
      name,
      content,
      proxied: sent.proxied ?? false,
      createdOn,
      modifiedOn,
    };
    this.#refuseConflicts(row);
    return row;
  }

  #refuseConflicts(row: DnsRecordRow): void {
    const others = this.rows(row.zoneId).filter((other) => other.name === row.name && other.id !== row.id);
    const identical = others.some(
      (other) => other.type === row.type && other.content === row.content && other.priority === row.priority,
    );
    if (identical) throw new PlatformError(400, "81058", "An identical record already exists.");
    if (row.type === "CNAME" && others.some((other) => ADDRESS_TYPES.has(other.type))) {
      throw new PlatformError(400, "81053", "An A, AAAA, or CNAME record with that host already exists.");
    }
    if (ADDRESS_TYPES.has(row.type) && others.some((other) => other.type === "CNAME")) {
      throw new PlatformError(400, "81054", "A CNAME record with that host already exists.");
    }
  }
}

function request(operation: OperationKind, id: string, name: string): OperationRequest {
  return { platform: "cloudflare", kind: "dnsRecord", operation, id, name };
}

/** A name outside the zone is taken as relative to it, `@` as the apex: the API never refuses it. */
function nameInZone(name: string, zone: string): string {
  const canonical = name.toLowerCase().replace(/\.$/, "");
  if (canonical === "@") return zone;
  return isWithin(canonical, zone) ? canonical : `${canonical}.${zone}`;
}
