/** What is wrong with planned records wherever they are published. The platforms' providers look at little of it. */
import { hostNameFault, isWithin } from "../dns/names.ts";
import { type DnsRecord, recordData, setKey } from "../dns/records.ts";
import type { Problem } from "../inventory/problem.ts";
import { isInside, type Range, rangeText, SRV_RANGES } from "./platformLimits.ts";
import type { Rendering } from "./rendering.ts";

const SERVICE_LABELS = /^(_[a-z0-9-]+\.)+/;

export function recordProblems(rendering: Rendering): Problem[] {
  const records = rendering.records.map(({ record }) => record);
  return [
    ...records.flatMap((record) => nameProblems(record, rendering.zone)),
    ...records.flatMap(srvProblems),
    ...twins(records),
  ];
}

/** The key of a problem that is about one record or set. */
export function recordKey({ name, type }: Pick<DnsRecord, "name" | "type">): string {
  return `${type} ${name}`;
}

function nameProblems(record: DnsRecord, zone: string): Problem[] {
  const key = recordKey(record);
  const owner = record.type === "SRV" ? record.name.replace(SERVICE_LABELS, "") : record.name;
  const names = record.type === "SRV" ? [owner, record.target] : [owner];
  const remedy = "write slots, POPs, regions and the domain in lower case, as labels of a host name";
  const faults = names.flatMap((name): Problem[] => {
    const fault = hostNameFault(name);
    if (fault === undefined) return [];
    const message = `is published as a name that ${fault}`;
    return [{ place: "nodes.json", key, value: name, rule: "record-name", message, remedy }];
  });
  if (isWithin(record.name, zone)) return faults;
  const outside: Problem = {
    place: "tree.json",
    key,
    value: record.name,
    rule: "record-zone",
    message: `lies outside the zone ${zone}`,
    remedy: "correct environment.zone or environment.domain",
  };
  return [...faults, outside];
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
  const rows = Map.groupBy(records, (record) => `${setKey(record)} ${recordData(record)}`);
  return [...rows.values()].flatMap(([record, ...others]): Problem[] => {
    if (record === undefined || others.length === 0) return [];
    return [
      {
        place: "nodes.json",
        key: recordKey(record),
        value: recordData(record),
        rule: "record-twice",
        message: `stands ${others.length + 1} times in one set, and a platform takes it once`,
        remedy: "give every node an address of its own",
      },
    ];
  });
}
