import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DialArguments, dialCommand } from "../../../cli/dialCommand.ts";
import { UsageError } from "../../../cli/usage.ts";
import { Refusal } from "../../../inventory/problem.ts";
import { type DnsServer, startDnsServer } from "../../../lab/dns/server.ts";
import { type SipNode, startSipNode } from "../../../lab/sipNode.ts";
import { createTestAuthority } from "../../support/testCertificates.ts";
import { zoneOf } from "../../support/zones.ts";

const NAME = "euro.sip.example.net";

let folder: string;
let ca: string;
let node: SipNode;
let dns: DnsServer;
let server: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "dial-command-"));
  ca = path.join(folder, "ca.pem");
  const authority = await createTestAuthority();
  writeFileSync(ca, authority.caPem);
  node = await startSipNode({
    slot: "fra1",
    address: "127.88.4.1",
    ports: { tls: 0 },
    certificates: [await authority.issue({ dns: ["*.sip.example.net", "sip.example.net"] })],
  });
  const zone = zoneOf("sip.example.net", [
    `_sips._tcp.${NAME} 60 SRV 10 50 ${node.ports.tls} fra1.sip.example.net`,
    "fra1.sip.example.net 60 A 127.88.4.1",
  ]);
  dns = await startDnsServer({ zones: () => [zone], host: "127.88.4.53" });
  server = `${dns.host}:${dns.port}`;
});

afterAll(async () => {
  await node.close();
  await dns.close();
  rmSync(folder, { recursive: true });
});

type Given = { readonly [Key in keyof DialArguments]?: DialArguments[Key] | undefined };

async function run(given: Given, isTTY = false) {
  const output = { stdout: "", stderr: "" };
  const stream = (name: keyof typeof output) => ({
    isTTY,
    write: (text: string | Uint8Array) => {
      output[name] += text;
      return true;
    },
  });
  const args = { name: NAME, server, ca, ...given };
  // What is given as undefined is left away, as the command line does.
  const kept = Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined));
  const code = await dialCommand(kept as unknown as DialArguments, {
    stdout: stream("stdout"),
    stderr: stream("stderr"),
  });
  return { code, ...output };
}

