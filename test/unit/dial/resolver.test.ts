import dgram from "node:dgram";
import { once } from "node:events";
import net from "node:net";
import dnsPacket, { type DecodedPacket, type Packet } from "dns-packet";
import { afterEach, describe, expect, it } from "vitest";
import { createResolver, ResolverError } from "../../../dial/resolver.ts";

const HOST = "127.0.0.1";
const cleanUps: (() => void)[] = [];

afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

/** A UDP server that sends, for the query of each attempt, the messages that the script gives. */
async function scripted(script: (query: DecodedPacket, attempt: number) => (Packet | Buffer)[]) {
  const socket = dgram.createSocket("udp4");
  cleanUps.push(() => socket.close());
  const queries: DecodedPacket[] = [];
  socket.on("message", (message, peer) => {
    const query = dnsPacket.decode(message);
    queries.push(query);
    for (const reply of script(query, queries.length)) {
      socket.send(Buffer.isBuffer(reply) ? reply : dnsPacket.encode(reply), peer.port, peer.address);
    }
  });
  socket.bind(0, HOST);
  await once(socket, "listening");
  const { port } = socket.address();
  return { port, address: `${HOST}:${port}`, queries };
}

/** A TCP server on the port that writes what the script gives for the first query, then closes if told so. */
async function tcpOn(
  port: number,
  script: (query: DecodedPacket) => Buffer[],
  closes = false,
): Promise<void> {
  const server = net.createServer((socket) => {
    cleanUps.push(() => socket.destroy());
    socket.once("data", (chunk: Buffer) => {
      for (const piece of script(dnsPacket.decode(chunk.subarray(2)))) socket.write(piece);
      if (closes) socket.end();
    });
    socket.on("error", () => undefined);
  });
  cleanUps.push(() => server.close());
  server.listen(port, HOST);
  await once(server, "listening");
}

function reply(query: DecodedPacket, address: string, flags = dnsPacket.AUTHORITATIVE_ANSWER): Packet {
  const questions = query.questions ?? [];
  const name = questions[0]?.name ?? "";
  const id = query.id ?? 0;
  return { type: "response", id, flags, questions, answers: [{ name, type: "A", ttl: 60, data: address }] };
}

const record = (data: string) => ({ name: "a.example", type: "A", ttlSeconds: 60, data });
const quick = { timeoutMilliseconds: 300, retries: 0 };

