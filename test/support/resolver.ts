/**
 * A resolver for programs that ask one: it asks the name server of the zone, follows aliases from zone to zone, and
 * answers over UDP with all that it went through. It keeps nothing.
 */
import dgram from "node:dgram";
import { once } from "node:events";
import dnsPacket, { type RecordType } from "dns-packet";
import { type PresentedRecord, toAnswer } from "../../dial/recordData.ts";
import { createResolver } from "../../dial/resolver.ts";
import { isWithin } from "../../dns/names.ts";

export interface TestResolver {
  /** `127.0.0.1:PORT`. */
  readonly address: string;
  /** Each question so far: `TXT _acme-challenge.example.net`. */
  readonly questions: readonly string[];
  /** As the server answers them; of no zone of ours: NXDOMAIN. */
  resolve(name: string, type: RecordType): Promise<{ rcode: string; records: readonly PresentedRecord[] }>;
  close(): void;
}

const HOST = "127.0.0.1";
const MAX_ALIASES = 8;
const RCODES: Readonly<Record<string, number>> = { NOERROR: 0, SERVFAIL: 2, NXDOMAIN: 3 };

/** QR, RD and RA: a response of a resolver. */
const RESPONSE_FLAGS = 0x8180;

/** @param servers name server, `IP:PORT`, of each zone. */
export async function startResolver(servers: ReadonlyMap<string, string>): Promise<TestResolver> {
  const questions: string[] = [];
  const socket = dgram.createSocket("udp4");

  async function resolve(name: string, type: RecordType) {
    const records: PresentedRecord[] = [];
    let owner = name.toLowerCase();
    for (let aliases = 0; aliases <= MAX_ALIASES; aliases++) {
      const [, address] = [...servers].find(([zone]) => isWithin(owner, zone)) ?? [];
      if (address === undefined) return { rcode: "NXDOMAIN", records };
      const answer = await createResolver({ address }).query(owner, type);
      records.push(...answer.records);
      const last = answer.records.at(-1);
      if (type === "CNAME" || last?.type !== "CNAME") return { rcode: answer.rcode, records };
      owner = last.data.toLowerCase();
    }
    return { rcode: "SERVFAIL", records };
  }

  async function respond(message: Buffer): Promise<Buffer> {
    const { id, questions: asked = [] } = dnsPacket.decode(message);
    const [question] = asked;
    if (question === undefined) throw new Error("a message without a question");
    questions.push(`${question.type} ${question.name.toLowerCase()}`);
    const { rcode, records } = await resolve(question.name, question.type);
    return dnsPacket.encode({
      id: id ?? 0,
      type: "response",
      flags: RESPONSE_FLAGS | (RCODES[rcode] ?? RCODES.SERVFAIL ?? 0),
      questions: [question],
      answers: records.map(toAnswer),
    });
  }

  socket.on("message", (message, { port, address }) => {
    // Who asked for what cannot be answered waits, as with any resolver.
    respond(message).then(
      (response) => socket.send(response, port, address),
      () => undefined,
    );
  });
  socket.bind(0, HOST);
  await once(socket, "listening");
  return {
    address: `${HOST}:${socket.address().port}`,
    questions,
    resolve,
    close: () => socket.close(),
  };
}
