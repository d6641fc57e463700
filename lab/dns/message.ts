/** Messages on the wire: a query read, a reply written within the size that the asker accepts. */
import dnsPacket, { type OptAnswer, type PacketOpt } from "dns-packet";
import { type PresentedRecord, typeName } from "../../dial/recordData.ts";
import { RCODES, type Rcode } from "../../dns/rcodes.ts";
import type { Question, Reply } from "./authority.ts";
import {
  CLIENT_SUBNET_CODE,
  type ClientSubnet,
  clientSubnetReply,
  readClientSubnet,
} from "./clientSubnet.ts";
import { CompressedSections } from "./compression.ts";
import type { ServedSet } from "./zoneData.ts";

/** Largest UDP message sent whatever the asker accepts: fits one packet on every path (DNS flag day 2020). */
export const MAX_UDP_OCTETS = 1232;

/** Largest UDP message for an asker without EDNS (RFC 1035 section 4.2.1). */
const PLAIN_UDP_OCTETS = 512;

/** Largest message over TCP: two octets of length (RFC 1035 section 4.2.2). */
const MAX_TCP_OCTETS = 65535;

const HEADER_OCTETS = 12;
const FLAG = {
  response: 0x8000,
  authoritative: 0x0400,
  truncated: 0x0200,
  recursionDesired: 0x0100,
} as const;
const EDNS_DNSSEC_OK = 0x8000;

export type Transport = "udp" | "tcp";

/** What of a query goes back to the asker with any response. */
export interface Envelope {
  readonly id: number;
  readonly opcode: number;
  readonly recursionDesired: boolean;
  /** The question as it came, letter case included; absent while none could be read. */
  readonly question?: { readonly name: string; readonly octets: Buffer };
  readonly edns?: Edns;
}

/** The asker's OPT record (RFC 6891). */
interface Edns {
  readonly payloadOctets: number;
  readonly dnssecOk: boolean;
  readonly subnet?: ClientSubnet;
}

/** A query that can be answered, or the code that refuses it. */
export type Query =
  | { readonly envelope: Envelope; readonly question: Question }
  | { readonly envelope: Envelope; readonly fault: Rcode };

/**
 * The name that starts at `start`, uncompressed. dns-packet reads labels as UTF-8 and joins them by dots, so that
 * odd octets would come back changed; here they become `\DDD`.
 */
function readName(message: Buffer, start: number): { name: string; end: number } | undefined {
  const labels: string[] = [];
  let at = start;
  for (;;) {
    const length = message[at];
    if (length === undefined || length > 63) return undefined;
    at += 1;
    if (length === 0) break;
    const label = message.subarray(at, at + length).toString("latin1");
    labels.push(label.replace(/[^!-~]|[.\\]/g, (odd) => `\\${String(odd.charCodeAt(0)).padStart(3, "0")}`));
    at += length;
  }
  return { name: labels.length === 0 ? "." : labels.join("."), end: at };
}

/** Reads the OPT record: what it says, or the code that refuses it. */
function readEdns(opt: OptAnswer): { edns: Edns; fault?: Rcode } {
  const edns = { payloadOctets: opt.udpPayloadSize, dnssecOk: (opt.flags & EDNS_DNSSEC_OK) !== 0 };
  if (opt.ednsVersion !== 0) return { edns, fault: "BADVERS" };
  const option = opt.options.find((one: PacketOpt) => one.code === CLIENT_SUBNET_CODE);
  if (option === undefined) return { edns };
  const subnet = readClientSubnet(option.data ?? Buffer.alloc(0));
  return subnet === undefined ? { edns, fault: "FORMERR" } : { edns: { ...edns, subnet } };
}

/**
 * Reads a query. Undefined when there is nothing to answer: no whole header, or a response (answering responses
 * would let two servers talk to each other for ever).
 */
