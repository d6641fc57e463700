import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { connectTcp, openDatagramChannel, streamChannel } from "../../../dial/channel.ts";
import { askOptions } from "../../../dial/options.ts";
import { connectTls } from "../../../dial/tls.ts";
import { HealthChecks } from "../../../lab/health/healthChecks.ts";
import { PortFault } from "../../../lab/listener.ts";
import type { NodeCertificate } from "../../../lab/nodeCertificates.ts";
import { type SipNode, type SipNodeOptions, startSipNode } from "../../../lab/sipNode.ts";
import { createTestAuthority, type TestAuthority } from "../../support/testCertificates.ts";

const ADDRESS = "127.88.1.1";
const TIMEOUT = { timeoutMilliseconds: 5000 };
const QUESTION = { name: "sip.example.net", random: Math.random, ...TIMEOUT };

let authority: TestAuthority;
let wildcard: NodeCertificate;
let exact: NodeCertificate;
const open: SipNode[] = [];

beforeAll(async () => {
  authority = await createTestAuthority();
  wildcard = await authority.issue({ dns: ["*.sip.example.net", "sip.example.net"] });
  exact = await authority.issue({ dns: ["fra1.sip.example.net", "euro.sip.example.net"] });
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((node) => node.close()));
});

async function start(options: Partial<SipNodeOptions> = {}): Promise<SipNode> {
  const node = await startSipNode({
    slot: "fra1",
    address: ADDRESS,
    ports: { tls: 0, tcp: 0, udp: 0 },
    ...options,
  });
  open.push(node);
  return node;
}

async function namesShown(node: SipNode, dialedName: string): Promise<readonly string[]> {
  const { socket, certificate } = await connectTls({
    address: ADDRESS,
    port: node.ports.tls ?? 0,
    dialedName,
    caPem: authority.caPem,
    ...TIMEOUT,
  });
  socket.destroy();
  return certificate.names;
}

async function ask(node: SipNode, transport: "tcp" | "udp") {
  const endpoint = { address: ADDRESS, port: node.ports[transport] ?? 0, ...TIMEOUT };
  const channel =
    transport === "udp"
      ? await openDatagramChannel(endpoint)
      : streamChannel(await connectTcp(endpoint), "tcp");
  try {
    return await askOptions(channel, QUESTION);
  } finally {
    channel.close();
  }
}

