/** From the octets of a query to the octets of its response: the server without its sockets. */
import { answerQuestion, bareReply, type Question, type Reply } from "./authority.ts";
import { subnetNetwork } from "./clientSubnet.ts";
import { type Envelope, readQuery, type Transport, writeReply } from "./message.ts";
import type { Asker, ZoneData } from "./zoneData.ts";

/** What the server holds, and where it listens. */
export interface Served {
  readonly zones: readonly ZoneData[];
  readonly nameServerAddress: string;
}

/** One query as it was answered. */
export interface AnsweredQuery {
  readonly question: Question;
  readonly asker: Asker;
  readonly transport: Transport;
  readonly reply: Reply;
}

export interface Response {
  readonly octets: Buffer;
  /** Absent when the query was refused before its question was looked at. */
  readonly answered?: AnsweredQuery;
}

function askerOf(envelope: Envelope, address: string): Asker {
  const subnet = envelope.edns?.subnet && subnetNetwork(envelope.edns.subnet);
  return subnet === undefined ? { address } : { address, subnet };
}

/**
 * Responds to one message, or says nothing to one that is no query. Never throws: a zone that fails, or holds
 * data that cannot be written, makes SERVFAIL.
 */
export function respond(
  message: Buffer,
  address: string,
  transport: Transport,
  served: () => Served,
): Response | undefined {
  const query = readQuery(message);
  if (query === undefined) return undefined;
  const { envelope } = query;
  if ("fault" in query) return { octets: writeReply(envelope, bareReply(query.fault), transport) };
  const { question } = query;
  const asker = askerOf(envelope, address);
  try {
    const { zones, nameServerAddress } = served();
    const reply = answerQuestion(question, zones, asker, nameServerAddress);
    return {
      octets: writeReply(envelope, reply, transport),
      answered: { question, asker, transport, reply },
    };
  } catch {
    const reply = bareReply("SERVFAIL");
    return {
      octets: writeReply(envelope, reply, transport),
      answered: { question, asker, transport, reply },
    };
  }
}
