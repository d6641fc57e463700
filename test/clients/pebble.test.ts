/**
 * Certificates for the nodes' own requests from a real ACME server: Pebble asks the lab's name servers for the proofs,
 * which lego has published in the lab's stores. Pebble 2.4 does not look at CAA, so what the lab serves of it is judged
 * by the rules of the lab's own authority, over the network too.
 */
import { execFile } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accountIssueValue, caaData } from "../../dns/caa.ts";
import { challengeName } from "../../dns/challenge.ts";
import { isWithin } from "../../dns/names.ts";
import { type DnsRecord, recordData } from "../../dns/records.ts";
import { spkiDigest } from "../../inventory/certificateRequest.ts";
import { loadInventory } from "../../inventory/load.ts";
import { ISSUER_DOMAINS, refuseByCaa } from "../../lab/ca/caa.ts";
import type { LookupSets } from "../../lab/ca/lookupSets.ts";
import { startDnsServer } from "../../lab/dns/server.ts";
import { type Platforms, startPlatforms } from "../../lab/platforms.ts";
import { type ChallengeSolver, cloudflareSolver, route53Solver } from "../../lab/providers/acmeChallenge.ts";
import { requestOf } from "../../plan/certificates/requestChecks.ts";
import { checkedRenderings } from "../../plan/checkedRender.ts";
import { planTree } from "../../plan/plan.ts";
import type { CertificateOrder } from "../../plan/tree.ts";
import { putIntoInventory, requestsFor, runShell } from "../support/nodeShell.ts";
import { type LegoRun, legoFiles, type Pebble, runLego, startPebble } from "../support/pebble.ts";
import { startResolver, type TestResolver } from "../support/resolver.ts";
import { describeWithTools } from "../support/systemTools.ts";

const run = promisify(execFile);
const HOST = "127.0.0.1";
const ZONE = { zoneId: "b".repeat(32), accountId: "a".repeat(32), zone: "example.net" };
const CHALLENGE_ZONE = { zoneId: "Z0CHALLENGES", zone: "proofs.example.org" };

/** Where lego has values published and taken back (its provider `httpreq`), one after the other. */
interface Endpoint {
  readonly url: string;
  /** Names of the values published so far. */
  readonly published: readonly string[];
  close(): Promise<void>;
}

/** @param solver absent: every value is taken, and none appears. */
async function startEndpoint(solver: ChallengeSolver | undefined): Promise<Endpoint> {
  const published: string[] = [];
  const removals = new Map<string, () => Promise<void>>();
  async function answer(path: string | undefined, body: string): Promise<void> {
    const { fqdn, value } = JSON.parse(body) as { fqdn: string; value: string };
    const name = fqdn.replace(/\.$/, "");
    if (path === "/cleanup") await removals.get(`${name} ${value}`)?.();
    if (path !== "/present" || solver === undefined) return;
    published.push(name);
    removals.set(`${name} ${value}`, await solver.present(name, value));
  }
  let last: Promise<unknown> = Promise.resolve();
  const server = http.createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (part: string) => {
      body += part;
    });
    request.once("end", () => {
      last = last
        .then(() => answer(request.url, body))
        .then(
          () => response.end(),
          (error: unknown) => response.writeHead(500).end(String(error)),
        );
    });
  });
  server.listen(0, HOST);
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://${HOST}:${address.port}`,
    published,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

interface Case {
  readonly title: string;
  readonly domain: string;
  readonly key: string;
  /** Zone that the proofs are written to. */
  readonly proofs: string;
  readonly challengeZone?: string;
}

const CASES: readonly Case[] = [
  {
    title: "RSA keys, proofs in the domain's zone",
    domain: "sip.example.net",
    key: "rsa2048",
    proofs: ZONE.zone,
  },
  {
    title: "ECDSA keys, proofs in the domain's zone",
    domain: "voice.example.net",
    key: "p256",
    proofs: ZONE.zone,
  },
  {
    title: "proofs delegated to a zone of their own",
    domain: "edge.example.net",
    key: "p256",
    proofs: CHALLENGE_ZONE.zone,
    challengeZone: CHALLENGE_ZONE.zone,
  },
];

/** What came of one request. */
interface Certified extends LegoRun {
  readonly order: CertificateOrder;
  /** Of the request's key. */
  readonly keyDigest: string | undefined;
  /** lego's folder. */
  readonly client: string;
}

interface Outcome {
  readonly runs: readonly Certified[];
  readonly endpoint: Endpoint;
}

