import dnsPacket from "dns-packet";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { srvAnswerOctets, srvTargetsThatFit } from "../../../dns/wireSize.ts";
import { respond } from "../../../lab/dns/respond.ts";
import type { ZoneData } from "../../../lab/dns/zoneData.ts";

const OWNER = "_sips._tcp.euro.sip.example.net";

/** What the lab's name server sends for a set with these targets, over TCP, where no length cuts it. */
function sent(owner: string, targets: readonly string[], edns: boolean): Buffer {
  const zone: ZoneData = {
    origin: "example.net",
    exists: (name) => name === owner,
    lookup: (name, type) =>
      name === owner && type === "SRV"
        ? { name, type, ttlSeconds: 60, data: targets.map((target) => `10 100 5061 ${target}`) }
        : undefined,
  };
  const query = dnsPacket.encode({
    type: "query",
    id: 7,
    questions: [{ type: "SRV", name: owner }],
    additionals: edns
      ? [
          {
            ...{ type: "OPT", name: ".", udpPayloadSize: 1232, extendedRcode: 0, ednsVersion: 0 },
            ...{ flags: 0, flag_do: false, options: [] },
          },
        ]
      : [],
  });
  const response = respond(query, "192.0.2.1", "tcp", () => ({
    zones: [zone],
    nameServerAddress: "192.0.2.53",
  }));
  if (response === undefined) throw new Error("the server said nothing");
  expect(dnsPacket.decode(response.octets).answers).toHaveLength(targets.length);
  return response.octets;
}

const nodes = (count: number) => Array.from({ length: count }, (_, i) => `fra${(i % 9) + 1}.sip.example.net`);

describe("the size of an SRV answer", () => {
  test("is that of the packet that the name server sends, with and without EDNS", () => {
    const label = fc.stringMatching(/^[a-z][a-z0-9]{0,20}$/);
    const targets = fc.uniqueArray(
      label.map((slot) => `${slot}.sip.example.net`),
      { maxLength: 40, minLength: 1 },
    );
    fc.assert(
      fc.property(label, targets, fc.boolean(), (region, listed, edns) => {
        const owner = `_sips._tcp.${region}.sip.example.net`;
        expect(srvAnswerOctets(owner, listed, { edns })).toBe(sent(owner, listed, edns).length);
      }),
    );
  });

  test("is 49 octets and 40 for each target at the usual names, and 11 more with EDNS", () => {
    expect(srvAnswerOctets(OWNER, [])).toBe(49);
    expect(srvAnswerOctets(OWNER, nodes(3))).toBe(49 + 3 * 40);
    expect(srvAnswerOctets(OWNER, nodes(3), { edns: true })).toBe(49 + 3 * 40 + 11);
  });
});

describe("the targets that fit", () => {
  test.each([
    [512, 11],
    [1232, 29],
    [1452, 34],
  ])("into %i octets are %i at the usual names", (octets, count) => {
    expect(srvTargetsThatFit(OWNER, "fra1.sip.example.net", octets)).toBe(count);
    const edns = octets > 512;
    expect(sent(OWNER, nodes(count), edns).length).toBeLessThanOrEqual(octets);
    expect(sent(OWNER, nodes(count + 1), edns).length).toBeGreaterThan(octets);
  });

  test("are fewer beside others, and none where there is no room", () => {
    const halves = ["geo-a.sip.example.net", "geo-b.sip.example.net"];
    expect(srvTargetsThatFit(OWNER, "fra1.sip.example.net", 512, halves)).toBe(9);
    expect(srvTargetsThatFit(OWNER, "fra1.sip.example.net", 60)).toBe(0);
  });
});
