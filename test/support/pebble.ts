/** Pebble, the ACME server of Let's Encrypt's developers for tests, as Debian packages it; and lego, a client. */
import { type ChildProcess, spawn } from "node:child_process";
import { webcrypto } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import https from "node:https";
import net from "node:net";
import path from "node:path";
import { LabCa } from "../../lab/ca/labCa.ts";
import { certificateRequest, newNodeKeys } from "./certificateRequest.ts";

export interface Pebble {
  /** URL of the directory. */
  readonly directory: string;
  /** File with the authority that the directory's own certificate is from. */
  readonly caFile: string;
  /** What Pebble has written so far. */
  log(): string;
  /** The root of the certificates that it issues; a new one at each start. */
  rootPem(): Promise<string>;
  stop(): Promise<void>;
}

const HOST = "127.0.0.1";
const START_MILLISECONDS = 15_000;
const POLL_MILLISECONDS = 50;
const LEGO_MILLISECONDS = 60_000;

/** Free ports may be taken again before Pebble listens on them. */
const START_ATTEMPTS = 3;

/** @param folder for its settings and its certificate; @param dnsServer `IP:PORT` that it asks for proofs. */
export async function startPebble(folder: string, dnsServer: string): Promise<Pebble> {
  const caFile = await writeServerCertificate(folder);
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(folder, dnsServer, caFile);
    } catch (error) {
      if (attempt === START_ATTEMPTS) throw error;
    }
  }
}

async function start(folder: string, dnsServer: string, caFile: string): Promise<Pebble> {
  const [port, managementPort] = [await freePort(), await freePort()];
  const settings = {
    listenAddress: `${HOST}:${port}`,
    managementListenAddress: `${HOST}:${managementPort}`,
    certificate: path.join(folder, "server.pem"),
    privateKey: path.join(folder, "server.key"),
    httpPort: 1,
    tlsPort: 1,
  };
  const config = path.join(folder, "pebble.json");
  writeFileSync(config, JSON.stringify({ pebble: settings }));
  const child = spawn("pebble", ["-config", config, "-dnsserver", dnsServer, "-strict"], {
    // No random waits and refusals: they try clients out, and the client is not what is tried here.
    env: {
      PATH: process.env.PATH,
      PEBBLE_VA_NOSLEEP: "1",
      PEBBLE_WFE_NONCEREJECT: "0",
      PEBBLE_AUTHZREUSE: "0",
    },
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (said: string) => {
      text += said;
    });
  }
  const directory = `https://localhost:${port}/dir`;
  try {
    await untilAnswering(child, directory, caFile);
  } catch (error) {
    await stopped(child);
    throw new Error(`pebble did not start: ${text}`, { cause: error });
  }
  return {
    directory,
    caFile,
    log: () => text,
    rootPem: () => fetchText(`https://localhost:${managementPort}/roots/0`, caFile),
    stop: () => stopped(child),
  };
}

export interface LegoRun {
  readonly code: number | null;
  readonly output: string;
}

/**
 * Has a request certified by DNS-01. The client's account and the certificates are in the folder afterwards.
 * @param endpoint URL that takes the values to publish (lego's provider `httpreq`); @param resolver `IP:PORT`.
 */
export function runLego(
  { directory, caFile }: Pick<Pebble, "directory" | "caFile">,
  {
    folder,
    request,
    endpoint,
    resolver,
  }: { folder: string; request: string; endpoint: string; resolver: string },
): Promise<LegoRun> {
  const args = ["--server", directory, "--email", "noc@example.net", "--accept-tos", "--path", folder];
  const proof = ["--dns", "httpreq", "--dns.resolvers", resolver, "--dns.disable-cp"];
  const child = spawn("lego", [...args, ...proof, "--csr", request, "run"], {
    env: {
      PATH: process.env.PATH,
      LEGO_CA_CERTIFICATES: caFile,
      HTTPREQ_ENDPOINT: endpoint,
      HTTPREQ_POLLING_INTERVAL: "1",
    },
    timeout: LEGO_MILLISECONDS,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (said: string) => {
      output += said;
    });
  }
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, output }));
  });
}

export interface LegoFiles {
  readonly accountUrl: string;
  readonly leafPem: string;
  readonly issuerPem: string;
}

/** What lego keeps in its folder: the account's URL, and the one certificate with its issuer. */
export function legoFiles(folder: string): LegoFiles {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const read = (what: string, pattern: RegExp) => {
    const [file, ...others] = names.filter((name) => pattern.test(name));
    if (file === undefined || others.length > 0) throw new Error(`lego has no ${what}, or several`);
    return readFileSync(path.join(folder, file), "utf8");
  };
  const chain = read("certificate", /(?<!\.issuer)\.crt$/);
  return {
    accountUrl: JSON.parse(read("account", /account\.json$/)).registration.uri,
    leafPem: /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/.exec(chain)?.[0] ?? "",
    issuerPem: read("issuer", /\.issuer\.crt$/),
  };
}

/** The certificate of the directory itself, from an authority of the lab's kind. */
async function writeServerCertificate(folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const ca = await LabCa.open();
  const keys = await newNodeKeys();
  const { certificatePem } = await ca.issue((await certificateRequest(["localhost"], { keys })).csrPem);
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.pair.privateKey)).toString(
    "base64",
  );
  writeFileSync(path.join(folder, "server.pem"), `${certificatePem}${ca.issuerPem}`);
  writeFileSync(
    path.join(folder, "server.key"),
    `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`,
    { mode: 0o600 },
  );
  const caFile = path.join(folder, "ca.pem");
  writeFileSync(caFile, ca.rootPem);
  return caFile;
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, HOST);
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

async function untilAnswering(child: ChildProcess, directory: string, caFile: string): Promise<void> {
  const end = Date.now() + START_MILLISECONDS;
  for (;;) {
    try {
      await fetchText(directory, caFile);
      return;
    } catch (error) {
      if (child.exitCode !== null || Date.now() > end) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
  }
}

function fetchText(url: string, caFile: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = https.get(
      url,
      { ca: readFileSync(caFile), agent: false, timeout: START_MILLISECONDS },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => {
          text += part;
        });
        response.once("end", () => (response.statusCode === 200 ? resolve(text) : reject(new Error(text))));
      },
    );
    request.once("timeout", () => request.destroy(new Error("no answer in time")));
    request.once("error", reject);
  });
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, "close");
  child.kill("SIGKILL");
  await closed;
}
