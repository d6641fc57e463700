/** A zone file in the master format of RFC 1035 section 5, one record a line, as people write them. */
import { child, type Fqdn } from "./names.ts";
import { type DnsRecord, recordData } from "./records.ts";

export interface ZoneFileOptions {
  /** Apex of the zone. */
  readonly origin: Fqdn;
  /** Default TTL, and the time a "no such name" is kept (RFC 2308 section 4), in seconds. */
  readonly ttlSeconds: number;
  /** Comment lines for the top, without the semicolon. */
  readonly comments: readonly string[];
}

/** Stands for the name server that the platform sets: an address for documentation (RFC 5737). */
const PLACEHOLDER_SERVER = { label: "ns", address: "192.0.2.53" };

/**
 * The file's text. SOA and NS are placeholders for those of the platform, so that the file is a whole zone
 * and tools load it.
 */
export function zoneFile(
  records: readonly DnsRecord[],
  { origin, ttlSeconds, comments }: ZoneFileOptions,
): string {
  const server = child(PLACEHOLDER_SERVER.label, origin);
  const lines = [
    ...comments.map((comment) => `; ${comment}`),
    `$ORIGIN ${origin}.`,
    `$TTL ${ttlSeconds}`,
    `${origin}.  ${ttlSeconds} IN SOA  ${server}. hostmaster.${origin}. 1 7200 900 1209600 ${ttlSeconds}`,
    `${origin}.  ${ttlSeconds} IN NS  ${server}.`,
    `${server}.  ${ttlSeconds} IN A  ${PLACEHOLDER_SERVER.address}`,
    ...records.map(recordLine),
  ];
  return `${lines.join("\n")}\n`;
}

/** `owner.  60 IN SRV  10 50 5061 target.` */
export function recordLine(record: DnsRecord): string {
  const data = "target" in record ? `${recordData(record)}.` : recordData(record);
  return `${record.name}.  ${record.ttlSeconds} IN ${record.type}  ${data}`;
}
