import { describe, expect, test } from "vitest";
import { type ResolveOptions, resolveTargets } from "../../../dns/rfc3263.ts";
import { lookupIn, type ZoneLines } from "../../support/zoneLookup.ts";

function resolve(name: string, zone: ZoneLines, options: Partial<ResolveOptions> = {}) {
  return resolveTargets(name, { transport: "tls", lookup: lookupIn(zone), random: () => 0, ...options });
}

const EURO = {
  "_sips._tcp.euro.sip.example.net SRV": [
    "20 100 5061 ams1.sip.example.net",
    "10 50 5061 fra1.sip.example.net",
    "10 50 5062 lhr1.sip.example.net",
  ],
  "fra1.sip.example.net A": ["192.0.2.1"],
  "lhr1.sip.example.net A": ["192.0.2.2"],
  "ams1.sip.example.net A": ["192.0.2.3"],
  "euro.sip.example.net A": ["192.0.2.1", "192.0.2.2"],
} as const;

const asked = (resolution: Awaited<ReturnType<typeof resolve>>) =>
  resolution.queries.map(({ name, type, result }) => `${name} ${type} ${result.status}`);

describe("finding the addresses of a name", () => {
  test("SRV records give targets by priority, each with its own port", async () => {
    const { hops, fault } = await resolve("euro.sip.example.net", EURO);
    expect(fault).toBeUndefined();
    expect(hops.map(({ target, address, port }) => [target, address, port])).toEqual([
      ["fra1.sip.example.net", "192.0.2.1", 5061],
      ["lhr1.sip.example.net", "192.0.2.2", 5062],
      ["ams1.sip.example.net", "192.0.2.3", 5061],
    ]);
    expect(hops[2]).toMatchObject({ priority: 20, weight: 100, family: 4 });
  });

  test("the injected random number decides between equal weights", async () => {
    const { hops } = await resolve("euro.sip.example.net", EURO, { random: () => 0.99 });
    expect(hops.map(({ target }) => target.slice(0, 4))).toEqual(["lhr1", "fra1", "ams1"]);
  });

  test("each question and its answer is kept in order", async () => {
    expect(asked(await resolve("euro.sip.example.net", EURO))).toEqual([
      "_sips._tcp.euro.sip.example.net SRV found",
      "fra1.sip.example.net AAAA nodata",
      "fra1.sip.example.net A found",
      "lhr1.sip.example.net AAAA nodata",
      "lhr1.sip.example.net A found",
      "ams1.sip.example.net AAAA nodata",
      "ams1.sip.example.net A found",
    ]);
  });

  test.each([
    ["tls", "_sips._tcp", 5061],
    ["tcp", "_sip._tcp", 5060],
    ["udp", "_sip._udp", 5060],
  ] as const)(
    "over %s the set at %s is asked for, and the port without SRV is %i",
    async (transport, owner, port) => {
      const { hops, queries } = await resolve("lhr1.sip.example.net", EURO, { transport });
      expect(queries[0]).toMatchObject({ name: `${owner}.lhr1.sip.example.net`, type: "SRV" });
      expect(hops).toEqual([
        { priority: 0, weight: 0, target: "lhr1.sip.example.net", address: "192.0.2.2", port, family: 4 },
      ]);
    },
  );

  test("an explicit port leads to addresses only", async () => {
    const resolution = await resolve("euro.sip.example.net", EURO, { port: 5070 });
    expect(asked(resolution)).toEqual(["euro.sip.example.net AAAA nodata", "euro.sip.example.net A found"]);
    expect(resolution.hops.map(({ address, port }) => `${address}:${port}`)).toEqual([
      "192.0.2.1:5070",
      "192.0.2.2:5070",
    ]);
  });

  test("an IP address needs no question", async () => {
    const resolution = await resolve("192.0.2.9", EURO);
    expect(resolution.queries).toEqual([]);
    expect(resolution.hops).toMatchObject([{ address: "192.0.2.9", port: 5061, family: 4 }]);
  });

  test("IPv6 comes before IPv4 of one target and is never mixed with another target", async () => {
    const { hops } = await resolve("euro.sip.example.net", {
      ...EURO,
      "fra1.sip.example.net AAAA": ["2001:db8::1"],
      "lhr1.sip.example.net AAAA": ["2001:db8::2"],
    });
    expect(hops.map(({ address, family }) => `${address}/${family}`)).toEqual([
      "2001:db8::1/6",
      "192.0.2.1/4",
      "2001:db8::2/6",
      "192.0.2.2/4",
      "192.0.2.3/4",
    ]);
  });

  test("a target without address is passed over", async () => {
    const { "fra1.sip.example.net A": _, ...zone } = EURO;
    const { hops } = await resolve("euro.sip.example.net", zone);
    expect(hops.map(({ target }) => target.slice(0, 4))).toEqual(["lhr1", "ams1"]);
  });

  test("data that is no address of its type is passed over", async () => {
    const { hops } = await resolve("lhr1.sip.example.net", {
      "lhr1.sip.example.net AAAA": ["192.0.2.7", "2001:db8::2"],
      "lhr1.sip.example.net A": ["2001:db8::7", "192.0.2", "192.0.2.2"],
    });
    expect(hops.map(({ address }) => address)).toEqual(["2001:db8::2", "192.0.2.2"]);
  });

  test("a target listed at two ports is asked for once", async () => {
    const resolution = await resolve("x.example.net", {
      "_sips._tcp.x.example.net SRV": ["10 10 5061 n.example.net", "20 10 5062 n.example.net"],
      "n.example.net A": ["192.0.2.1"],
    });
    expect(resolution.hops.map(({ port }) => port)).toEqual([5061, 5062]);
    expect(resolution.queries).toHaveLength(3);
  });
});