describe("a lab node", () => {
  test.each(["tcp", "udp"] as const)("answers OPTIONS over %s", async (transport) => {
    const seen: string[] = [];
    const node = await start({ onRequest: ({ slot, method }) => void seen.push(`${slot} ${method}`) });
    expect(await ask(node, transport)).toMatchObject({ kind: "answer", response: { status: 200 } });
    expect(seen).toEqual(["fra1 OPTIONS"]);
  });

  test("answers OPTIONS over TLS", async () => {
    const node = await start({ certificates: [wildcard] });
    const { socket } = await connectTls({
      address: ADDRESS,
      port: node.ports.tls ?? 0,
      dialedName: "sip.example.net",
      ...TIMEOUT,
    });
    const channel = streamChannel(socket, "tls");
    expect(await askOptions(channel, QUESTION)).toMatchObject({ response: { status: 200 } });
    channel.close();
  });

  test("shows the exact certificate to a client that names one of its names, else the wildcard", async () => {
    const node = await start({ certificates: [wildcard, exact] });
    expect(await namesShown(node, "euro.sip.example.net")).toContain("DNS:euro.sip.example.net");
    expect(await namesShown(node, "asia.sip.example.net")).toContain("DNS:*.sip.example.net");
    expect(await namesShown(node, "sip.example.net")).toContain("DNS:*.sip.example.net");
    expect(await namesShown(node, "else.example.org")).toContain("DNS:*.sip.example.net");
    expect(await namesShown(node, "192.0.2.1")).toContain("DNS:*.sip.example.net");
  });

  test("takes new certificates while it runs", async () => {
    const node = await start();
    await expect(namesShown(node, "euro.sip.example.net")).rejects.toThrow(/TLS|closed/);
    node.setCertificates([wildcard]);
    expect(await namesShown(node, "euro.sip.example.net")).toContain("DNS:*.sip.example.net");
    node.setCertificates([wildcard, exact]);
    expect(await namesShown(node, "euro.sip.example.net")).toContain("DNS:euro.sip.example.net");
    node.setCertificates([exact]);
    expect(await namesShown(node, "192.0.2.1")).toContain("DNS:fra1.sip.example.net");
  });

  test("refuses connections and comes back at the same ports", async () => {
    const node = await start();
    const { ports } = node;
    await node.setBehaviour("refuse");
    await expect(ask(node, "tcp")).rejects.toThrow("connection refused");
    expect(await ask(node, "udp")).toEqual({ kind: "none", reason: "connection refused" });
    await node.setBehaviour("up");
    expect(node.ports).toEqual(ports);
    expect(await ask(node, "tcp")).toMatchObject({ response: { status: 200 } });
  });

  test("answers 503 while it is unavailable", async () => {
    const node = await start();
    await node.setBehaviour("unavailable");
    expect(await ask(node, "tcp")).toMatchObject({ response: { status: 503 } });
  });

  test("accepts and says nothing while it is silent", async () => {
    const node = await start();
    await node.setBehaviour("silent");
    const channel = streamChannel(
      await connectTcp({ address: ADDRESS, port: node.ports.tcp ?? 0, ...TIMEOUT }),
      "tcp",
    );
    const answer = await askOptions(channel, { ...QUESTION, timeoutMilliseconds: 100 });
    expect(answer).toEqual({ kind: "none", reason: "no final answer within 100 ms" });
    channel.close();
  });

  test("answers the keep-alive of a flow with one line break", async () => {
    const node = await start();
    const socket = connect(node.ports.tcp ?? 0, ADDRESS);
    socket.write("\r\n\r\n");
    const [pong] = await once(socket, "data");
    expect(String(pong)).toBe("\r\n");
    socket.destroy();
  });

  test("answers a request without length 400 and closes, and drops what is no SIP", async () => {
    const node = await start();
    const socket = connect(node.ports.tcp ?? 0, ADDRESS);
    const via = "Via: SIP/2.0/TCP 127.88.1.1;branch=z9hG4bK1";
    socket.write(
      `OPTIONS sip:a SIP/2.0\r\n${via}\r\nFrom: <sip:a>;tag=1\r\nTo: <sip:a>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n\r\n`,
    );
    let received = "";
    socket.on("data", (octets) => {
      received += octets;
    });
    await once(socket, "close");
    expect(received).toMatch(/^SIP\/2\.0 400 /);

    const other = connect(node.ports.tcp ?? 0, ADDRESS);
    other.resume().write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await once(other, "close");
    expect(other.bytesRead).toBe(0);
    expect(await ask(node, "tcp")).toMatchObject({ response: { status: 200 } });
  });

  test("a port in use is a fault that names it, and leaves nothing open", async () => {
    const first = await start({ ports: { udp: 0 } });
    const taken = first.ports.udp ?? 0;
    const fault = await startSipNode({
      slot: "lhr1",
      address: ADDRESS,
      ports: { tcp: taken, udp: taken },
    }).catch((error) => error);
    expect(fault).toBeInstanceOf(PortFault);
    expect(fault).toMatchObject({ listening: "udp", port: taken, code: "EADDRINUSE" });
    await expect(connectTcp({ address: ADDRESS, port: taken, ...TIMEOUT })).rejects.toThrow(
      "connection refused",
    );
  });
});

