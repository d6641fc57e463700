/** SIP messages as values: the text form of RFC 3261 section 7, strict but for folded header lines. */

/** Bounds of what is read from a peer. */
export const MAX_HEAD_OCTETS = 16 * 1024;
export const MAX_BODY_OCTETS = 64 * 1024;
const MAX_HEADERS = 128;

/** Every Via branch of this protocol version begins so (RFC 3261 section 8.1.1.7). */
export const BRANCH_COOKIE = "z9hG4bK";

export interface SipHeader {
  /** Lower case, long form. */
  readonly name: string;
  readonly value: string;
}

interface MessageBase {
  /** In order of appearance. */
  readonly headers: readonly SipHeader[];
  readonly body: Buffer;
}

export interface SipRequest extends MessageBase {
  readonly kind: "request";
  readonly method: string;
  readonly uri: string;
}

export interface SipResponse extends MessageBase {
  readonly kind: "response";
  /** 100 to 699. */
  readonly status: number;
  readonly reason: string;
}

export type SipMessage = SipRequest | SipResponse;

/** A message without its body, or what is wrong with it. */
export type ParsedHead =
  | { readonly ok: true; readonly message: SipMessage }
  | { readonly ok: false; readonly fault: string };

/** RFC 3261 section 7.3.3 and section 20. */
const COMPACT_FORMS: Readonly<Record<string, string>> = {
  c: "content-type",
  e: "content-encoding",
  f: "from",
  i: "call-id",
  k: "supported",
  l: "content-length",
  m: "contact",
  s: "subject",
  t: "to",
  v: "via",
};

const REQUEST_LINE = /^([A-Za-z0-9.!%*_+`'~-]+) (\S+) SIP\/2\.0$/i;
const STATUS_LINE = /^SIP\/2\.0 ([1-6]\d\d) ?(.*)$/i;
const HEADER_LINE = /^([A-Za-z0-9.!%*_+`'~-]+)[ \t]*:(.*)$/;

/**
 * Reads the start line and the headers.
 * @param head text up to the empty line, that line not included
 */
export function parseHead(head: string): ParsedHead {
  if (head.length > MAX_HEAD_OCTETS)
    return { ok: false, fault: `headers longer than ${MAX_HEAD_OCTETS} octets` };
  const [startLine = "", ...lines] = head.replace(/\r\n[ \t]+/g, " ").split("\r\n");
  if (lines.length > MAX_HEADERS) return { ok: false, fault: `more than ${MAX_HEADERS} header lines` };
  const headers: SipHeader[] = [];
  for (const line of lines) {
    const [, name, value] = HEADER_LINE.exec(line) ?? [];
    if (name === undefined || value === undefined) return { ok: false, fault: "a line that is no header" };
    const lowerCase = name.toLowerCase();
    headers.push({ name: COMPACT_FORMS[lowerCase] ?? lowerCase, value: value.trim() });
  }
  const body = Buffer.alloc(0);
  const [, status, reason = ""] = STATUS_LINE.exec(startLine) ?? [];
  if (status !== undefined)
    return { ok: true, message: { kind: "response", status: Number(status), reason, headers, body } };
  const [, method, uri] = REQUEST_LINE.exec(startLine) ?? [];
  if (method !== undefined && uri !== undefined)
    return { ok: true, message: { kind: "request", method, uri, headers, body } };
  return { ok: false, fault: "the first line is neither a request nor a status line of SIP/2.0" };
}

/** Values of a header, one per header line; `name` is the long form in lower case. */
export function headerValues(message: SipMessage, name: string): string[] {
  return message.headers.filter((header) => header.name === name).map((header) => header.value);
}

/** The value of a header that may stand only once; undefined when it is absent or stands twice. */
export function onlyHeader(message: SipMessage, name: string): string | undefined {
  const [value, ...more] = headerValues(message, name);
  return more.length === 0 ? value : undefined;
}

/** Declared body length in octets; undefined when absent. `invalid` for a bad, repeated or too large one. */
export function contentLength(message: SipMessage): number | undefined | "invalid" {
  const values = headerValues(message, "content-length");
  if (values.length === 0) return undefined;
  const [value = ""] = values;
  if (values.length > 1 || !/^\d{1,9}$/.test(value) || Number(value) > MAX_BODY_OCTETS) return "invalid";
  return Number(value);
}

/** CSeq as number and method (RFC 3261 section 20.16); undefined when absent or unreadable. */
export function cseqOf(message: SipMessage): { number: number; method: string } | undefined {
  const [, number, method] = /^(\d{1,10})[ \t]+(\S+)$/.exec(onlyHeader(message, "cseq") ?? "") ?? [];
  if (number === undefined || method === undefined || Number(number) >= 2 ** 31) return undefined;
  return { number: Number(number), method };
}

/** All Via values, topmost first: a header line may hold several, separated by commas. */
export function viaValues(message: SipMessage): string[] {
  return headerValues(message, "via").flatMap((line) => splitOutsideQuotes(line, ","));
}

/** A parameter of a header value, for example `branch` of a Via or `tag` of a To; undefined when absent. */
export function parameterOf(value: string, name: string): string | undefined {
  // Parameters inside <...> belong to the URI, those after it to the header (RFC 3261 section 20.10).
  const [, ...parameters] = splitOutsideQuotes(value.replace(/<[^>]*>/g, ""), ";");
  for (const parameter of parameters) {
    const [key = "", ...rest] = parameter.split("=");
    if (key.trim().toLowerCase() === name) return rest.join("=").trim();
  }
  return undefined;
}

function splitOutsideQuotes(text: string, separator: "," | ";"): string[] {
  const parts: string[] = [];
  let part = "";
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    if (quoted && character === "\\") {
      part += text.slice(i, i + 2);
      i++;
      continue;
    }
    if (character === '"') quoted = !quoted;
    if (character === separator && !quoted) {
      parts.push(part.trim());
      part = "";
    } else {
      part += character;
    }
  }
  return [...parts, part.trim()];
}

/**
 * The octets of a message, Content-Length included.
 * @param headers in order; names as they shall stand
 * @throws Error when a part would break out of its line: callers pass checked values only
 */
export function formatMessage(
  startLine: string,
  headers: readonly (readonly [name: string, value: string])[],
  body: Buffer = Buffer.alloc(0),
): Buffer {
  const lines = [
    startLine,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${body.length}`,
  ];
  if (lines.some((line) => /[\r\n\0]/.test(line))) throw new Error("a SIP header value holds a line break");
  return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`), body]);
}
