import dnsPacket from "dns-packet";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromAnswer, toAnswer } from "../../../dial/recordData.ts";

/** The data after a way over the wire. */
function overTheWire(type: string, data: string): string {
  const message = dnsPacket.encode({
    type: "response",
    answers: [toAnswer({ name: "a.example", type, ttlSeconds: 7, data })],
  });
  const answer = dnsPacket.decode(message).answers?.[0];
  if (answer === undefined || answer.type === "OPT") throw new Error("no record");
  const record = fromAnswer(answer);
  expect(record).toMatchObject({ name: "a.example", type, ttlSeconds: 7 });
  return record.data;
}

describe("data in presentation form", () => {
  it.each([
    ["A", "192.0.2.1", "192.0.2.1"],
    ["AAAA", "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["AAAA", "2001:DB8:0:1:0:0:0:1", "2001:db8:0:1::1"],
    ["AAAA", "::1", "::1"],
    ["SRV", "10 50 5061 FRA1.example", "10 50 5061 fra1.example"],
    ["SRV", "0 0 0 .", "0 0 0 ."],
    ["CNAME", "b.example", "b.example"],
    ["NS", "ns.example", "ns.example"],
    ["CAA", '0 issue "ca.example.com"', '0 issue "ca.example.com"'],
    ["CAA", "128 issuewild ;", '128 issuewild ";"'],
    ["SOA", "ns.example hostmaster.example 1 2 3 4 5", "ns.example hostmaster.example 1 2 3 4 5"],
    ["TXT", "bare words", '"bare" "words"'],
    ["TXT", '"a \\"b\\" \\\\ \\255" c', '"a \\"b\\" \\\\ \\255" "c"'],
    ["TXT", '""', '""'],
  ])("of type %s: %s comes back as %s", (type, data, back) => {
    expect(overTheWire(type, data)).toBe(back);
  });

  it("of TXT survives whatever octets it holds", () => {
    const printable = fc.string({
      unit: fc.constantFrom(..." !#$[]^~abcXYZ019;()@"),
      minLength: 1,
      maxLength: 200,
    });
    fc.assert(
      fc.property(fc.array(printable, { minLength: 1, maxLength: 4 }), (strings) => {
        const text = strings.map((string) => `"${string}"`).join(" ");
        expect(overTheWire("TXT", text)).toBe(text);
      }),
    );
  });

  it("of TXT longer than one string is cut at 255 octets", () => {
    expect(overTheWire("TXT", "x".repeat(300))).toBe(`"${"x".repeat(255)}" "${"x".repeat(45)}"`);
  });

  it.each([
    ["A", "192.0.2"],
    ["A", "2001:db8::1"],
    ["AAAA", "192.0.2.1"],
    ["SRV", "10 50 5061"],
    ["SRV", "10 65536 5061 a.example"],
    ["CAA", "0 issue"],
    ["SOA", "ns.example hostmaster.example 1 2 3 4"],
    ["MX", "10 mail.example"],
  ])("of type %s is not taken when it is %s", (type, data) => {
    expect(() => toAnswer({ name: "a.example", type, ttlSeconds: 7, data })).toThrow();
  });

  it("of a type without a form of its own is that of RFC 3597", () => {
    const record = fromAnswer({ name: "A.Example", type: "NULL", ttl: 3, data: Buffer.from([1, 0xab]) });
    expect(record).toEqual({ name: "a.example", type: "NULL", ttlSeconds: 3, data: "\\# 2 01ab" });
  });

  it("of NAPTR has its strings quoted", () => {
    const data = {
      order: 10,
      preference: 20,
      flags: "s",
      services: "SIPS+D2T",
      regexp: "",
      replacement: "_sips._tcp.Example",
    };
    expect(fromAnswer({ name: "example", type: "NAPTR", data }).data).toBe(
      '10 20 "s" "SIPS+D2T" "" _sips._tcp.example',
    );
  });
});
