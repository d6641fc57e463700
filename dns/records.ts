/** Resource records as plain values: one type per kind, one canonical text form, one order. */
import { type CaaProperty, caaData } from "./caa.ts";
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

/** Another name for the owner (RFC 1035 section 3.3.1): nothing else may stand there. */
export interface AliasRecord extends RecordBase {
  readonly type: "CNAME";
  readonly target: Fqdn;
}

export type DnsRecord = AddressRecord | SrvRecord | AliasRecord;

/** Who may issue certificates for the owner and all below it (RFC 8659). No plan has it: it names an account. */
export interface CaaRecord extends RecordBase, CaaProperty {
  readonly type: "CAA";
}

export type RecordType = DnsRecord["type"] | CaaRecord["type"];

/** Presentation form of the record's data; targets without trailing dot. */
export function recordData(record: DnsRecord | CaaRecord): string {
  switch (record.type) {
    case "A":
    case "AAAA":
      return record.address;
    case "SRV":
      return `${record.priority} ${record.weight} ${record.port} ${record.target}`;
    case "CNAME":
      return record.target;
    case "CAA":
      return caaData(record);
  }
}

const TYPE_ORDER: Record<DnsRecord["type"], number> = { A: 0, AAAA: 1, SRV: 2, CNAME: 3 };

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
