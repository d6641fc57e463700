/** A stub resolver: asks one name server, over UDP first and over TCP when the answer was cut. */
import { randomInt } from "node:crypto";
import dgram from "node:dgram";
import net from "node:net";
import dnsPacket, { type Answer, type OptAnswer, type PacketOpt, type RecordType } from "dns-packet";
import ipaddr from "ipaddr.js";
import { MAX_LABEL_OCTETS, MAX_NAME_CHARACTERS } from "../dns/names.ts";
import { rcodeName } from "../dns/rcodes.ts";
import { fromAnswer, type PresentedRecord } from "./recordData.ts";
import { parseServerAddress, type ServerAddress, serverAddressText } from "./serverAddress.ts";

export interface ResolverOptions {
  /** The name server: `IPv4:PORT` or `[IPv6]:PORT`. */
  readonly address: string;
  /** Bound of one attempt. 2000 unless told. */
  readonly timeoutMilliseconds?: number;
  /** Attempts over UDP after the first one. 2 unless told. */
  readonly retries?: number;
  /** Network to ask for as if the caller stood there (EDNS client subnet, RFC 7871). */
  readonly clientSubnet?: { readonly address: string; readonly prefixLength: number };
}

export interface QueryResult {
  /** `NOERROR`, `NXDOMAIN`, `SERVFAIL` …, or `RCODE<number>`. */
  readonly rcode: string;
  /** The answer section, aliases included, in the order of the wire. */
  readonly records: readonly PresentedRecord[];
  /** The additional section without OPT. */
  readonly additional: readonly PresentedRecord[];
  /** Whether the answer over UDP was cut and came whole over TCP. */
  readonly truncatedThenTcp: boolean;
}

export interface Resolver {
  /**
   * Asks for one set. An answer of any code is a result.
   * @throws ResolverError when no answer came, or the name is none.
   */
  query(name: string, type: RecordType): Promise<QueryResult>;
}

/** No answer: one line that says which server, what was asked, and what happened. */
export class ResolverError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ResolverError";
  }
}

const DEFAULT_TIMEOUT_MILLISECONDS = 2000;
const DEFAULT_RETRIES = 2;

/** UDP payload that fits one packet on every path (DNS flag day 2020). */
const PAYLOAD_OCTETS = 1232;

const CLIENT_SUBNET_CODE = 8;
const LENGTH_OCTETS = 2;

interface Question {
  readonly id: number;
  readonly name: string;
  readonly type: RecordType;
  readonly octets: Buffer;
}

interface Decoded {
  readonly truncated: boolean;
  readonly result: Omit<QueryResult, "truncatedThenTcp">;
}

function isQueryName(name: string): boolean {
  const labels = name.split(".");
  return (
    name.length <= MAX_NAME_CHARACTERS &&
    labels.every((label) => /^[!-~]+$/.test(label) && label.length <= MAX_LABEL_OCTETS)
  );
}

/** The client subnet option: bits behind the prefix are zero (RFC 7871 section 6). */
function subnetOption(subnet: NonNullable<ResolverOptions["clientSubnet"]>): PacketOpt {
  const { address, prefixLength } = subnet;
  const family = net.isIPv6(address) ? ipaddr.IPv6 : ipaddr.IPv4;
  try {
    const network = family.networkAddressFromCIDR(`${address}/${prefixLength}`).toString();
    return { code: CLIENT_SUBNET_CODE, ip: network, sourcePrefixLength: prefixLength, scopePrefixLength: 0 };
  } catch {
    throw new ResolverError(
      `client subnet "${address}/${prefixLength}" is no network, for example 192.0.2.0/24`,
    );
  }
}

function makeQuestion(name: string, type: RecordType, options: PacketOpt[]): Question {
  const id = randomInt(0x10000);
  const opt: OptAnswer = {
    type: "OPT",
    name: ".",
    udpPayloadSize: PAYLOAD_OCTETS,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options,
  };
  const questions = [{ name, type, class: "IN" as const }];
  const flags = dnsPacket.RECURSION_DESIRED;
  return {
    id,
    name,
    type,
    octets: dnsPacket.encode({ type: "query", id, flags, questions, additionals: [opt] }),
  };
}

const isOpt = (answer: Answer): answer is OptAnswer => answer.type === "OPT";
const isRecord = (answer: Answer): answer is Exclude<Answer, OptAnswer> => !isOpt(answer);

