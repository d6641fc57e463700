import dnsPacket from "dns-packet";
import { describe, expect, it } from "vitest";
import type { PresentedRecord } from "../../../../dial/recordData.ts";
import { CompressedSections } from "../../../../lab/dns/compression.ts";

const HEADER_OCTETS = 12;

const address = (name: string): PresentedRecord => ({ name, type: "A", ttlSeconds: 60, data: "192.0.2.1" });

const service = (target: string): PresentedRecord => ({
  name: "_sips._tcp.example",
  type: "SRV",
  ttlSeconds: 60,
  data: `10 1 5061 ${target}`,
});

/** Owner names that another implementation reads. */
function owners(sections: CompressedSections, count: number): string[] {
  const message = Buffer.from(sections.octets);
  message.writeUInt16BE(count, 6);
  return dnsPacket.decode(message).answers?.map((answer) => answer.name) ?? [];
}

describe("owner names", () => {
  it("point at the longest part that was written before", () => {
    const sections = new CompressedSections(Buffer.alloc(HEADER_OCTETS));
    const names = [
      "fra1.sip.example",
      "fra1.sip.example",
      "lhr1.sip.example",
      "x.lhr1.SIP.example",
      "other.test",
      ".",
    ];
    const sizes: number[] = [];
    for (const name of names) {
      const before = sections.octets.length;
      sections.append([address(name)], 65535);
      sizes.push(sections.octets.length - before - 14);
    }
    expect(sizes).toEqual([18, 2, 7, 4, 12, 1]);
    expect(owners(sections, names.length)).toEqual([
      "fra1.sip.example",
      "fra1.sip.example",
      "lhr1.sip.example",
      "x.lhr1.sip.example",
      "other.test",
      ".",
    ]);
  });

  it("can still be read when the message is longer than a pointer reaches", () => {
    const sections = new CompressedSections(Buffer.alloc(HEADER_OCTETS));
    const targets = Array.from({ length: 600 }, (_, index) => `node${index}.site${index}.example`);
    sections.append(targets.map(service), 65535);
    sections.append(targets.map(address), 65535);
    expect(sections.octets.length).toBeGreaterThan(0x4000);
    expect(owners(sections, 1200).slice(600)).toEqual(targets);
  });
});

describe("records that do not fit", () => {
  it("leave the message as it was, and no name to point at", () => {
    const sections = new CompressedSections(Buffer.alloc(HEADER_OCTETS));
    const before = Buffer.from(sections.octets);
    expect(sections.append([service("a.sip.example"), service("b.sip.example")], 80)).toBe(false);
    expect(sections.octets).toEqual(before);
    expect(sections.append([address("b.sip.example")], 80)).toBe(true);
    expect(owners(sections, 1)).toEqual(["b.sip.example"]);
  });
});
