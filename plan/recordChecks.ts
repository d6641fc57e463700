/** What is wrong with planned records wherever they are published. The platforms' providers look at little of it. */
import { hostNameFault, isWithin } from "../dns/names.ts";
import { type DnsRecord, recordData, setKey } from "../dns/records.ts";
import type { Problem } from "../inventory/problem.ts";
import { isInside, type Range, rangeText, SRV_RANGES } from "./platformLimits.ts";
import type { Rendering } from "./rendering.ts";

const UNDERSCORE_LABELS = /^(_[a-z0-9-]+\.)+/;

export function recordProblems({ records: lines, zone }: Rendering): Problem[] {
  const records = lines.map(({ record }) => record);
  return [...nameProblems(records, zone), ...records.flatMap(srvProblems), ...twins(records)];
}

/** The key of a problem that is about one record or set. */
export function recordKey({ name, type }: Pick<DnsRecord, "name" | "type">): string {
  return `${type} ${name}`;
}

/** Each name once, with the first record that publishes it: large trees say few names in many records. */
function nameProblems(records: readonly DnsRecord[], zone: string): Problem[] {
  const published = new Map<string, DnsRecord>();
  for (const record of records) {
    for (const name of hostNames(record)) if (!published.has(name)) published.set(name, record);
  }
  return [...published].flatMap(([name, record]): Problem[] => {
    const about = { key: recordKey(record), value: name };
    const fault = hostNameFault(name);
    if (fault !== undefined) {
      const message = `is published as a name that ${fault}`;
      const remedy = "write slots, POPs, regions and the domain in lower case, as labels of a host name";
      return [{ ...about, place: "nodes.json", rule: "record-name", message, remedy }];
    }
    // The target of an alias may be anywhere; so it is with challenges that are delegated.
    if (isWithin(name, zone) || (record.type === "CNAME" && name === record.target)) return [];
    const message = `lies outside the zone ${zone}`;
    const remedy = "correct environment.zone or environment.domain";
    return [{ ...about, place: "tree.json", rule: "record-zone", message, remedy }];
  });
}

/** The names in the record that are host names: of SRV sets and challenges without the labels in front. */
function hostNames(record: DnsRecord): string[] {
  return "target" in record ? [record.name.replace(UNDERSCORE_LABELS, ""), record.target] : [record.name];
}

const SRV_FIELDS = ["priority", "weight", "port"] as const;

function srvProblems(record: DnsRecord): Problem[] {
  if (record.type !== "SRV") return [];
  return SRV_FIELDS.flatMap((field): Problem[] => {
    const value = record[field];
    const range: Range = SRV_RANGES[field];
    if (Number.isInteger(value) && isInside(value, range)) return [];
    return [
      {
        place: field === "port" ? "tree.json" : "nodes.json",
        key: `${recordKey(record)} to ${record.target}: ${field}`,
        value: String(value),
        rule: "srv-range",
        message: `is no whole number from ${rangeText(range)} (RFC 2782)`,
        remedy: field === "port" ? "correct policy.transports" : `correct the ${field} of the node`,
      },
    ];
  });
}

/** A platform refuses the second of two equal records: Cloudflare with 81058, Route 53 the whole set. */
function twins(records: readonly DnsRecord[]): Problem[] {
  const seen = new Set<string>();
  return records.flatMap((record): Problem[] => {
    const row = `${setKey(record)} ${recordData(record)}`;
    if (!seen.has(row)) {
      seen.add(row);
      return [];
    }
    return [
      {
        place: "nodes.json",
        key: recordKey(record),
        value: recordData(record),
        rule: "record-twice",
        message: "stands twice in one set, and a platform takes it once",
        remedy: "give every node an address of its own",
      },
    ];
  });
}
