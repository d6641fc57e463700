import dnsPacket, { type DecodedPacket, type OptAnswer, type PacketOpt, type RecordType } from "dns-packet";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Transport } from "../../../../lab/dns/message.ts";
import { respond, type Served } from "../../../../lab/dns/respond.ts";
import type { ServedSet } from "../../../../lab/dns/zoneData.ts";
import { exampleZone, zoneOf } from "../../../support/zones.ts";

const served = (): Served => ({ zones: [exampleZone], nameServerAddress: "127.0.0.1" });

interface QueryOptions {
  readonly payloadOctets?: number;
  readonly version?: number;
  readonly options?: PacketOpt[];
  readonly dnssecOk?: boolean;
}

/** A query of id 4711; with EDNS where options are given. */
function queryOctets(name: string, type: RecordType, edns?: QueryOptions): Buffer {
  const opt: OptAnswer = {
    type: "OPT",
    name: ".",
    udpPayloadSize: edns?.payloadOctets ?? 1232,
    extendedRcode: 0,
    ednsVersion: edns?.version ?? 0,
    flags: edns?.dnssecOk ? 0x8000 : 0,
    flag_do: false,
    options: edns?.options ?? [],
  };
  return dnsPacket.encode({
    type: "query",
    id: 4711,
    flags: dnsPacket.RECURSION_DESIRED,
    questions: [{ name, type }],
    additionals: edns === undefined ? [] : [opt],
  });
}

interface Received {
  readonly octets: Buffer;
  readonly packet: DecodedPacket;
  readonly rcode: number;
  readonly opt: OptAnswer | undefined;
}

function received(octets: Buffer | undefined): Received {
  if (octets === undefined) throw new Error("no response");
  const packet = dnsPacket.decode(octets);
  const opt = packet.additionals?.find((record): record is OptAnswer => record.type === "OPT");
  return { octets, packet, opt, rcode: ((opt?.extendedRcode ?? 0) << 4) | (octets.readUInt16BE(2) & 0xf) };
}

const send = (message: Buffer, transport: Transport = "udp", source = served): Received =>
  received(respond(message, "203.0.113.9", transport, source)?.octets);

describe("the response", () => {
  it("repeats id, question and RD, and sets QR and AA but never RA", () => {
    const { packet, octets } = send(queryOctets("FRA1.sip.example.net", "A"));
    expect(packet).toMatchObject({ id: 4711, flag_qr: true, flag_aa: true, flag_rd: true, flag_ra: false });
    expect(packet.questions).toMatchObject([{ name: "FRA1.sip.example.net", type: "A", class: "IN" }]);
    expect(packet.answers).toMatchObject([
      { name: "FRA1.sip.example.net", type: "A", data: "192.0.2.1", ttl: 60 },
    ]);
    expect(octets.readUInt16BE(2) & 0x0100).not.toBe(0);
  });

  it("names its owners by pointers: 40 octets for an SRV row and 16 for an address of its target", () => {
    const { octets, packet } = send(queryOctets("_sips._tcp.euro.sip.example.net", "SRV"));
    const question = 12 + 33 + 4;
    expect(octets.length).toBe(question + 2 * 40 + 16 + 28 + 16);
    expect(packet.answers?.map((answer) => answer.name)).toEqual([
      "_sips._tcp.euro.sip.example.net",
      "_sips._tcp.euro.sip.example.net",
    ]);
    expect(packet.additionals?.map((answer) => answer.name)).toEqual([
      "fra1.sip.example.net",
      "fra1.sip.example.net",
      "lhr1.sip.example.net",
    ]);
  });

  it("writes SRV targets in full (RFC 2782)", () => {
    const { octets } = send(queryOctets("_sips._tcp.euro.sip.example.net", "SRV"));
    const target = Buffer.from("\x04fra1\x03sip\x07example\x03net\x00", "latin1");
    expect(octets.indexOf(target)).toBeGreaterThan(0);
  });

  it("can be read by another implementation for every set of the zone", () => {
    for (const [name, type] of [
      ["www.sip.example.net", "A"],
      ["text.sip.example.net", "TXT"],
      ["sip.example.net", "CAA"],
      ["sip.example.net", "SOA"],
      ["sip.example.net", "NS"],
      ["_sip._udp.off.sip.example.net", "SRV"],
    ] as const) {
      expect(send(queryOctets(name, type)).packet.answers?.at(-1)?.type).toBe(
        name.startsWith("www") ? "A" : type,
      );
    }
  });

  it("keeps odd octets of the question as they came", () => {
    const message = queryOctets("xxx.sip.example.net", "A");
    message.set([0xff, 0x2e, 0x00], 13);
    const { octets, rcode, packet } = send(message);
    expect(rcode).toBe(3);
    expect(octets.subarray(12, 12 + 25)).toEqual(message.subarray(12, 12 + 25));
    expect(packet.authorities?.[0]?.name).toBe("sip.example.net");
  });

  it("does not take a dot inside a label for a label's end", () => {
    const message = queryOctets("fra1xsip.example.net", "A");
    message[12 + 1 + 4] = 0x2e;
    expect(send(message).rcode).toBe(5);
  });
});