describe("the endpoint for probes of a lab node", () => {
  /** Whether the platforms' own probe finds the node up. */
  async function isUp(
    { probePort: port = 0 }: SipNode,
    scheme: "http" | "https" | "tcp",
    path = "/health",
    codes = "2xx",
  ): Promise<boolean | undefined> {
    const target = {
      address: ADDRESS,
      port,
      ...(scheme === "tcp" ? {} : { http: { scheme, path, codes } }),
    };
    const checks = new HealthChecks({ targets: () => [target] });
    await checks.probeOnce();
    return checks.isUp(ADDRESS, port, target.http);
  }

  const http = { scheme: "http", port: 0, path: "/health", status: 200 } as const;

  test("is not there unless it is asked for", async () => {
    expect((await start()).probePort).toBeUndefined();
  });

  test("says that the node is well at its path, and nowhere else", async () => {
    const node = await start({ probe: http });
    expect(await isUp(node, "http")).toBe(true);
    expect(await isUp(node, "http", "/")).toBe(false);
    expect(await isUp(node, "https")).toBe(false);
    const { status } = await fetch(`http://${ADDRESS}:${node.probePort}/health`, { method: "POST" });
    expect(status).toBe(405);
  });

  test("says so with the status that is asked for", async () => {
    const node = await start({ probe: { ...http, status: 204 } });
    expect(await isUp(node, "http", "/health", "204")).toBe(true);
    expect(await isUp(node, "http", "/health", "200")).toBe(false);
  });

  test("over TLS has the certificates of the node, from the first on", async () => {
    const node = await start({ probe: { ...http, scheme: "https" } });
    expect(await isUp(node, "https")).toBe(false);
    node.setCertificates([wildcard, exact]);
    expect(await isUp(node, "https")).toBe(true);
    const { socket, certificate } = await connectTls({
      address: ADDRESS,
      port: node.probePort ?? 0,
      dialedName: "euro.sip.example.net",
      caPem: authority.caPem,
      ...TIMEOUT,
    });
    socket.destroy();
    expect(certificate.names).toContain("DNS:euro.sip.example.net");
  });

  test("refuses while the node is stopped, and is back at the same port with it", async () => {
    const node = await start({ probe: http });
    const { probePort } = node;
    await node.setBehaviour("refuse");
    const endpoint = { address: ADDRESS, port: probePort ?? 0, ...TIMEOUT };
    await expect(connectTcp(endpoint)).rejects.toThrow("connection refused");
    await node.setBehaviour("up");
    expect(node.probePort).toBe(probePort);
    expect(await isUp(node, "http")).toBe(true);
    await node.close();
    await expect(connectTcp(endpoint)).rejects.toThrow("connection refused");
  });

  test("says that the node is not well while it takes no new calls, and nothing while it hangs", async () => {
    const node = await start({ probe: http });
    await node.setBehaviour("unavailable");
    expect(await isUp(node, "http")).toBe(false);
    expect(await isUp(node, "http", "/health", "503")).toBe(true);
    await node.setBehaviour("silent");
    expect(await isUp(node, "http", "/health", "2xx,3xx,4xx,5xx")).toBe(false);
  });

  test("is a port that accepts where a connection is probed that no service listens at", async () => {
    const node = await start({ probe: { scheme: "tcp", port: 0 } });
    expect(await isUp(node, "tcp")).toBe(true);
    await node.setBehaviour("refuse");
    expect(await isUp(node, "tcp")).toBe(false);
  });

  test("at a port of the node's own is a fault that names it, and leaves nothing open", async () => {
    const first = await start({ ports: { tcp: 0 } });
    const taken = first.ports.tcp ?? 0;
    await first.close();
    const fault = await startSipNode({
      slot: "fra1",
      address: ADDRESS,
      ports: { tcp: taken },
      probe: { ...http, port: taken },
    }).catch((error) => error);
    expect(fault).toBeInstanceOf(PortFault);
    expect(fault).toMatchObject({ listening: "probe", port: taken, code: "EADDRINUSE" });
    await expect(connectTcp({ address: ADDRESS, port: taken, ...TIMEOUT })).rejects.toThrow(
      "connection refused",
    );
  });
});
