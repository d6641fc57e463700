import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DialArguments, dialCommand } from "../../../cli/dialCommand.ts";
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

async function run(args: Partial<DialArguments>, isTTY = false) {
  const output = { stdout: "", stderr: "" };
  const stream = (name: keyof typeof output) => ({
    isTTY,
    write: (text: string | Uint8Array) => {
      output[name] += text;
      return true;
    },
  });
  const code = await dialCommand(
    { name: NAME, server, ca, ...args },
    { stdout: stream("stdout"), stderr: stream("stderr") },
  );
  return { code, ...output };
}

describe("dialtree dial", () => {
  test("shows each step and ends with who answered", async () => {
    const { code, stdout, stderr } = await run({});
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const shown = stdout.replace(/\d+ ms/g, "N ms").replace(/valid to \S+/, "valid to DATE");
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
