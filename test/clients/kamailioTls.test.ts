/** Kamailio with the files of docs/sip-servers.md, and certificates that `cert fetch` has put in place. */
import "reflect-metadata";
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes, webcrypto, X509Certificate } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import * as x509 from "@peculiar/x509";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { dialTargets } from "../../dial/dial.ts";
import { dialtree } from "../support/commandLine.ts";
import {
  createPublisher,
  newKeyPem,
  outputsOf,
  PROFILES,
  type Publisher,
} from "../support/publishedOutputs.ts";
import { describeWithTools } from "../support/systemTools.ts";
import { checkout } from "../support/trackedFiles.ts";

const ADDRESS = "127.88.7.1";
const DOMAIN = "sip.example.net";
const EXACT_NAMES = [`fra1.${DOMAIN}`, `fra.${DOMAIN}`, `euro.${DOMAIN}`, DOMAIN];
const START_MILLISECONDS = 20_000;
const TOOL_MILLISECONDS = 20_000;
const DAY_MILLISECONDS = 86_400_000;

let folder: string;
let port: number;
let publisher: Publisher;
let server: ChildProcess | undefined;
let log = "";
const keys = { exact: newKeyPem(), wildcard: newKeyPem() };

beforeAll(async () => {
  // Short, for the path of a socket has some hundred characters at most.
  folder = mkdtempSync(path.join(tmpdir(), "kam-"));
  publisher = await createPublisher();
  writeFileSync(path.join(folder, "ca.pem"), publisher.rootPem);
  for (const profile of PROFILES) writeFileSync(path.join(folder, `fra1-${profile}.key`), keys[profile]);
  port = await freePort();
});

afterEach(async () => {
  const running = server;
  server = undefined;
  if (running === undefined || running.exitCode !== null) return;
  const ended = new Promise((resolve) => running.once("close", resolve));
  running.kill("SIGTERM");
  const patience = setTimeout(() => running.kill("SIGKILL"), 5000);
  await ended;
  clearTimeout(patience);
});

afterAll(() => rmSync(folder, { recursive: true }));

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, ADDRESS, () => {
      const bound = probe.address();
      probe.close(() => resolve(typeof bound === "object" && bound !== null ? bound.port : 0));
    });
  });
}

/** A block of the page by its first line, with the places of this test in it. */
function fromManual(firstLine: string): string {
  const manual = readFileSync(path.join(checkout, "docs/sip-servers.md"), "utf8");
  const block = [...manual.matchAll(/^```\w*\n([\s\S]*?)^```$/gm)].find(([, text]) =>
    text?.startsWith(`${firstLine}\n`),
  );
  if (block?.[1] === undefined) throw new Error(`docs/sip-servers.md has no block "${firstLine}"`);
  return block[1]
    .replaceAll("/etc/dialtree", folder)
    .replaceAll("/run/kamailio", folder)
    .replaceAll("/etc/ssl/certs/ca-certificates.crt", path.join(folder, "ca.pem"))
    .replaceAll("192.0.2.11:5061", `${ADDRESS}:${port}`);
}

const control = () => path.join(folder, "kamailio_ctl");

/** Starts Kamailio with the page's kamailio.cfg, this tls.cfg, and a script that answers every request. */
async function start(tlsConfiguration: string): Promise<void> {
  const answer = 'request_route { sl_send_reply("200", "OK"); }';
  writeFileSync(path.join(folder, "kamailio.cfg"), `${fromManual("# kamailio.cfg")}${answer}\n`);
  writeFileSync(path.join(folder, "tls.cfg"), fromManual(tlsConfiguration));
  const places = ["-f", path.join(folder, "kamailio.cfg"), "-w", folder, "-Y", folder];
  const small = ["-m", "64", "-M", "8", "-n", "1"];
  log = "";
  const child = spawn("kamailio", ["-DD", "-E", ...places, "-P", path.join(folder, "pid"), ...small], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  server = child;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      log += text;
    });
  }
  const until = Date.now() + START_MILLISECONDS;
  while (!(await accepts())) {
    if (child.exitCode !== null || Date.now() > until) throw new Error(`Kamailio has not started:\n${log}`);
    await delay(100);
  }
}

function accepts(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: ADDRESS, port });
    socket.once("error", () => resolve(false));
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
  });
}

function run(command: string, args: readonly string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], timeout: TOOL_MILLISECONDS });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, output }));
  });
}

/** The certificate that OpenSSL is shown, having verified its chain; without a name where none is given. */
async function shownTo(serverName: string | undefined): Promise<X509Certificate> {
  const sni = serverName === undefined ? ["-noservername"] : ["-servername", serverName];
  const { output } = await run("openssl", [
    ...["s_client", "-connect", `${ADDRESS}:${port}`, "-CAfile", path.join(folder, "ca.pem")],
    ...["-verify_return_error", ...sni],
  ]);
  expect(output).toContain("Verify return code: 0 (ok)");
  return new X509Certificate(
    /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/.exec(output)?.[0] ?? "",
  );
}

async function profileShownTo(serverName: string | undefined): Promise<string> {
  const { subjectAltName } = await shownTo(serverName);
  return subjectAltName?.includes(`*.${DOMAIN}`) ? "wildcard" : "exact";
}

