/** Records between presentation form (RFC 1035 section 5.1) and the form in which dns-packet codes them. */
import dnsPacket, { type Answer, type CaaData, type OptAnswer } from "dns-packet";
import ipaddr from "ipaddr.js";
import { parseSrvData } from "../dns/srvData.ts";

/** One resource record in presentation form. */
export interface PresentedRecord {
  /** Owner name without trailing dot; `.` for the root. */
  readonly name: string;
  readonly type: string;
  readonly ttlSeconds: number;
  /** Names without trailing dot; character strings quoted; a type without a form of its own as in RFC 3597. */
  readonly data: string;
}

/** Octets of a record before its data once the owner is the root: header 12, owner 1, type to length 10. */
const DATA_OFFSET_AT_ROOT = 23;

/** Longest character string (RFC 1035 section 3.3). */
const MAX_STRING_OCTETS = 255;

/** A character string in master file form: quoted, with `"`, `\` and what is not printable escaped. */
function quoted(octets: Buffer): string {
  let text = "";
  for (const octet of octets) {
    if (octet === 0x22 || octet === 0x5c) text += `\\${String.fromCharCode(octet)}`;
    else if (octet < 0x20 || octet > 0x7e) text += `\\${String(octet).padStart(3, "0")}`;
    else text += String.fromCharCode(octet);
  }
  return `"${text}"`;
}

function unescaped(text: string): Buffer {
  const octets: Buffer[] = [];
  for (const [piece] of text.matchAll(/\\\d{3}|\\.|[^\\]+/gs)) {
    if (!piece.startsWith("\\")) octets.push(Buffer.from(piece));
    else if (/^\\\d{3}$/.test(piece)) octets.push(Buffer.from([Number(piece.slice(1))]));
    else octets.push(Buffer.from(piece.slice(1)));
  }
  return Buffer.concat(octets);
}

/** The character strings of a master file line: quoted ones, and bare words between white space. */
function characterStrings(text: string): Buffer[] {
  return [...text.matchAll(/"((?:\\.|[^"\\])*)"|((?:\\.|[^\s"\\])+)/gs)].map((match) =>
    unescaped(match[1] ?? match[2] ?? ""),
  );
}

/** Services cut a long TXT value into strings of 255 octets; so is it done here. */
function cut(octets: Buffer): Buffer[] {
  const pieces = [octets.subarray(0, MAX_STRING_OCTETS)];
  for (let start = MAX_STRING_OCTETS; start < octets.length; start += MAX_STRING_OCTETS) {
    pieces.push(octets.subarray(start, start + MAX_STRING_OCTETS));
  }
  return pieces;
}

function numberField(text: string | undefined, maximum: number): number {
  const number = /^\d+$/.test(text ?? "") ? Number(text) : Number.NaN;
  if (!(number <= maximum)) throw new Error(`"${text}" is no number from 0 to ${maximum}`);
  return number;
}

/**
 * The record as dns-packet encodes it.
 * @throws Error when the data is not of the type's form, or the type is none that the lab serves.
 */
export function toAnswer(record: PresentedRecord): Answer {
  const { name, type, data } = record;
  const base = { name, ttl: record.ttlSeconds, class: "IN" } as const;
  switch (type) {
    case "A":
    case "AAAA":
      if (!(type === "A" ? ipaddr.IPv4.isValidFourPartDecimal(data) : ipaddr.IPv6.isValid(data))) {
        throw new Error(`"${data}" is no address for ${type}`);
      }
      return { ...base, type, data };
    case "CNAME":
    case "NS":
      return { ...base, type, data };
    case "SRV": {
      const srv = parseSrvData(data);
      if (srv === undefined) throw new Error(`"${data}" is not priority, weight, port and target`);
      return { ...base, type, data: srv };
    }
    case "TXT":
      return { ...base, type, data: characterStrings(data).flatMap(cut) };
    case "CAA": {
      const [flags, tag, value] = characterStrings(data).map(String);
      if (tag === undefined || value === undefined) throw new Error(`"${data}" is not flags, tag and value`);
      const caa = { flags: numberField(flags, 255), tag: tag as CaaData["tag"], value };
      return { ...base, type, data: caa };
    }
    case "SOA": {
      const [mname = "", rname = "", ...times] = data.split(/\s+/);
      const [serial, refresh, retry, expire, minimum] = times.map((field) => numberField(field, 2 ** 32 - 1));
      if (minimum === undefined || times.length !== 5) throw new Error(`"${data}" is no SOA data`);
      return { ...base, type, data: { mname, rname, serial, refresh, retry, expire, minimum } };
    }
    default:
      throw new Error(`type ${type} is not served`);
  }
}

/** The type's name; dns-packet writes one it does not know in a way of its own, RFC 3597 as `TYPE<number>`. */
export function typeName(type: string): string {
  return type.replace(/^UNKNOWN_/, "TYPE");
}

/** A name as it is compared: lower case (RFC 4343). */
const canonical = (name: string): string => name.toLowerCase();

function dataOf(answer: Exclude<Answer, OptAnswer>): string {
  switch (answer.type) {
    case "A":
      return ipaddr.IPv4.parse(answer.data).toString();
    case "AAAA":
      return ipaddr.IPv6.parse(answer.data).toRFC5952String();
    case "CNAME":
    case "NS":
    case "PTR":
    case "DNAME":
      return canonical(answer.data);
    case "SRV":
      return `${answer.data.priority} ${answer.data.weight} ${answer.data.port} ${canonical(answer.data.target)}`;
    case "MX":
      return `${answer.data.preference} ${canonical(answer.data.exchange)}`;
    case "NAPTR": {
      const { order, preference, flags, services, regexp, replacement } = answer.data;
      const strings = [flags, services, regexp].map((text) => quoted(Buffer.from(text))).join(" ");
      return `${order} ${preference} ${strings} ${canonical(replacement)}`;
    }
    case "TXT":
      return [answer.data]
        .flat()
        .map((text) => quoted(Buffer.from(text)))
        .join(" ");
    case "CAA":
      return `${answer.data.flags} ${answer.data.tag} ${quoted(Buffer.from(answer.data.value))}`;
    case "SOA": {
      const { mname, rname, serial, refresh, retry, expire, minimum } = answer.data;
      return `${canonical(mname)} ${canonical(rname)} ${serial} ${refresh} ${retry} ${expire} ${minimum}`;
    }
    default: {
      const data = dnsPacket.encode({ answers: [{ ...answer, name: "." }] }).subarray(DATA_OFFSET_AT_ROOT);
      return `\\# ${data.length}${data.length > 0 ? ` ${data.toString("hex")}` : ""}`;
    }
  }
}

/**
 * A decoded record in presentation form; owner and target names in lower case.
 * @throws Error when an address was cut short.
 */
export function fromAnswer(answer: Exclude<Answer, OptAnswer>): PresentedRecord {
  return {
    name: canonical(answer.name),
    type: typeName(answer.type),
    ttlSeconds: answer.ttl ?? 0,
    data: dataOf(answer),
  };
}