describe("an answer that is too long", () => {
  const many = "_sips._tcp.many.sip.example.net";
  const wide = "_sips._tcp.wide.sip.example.net";

  it("for plain UDP is cut at 512 octets: TC and empty sections", () => {
    const { octets, packet } = send(queryOctets(wide, "SRV"));
    expect(packet).toMatchObject({ flag_tc: true, answers: [], authorities: [], additionals: [] });
    expect(octets.length).toBe(49);
  });

  it("never exceeds 1232 octets however much the asker accepts", () => {
    const { octets, packet, opt } = send(queryOctets(many, "SRV", { payloadOctets: 65535 }));
    expect(packet.flag_tc).toBe(true);
    expect(octets.length).toBeLessThanOrEqual(1232);
    expect(opt?.udpPayloadSize).toBe(1232);
  });

  it("keeps to what the asker accepts, and takes less than 512 for 512", () => {
    const rows = 10 * 38 + 12 * 39;
    const exact = 49 + rows + 11;
    expect(send(queryOctets(wide, "SRV", { payloadOctets: exact - 1 })).packet.flag_tc).toBe(true);
    const whole = send(queryOctets(wide, "SRV", { payloadOctets: exact }));
    expect(whole.packet.flag_tc).toBe(false);
    expect(whole.packet.answers).toHaveLength(22);
    expect(whole.packet.additionals).toHaveLength(1);
    expect(
      send(queryOctets("_sips._tcp.euro.sip.example.net", "SRV", { payloadOctets: 10 })).octets.length,
    ).toBe(200);
  });

  it("only by its additional addresses loses some of those, without TC", () => {
    const { packet, octets } = send(queryOctets(wide, "SRV", { payloadOctets: 1232 }));
    expect(packet.flag_tc).toBe(false);
    expect(packet.answers).toHaveLength(22);
    const addresses = packet.additionals?.filter((record) => record.type === "A").length ?? 0;
    expect(addresses).toBeGreaterThan(0);
    expect(addresses).toBeLessThan(22);
    expect(octets.length).toBeLessThanOrEqual(1232);
  });

  it("comes whole over TCP", () => {
    const { packet } = send(queryOctets(many, "SRV"), "tcp");
    expect(packet.flag_tc).toBe(false);
    expect(packet.answers).toHaveLength(40);
    expect(packet.additionals).toHaveLength(40);
  });
});

