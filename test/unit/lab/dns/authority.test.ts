import { describe, expect, it } from "vitest";
import { answerQuestion, type Question } from "../../../../lab/dns/authority.ts";
import type { Asker, ServedSet, ZoneData } from "../../../../lab/dns/zoneData.ts";
import { exampleZone, zoneOf } from "../../../support/zones.ts";

const asker: Asker = { address: "203.0.113.9" };

function ask(
  name: string,
  type: string,
  zones: readonly ZoneData[] = [exampleZone],
  options: Partial<Question> = {},
) {
  return answerQuestion({ name, type, class: "IN", ...options }, zones, asker, "127.0.0.1");
}

const lines = (sets: readonly ServedSet[]) =>
  sets.flatMap((set) => set.data.map((data) => `${set.name} ${set.ttlSeconds} ${set.type} ${data}`));

const SOA = "sip.example.net 60 SOA ns.sip.example.net hostmaster.sip.example.net 1 7200 900 1209600 60";

describe("a name inside a zone", () => {
  it("is answered with its whole set and the AA bit", () => {
    const reply = ask("sip.example.net", "A");
    expect(reply).toMatchObject({ rcode: "NOERROR", authoritative: true, authority: [], additional: [] });
    expect(lines(reply.answers)).toEqual([
      "sip.example.net 30 A 192.0.2.1",
      "sip.example.net 30 A 192.0.2.2",
    ]);
  });

  it("is found whatever the case of the question, which comes back as asked", () => {
    expect(lines(ask("FRA1.Sip.Example.NET", "A").answers)).toEqual(["FRA1.Sip.Example.NET 60 A 192.0.2.1"]);
  });

  it("that does not exist is NXDOMAIN with the SOA at the negative TTL", () => {
    const reply = ask("nope.sip.example.net", "A");
    expect(reply).toMatchObject({ rcode: "NXDOMAIN", authoritative: true, answers: [] });
    expect(lines(reply.authority)).toEqual([SOA]);
  });

  it("without the type asked for is NOERROR with the SOA and no answer", () => {
    const reply = ask("fra1.sip.example.net", "SRV");
    expect(reply).toMatchObject({ rcode: "NOERROR", authoritative: true, answers: [] });
    expect(lines(reply.authority)).toEqual([SOA]);
  });

  it("that has only names below it exists", () => {
    expect(ask("euro.sip.example.net", "A")).toMatchObject({ rcode: "NOERROR", answers: [] });
    expect(ask("_tcp.euro.sip.example.net", "SRV").rcode).toBe("NOERROR");
  });

  it("whose set is empty for this asker has no data", () => {
    const empty = zoneOf("sip.example.net", ["a.sip.example.net 60 A 192.0.2.1"], (name, type) => ({
      name,
      type,
      ttlSeconds: 60,
      data: [],
    }));
    expect(ask("a.sip.example.net", "A", [empty])).toMatchObject({ rcode: "NOERROR", answers: [] });
  });
});

describe("the apex", () => {
  it("has SOA and NS of the server's making, and the name server's address", () => {
    expect(lines(ask("sip.example.net", "SOA").answers)[0]).toMatch(
      /^sip\.example\.net 3600 SOA ns\.sip\.example\.net /,
    );
    const ns = ask("sip.example.net", "NS");
    expect(lines(ns.answers)).toEqual(["sip.example.net 3600 NS ns.sip.example.net"]);
    expect(lines(ns.additional)).toEqual(["ns.sip.example.net 3600 A 127.0.0.1"]);
    expect(ask("ns.sip.example.net", "AAAA")).toMatchObject({ rcode: "NOERROR", answers: [] });
  });

  it("leaves the name ns to a zone that owns it", () => {
    const zone = zoneOf("sip.example.net", ["ns.sip.example.net 60 A 192.0.2.53"]);
    expect(lines(ask("ns.sip.example.net", "A", [zone]).answers)).toEqual([
      "ns.sip.example.net 60 A 192.0.2.53",
    ]);
  });
});

describe("what is refused", () => {
  it.each([
    ["a name outside every zone", "example.com", "A", {}],
    ["the parent of a zone", "example.net", "NS", {}],
    ["a name that only ends alike", "notsip.example.net", "A", {}],
    ["the root", ".", "NS", {}],
    ["another class", "sip.example.net", "A", { class: "CH" }],
    ["a zone transfer", "sip.example.net", "AXFR", {}],
    ["an incremental zone transfer", "sip.example.net", "IXFR", {}],
  ])("includes %s", (_, name, type, options) => {
    const reply = ask(name, type, [exampleZone], options);
    expect(reply).toMatchObject({ rcode: "REFUSED", authoritative: false, answers: [], authority: [] });
  });
});

