import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type SipNode, startSipNode } from "../../lab/sipNode.ts";
import { describeWithTools } from "../support/systemTools.ts";
import { createTestAuthority } from "../support/testCertificates.ts";

const ADDRESS = "127.88.5.1";
const TOOL_MILLISECONDS = 20_000;
const SCENARIO = fileURLToPath(new URL("sippOptions.xml", import.meta.url));

let folder: string;
let ca: string;
let node: SipNode;
const requests: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "sip-tools-"));
  ca = path.join(folder, "ca.pem");
  const authority = await createTestAuthority();
  writeFileSync(ca, authority.caPem);
  node = await startSipNode({
    slot: "fra1",
    address: ADDRESS,
    ports: { tls: 0, tcp: 0, udp: 0 },
    certificates: [
      await authority.issue({ dns: ["*.sip.example.net", "sip.example.net"] }),
      await authority.issue({ dns: ["fra1.sip.example.net", "euro.sip.example.net"] }),
    ],
    onRequest: ({ transport, method }) => void requests.push(`${transport} ${method}`),
  });
});

afterAll(async () => {
  await node.close();
  rmSync(folder, { recursive: true });
});

/** Runs a tool in the test's folder, with `input` on its standard input until `until` appears in its output. */
function run(command: string, args: readonly string[], input?: { text: string; until: RegExp }) {
  return new Promise<{ code: number | null; output: string }>((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: folder,
      timeout: TOOL_MILLISECONDS,
      env: { ...process.env, TERM: "dumb" },
    });
    let output = "";
    const take = (octets: Buffer) => {
      output += octets;
      if (input?.until.test(output)) child.stdin.end();
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output }));
    child.stdin.on("error", () => {});
    if (input === undefined) child.stdin.end();
    else child.stdin.write(input.text);
  });
}

const tlsClient = (serverName: string, ...more: string[]) => [
  "s_client",
  "-connect",
  `${ADDRESS}:${node.ports.tls}`,
  "-servername",
  serverName,
  "-CAfile",
  ca,
  "-verify_return_error",
  "-verify_hostname",
  serverName,
  ...more,
];

describeWithTools("openssl s_client and a lab node", ["openssl"], () => {
  test("a name of the exact certificate is verified without any wildcard", async () => {
    const { code, output } = await run("openssl", tlsClient("euro.sip.example.net"));
    expect(output).toContain("Verified peername: euro.sip.example.net");
    expect(output).toContain("Verify return code: 0 (ok)");
    expect(code).toBe(0);
  });

  test("a name that only the wildcard covers is verified by it", async () => {
    const { output } = await run("openssl", tlsClient("asia.sip.example.net"));
    expect(output).toContain("Verified peername: *.sip.example.net");
  });

  test("a name two labels below the wildcard is refused", async () => {
    const { code, output } = await run("openssl", tlsClient("x.asia.sip.example.net"));
    expect(output).toMatch(/hostname mismatch/i);
    expect(code).not.toBe(0);
  });

  test("OPTIONS through it is answered 200", async () => {
    const request = [
      "OPTIONS sips:euro.sip.example.net SIP/2.0",
      "Via: SIP/2.0/TLS 127.0.0.1;branch=z9hG4bKopenssl",
      "Max-Forwards: 70",
      "From: <sips:test@example.net>;tag=1",
      "To: <sips:euro.sip.example.net>",
      "Call-ID: openssl@example.net",
      "CSeq: 1 OPTIONS",
      "Content-Length: 0",
      "\r\n",
    ].join("\r\n");
    const answer = /SIP\/2\.0 200 OK\r\n[\s\S]*\r\n\r\n/;
    const { output } = await run("openssl", tlsClient("euro.sip.example.net", "-quiet", "-no_ign_eof"), {
      text: request,
      until: answer,
    });
    expect(output).toMatch(answer);
  });
});

describeWithTools("sipsak and a lab node", ["sipsak"], () => {
  test.each(["udp", "tcp"] as const)("OPTIONS over %s is answered 200", async (transport) => {
    const target = `sip:euro@${ADDRESS}:${node.ports[transport]}`;
    const { code, output } = await run("sipsak", ["-vv", "-E", transport, "-s", target]);
    expect(output).toContain("SIP/2.0 200 OK");
    expect(output).toContain("Server: dialtree lab fra1");
    expect(code).toBe(0);
  });
});

describeWithTools("SIPp and a lab node", ["sipp"], () => {
  test.each([
    ["udp", "u1"],
    ["tcp", "t1"],
  ] as const)("twenty OPTIONS over %s are each answered 200", async (transport, mode) => {
    requests.length = 0;
    const to = `${ADDRESS}:${node.ports[transport]}`;
    const args = [to, "-sf", SCENARIO, "-m", "20", "-r", "100", "-t", mode, "-i", "127.0.0.1", "-nostdin"];
    const { code, output } = await run("sipp", args);
    expect({ code, failed: /Failed call\s+\|\s+\d+\s+\|\s+(\d+)/.exec(output)?.[1] }).toEqual({
      code: 0,
      failed: "0",
    });
    expect(requests).toEqual(Array.from({ length: 20 }, () => `${transport} OPTIONS`));
  });
});