/** The response to the question, or undefined when the message is malformed or answers something else. */
function readResponse(message: Buffer, question: Question): Decoded | undefined {
  try {
    const packet = dnsPacket.decode(message);
    const [asked] = packet.questions ?? [];
    const isOurs =
      packet.id === question.id &&
      packet.type === "response" &&
      // An error to a query that the server could not read may come without its question.
      (asked === undefined
        ? (message.readUInt16BE(2) & 0xf) !== 0
        : asked.name.toLowerCase() === question.name.toLowerCase() && asked.type === question.type);
    if (!isOurs) return undefined;
    const extended = packet.additionals?.find(isOpt)?.extendedRcode ?? 0;
    return {
      truncated: packet.flag_tc,
      result: {
        rcode: rcodeName((extended << 4) | (message.readUInt16BE(2) & 0xf)),
        records: (packet.answers ?? []).filter(isRecord).map(fromAnswer),
        additional: (packet.additionals ?? []).filter(isRecord).map(fromAnswer),
      },
    };
  } catch {
    return undefined;
  }
}

/** One attempt over UDP. Messages that answer something else are passed over until the time is up. */
function askUdp(question: Question, server: ServerAddress, timeoutMilliseconds: number): Promise<Decoded> {
  const socket = dgram.createSocket(net.isIPv6(server.address) ? "udp6" : "udp4");
  return new Promise<Decoded>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`no answer within ${timeoutMilliseconds} ms`)),
      timeoutMilliseconds,
    );
    socket.on("error", reject);
    socket.on("message", (message) => {
      const decoded = readResponse(message, question);
      if (decoded !== undefined) resolve(decoded);
    });
    socket.on("close", () => clearTimeout(timer));
    // A connected socket hears of a closed port, and takes messages from this server only.
    socket.connect(server.port, server.address, () => socket.send(question.octets));
  }).finally(() => socket.close());
}

/** The same question over TCP (RFC 7766). */
function askTcp(question: Question, server: ServerAddress, timeoutMilliseconds: number): Promise<Decoded> {
  const socket = net.connect(server.port, server.address);
  return new Promise<Decoded>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`no answer over TCP within ${timeoutMilliseconds} ms`)),
      timeoutMilliseconds,
    );
    let received = Buffer.alloc(0);
    socket.on("error", reject);
    socket.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < LENGTH_OCTETS) return;
      const end = LENGTH_OCTETS + received.readUInt16BE(0);
      if (received.length < end) return;
      const decoded = readResponse(received.subarray(LENGTH_OCTETS, end), question);
      if (decoded === undefined) reject(new Error("the answer over TCP is malformed"));
      else resolve(decoded);
    });
    socket.on("close", () => {
      clearTimeout(timer);
      reject(new Error("the connection was closed before the answer"));
    });
    const length = Buffer.alloc(LENGTH_OCTETS);
    length.writeUInt16BE(question.octets.length);
    socket.write(Buffer.concat([length, question.octets]));
  }).finally(() => socket.destroy());
}

const clause = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * A resolver for one name server. A query takes at most `(retries + 2) * timeoutMilliseconds`.
 * @throws ResolverError when the server's address or the client subnet cannot be read.
 */
export function createResolver(options: ResolverOptions): Resolver {
  const { timeoutMilliseconds = DEFAULT_TIMEOUT_MILLISECONDS, retries = DEFAULT_RETRIES } = options;
  const server = parseServerAddress(options.address);
  if (server === undefined) {
    throw new ResolverError(
      `name server "${options.address}" is not IP:PORT, for example 192.0.2.1:53 or [2001:db8::1]:53`,
    );
  }

  const ednsOptions = options.clientSubnet === undefined ? [] : [subnetOption(options.clientSubnet)];

  const attemptUdp = async (question: Question): Promise<Decoded> => {
    let lastFault = "";
    for (let attempt = 0; attempt <= retries; attempt++) {
      try {
        return await askUdp(question, server, timeoutMilliseconds);
      } catch (error) {
        lastFault = clause(error);
      }
    }
    throw new Error(`${lastFault}, ${retries + 1} ${retries === 0 ? "attempt" : "attempts"}`);
  };

  return {
    async query(name, type) {
      if (!isQueryName(name)) throw new ResolverError(`"${name}" is no domain name`);
      const question = makeQuestion(name, type, ednsOptions);
      try {
        const answer = await attemptUdp(question);
        if (!answer.truncated) return { ...answer.result, truncatedThenTcp: false };
        const whole = await askTcp(question, server, timeoutMilliseconds);
        return { ...whole.result, truncatedThenTcp: true };
      } catch (error) {
        throw new ResolverError(
          `name server ${serverAddressText(server)}, ${name} ${type}: ${clause(error)}`,
        );
      }
    },
  };
}
