/** Record contents as Cloudflare's API checks and prints them. */
import { isIPv4, isIPv6 } from "node:net";
import { PlatformError } from "./platformError.ts";

export type RecordData = Readonly<Record<string, unknown>>;

/** Fields of `data`, in the order of the presentation form, for the types that are given as fields. */
const DATA_FIELDS: Readonly<Record<string, readonly string[]>> = {
  SRV: ["weight", "port", "target"],
  NAPTR: ["order", "preference", "flags", "service", "regex", "replacement"],
  CAA: ["flags", "tag", "value"],
};

/** Fields printed between double quotes (RFC 3403 section 4.1, RFC 8659 section 4.1). */
const QUOTED = new Set(["NAPTR.flags", "NAPTR.service", "NAPTR.regex", "CAA.value"]);

/** Greatest value of a number, by field or by type and field. */
const GREATEST: Readonly<Record<string, number>> = {
  ...Object.fromEntries(["weight", "port", "priority", "order", "preference"].map((field) => [field, 65535])),
  "CAA.flags": 255,
};

const PLAIN_TYPES = new Set(["A", "AAAA", "CNAME", "MX", "NS", "TXT"]);

/**
 * The content that the API reports for a record. With `data` the given `content` is ignored, as the API does
 * with the stale one that the provider sends beside it on an update.
 * @throws PlatformError 400 when the type, a field or the address is wrong.
 */
export function recordContent(
  type: string,
  content: string | undefined,
  data: RecordData | undefined,
): string {
  const fields = DATA_FIELDS[type];
  if (fields !== undefined) return contentOfData(type, fields, data);
  if (!PLAIN_TYPES.has(type))
    throw new PlatformError(400, "1004", `The lab does not hold records of type ${type}.`);
  if (content === undefined || content === "") throw new PlatformError(400, "9000", "Content is required.");
  if (type === "A" && !isIPv4(content)) {
    throw new PlatformError(400, "9005", "Content for A record must be a valid IPv4 address.");
  }
  if (type === "AAAA" && !isIPv6(content)) {
    throw new PlatformError(400, "9006", "Content for AAAA record must be a valid IPv6 address.");
  }
  return content;
}

function contentOfData(type: string, fields: readonly string[], data: RecordData | undefined): string {
  const required = type === "SRV" ? ["priority", ...fields] : fields;
  for (const field of required) {
    const value = data?.[field];
    if (value === undefined || value === null) {
      throw new PlatformError(400, "9101", `'${field}' is a required data field for a ${type} record.`);
    }
    const most = GREATEST[`${type}.${field}`] ?? GREATEST[field];
    if (most !== undefined && !(Number.isInteger(value) && Number(value) >= 0 && Number(value) <= most)) {
      throw new PlatformError(400, "9102", `'${field}' must be between 0 and ${most}.`);
    }
  }
  return fields.map((field) => printed(type, field, String(data?.[field]))).join(" ");
}

function printed(type: string, field: string, value: string): string {
  if (QUOTED.has(`${type}.${field}`)) return `"${value}"`;
  return field === "target" || field === "replacement" ? value.replace(/(?<=.)\.$/, "") : value;
}
