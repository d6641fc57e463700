/** Finding whole SIP messages in what arrives: octet streams (RFC 3261 section 18.3) and single datagrams. */
import { contentLength, MAX_HEAD_OCTETS, parseHead, type SipMessage } from "./sipMessage.ts";

/**
 * `incomplete`: more octets are needed. `ping`: the double line break by which a client keeps a flow alive
 * (RFC 5626 section 4.4.1). `malformed`: on a stream nothing after it can be trusted. `partial` is the message
 * without its body where the headers could be read, for an answer of 400.
 */
export type Framed =
  | { readonly kind: "message"; readonly message: SipMessage; readonly octets: number }
  | { readonly kind: "ping"; readonly octets: number }
  | { readonly kind: "incomplete" }
  | { readonly kind: "malformed"; readonly fault: string; readonly partial?: SipMessage };

const HEAD_END = "\r\n\r\n";

/** The first thing that stands in a stream's octets. */
export function readFromStream(octets: Buffer): Framed {
  if (octets.subarray(0, HEAD_END.length).toString("latin1") === HEAD_END)
    return { kind: "ping", octets: HEAD_END.length };
  // Single line breaks before a start line are ignored (RFC 3261 section 7.5).
  if (octets[0] === 13 && octets[1] === 10 && octets.length > 2 && octets[2] !== 13) {
    const after = readFromStream(octets.subarray(2));
    return after.kind === "message" ? { ...after, octets: after.octets + 2 } : after;
  }
  const headEnd = octets.indexOf(HEAD_END);
  if (headEnd > MAX_HEAD_OCTETS || (headEnd < 0 && octets.length > MAX_HEAD_OCTETS)) {
    return { kind: "malformed", fault: `no end of headers within ${MAX_HEAD_OCTETS} octets` };
  }
  if (headEnd < 0) return { kind: "incomplete" };
  const head = parseHead(octets.toString("utf8", 0, headEnd));
  if (!head.ok) return { kind: "malformed", fault: head.fault };
  const length = contentLength(head.message);
  if (length === undefined || length === "invalid") {
    const fault = length === undefined ? "no Content-Length on a stream" : "an unusable Content-Length";
    return { kind: "malformed", fault, partial: head.message };
  }
  const end = headEnd + HEAD_END.length + length;
  if (octets.length < end) return { kind: "incomplete" };
  const body = Buffer.from(octets.subarray(headEnd + HEAD_END.length, end));
  return { kind: "message", message: { ...head.message, body }, octets: end };
}

/** What stands in a datagram; without Content-Length the body runs to its end (RFC 3261 section 18.3). */
export function readDatagram(octets: Buffer): Framed {
  if (octets.length > 0 && octets.toString("latin1").trim() === "")
    return { kind: "ping", octets: octets.length };
  const headEnd = octets.indexOf(HEAD_END);
  if (headEnd < 0) return { kind: "malformed", fault: "no end of headers in the datagram" };
  const head = parseHead(octets.toString("utf8", 0, headEnd));
  if (!head.ok) return { kind: "malformed", fault: head.fault };
  const rest = octets.subarray(headEnd + HEAD_END.length);
  const length = contentLength(head.message);
  if (length === "invalid" || (length !== undefined && length > rest.length)) {
    return {
      kind: "malformed",
      fault: "Content-Length is larger than the datagram, or unusable",
      partial: head.message,
    };
  }
  const body = Buffer.from(rest.subarray(0, length ?? rest.length));
  return { kind: "message", message: { ...head.message, body }, octets: octets.length };
}

/** Collects a stream's octets and hands out what is whole; stops for good at the first malformed part. */
export class StreamReader {
  #waiting = Buffer.alloc(0);
  #broken = false;

  /** Everything that is whole after these octets, in order. */
  push(octets: Buffer): Exclude<Framed, { kind: "incomplete" }>[] {
    if (this.#broken) return [];
    this.#waiting = Buffer.concat([this.#waiting, octets]);
    const whole: Exclude<Framed, { kind: "incomplete" }>[] = [];
    while (this.#waiting.length > 0) {
      const framed = readFromStream(this.#waiting);
      if (framed.kind === "incomplete") break;
      whole.push(framed);
      if (framed.kind === "malformed") {
        this.#broken = true;
        this.#waiting = Buffer.alloc(0);
        break;
      }
      this.#waiting = this.#waiting.subarray(framed.octets);
    }
    return whole;
  }
}