describe("names that lead nowhere", () => {
  test("a single target . is a refusal, and no address is asked for", async () => {
    const resolution = await resolve("off.example.net", {
      "_sips._tcp.off.example.net SRV": ["0 0 0 ."],
      "off.example.net A": ["192.0.2.1"],
    });
    expect(resolution).toMatchObject({ hops: [], fault: { kind: "refused" } });
    expect(resolution.queries).toHaveLength(1);
  });

  test("a failed SRV lookup is not taken for the absence of SRV", async () => {
    const resolution = await resolve("euro.sip.example.net", {
      ...EURO,
      "_sips._tcp.euro.sip.example.net SRV": { status: "failed", reason: "SERVFAIL" },
    });
    expect(resolution).toMatchObject({ hops: [], fault: { kind: "unresolved" } });
    expect(resolution.fault?.reason).toBe(
      "the service is unknown; _sips._tcp.euro.sip.example.net SRV failed: SERVFAIL",
    );
    expect(resolution.queries).toHaveLength(1);
  });

  test("addresses of the name itself do not stand in for SRV targets without address", async () => {
    const resolution = await resolve("x.example.net", {
      "_sips._tcp.x.example.net SRV": ["10 10 5061 gone.example.net"],
      "x.example.net A": ["192.0.2.1"],
    });
    expect(resolution).toMatchObject({
      hops: [],
      fault: { kind: "unresolved", reason: "no SRV target of _sips._tcp.x.example.net has an address" },
    });
  });

  test("a failed address lookup is named, so that it is not taken for absence", async () => {
    const resolution = await resolve("x.example.net", {
      "x.example.net A": { status: "failed", reason: "REFUSED" },
    });
    expect(resolution.fault?.reason).toBe(
      "neither SRV records nor an address at x.example.net; x.example.net A failed: REFUSED",
    );
  });

  test("neither SRV nor address says so", async () => {
    const resolution = await resolve("nothing.example.org", EURO);
    expect(resolution.fault).toEqual({
      kind: "unresolved",
      reason: "neither SRV records nor an address at nothing.example.org",
    });
  });

  test("data that is no SRV data is no target", async () => {
    const resolution = await resolve("x.example.net", { "_sips._tcp.x.example.net SRV": ["192.0.2.1"] });
    expect(resolution.fault?.reason).toBe("no readable SRV record at _sips._tcp.x.example.net");
  });
});