describe("dialtree dial", () => {
  test("shows each step and ends with who answered", async () => {
    const { code, stdout, stderr } = await run({});
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const shown = stdout.replace(/\d+ ms/g, "N ms").replace(/valid to \S+ \(29 days left\)/, "valid to DATE");
    expect(shown.split("\n")).toEqual([
      `SRV     _sips._tcp.${NAME} -> 10 50 ${node.ports.tls} fra1.sip.example.net (TTL 60)`,
      "AAAA    fra1.sip.example.net -> none",
      "A       fra1.sip.example.net -> 127.88.4.1 (TTL 60)",
      `TLS     fra1.sip.example.net 127.88.4.1:${node.ports.tls} TLSv1.3 in N ms, certificate trusted`,
      "        names DNS:*.sip.example.net DNS:sip.example.net, valid to DATE",
      "        matches strict no / wildcard yes: only *.sip.example.net covers it, and SIP knows no wildcard (RFC 5922 section 7.2)",
      "OPTIONS -> 200 OK in N ms",
      `answered: ${NAME} by fra1.sip.example.net (127.88.4.1:${node.ports.tls}) in N ms`,
      "",
    ]);
  });

  test("prints the report alone with --json", async () => {
    const { code, stdout } = await run({ json: true });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ name: NAME, server, ok: true, answered: { status: 200 } });
  });

  test("a name that is not answered ends with 1 and the reason", async () => {
    const { code, stdout } = await run({ name: "asia.sip.example.net" });
    expect(code).toBe(1);
    expect(stdout).toContain("-> no such name");
    expect(stdout).toContain("not answered: asia.sip.example.net: neither SRV records nor an address");
  });

  test("a certificate of an unknown authority is not answered", async () => {
    const stranger = path.join(folder, "stranger.pem");
    writeFileSync(stranger, (await createTestAuthority()).caPem);
    const { code, stdout } = await run({ ca: stranger });
    expect(code).toBe(1);
    expect(stdout).toContain("certificate not trusted (");
  });

  test("a final dot and upper case are taken off the name, and a port leads to addresses", async () => {
    expect((await run({ name: "EURO.sip.example.net." })).code).toBe(0);
    const { stdout } = await run({ name: `fra1.sip.example.net:${node.ports.tls}` });
    expect(stdout.split("\n")[0]).toBe("AAAA    fra1.sip.example.net -> none");
    expect(stdout).toContain("answered: fra1.sip.example.net");
  });

  test("colours appear on a terminal only, and not with NO_COLOR", async () => {
    const controlSequence = String.fromCharCode(27);
    const before = process.env.NO_COLOR;
    try {
      delete process.env.NO_COLOR;
      expect((await run({}, true)).stdout).toContain(controlSequence);
      expect((await run({}, false)).stdout).not.toContain(controlSequence);
      process.env.NO_COLOR = "1";
      expect((await run({}, true)).stdout).not.toContain(controlSequence);
    } finally {
      if (before === undefined) delete process.env.NO_COLOR;
      else process.env.NO_COLOR = before;
    }
  });

  test("what cannot be used is named all at once, with exit code 2 and nothing asked", async () => {
    const { code, stdout, stderr } = await run({
      name: "sip_example:99999",
      server: "localhost",
      ca: path.join(folder, "none.pem"),
      transport: "ws",
      timeout: "0",
    });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(
      stderr
        .trimEnd()
        .split("\n")
        .map((line) => /\[([a-z-]+)\]/.exec(line)?.[1]),
    ).toEqual(["dial-name", "dial-port", "dial-server", "dial-transport", "dial-timeout", "dial-ca"]);
  });

  test("a file without certificate is refused", async () => {
    const empty = path.join(folder, "empty.pem");
    writeFileSync(empty, "nothing");
    expect(await run({ ca: empty })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("holds no certificate in PEM"),
    });
  });
});

describe("dialtree dial --identity", () => {
  test("ends with 1 where the certificate keeps the other rule only", async () => {
    const { code, stdout } = await run({ identity: "strict" });
    expect(code).toBe(1);
    expect(stdout).toContain(
      `not answered: ${NAME}: no address answered (fra1.sip.example.net: only *.sip.example.net covers it`,
    );
    expect(await run({ identity: "wildcard" })).toMatchObject({ code: 0 });
  });

  test("is one of two rules", async () => {
    expect(await run({ identity: "rfc5922" })).toMatchObject({
      code: 2,
      stderr: "--identity: rfc5922: is no rule [dial-identity]; give one of strict, wildcard\n",
    });
  });

  test("is about certificates, so that it takes TLS", async () => {
    await expect(run({ identity: "strict", transport: "tcp" })).rejects.toThrow(UsageError);
    await expect(run({ sni: false, transport: "udp" })).rejects.toThrow(UsageError);
  });
});