export function readQuery(message: Buffer): Query | undefined {
  if (message.length < HEADER_OCTETS) return undefined;
  const flags = message.readUInt16BE(2);
  if ((flags & FLAG.response) !== 0) return undefined;
  const header = {
    id: message.readUInt16BE(0),
    opcode: (flags >> 11) & 0xf,
    recursionDesired: (flags & FLAG.recursionDesired) !== 0,
  };
  if (header.opcode !== 0) return { envelope: header, fault: "NOTIMP" };
  const malformed: Query = { envelope: header, fault: "FORMERR" };
  if (message.readUInt16BE(4) !== 1) return malformed;

  let packet: dnsPacket.DecodedPacket;
  try {
    packet = dnsPacket.decode(message);
  } catch {
    return malformed;
  }
  const asked = packet.questions?.[0];
  const name = readName(message, HEADER_OCTETS);
  if (asked === undefined || name === undefined || dnsPacket.decode.bytes !== message.length)
    return malformed;
  const octets = message.subarray(HEADER_OCTETS, name.end + 4);
  const envelope: Envelope = { ...header, question: { name: name.name, octets } };

  const opts = (packet.additionals ?? []).filter((record) => record.type === "OPT");
  const [opt] = opts;
  if (opts.length > 1 || (opt !== undefined && opt.name !== ".")) return { envelope, fault: "FORMERR" };
  const { edns, fault } = opt === undefined ? {} : readEdns(opt);
  const withEdns: Envelope = edns === undefined ? envelope : { ...envelope, edns };
  if (fault !== undefined) return { envelope: withEdns, fault };
  const question = { name: name.name, type: typeName(asked.type), class: asked.class ?? "IN" };
  return { envelope: withEdns, question };
}

function recordsOf(set: ServedSet): PresentedRecord[] {
  return set.data.map((data) => ({ name: set.name, type: set.type, ttlSeconds: set.ttlSeconds, data }));
}

function optRecord(edns: Edns, reply: Reply): Buffer {
  const { subnet } = edns;
  const options: PacketOpt[] =
    subnet === undefined
      ? []
      : [
          {
            code: CLIENT_SUBNET_CODE,
            ip: undefined,
            data: clientSubnetReply(subnet, reply.scopePrefixLength),
          },
        ];
  const opt: OptAnswer = {
    type: "OPT",
    name: ".",
    udpPayloadSize: MAX_UDP_OCTETS,
    extendedRcode: RCODES[reply.rcode] >> 4,
    ednsVersion: 0,
    flags: edns.dnssecOk ? EDNS_DNSSEC_OK : 0,
    flag_do: edns.dnssecOk,
    options,
  };
  return dnsPacket.encode({ additionals: [opt] }).subarray(HEADER_OCTETS);
}

function maximumOctets(edns: Edns | undefined, transport: Transport): number {
  if (transport === "tcp") return MAX_TCP_OCTETS;
  if (edns === undefined) return PLAIN_UDP_OCTETS;
  return Math.min(Math.max(edns.payloadOctets, PLAIN_UDP_OCTETS), MAX_UDP_OCTETS);
}

/**
 * Writes the reply. When answer and authority do not fit, both are left out and TC is set: half a set is of no
 * use to anyone (RFC 2181 section 9). Addresses of targets that do not fit are left out set by set, without TC.
 */
export function writeReply(envelope: Envelope, reply: Reply, transport: Transport): Buffer {
  const opt = envelope.edns === undefined ? Buffer.alloc(0) : optRecord(envelope.edns, reply);
  const limit = maximumOctets(envelope.edns, transport) - opt.length;
  const start = Buffer.concat([Buffer.alloc(HEADER_OCTETS), envelope.question?.octets ?? Buffer.alloc(0)]);
  const sections = new CompressedSections(start, envelope.question?.name);

  const answers = reply.answers.flatMap(recordsOf);
  const authority = reply.authority.flatMap(recordsOf);
  const fits = sections.append([...answers, ...authority], limit);
  let additionalCount = opt.length > 0 ? 1 : 0;
  for (const set of fits ? reply.additional : []) {
    const records = recordsOf(set);
    if (!sections.append(records, limit)) break;
    additionalCount += records.length;
  }

  const message = Buffer.concat([sections.octets, opt]);
  const flags =
    FLAG.response |
    (envelope.opcode << 11) |
    (reply.authoritative ? FLAG.authoritative : 0) |
    (fits ? 0 : FLAG.truncated) |
    (envelope.recursionDesired ? FLAG.recursionDesired : 0) |
    (RCODES[reply.rcode] & 0xf);
  message.writeUInt16BE(envelope.id, 0);
  message.writeUInt16BE(flags, 2);
  message.writeUInt16BE(envelope.question === undefined ? 0 : 1, 4);
  message.writeUInt16BE(fits ? answers.length : 0, 6);
  message.writeUInt16BE(fits ? authority.length : 0, 8);
  message.writeUInt16BE(additionalCount, 10);
  return message;
}
