/** Steered answers through real sockets: the caller's network comes with the question, or is the asker's own. */
import dgram from "node:dgram";
import { once } from "node:events";
import dnsPacket, { type OptAnswer } from "dns-packet";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createResolver } from "../../dial/resolver.ts";
import { CLIENT_NETWORKS } from "../../lab/clientNetworks.ts";
import { type DnsServer, startDnsServer } from "../../lab/dns/server.ts";
import { planTree } from "../../plan/plan.ts";
import { inventoryOf, STEERED_WORLD } from "../support/inventories.ts";
import { STEERING_BACKENDS, serveTree } from "../support/servedTree.ts";

const HOST = "127.0.0.1";
const FRANKFURT = { address: "192.0.2.0", prefixLength: 27 };
const LOS_ANGELES = { address: "198.51.100.32", prefixLength: 27 };
const NOWHERE = { address: "233.252.0.0", prefixLength: 24 };

type Subnet = typeof FRANKFURT;

/** One name at each platform that is steered there, with what callers are told while everybody is up. */
const QUESTIONS = {
  cloudflare: { name: "geo-a.sip.example.net", type: "A", euro: "fra1", noam: "lax1", elsewhere: "fra1" },
  route53: { name: "_sips._tcp.sip.example.net", type: "SRV", euro: "fra1", noam: "lax1", elsewhere: "fra1" },
} as const;

describe.each(STEERING_BACKENDS)("%s", (backend) => {
  const { name, type, ...expected } = QUESTIONS[backend];
  const tree = planTree(inventoryOf(STEERED_WORLD));
  let server: DnsServer;
  let ofThisMachine: DnsServer;
  let slotOf: ReadonlyMap<string, string>;

  beforeAll(async () => {
    const served = await serveTree(tree);
    slotOf = served.slotOf;
    server = await startDnsServer({ zones: () => [served.zones[backend].zone], host: HOST });
    const here = { network: `${HOST}/32`, location: { continent: "NA", country: "MX" } };
    const near = await serveTree(tree, [here, ...CLIENT_NETWORKS]);
    ofThisMachine = await startDnsServer({ zones: () => [near.zones[backend].zone], host: HOST });
  });

  afterAll(async () => {
    await Promise.all([server.close(), ofThisMachine.close()]);
  });

  /** Slots of the answer: an address is a node's, and an SRV target's first label its slot. */
  async function told(clientSubnet: Subnet | undefined, asked: DnsServer = server): Promise<string[]> {
    const address = `${HOST}:${asked.port}`;
    const resolver = createResolver({ address, ...(clientSubnet === undefined ? {} : { clientSubnet }) });
    const { rcode, records } = await resolver.query(name, type);
    expect(rcode).toBe("NOERROR");
    return records.map(({ data }) => slotOf.get(data) ?? /(\w+)\.sip\.example\.net$/.exec(data)?.[1] ?? data);
  }

  test("tells callers by the network that the resolver passes on", async () => {
    expect(await told(FRANKFURT)).toContain(expected.euro);
    expect(await told(LOS_ANGELES)).toContain(expected.noam);
    expect(await told(LOS_ANGELES)).not.toContain(expected.euro);
    expect(await told(NOWHERE)).toContain(expected.elsewhere);
  });

  test("places a caller whose resolver passes nothing on by the resolver's own network", async () => {
    expect(await told(undefined)).toContain(expected.elsewhere);
    expect(await told(undefined, ofThisMachine)).toEqual([expected.noam]);
    expect(await told(FRANKFURT, ofThisMachine)).toContain(expected.euro);
  });

  test("says for which prefix a steered answer holds, and that an unsteered one holds for all", async () => {
    expect(await scopeOf(name, type, FRANKFURT, server)).toBe(FRANKFURT.prefixLength);
    expect(await scopeOf(name, type, NOWHERE, server)).toBe(NOWHERE.prefixLength);
    expect(await scopeOf("fra1.sip.example.net", "A", FRANKFURT, server)).toBe(0);
  });

  test("gives a part of a known network the same answer, and the network's neighbour its own", async () => {
    expect(await told({ address: "198.51.100.48", prefixLength: 28 })).toEqual(await told(LOS_ANGELES));
    expect(await told({ address: "198.51.100.0", prefixLength: 27 })).not.toEqual(await told(LOS_ANGELES));
  });
});

/** The scope prefix length of the answer's client subnet option (RFC 7871 section 6). */
async function scopeOf(
  name: string,
  type: "A" | "SRV",
  subnet: Subnet,
  { port }: DnsServer,
): Promise<number | undefined> {
  const { address: ip, prefixLength: sourcePrefixLength } = subnet;
  const opt: OptAnswer = {
    ...{
      type: "OPT",
      name: ".",
      udpPayloadSize: 1232,
      extendedRcode: 0,
      ednsVersion: 0,
      flags: 0,
      flag_do: false,
    },
    options: [{ code: 8, ip, sourcePrefixLength, scopePrefixLength: 0 }],
  };
  const socket = dgram.createSocket("udp4");
  try {
    socket.send(
      dnsPacket.encode({ type: "query", id: 1, questions: [{ name, type }], additionals: [opt] }),
      port,
      HOST,
    );
    const [octets] = await once(socket, "message", { signal: AbortSignal.timeout(5000) });
    const answered = dnsPacket.decode(octets).additionals?.find((record) => record.type === "OPT") as
      | OptAnswer
      | undefined;
    const option = answered?.options.find(({ code }) => code === 8) as
      | { scopePrefixLength?: number }
      | undefined;
    return option?.scopePrefixLength;
  } finally {
    socket.close();
  }
}