describe("a query", () => {
  it("asks with EDNS at 1232 octets and gives records in presentation form", async () => {
    const { address, queries } = await scripted((query) => [
      {
        ...reply(query, "192.0.2.1"),
        additionals: [{ name: "B.example", type: "AAAA", ttl: 5, data: "2001:db8::b" }],
      },
    ]);
    const result = await createResolver({ address }).query("a.example", "A");
    expect(result).toEqual({
      rcode: "NOERROR",
      records: [record("192.0.2.1")],
      additional: [{ name: "b.example", type: "AAAA", ttlSeconds: 5, data: "2001:db8::b" }],
      truncatedThenTcp: false,
    });
    expect(queries[0]?.additionals).toMatchObject([{ type: "OPT", udpPayloadSize: 1232, ednsVersion: 0 }]);
  });

  it("passes the client's network on, bits behind the prefix cleared", async () => {
    const { address, queries } = await scripted((query) => [reply(query, "192.0.2.1")]);
    const clientSubnet = { address: "198.51.111.77", prefixLength: 20 };
    await createResolver({ address, clientSubnet }).query("a.example", "A");
    const [opt] = queries[0]?.additionals ?? [];
    expect(opt?.type === "OPT" && opt.options[0]?.data).toEqual(Buffer.from([0, 1, 20, 0, 198, 51, 96]));
  });

  it.each([
    [3, "NXDOMAIN"],
    [5, "REFUSED"],
    [9, "RCODE9"],
  ])("that is answered by code %i gives %s", async (code, rcode) => {
    const { address } = await scripted((query) => [{ ...reply(query, "192.0.2.1", code), answers: [] }]);
    expect(await createResolver({ address }).query("a.example", "A")).toMatchObject({ rcode, records: [] });
  });

  it("joins the two halves of a code above 15 (RFC 6891)", async () => {
    const opt = {
      type: "OPT",
      name: ".",
      udpPayloadSize: 1232,
      extendedRcode: 1,
      ednsVersion: 0,
      flags: 0,
    } as const;
    const { address } = await scripted((query) => [
      { ...reply(query, "192.0.2.1"), answers: [], additionals: [{ ...opt, flag_do: false, options: [] }] },
    ]);
    expect((await createResolver({ address }).query("a.example", "A")).rcode).toBe("BADVERS");
  });

  it("takes an error that comes without its question, but no answer without it", async () => {
    const bare = (query: DecodedPacket, flags: number): Packet => ({
      ...reply(query, "192.0.2.66", flags),
      questions: [],
    });
    const { address } = await scripted((query) => [bare(query, 0), { ...bare(query, 1), answers: [] }]);
    expect((await createResolver({ address }).query("a.example", "A")).rcode).toBe("FORMERR");
  });

  it("passes over messages that answer something else, or nothing", async () => {
    const { address } = await scripted((query) => {
      const wrong = reply(query, "192.0.2.66");
      return [
        { ...wrong, id: ((query.id ?? 0) + 1) & 0xffff },
        { ...wrong, questions: [{ name: "b.example", type: "A" }] },
        { ...wrong, questions: [{ name: "a.example", type: "AAAA" }] },
        { ...wrong, type: "query" },
        dnsPacket.encode(wrong).subarray(0, 30),
        Buffer.from([1, 2, 3]),
        reply(query, "192.0.2.1"),
      ];
    });
    expect((await createResolver({ address }).query("a.example", "A")).records).toEqual([
      record("192.0.2.1"),
    ]);
  });

  it("that stays unanswered is sent again", async () => {
    const { address, queries } = await scripted((query, attempt) =>
      attempt < 3 ? [] : [reply(query, "192.0.2.1")],
    );
    const resolver = createResolver({ address, timeoutMilliseconds: 300, retries: 2 });
    expect((await resolver.query("a.example", "A")).records).toEqual([record("192.0.2.1")]);
    expect(queries).toHaveLength(3);
  });

  it("that is never answered fails after the given attempts, and says whom it asked for what", async () => {
    const { address, queries } = await scripted(() => []);
    const query = createResolver({ address, timeoutMilliseconds: 100, retries: 1 }).query("a.example", "SRV");
    await expect(query).rejects.toThrow(
      new ResolverError(`name server ${address}, a.example SRV: no answer within 100 ms, 2 attempts`),
    );
    expect(queries).toHaveLength(2);
  });

  it("to a closed port says that it was refused", async () => {
    const { address } = await scripted(() => []);
    cleanUps.pop()?.();
    await expect(createResolver({ address, ...quick }).query("a.example", "A")).rejects.toThrow(
      /ECONNREFUSED/,
    );
  });

  it.each(["", ".", "a..example", "a b.example", `${"x".repeat(64)}.example`, `${"x.".repeat(130)}example`])(
    "for %j is not sent",
    async (name) => {
      const query = createResolver({ address: `${HOST}:9`, ...quick }).query(name, "A");
      await expect(query).rejects.toThrow("is no domain name");
    },
  );
});

describe("a truncated answer", () => {
  const truncated = async () =>
    scripted((query) => [reply(query, "192.0.2.66", dnsPacket.TRUNCATED_RESPONSE)]);

  it("is asked for again over TCP, however its octets arrive", async () => {
    const { address, port } = await truncated();
    await tcpOn(port, (query) =>
      [...dnsPacket.streamEncode(reply(query, "192.0.2.1"))].map((octet) => Buffer.from([octet])),
    );
    const result = await createResolver({ address }).query("a.example", "A");
    expect(result).toMatchObject({ records: [record("192.0.2.1")], truncatedThenTcp: true });
  });

  it.each([
    ["is refused over TCP", undefined, false, /ECONNREFUSED/],
    ["meets silence over TCP", () => [], false, /no answer over TCP within 300 ms/],
    ["meets a closed connection", () => [Buffer.from([0])], true, /closed before the answer/],
    [
      "meets an answer to something else",
      (query: DecodedPacket) => [
        dnsPacket.streamEncode({ ...reply(query, "192.0.2.1"), id: ((query.id ?? 0) + 1) & 0xffff }),
      ],
      false,
      /malformed/,
    ],
  ] as const)("that %s fails", async (_, script, closes, fault) => {
    const { address, port } = await truncated();
    if (script !== undefined) await tcpOn(port, script, closes);
    await expect(createResolver({ address, ...quick }).query("a.example", "A")).rejects.toThrow(fault);
  });
});

describe("a resolver", () => {
  it("is not made for an address or a client network that cannot be read", () => {
    expect(() => createResolver({ address: "localhost" })).toThrow(/is not IP:PORT/);
    const clientSubnet = { address: "192.0.2.0", prefixLength: 33 };
    expect(() => createResolver({ address: "127.0.0.1:53", clientSubnet })).toThrow(/is no network/);
  });
});