describe("dialtree dial --node", () => {
  const nodeOf = (slot: string, ip: string, more: object = {}) => ({
    ...{ slot, region: "euro", pop: slot.slice(0, 3), ip, weight: 100, status: "active" },
    ...more,
  });

  /** A folder where fra1 is the node that answers, at the port that the policy publishes. */
  function inventory({
    port = node.ports.tls,
    fra1 = {},
  }: {
    port?: number | undefined;
    fra1?: object;
  } = {}) {
    const at = mkdtempSync(path.join(folder, "inventory-"));
    const nodes = [
      nodeOf("fra1", "127.88.4.1", fra1),
      nodeOf("ams1", "127.88.4.9"),
      nodeOf("lhr1", "127.88.4.10", { status: "retired" }),
    ];
    const tree = {
      environment: { domain: "sip.example.net", allowAddresses: ["documentation", "loopback"] },
      policy: { transports: { "sips-tcp": port } },
    };
    writeFileSync(path.join(at, "nodes.json"), JSON.stringify(nodes));
    writeFileSync(path.join(at, "tree.json"), JSON.stringify(tree));
    return at;
  }
  const alone = { server: undefined, node: "fra1" };

  test("dials the node's own address at the published port, in the name given, and asks no name server", async () => {
    const { code, stdout, stderr } = await run({ ...alone, inventory: inventory() });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const shown = stdout.replace(/\d+ ms/g, "N ms").replace(/valid to \S+ \(29 days left\)/, "valid to DATE");
    expect(shown.split("\n")).toEqual([
      `TLS     fra1.sip.example.net 127.88.4.1:${node.ports.tls} TLSv1.3 in N ms, certificate trusted`,
      "        names DNS:*.sip.example.net DNS:sip.example.net, valid to DATE",
      "        matches strict no / wildcard yes: only *.sip.example.net covers it, and SIP knows no wildcard (RFC 5922 section 7.2)",
      "OPTIONS -> 200 OK in N ms",
      `answered: ${NAME} by fra1.sip.example.net (127.88.4.1:${node.ports.tls}) in N ms`,
      "",
    ]);
  });

  test("finds a planned node, which no name lists yet", async () => {
    const folderOf = inventory({ fra1: { status: "planned" } });
    expect(await run({ ...alone, inventory: folderOf })).toMatchObject({ code: 0 });
  });

  test("takes a port from the name instead of the published one", async () => {
    const folderOf = inventory({ port: 5061 });
    expect(await run({ ...alone, inventory: folderOf, name: `${NAME}:${node.ports.tls}` })).toMatchObject({
      code: 0,
    });
  });

  test("names the node and the days left in --json, and no name server", async () => {
    const { stdout } = await run({ ...alone, inventory: inventory(), json: true });
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({
      node: "fra1",
      name: NAME,
      ok: true,
      steps: [{ kind: "tls", daysLeft: 29 }, {}],
    });
    expect(report).not.toHaveProperty("server");
  });

  test.each([
    [
      "a slot that is not there",
      { node: "fra2" },
      "--node: fra2: is no node of this inventory [dial-node]; did you mean fra1?",
    ],
    [
      "a retired node",
      { node: "lhr1" },
      "--node: lhr1: is retired: it has no name any more [dial-node]; choose one of ams1, fra1",
    ],
    [
      "an address family that the node has not",
      { ip6: true },
      "--ip6: fra1 has no IPv6 address [dial-ip6]; leave --ip6 away, or give the node its ip6",
    ],
    [
      "a transport that is not published",
      { transport: "udp" },
      "--transport: udp: no service over it is published by this tree [dial-transport]; choose one of tls, or give the port as NAME:PORT",
    ],
  ])("refuses %s with exit code 2", async (_, given: Given, line) => {
    const { code, stdout, stderr } = await run({ ...alone, inventory: inventory(), ...given });
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: "", stderr: `${line}\n` });
  });

  test("lists the names that lead to the node where the dialed one never can", async () => {
    const { code, stderr } = await run({ ...alone, inventory: inventory(), name: "asia.sip.example.net" });
    expect(code).toBe(2);
    expect(stderr).toBe(
      "NAME: asia.sip.example.net: can never list fra1 under this tree [dial-name]; dial one of " +
        "fra1.sip.example.net, sip.example.net, ams.sip.example.net, euro.sip.example.net, fra.sip.example.net, " +
        "lhr.sip.example.net, fra1.id.sip.example.net\n",
    );
  });

  test.each([
    ["with a name server", { server: "127.0.0.1:53" }],
    ["for neither a node nor a name server", { node: undefined }],
    ["for an inventory without a node", { node: undefined, server: "127.0.0.1:53", inventory: "x" }],
  ])("is a wrong command line %s", async (_, given: Given) => {
    await expect(run({ ...alone, ...given })).rejects.toThrow(UsageError);
  });

  test("says what is wrong with a broken inventory", async () => {
    const broken = path.join(folder, "broken");
    mkdirSync(broken);
    writeFileSync(path.join(broken, "nodes.json"), "[");
    await expect(run({ ...alone, inventory: broken })).rejects.toThrow(Refusal);
  });
});