describe("several zones", () => {
  const parent = zoneOf("example.net", [
    "x.sip.example.net 60 A 192.0.2.99",
    "www.example.net 60 CNAME sip.example.net",
  ]);

  it.each([
    ["parent first", [parent, exampleZone]],
    ["child first", [exampleZone, parent]],
  ])("are matched by the longest origin, %s", (_, zones) => {
    expect(ask("x.sip.example.net", "A", zones).rcode).toBe("NXDOMAIN");
    expect(lines(ask("fra1.sip.example.net", "A", zones).answers)).toHaveLength(1);
  });

  it("are not crossed by an alias", () => {
    const reply = ask("www.example.net", "A", [parent, exampleZone]);
    expect(lines(reply.answers)).toEqual(["www.example.net 60 CNAME sip.example.net"]);
    expect(reply.authority).toEqual([]);
  });
});

describe("an alias", () => {
  it("is followed inside the zone, each step in the answer", () => {
    expect(lines(ask("WWW.sip.example.net", "A").answers)).toEqual([
      "WWW.sip.example.net 60 CNAME alias.sip.example.net",
      "alias.sip.example.net 60 CNAME fra1.sip.example.net",
      "fra1.sip.example.net 60 A 192.0.2.1",
    ]);
  });

  it("is the answer itself when CNAME is asked for", () => {
    expect(lines(ask("www.sip.example.net", "CNAME").answers)).toEqual([
      "www.sip.example.net 60 CNAME alias.sip.example.net",
    ]);
  });

  it("to a name without the type ends in no data, with the SOA", () => {
    const reply = ask("alias.sip.example.net", "SRV");
    expect(reply.rcode).toBe("NOERROR");
    expect(lines(reply.authority)).toEqual([SOA]);
  });

  it("to a name that does not exist is NXDOMAIN beside the alias", () => {
    const reply = ask("gone.sip.example.net", "A");
    expect(reply.rcode).toBe("NXDOMAIN");
    expect(lines(reply.answers)).toEqual(["gone.sip.example.net 60 CNAME none.sip.example.net"]);
    expect(lines(reply.authority)).toEqual([SOA]);
  });

  it("that leads out of the zone is given alone", () => {
    const reply = ask("out.sip.example.net", "A");
    expect(reply).toMatchObject({ rcode: "NOERROR", authority: [] });
    expect(lines(reply.answers)).toEqual(["out.sip.example.net 60 CNAME host.example.com"]);
  });

  it("to itself ends after a bounded number of steps", () => {
    expect(ask("loop.sip.example.net", "A").answers.length).toBeLessThan(20);
  });
});

describe("targets", () => {
  it("of SRV rows come with their addresses, each once", () => {
    expect(lines(ask("_sips._tcp.euro.sip.example.net", "SRV").additional)).toEqual([
      "fra1.sip.example.net 60 A 192.0.2.1",
      "fra1.sip.example.net 60 AAAA 2001:db8::1",
      "lhr1.sip.example.net 60 A 192.0.2.2",
    ]);
  });

  it("that say there is no service, or lie elsewhere, have none", () => {
    expect(lines(ask("_sip._udp.off.sip.example.net", "SRV").answers)).toHaveLength(1);
    expect(ask("_sip._udp.off.sip.example.net", "SRV").additional).toEqual([]);
    expect(ask("away.sip.example.net", "SRV").additional).toEqual([]);
  });
});

describe("ANY", () => {
  it("gives one set and not all of them", () => {
    expect(lines(ask("fra1.sip.example.net", "ANY").answers)).toEqual([
      "fra1.sip.example.net 60 A 192.0.2.1",
    ]);
    expect(lines(ask("text.sip.example.net", "ANY").answers)).toEqual([
      'text.sip.example.net 60 TXT "one two" three',
    ]);
  });

  it("has no data at an empty name and none where there is no name", () => {
    expect(ask("euro.sip.example.net", "ANY")).toMatchObject({ rcode: "NOERROR", answers: [] });
    expect(ask("nope.sip.example.net", "ANY").rcode).toBe("NXDOMAIN");
  });
});

describe("the asker", () => {
  it("reaches the zone with its subnet, and the scope of the answer is the longest one used", () => {
    const askers: Asker[] = [];
    const zone = zoneOf(
      "sip.example.net",
      [
        "_sips._tcp.sip.example.net 60 SRV 10 1 5061 geo-a.sip.example.net",
        "geo-a.sip.example.net 60 A 192.0.2.1",
      ],
      (name, type, who) => {
        askers.push(who);
        return name === "geo-a.sip.example.net" && type === "A"
          ? { name, type, ttlSeconds: 30, data: ["192.0.2.7"], scopePrefixLength: 24 }
          : undefined;
      },
    );
    const located: Asker = { address: "203.0.113.9", subnet: { address: "198.51.100.0", prefixLength: 24 } };
    const question = { name: "geo-a.sip.example.net", type: "A", class: "IN" };
    expect(answerQuestion(question, [zone], located, "127.0.0.1").scopePrefixLength).toBe(24);
    expect(new Set(askers)).toEqual(new Set([located]));
    const withGlue = { name: "_sips._tcp.sip.example.net", type: "SRV", class: "IN" };
    expect(answerQuestion(withGlue, [zone], located, "127.0.0.1").scopePrefixLength).toBe(24);
    expect(ask("fra1.sip.example.net", "A").scopePrefixLength).toBe(0);
  });
});
