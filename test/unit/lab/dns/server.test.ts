import dgram from "node:dgram";
import { once } from "node:events";
import net from "node:net";
import dnsPacket from "dns-packet";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AnsweredQuery } from "../../../../lab/dns/respond.ts";
import { type DnsServer, startDnsServer } from "../../../../lab/dns/server.ts";
import { exampleZone, zoneOf } from "../../../support/zones.ts";

const HOST = "127.0.0.1";

const queryOctets = (name: string, id = 1): Buffer =>
  dnsPacket.encode({ type: "query", id, questions: [{ name, type: "A" }] });

const framed = (message: Buffer): Buffer => {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
};

let server: DnsServer;
const seen: AnsweredQuery[] = [];

beforeAll(async () => {
  server = await startDnsServer({
    zones: () => [exampleZone],
    host: HOST,
    onQuery: (query) => seen.push(query),
  });
});

afterAll(async () => server.close());

/** Sends over UDP and waits for the next message. */
async function askUdp(message: Buffer, to: DnsServer = server): Promise<dnsPacket.DecodedPacket> {
  const socket = dgram.createSocket("udp4");
  try {
    socket.send(message, to.port, HOST);
    const [octets] = await once(socket, "message", { signal: AbortSignal.timeout(5000) });
    return dnsPacket.decode(octets);
  } finally {
    socket.close();
  }
}

/** Writes the chunks and reads until `count` whole messages came or the server closed. */
async function askTcp(
  chunks: readonly Buffer[],
  count: number,
  to: DnsServer = server,
): Promise<dnsPacket.DecodedPacket[]> {
  const socket = net.connect(to.port, HOST);
  socket.setNoDelay(true);
  const messages: dnsPacket.DecodedPacket[] = [];
  let pending = Buffer.alloc(0);
  const done = new Promise<void>((resolve) => {
    socket.on("data", (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
        const end = 2 + pending.readUInt16BE(0);
        messages.push(dnsPacket.decode(pending.subarray(2, end)));
        pending = pending.subarray(end);
      }
      if (messages.length === count) resolve();
    });
    socket.on("close", () => resolve());
    socket.on("error", () => resolve());
  });
  for (const chunk of chunks) {
    socket.write(chunk);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await done;
  socket.destroy();
  return messages;
}

const expectAlive = async (): Promise<void> => {
  const name = "fra1.sip.example.net";
  expect((await askUdp(queryOctets(name, 77))).answers).toMatchObject([{ data: "192.0.2.1" }]);
  expect((await askTcp([framed(queryOctets(name))], 1))[0]?.answers).toMatchObject([{ data: "192.0.2.1" }]);
};

describe("the server", () => {
  it("answers over UDP and TCP on one port, and tells of each query", async () => {
    seen.length = 0;
    await expectAlive();
    expect(
      seen.map((query) => [query.question.name, query.asker.address, query.transport, query.reply.rcode]),
    ).toEqual([
      ["fra1.sip.example.net", HOST, "udp", "NOERROR"],
      ["fra1.sip.example.net", HOST, "tcp", "NOERROR"],
    ]);
  });

  it("asks for its zones anew with each query", async () => {
    let address = "192.0.2.1";
    const changing = await startDnsServer({
      zones: () => [zoneOf("x.example", [`x.example 1 A ${address}`])],
      host: HOST,
    });
    expect((await askUdp(queryOctets("x.example"), changing)).answers).toMatchObject([{ data: "192.0.2.1" }]);
    address = "192.0.2.2";
    expect((await askUdp(queryOctets("x.example"), changing)).answers).toMatchObject([{ data: "192.0.2.2" }]);
    await changing.close();
  });

  it("refuses to start on a port that is taken", async () => {
    await expect(startDnsServer({ zones: () => [], host: HOST, port: server.port })).rejects.toThrow(
      "EADDRINUSE",
    );
    await expectAlive();
  });

  it("gives its port back when it is closed, also with a connection open", async () => {
    const patience = { tcpIdleTimeoutMilliseconds: 3_600_000 };
    const first = await startDnsServer({ zones: () => [], host: HOST, ...patience });
    const connection = net.connect(first.port, HOST);
    await once(connection, "connect");
    await first.close();
    const second = await startDnsServer({ zones: () => [], host: HOST, port: first.port });
    expect(second.port).toBe(first.port);
    await second.close();
    connection.destroy();
  });
});

describe("a TCP connection", () => {
  it("takes many queries at once and answers them in order", async () => {
    const queries = Array.from({ length: 200 }, (_, id) => framed(queryOctets("sip.example.net", id)));
    const answers = await askTcp([Buffer.concat(queries)], 200);
    expect(answers.map((answer) => answer.id)).toEqual(Array.from({ length: 200 }, (_, id) => id));
  });

  it("takes a query octet by octet", async () => {
    const octets = framed(queryOctets("sip.example.net", 9));
    const answers = await askTcp(
      [...octets].map((octet) => Buffer.from([octet])),
      1,
    );
    expect(answers).toMatchObject([{ id: 9 }]);
  });

  it("is closed when what it brings is no query", async () => {
    expect(await askTcp([framed(Buffer.alloc(0))], 1)).toEqual([]);
    expect(await askTcp([framed(Buffer.from([1, 2, 3]))], 1)).toEqual([]);
  });
});

describe("malformed messages", () => {
  const seed = queryOctets("_sips._tcp.euro.sip.example.net");
  const octets = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.tuple(fc.nat({ max: seed.length - 1 }), fc.integer({ min: 0, max: 255 })).map(([at, value]) => {
      const message = Buffer.from(seed);
      message[at] = value;
      return message;
    }),
  );

  it("over UDP leave the server answering", async () => {
    const socket = dgram.createSocket("udp4");
    const sendAndYield = async (message: Uint8Array): Promise<void> => {
      await new Promise<void>((resolve) => socket.send(message, server.port, HOST, () => resolve()));
      // Lets the server read, so that its receive buffer does not overflow.
      await new Promise((resolve) => setImmediate(resolve));
    };
    await fc.assert(fc.asyncProperty(octets, sendAndYield), { numRuns: 500 });
    socket.close();
    await expectAlive();
  });

  it("over TCP leave the server answering, framed or not", async () => {
    await fc.assert(
      fc.asyncProperty(octets, fc.boolean(), async (message, withLength) => {
        const socket = net.connect(server.port, HOST);
        socket.on("error", () => undefined);
        socket.resume();
        socket.end(withLength ? framed(Buffer.from(message)) : message);
        await once(socket, "close");
      }),
      { numRuns: 200 },
    );
    await expectAlive();
  });
});