/** Fetches both certificates, issued then, as the page's unit does. */
async function fetchIssuedAt(at: Date): Promise<(number | null)[]> {
  const certificates = await Promise.all(
    PROFILES.map(async (profile) => ({
      slot: "fra1",
      profile,
      certificatePem: await publisher.issue({ slot: "fra1", profile, keyPem: keys[profile], at }),
    })),
  );
  const outputs = path.join(folder, "outputs.json");
  writeFileSync(outputs, JSON.stringify(outputsOf({ slots: ["fra1"], certificates })));
  const codes: (number | null)[] = [];
  for (const profile of PROFILES) {
    const { code, stderr } = await dialtree([
      ...["cert", "fetch", "--node", "fra1", "--profile", profile, "--outputs", outputs],
      ...["--key", path.join(folder, `fra1-${profile}.key`), "--out", path.join(folder, "tls")],
      ...["--hook", "kamcmd", "--", "-s", `unix:${control()}`, "tls.reload"],
    ]);
    if (server !== undefined) expect(stderr).toBe("Ok. TLS configuration reloaded.\n");
    codes.push(code);
  }
  return codes;
}

describeWithTools("Kamailio with the manual's files", ["kamailio", "openssl"], () => {
  beforeAll(async () => {
    // No server runs yet, so that the hook fails; the files are in place all the same.
    mkdirSync(path.join(folder, "tls"));
    expect(await fetchIssuedAt(new Date(Date.now() - 30 * DAY_MILLISECONDS))).toEqual([1, 1]);
  });

  test("shows the exact certificate to everybody where it is alone", async () => {
    await start("# tls.cfg: exact alone");
    for (const name of [undefined, ...EXACT_NAMES, `asia.${DOMAIN}`, "example.org"]) {
      expect([name, await profileShownTo(name)]).toEqual([name, "exact"]);
    }
  });

  test("shows the exact certificate by default and to its names, the wildcard to other names below the domain", async () => {
    await start("# tls.cfg: exact by default, the wildcard for the rest");
    for (const name of [undefined, ...EXACT_NAMES, `EURO.${DOMAIN}`, "example.org"]) {
      expect([name, await profileShownTo(name)]).toEqual([name, "exact"]);
    }
    for (const name of [`asia.${DOMAIN}`, `fra2.${DOMAIN}`, `fra1.id.${DOMAIN}`]) {
      expect([name, await profileShownTo(name)]).toEqual([name, "wildcard"]);
    }
  });

  test("answers a strict client that sends no server name, and a lenient one at a name that only the wildcard has", async () => {
    await start("# tls.cfg: exact by default, the wildcard for the rest");
    const target = { target: `fra1.${DOMAIN}`, address: ADDRESS, port };
    const dial = (name: string, identity: "strict" | "wildcard", serverName: boolean) =>
      dialTargets([target], {
        ...{ name, identity, serverName, caPem: publisher.rootPem, timeoutMilliseconds: 5000 },
        ...{ random: Math.random, now: () => performance.now(), date: new Date() },
      });
    expect(await dial(`euro.${DOMAIN}`, "strict", false)).toMatchObject({
      ok: true,
      answered: { status: 200 },
    });
    expect(await dial(`euro.${DOMAIN}`, "strict", true)).toMatchObject({ ok: true });
    expect(await dial(`asia.${DOMAIN}`, "wildcard", true)).toMatchObject({ ok: true });
    expect(await dial(`asia.${DOMAIN}`, "strict", true)).toMatchObject({ ok: false });
  });

  test("shows a renewed certificate once the hook of `cert fetch` has reloaded it", async () => {
    await start("# tls.cfg: exact by default, the wildcard for the rest");
    const before = [await shownTo(undefined), await shownTo(`asia.${DOMAIN}`)];
    expect(await fetchIssuedAt(new Date())).toEqual([3, 3]);
    const after = [await shownTo(undefined), await shownTo(`asia.${DOMAIN}`)];
    for (const [index, renewed] of after.entries()) {
      const old = before[index];
      expect(renewed.serialNumber).not.toBe(old?.serialNumber);
      expect(renewed.subjectAltName).toBe(old?.subjectAltName);
      expect(old === undefined ? undefined : renewed.publicKey.equals(old.publicKey)).toBe(true);
    }
  });
});

describeWithTools("openssl verify", ["openssl"], () => {
  test("refuses three intermediates at a depth of 2, and takes them at 3", async () => {
    const { rootPem, intermediatesPem, leafPem } = await chainOf(3);
    const file = (name: string, text: string) => {
      const at = path.join(folder, name);
      writeFileSync(at, text);
      return at;
    };
    const files = ["-CAfile", file("root.pem", rootPem), "-untrusted", file("chain.pem", intermediatesPem)];
    const verify = (depth: number) =>
      run("openssl", ["verify", "-verify_depth", String(depth), ...files, file("leaf.pem", leafPem)]);
    expect((await verify(2)).output).toContain("certificate chain too long");
    expect(await verify(3)).toMatchObject({ code: 0 });
  });
});

/** A certificate below so many intermediates. */
async function chainOf(intermediates: number) {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const pem: string[] = [];
  let issuer: { name: string; key: webcrypto.CryptoKey } | undefined;
  for (let level = 0; level <= intermediates + 1; level++) {
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
    const isAuthority = level <= intermediates;
    const subject = `CN=level ${level}`;
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: `3${randomBytes(8).toString("hex").slice(1)}`,
      subject,
      issuer: issuer?.name ?? subject,
      notBefore: new Date(Date.now() - DAY_MILLISECONDS),
      notAfter: new Date(Date.now() + DAY_MILLISECONDS),
      publicKey: keys.publicKey,
      signingKey: issuer?.key ?? keys.privateKey,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.BasicConstraintsExtension(isAuthority, undefined, true),
        ...(isAuthority ? [new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true)] : []),
      ],
    });
    pem.push(`${certificate.toString("pem")}\n`);
    issuer = { name: subject, key: keys.privateKey };
  }
  const [rootPem = "", ...rest] = pem;
  return { rootPem, intermediatesPem: rest.slice(0, -1).join(""), leafPem: rest.at(-1) ?? "" };
}
