/** Resource records as plain values: one type per kind, one canonical text form, one order. */
import { compareNames, type Fqdn } from "./names.ts";

interface RecordBase {
  /** Owner name, canonical (no trailing dot). */
  readonly name: Fqdn;
  /** Time to live in seconds. */
  readonly ttlSeconds: number;
}

/** An address record: A (RFC 1035 section 3.4.1) or AAAA (RFC 3596). `address` is canonical text. */
export interface AddressRecord extends RecordBase {
  readonly type: "A" | "AAAA";
  readonly address: string;
}

/** A service location record (RFC 2782). */
export interface SrvRecord extends RecordBase {
  readonly type: "SRV";
  /** 0 to 65535; lower is tried first. */
  readonly priority: number;
  /** 1 to 65535: a share among equal priorities. 0 is never rendered, it is no drain (RFC 2782, "Weight"). */
  readonly weight: number;
  /** 1 to 65535. */
  readonly port: number;
  /** A host name with an address record in the same plan, never an alias. */
  readonly target: Fqdn;
}

export type DnsRecord = AddressRecord | SrvRecord;

export type RecordType = DnsRecord["type"];

/** Presentation form of the record's data; targets without trailing dot. */
export function recordData(record: DnsRecord): string {
  return record.type === "SRV"
    ? `${record.priority} ${record.weight} ${record.port} ${record.target}`
    : record.address;
}

const TYPE_ORDER: Record<RecordType, number> = { A: 0, AAAA: 1, SRV: 2 };

/** Total order: owner name from the root down, type, then priority, port, target or address. */
export function compareRecords(a: DnsRecord, b: DnsRecord): number {
  const byName = compareNames(a.name, b.name) || TYPE_ORDER[a.type] - TYPE_ORDER[b.type];
  if (byName !== 0) return byName;
  if (a.type === "SRV" && b.type === "SRV") {
    return (
      a.priority - b.priority || a.port - b.port || compareNames(a.target, b.target) || a.weight - b.weight
    );
  }
  return recordData(a) < recordData(b) ? -1 : recordData(a) > recordData(b) ? 1 : 0;
}

/** Identity of the set that a record belongs to: owner name and type (RFC 2181 section 5). */
export function setKey(record: { readonly name: string; readonly type: string }): string {
  return `${record.name} ${record.type}`;
}