describe("EDNS", () => {
  it("is answered with EDNS and only then, DO repeated", () => {
    expect(send(queryOctets("sip.example.net", "A")).opt).toBeUndefined();
    expect(send(queryOctets("sip.example.net", "A", {})).opt).toMatchObject({ ednsVersion: 0, flags: 0 });
    expect(send(queryOctets("sip.example.net", "A", { dnssecOk: true })).opt?.flag_do).toBe(true);
  });

  it("of another version is BADVERS with version 0 and no answer", () => {
    const { rcode, opt, packet } = send(queryOctets("sip.example.net", "A", { version: 1 }));
    expect(rcode).toBe(16);
    expect(opt?.ednsVersion).toBe(0);
    expect(packet.answers).toEqual([]);
  });

  it("twice is FORMERR", () => {
    const opt = dnsPacket.decode(queryOctets("sip.example.net", "A", {})).additionals ?? [];
    const questions = [{ name: "sip.example.net", type: "A" as const }];
    expect(send(dnsPacket.encode({ questions, additionals: [...opt, ...opt] })).rcode).toBe(1);
  });
});

describe("the client subnet", () => {
  const geo = zoneOf("geo.example.net", [], (name, type, asker): ServedSet | undefined =>
    type === "A"
      ? { name, type, ttlSeconds: 30, data: [asker.subnet?.address ?? "192.0.2.255"], scopePrefixLength: 16 }
      : undefined,
  );
  const geoServed = (): Served => ({ zones: [exampleZone, geo], nameServerAddress: "127.0.0.1" });
  const ask = (data: number[], name = "geo.example.net") =>
    send(
      queryOctets(name, "A", { options: [{ code: 8, ip: undefined, data: Buffer.from(data) }] }),
      "udp",
      geoServed,
    );
  const subnetOf = ({ opt }: Received) => opt?.options.find((option) => option.code === 8)?.data;

  it("reaches the zone, and comes back with the scope used", () => {
    const reply = ask([0, 1, 24, 0, 198, 51, 100]);
    expect(reply.packet.answers).toMatchObject([{ data: "198.51.100.0" }]);
    expect(subnetOf(reply)).toEqual(Buffer.from([0, 1, 24, 16, 198, 51, 100]));
  });

  it("is read for IPv6 too", () => {
    const zone = zoneOf("geo.example.net", [], (name, type, asker) =>
      type === "TXT"
        ? { name, type, ttlSeconds: 30, data: [`"${asker.subnet?.address}/${asker.subnet?.prefixLength}"`] }
        : undefined,
    );
    const option = {
      code: 8 as const,
      ip: undefined,
      data: Buffer.from([0, 2, 32, 0, 0x20, 0x01, 0x0d, 0xb8]),
    };
    const { packet } = send(queryOctets("geo.example.net", "TXT", { options: [option] }), "udp", () => ({
      zones: [zone],
      nameServerAddress: "127.0.0.1",
    }));
    expect(String(packet.answers?.[0]?.type === "TXT" && packet.answers[0].data)).toBe("2001:db8::/32");
  });

  it("has scope 0 where place decided nothing, and in a refusal", () => {
    expect(subnetOf(ask([0, 1, 24, 0, 198, 51, 100], "fra1.sip.example.net"))?.[3]).toBe(0);
    expect(subnetOf(ask([0, 1, 24, 0, 198, 51, 100], "example.com"))?.[3]).toBe(0);
  });

  it("of length 0 asks not to be located", () => {
    const reply = ask([0, 1, 0, 0]);
    expect(reply.packet.answers).toMatchObject([{ data: "192.0.2.255" }]);
    expect(subnetOf(reply)).toEqual(Buffer.from([0, 1, 0, 16]));
  });

  it.each([
    ["an unknown family", [0, 3, 8, 0, 1]],
    ["a prefix too long for the family", [0, 1, 33, 0, 1, 2, 3, 4, 5]],
    ["too few octets", [0, 1, 24, 0, 198, 51]],
    ["too many octets", [0, 1, 24, 0, 198, 51, 100, 0]],
    ["bits behind the prefix", [0, 1, 20, 0, 198, 51, 0x1f]],
    ["a scope in the query", [0, 1, 24, 24, 198, 51, 100]],
  ])("with %s is FORMERR", (_, data) => {
    const reply = ask(data);
    expect(reply.rcode).toBe(1);
    expect(reply.opt).toBeDefined();
  });
});