describeWithTools("Pebble and lego", ["pebble", "lego", "openssl"], () => {
  const folder = mkdtempSync(path.join(tmpdir(), "dialtree-pebble-"));
  const closing: (() => unknown)[] = [];
  const outcomes = new Map<string, Outcome>();
  let unproven: Outcome;
  let platforms: Platforms;
  let pebble: Pebble;
  let resolver: TestResolver;

  // lego waits for some seconds at each name, so all that is to be certified is so at one time.
  beforeAll(async () => {
    platforms = await startPlatforms({ zones: { cloudflare: ZONE, challenges: CHALLENGE_ZONE } });
    closing.push(() => platforms.close());
    resolver = await startResolver(await startNameServers());
    closing.push(() => resolver.close());
    pebble = await startPebble(path.join(folder, "pebble"), resolver.address);
    closing.push(() => pebble.stop());
    const [, ...finished] = await Promise.all([
      outcomeOf({ ...CASES[0], title: "unproven", domain: "pbx.example.net" } as Case, undefined).then(
        (outcome) => {
          unproven = outcome;
        },
      ),
      ...CASES.map(async (each) => [each.title, await outcomeOf(each, inStores)] as const),
    ]);
    for (const [title, outcome] of finished) outcomes.set(title, outcome);
  });

  afterAll(async () => {
    for (const close of closing.reverse()) await close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** One for each zone of the lab, as its platform serves it. */
  async function startNameServers(): Promise<Map<string, string>> {
    const addresses = new Map<string, string>();
    for (const zone of [platforms.zones.cloudflare, platforms.zones.challenges]) {
      if (zone === undefined) throw new Error("the lab lacks a zone");
      const server = await startDnsServer({ zones: () => [zone], host: HOST });
      closing.push(() => server.close());
      addresses.set(zone.origin, `${HOST}:${server.port}`);
    }
    return addresses;
  }

  /** Into the zone that the name is in, as the platforms' own challenge providers write. */
  const inStores: ChallengeSolver = {
    present: (name, value) =>
      (isWithin(name, CHALLENGE_ZONE.zone)
        ? route53Solver(platforms.route53)
        : cloudflareSolver(platforms.cloudflare.dns)
      ).present(name, value),
  };

  /** fra1 makes its keys as the command tells, the plan takes its requests, its aliases are published, and lego runs. */
  async function outcomeOf(
    { title, domain, key, challengeZone }: Case,
    solver: ChallengeSolver | undefined,
  ): Promise<Outcome> {
    const place = path.join(folder, title.replaceAll(" ", "-"));
    const [inventory, node] = [path.join(place, "inventory"), path.join(place, "fra1")];
    for (const each of [inventory, node]) mkdirSync(each, { recursive: true });
    const entry = { region: "euro", pop: "fra", weight: 100, status: "active" };
    const nodes = [
      { slot: "fra1", ip: "192.0.2.1", ...entry },
      { slot: "fra2", ip: "192.0.2.2", ...entry },
    ];
    const environment = {
      domain,
      zone: ZONE.zone,
      ...(challengeZone === undefined ? {} : { challengeZone }),
    };
    writeFileSync(path.join(inventory, "nodes.json"), JSON.stringify(nodes));
    writeFileSync(path.join(inventory, "tree.json"), JSON.stringify({ environment }));
    const made = await requestsFor("fra1", ["--inventory", inventory, "--key", key]);
    const { code, stderr } = await runShell(made.script, node);
    if (code !== 0) throw new Error(stderr);
    putIntoInventory("fra1", made, node, inventory);
    const loaded = loadInventory(inventory);
    const tree = planTree(loaded);
    await publishAliases(checkedRenderings(tree, ["cloudflare"], loaded)[0]?.records ?? []);
    const endpoint = await startEndpoint(solver);
    closing.push(() => endpoint.close());
    const orders = tree.certificates.filter(({ slot }) => slot === "fra1");
    const runs = orders.map(async (order): Promise<Certified> => {
      const client = path.join(place, `lego-${order.profile}`);
      const request = path.join(node, `fra1-${order.profile}.csr`);
      const where = { folder: client, request, endpoint: endpoint.url, resolver: resolver.address };
      const run = await runLego(pebble, where);
      return { ...run, order, client, keyDigest: requestOf(order, loaded.requests)?.keyDigest };
    });
    return { runs: await Promise.all(runs), endpoint };
  }

  /** The plan's aliases of challenge names; nothing else of the tree matters here. */
  async function publishAliases(lines: readonly { readonly record: DnsRecord }[]): Promise<void> {
    for (const { record } of lines.filter((line) => line.record.type === "CNAME")) {
      const { name, type, ttlSeconds } = record;
      const row = { name, type, ttl: ttlSeconds, proxied: false, content: recordData(record) };
      await platforms.cloudflare.dns.create(ZONE.zoneId, row);
    }
  }

  function outcome(title: string): Outcome {
    const found = outcomes.get(title);
    if (found === undefined) throw new Error(`nothing came of ${title}`);
    return found;
  }

  describe.each(CASES)("certify a node's requests: $title", ({ title, proofs }) => {
    it("both of them, for exactly the names of the plan and the key of the request", () => {
      const { runs } = outcome(title);
      expect(runs.map(({ order }) => order.profile)).toEqual(["exact", "wildcard"]);
      for (const { code, output, order, client, keyDigest } of runs) {
        expect([code, output]).toEqual([0, expect.any(String)]);
        const leaf = new X509Certificate(legoFiles(client).leafPem);
        const names = (leaf.subjectAltName ?? "").replaceAll("DNS:", "").split(", ");
        expect(names.sort()).toEqual([...order.names].sort());
        expect(keyDigest).toMatch(/^[0-9a-f]{64}$/);
        expect(spkiDigest(leaf.publicKey)).toBe(keyDigest);
      }
    });

    it("with chains that openssl verifies", async () => {
      writeFileSync(path.join(folder, "root.pem"), await pebble.rootPem());
      for (const { client } of outcome(title).runs) {
        const { leafPem, issuerPem } = legoFiles(client);
        writeFileSync(path.join(client, "leaf.pem"), leafPem);
        writeFileSync(path.join(client, "issuer.pem"), issuerPem);
        const trust = ["-CAfile", path.join(folder, "root.pem"), "-untrusted", "issuer.pem"];
        const args = ["verify", "-purpose", "sslserver", ...trust, "leaf.pem"];
        expect((await run("openssl", args, { cwd: client })).stdout).toBe("leaf.pem: OK\n");
      }
    });

    it("by proofs of every name where the plan has them, which are gone afterwards", async () => {
      const { runs, endpoint } = outcome(title);
      const challenges = runs.flatMap(({ order }) => order.names.map(challengeName));
      const written = challenges.map((name) =>
        proofs === ZONE.zone ? name : `${name.replace("_acme-challenge.", "")}.${proofs}`,
      );
      expect([...endpoint.published].sort()).toEqual(written.sort());
      for (const name of challenges) {
        expect(resolver.questions).toContain(`TXT ${name}`);
        const { records } = await resolver.resolve(name, "TXT");
        expect(records.filter(({ type }) => type === "TXT")).toEqual([]);
      }
    });
  });

  it("certify nothing whose proof does not appear", () => {
    for (const { code, output, client } of unproven.runs) {
      expect(code).not.toBe(0);
      expect(output).toMatch(/urn:ietf:params:acme:error:/);
      expect(() => legoFiles(client)).toThrow(/no certificate/);
    }
  });

  it("have accounts to which the domain's CAA can be bound: theirs gets every name, and no other does", async () => {
    const { runs } = outcome("proofs delegated to a zone of their own");
    const [issuer = ""] = ISSUER_DOMAINS;
    const { domain = "" } = CASES.find(({ challengeZone }) => challengeZone !== undefined) ?? {};
    const properties = runs.map(({ client }) => ({
      flags: 0,
      tag: "issue",
      value: accountIssueValue(issuer, legoFiles(client).accountUrl),
    }));
    for (const data of properties) {
      await platforms.cloudflare.dns.create(ZONE.zoneId, { name: domain, type: "CAA", ttl: 60, data });
    }
    const served = await resolver.resolve(domain, "CAA");
    expect(served.records.map(({ data }) => data).sort()).toEqual(properties.map(caaData).sort());
    const lookup: LookupSets = async (name, type) => {
      const { records } = await resolver.resolve(name, type);
      return [records.filter((record) => record.type === type).map(({ data }) => data)];
    };
    for (const { order, client } of runs) {
      const { accountUrl } = legoFiles(client);
      const stranger = accountUrl.replace(/[^/]+$/, "another");
      for (const name of order.names) {
        await expect(refuseByCaa(name, accountUrl, lookup)).resolves.toBeUndefined();
        await expect(refuseByCaa(name, stranger, lookup)).rejects.toThrow(/CAA record for edge/);
      }
    }
  });
});
