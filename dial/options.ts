/** One OPTIONS request over an open channel, and its final answer (RFC 3261 sections 8.1, 11 and 17.1.2). */
import { isIPv6 } from "node:net";
import type { Wire } from "../dns/services.ts";
import type { SipChannel } from "./channel.ts";
import {
  BRANCH_COOKIE,
  cseqOf,
  formatMessage,
  onlyHeader,
  parameterOf,
  type SipResponse,
  viaValues,
} from "./sipMessage.ts";

export type OptionsAnswer =
  | { readonly kind: "answer"; readonly response: SipResponse }
  /** No final answer: silence, a closed connection, or octets that are no SIP. */
  | { readonly kind: "none"; readonly reason: string };

export interface OptionsQuestion {
  /** Domain or address in the request URI. */
  readonly name: string;
  /** Uniform in [0, 1); makes branch, tag and Call-ID. */
  readonly random: () => number;
  readonly timeoutMilliseconds: number;
}

/** First and longest interval between retransmissions over UDP (RFC 3261 section 17.1.2.1, Timer E). */
const T1_MILLISECONDS = 500;
const T2_MILLISECONDS = 4000;

const VIA_TRANSPORT: Record<Wire, string> = { tls: "TLS", tcp: "TCP", udp: "UDP" };

/** What makes an answer the answer to this request (RFC 3261 section 17.1.3). */
interface Transaction {
  readonly branch: string;
  readonly callId: string;
  readonly fromTag: string;
}

/** Asks and waits for the final answer. Provisional answers and answers to anything else are passed over. */
export function askOptions(channel: SipChannel, question: OptionsQuestion): Promise<OptionsAnswer> {
  const transaction: Transaction = {
    branch: `${BRANCH_COOKIE}${token(question.random)}`,
    callId: `${token(question.random)}@dialtree.invalid`,
    fromTag: token(question.random),
  };
  const request = optionsRequest(channel, question.name, transaction);
  return new Promise((resolve) => {
    let retransmission: NodeJS.Timeout | undefined;
    const finish = (answer: OptionsAnswer) => {
      clearTimeout(deadline);
      clearTimeout(retransmission);
      resolve(answer);
    };
    const deadline = setTimeout(
      () => finish({ kind: "none", reason: `no final answer within ${question.timeoutMilliseconds} ms` }),
      question.timeoutMilliseconds,
    );
    const repeatAfter = (milliseconds: number) => {
      retransmission = setTimeout(() => {
        channel.send(request);
        repeatAfter(Math.min(milliseconds * 2, T2_MILLISECONDS));
      }, milliseconds);
    };
    channel.listen(
      (message) => {
        if (message.kind === "response" && message.status >= 200 && answers(message, transaction)) {
          finish({ kind: "answer", response: message });
        }
      },
      (reason) => finish({ kind: "none", reason }),
    );
    channel.send(request);
    if (channel.transport === "udp") repeatAfter(T1_MILLISECONDS);
  });
}

/** `rport` asks for the answer at the port that the request came from (RFC 3581). */
function optionsRequest(channel: SipChannel, name: string, transaction: Transaction): Buffer {
  const scheme = channel.transport === "tls" ? "sips" : "sip";
  const host = isIPv6(name) ? `[${name}]` : name;
  return formatMessage(`OPTIONS ${scheme}:${host} SIP/2.0`, [
    [
      "Via",
      `SIP/2.0/${VIA_TRANSPORT[channel.transport]} ${channel.sentBy};branch=${transaction.branch};rport`,
    ],
    ["Max-Forwards", "70"],
    ["From", `<${scheme}:dialtree@dialtree.invalid>;tag=${transaction.fromTag}`],
    ["To", `<${scheme}:${host}>`],
    ["Call-ID", transaction.callId],
    ["CSeq", "1 OPTIONS"],
    ["Contact", `<${scheme}:dialtree@${channel.sentBy}>`],
    ["Accept", "application/sdp"],
    ["User-Agent", "dialtree"],
  ]);
}

/** More than one Via means that the answer went astray and is dropped (RFC 3261 section 8.1.3.3). */
function answers(response: SipResponse, transaction: Transaction): boolean {
  const [via = "", ...more] = viaValues(response);
  const cseq = cseqOf(response);
  return (
    more.length === 0 &&
    parameterOf(via, "branch") === transaction.branch &&
    onlyHeader(response, "call-id") === transaction.callId &&
    parameterOf(onlyHeader(response, "from") ?? "", "tag") === transaction.fromTag &&
    cseq?.number === 1 &&
    cseq.method === "OPTIONS"
  );
}

/** 16 letters and digits: about 82 bits, unless `random` is seeded for a test. */
function token(random: () => number): string {
  return Array.from({ length: 16 }, () => Math.floor(random() * 36).toString(36)).join("");
}