describe("a message that is no good query", () => {
  const good = queryOctets("sip.example.net", "A");
  const changed = (at: number, value: number): Buffer => {
    const message = Buffer.from(good);
    message.writeUInt16BE(value, at);
    return message;
  };

  /** The pointer leads to the high octet of QDCOUNT, which reads as the root; what follows is long enough for a label. */
  const padding: PacketOpt = { code: 12, data: Buffer.alloc(300) };
  const afterName = queryOctets("x", "A", { options: [padding] }).subarray(15);
  const pointerQuestion = Buffer.concat([
    queryOctets("x", "A", {}).subarray(0, 12),
    Buffer.from([0xc0, 0x04]),
    afterName,
  ]);

  it("gets no answer when it is a response, or too short for a header", () => {
    expect(respond(changed(2, 0x8000), "203.0.113.9", "udp", served)).toBeUndefined();
    expect(respond(good.subarray(0, 11), "203.0.113.9", "udp", served)).toBeUndefined();
  });

  it.each([
    ["no question", changed(4, 0)],
    ["two questions", changed(4, 2)],
    ["a question cut short", good.subarray(0, 20)],
    ["octets behind its end", Buffer.concat([good, Buffer.from([0])])],
    ["a pointer in its question", changed(12, 0xc000)],
    ["a pointer in its question that leads to a name", pointerQuestion],
    ["a record less than it says", changed(10, 1)],
  ])("is FORMERR with %s", (_, message) => {
    expect(send(message)).toMatchObject({ rcode: 1, packet: { id: 4711, flag_aa: false, answers: [] } });
  });

  it("is NOTIMP with another opcode, which comes back", () => {
    const { rcode, octets } = send(changed(2, 5 << 11));
    expect(rcode).toBe(4);
    expect((octets.readUInt16BE(2) >> 11) & 0xf).toBe(5);
  });
});

describe("a zone that fails", () => {
  it.each([
    [
      "throws",
      () => {
        throw new Error("broken");
      },
    ],
    [
      "holds data that is no address",
      (name: string, type: string) => ({ name, type, ttlSeconds: 1, data: ["no"] }),
    ],
  ])("makes SERVFAIL when it %s", (_, rule) => {
    const zone = zoneOf("sip.example.net", [], rule);
    const source = () => ({ zones: [zone], nameServerAddress: "127.0.0.1" });
    expect(send(queryOctets("a.sip.example.net", "A"), "udp", source).rcode).toBe(2);
  });
});

describe("any octets at all", () => {
  const withinLimits = (message: Uint8Array, transport: Transport) => {
    const response = respond(Buffer.from(message), "203.0.113.9", transport, served);
    if (response === undefined) return;
    const packet = dnsPacket.decode(response.octets);
    expect(packet.flag_qr).toBe(true);
    expect(packet.id).toBe(Buffer.from(message).readUInt16BE(0));
    expect(response.octets.length).toBeLessThanOrEqual(transport === "udp" ? 1232 : 65535);
  };

  it("never throw, and what is said to them can be read", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.constantFrom("udp", "tcp"), (message, transport) =>
        withinLimits(message, transport),
      ),
      { numRuns: 2000 },
    );
  });

  it("never throw when they are a query with some octets changed", () => {
    const seeds = [
      queryOctets("_sips._tcp.many.sip.example.net", "SRV", {
        options: [{ code: 8, ip: "192.0.2.0", sourcePrefixLength: 24 }],
      }),
      queryOctets("www.sip.example.net", "A", {}),
    ];
    const mutation = fc.tuple(fc.nat({ max: 120 }), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(
        fc.constantFrom(...seeds),
        fc.array(mutation, { maxLength: 6 }),
        fc.nat({ max: 120 }),
        (seed, mutations, cut) => {
          const message = Buffer.from(seed);
          for (const [at, value] of mutations) message[at % message.length] = value;
          withinLimits(message, "udp");
          withinLimits(message.subarray(0, cut), "tcp");
        },
      ),
      { numRuns: 3000 },
    );
  });
});
