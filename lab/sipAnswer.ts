/** What a lab node says to a SIP request: 200 to OPTIONS, a refusal to anything else. */
import { randomBytes } from "node:crypto";
import {
  cseqOf,
  formatMessage,
  onlyHeader,
  parameterOf,
  type SipMessage,
  type SipRequest,
  viaValues,
} from "../dial/sipMessage.ts";

/** Where a request came from, as the node's socket tells it. */
export interface RequestSource {
  readonly address: string;
  readonly port: number;
}

export interface AnswerContext {
  readonly slot: string;
  /** Contact of the node, for example `<sip:127.88.0.1:5060;transport=tcp>`. */
  readonly contact: string;
  readonly source: RequestSource;
  /** Whether new requests are turned away with 503, as by a node that drains. */
  readonly unavailable: boolean;
}

/** Seconds that a client is told to leave the node alone (RFC 3261 section 21.5.4). */
const RETRY_AFTER_SECONDS = 600;

type StatusLine = readonly [status: number, reason: string];

/**
 * The answer to a request; undefined where none may be sent: to an ACK (RFC 3261 section 17), to a response, or
 * to what lacks a header that an answer must repeat (section 8.2.6.2).
 */
export function answerTo(message: SipMessage, context: AnswerContext): Buffer | undefined {
  if (message.kind !== "request" || message.method === "ACK") return undefined;
  return reply(message, statusFor(message, context), context);
}

/** The answer 400 to a request that could be read only in part; undefined as in {@link answerTo}. */
export function refusalOf(partial: SipMessage, context: AnswerContext): Buffer | undefined {
  if (partial.kind !== "request" || partial.method === "ACK") return undefined;
  return reply(partial, [400, "Bad Request"], context);
}

function statusFor(request: SipRequest, { unavailable }: AnswerContext): StatusLine {
  if (cseqOf(request)?.method !== request.method) return [400, "Bad Request"];
  if (unavailable) return [503, "Service Unavailable"];
  return request.method === "OPTIONS" ? [200, "OK"] : [405, "Method Not Allowed"];
}

function reply(
  request: SipRequest,
  [status, reason]: StatusLine,
  context: AnswerContext,
): Buffer | undefined {
  const vias = viaValues(request);
  const from = onlyHeader(request, "from");
  const to = onlyHeader(request, "to");
  const callId = onlyHeader(request, "call-id");
  const cseq = onlyHeader(request, "cseq");
  const [top = "", ...others] = vias;
  if (top === "" || !from || !to || !callId || !cseq) return undefined;
  const tagged = parameterOf(to, "tag") === undefined ? `${to};tag=${randomBytes(8).toString("hex")}` : to;
  const headers: (readonly [string, string])[] = [
    ["Via", withSource(top, context.source)],
    ...others.map((via) => ["Via", via] as const),
    ["From", from],
    ["To", tagged],
    ["Call-ID", callId],
    ["CSeq", cseq],
    ["Server", `dialtree lab ${context.slot}`],
  ];
  if (status === 200 || status === 405) headers.push(["Allow", "OPTIONS"]);
  if (status === 200) headers.push(["Contact", context.contact], ["Accept", "application/sdp"]);
  if (status === 503) headers.push(["Retry-After", String(RETRY_AFTER_SECONDS)]);
  return formatMessage(`SIP/2.0 ${status} ${reason}`, headers);
}

/** Notes in the topmost Via where the request came from (RFC 3261 section 18.2.1, RFC 3581 section 4). */
function withSource(via: string, { address, port }: RequestSource): string {
  const asksForPort = parameterOf(via, "rport") !== undefined;
  const filled = asksForPort ? via.replace(/;\s*rport\s*(=[^;]*)?(?=;|$)/i, `;rport=${port}`) : via;
  return asksForPort || sentByOf(via).host !== address ? `${filled};received=${address}` : filled;
}

/** Where an answer to a datagram goes (RFC 3261 section 18.2.2, RFC 3581 section 4). */
export function datagramReturn(request: SipMessage, source: RequestSource): RequestSource {
  const [via = ""] = viaValues(request);
  if (parameterOf(via, "rport") !== undefined) return source;
  return { address: source.address, port: sentByOf(via).port };
}

function sentByOf(via: string): { host: string; port: number } {
  const [, host = "", port] =
    /^SIP\s*\/\s*2\.0\s*\/\s*\S+\s+(\[[^\]]*\]|[^:;\s]+)(?:\s*:\s*(\d{1,5}))?/i.exec(via) ?? [];
  const number = Number(port ?? 5060);
  return { host: host.replace(/^\[|\]$/g, ""), port: number > 0 && number < 65536 ? number : 5060 };
}
