/** What certificates need in DNS, asked of both platforms' name servers: by our resolver, and by dig where it is. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createResolver } from "../../dial/resolver.ts";
import { accountIssueValue } from "../../dns/caa.ts";
import { challengeName } from "../../dns/challenge.ts";
import { refuseByCaa } from "../../lab/ca/caa.ts";
import { lookupIn } from "../../lab/ca/lookupSets.ts";
import { type DnsServer, startDnsServer } from "../../lab/dns/server.ts";
import type { ZoneData } from "../../lab/dns/zoneData.ts";
import { planTree } from "../../plan/plan.ts";
import { render } from "../../plan/render.ts";
import { allUpBut, deployRendering } from "../support/deployRendering.ts";
import { DOMAIN, inventoryOf, nodeAt } from "../support/inventories.ts";
import { STEERING_BACKENDS, type SteeringBackend } from "../support/servedTree.ts";
import { describeWithTools } from "../support/systemTools.ts";
import { zoneOf } from "../support/zones.ts";

const run = promisify(execFile);
const HOST = "127.0.0.1";
const PROOFS = "proofs.example.org";
const ACCOUNT = "https://acme.lab.invalid/acct/1";
const OTHER = "other-ca.example.net; accounturi=https://other-ca.example.net/Acct/A1";

const tree = planTree(
  inventoryOf({
    nodes: [nodeAt("euro", "fra1"), nodeAt("euro", "fra2")],
    environment: { challengeZone: PROOFS },
  }),
);

/** Every name that some certificate of the tree holds, a wildcard as its parent. */
const names = [
  ...new Set(tree.certificates.flatMap((order) => order.names.map((name) => name.replace("*.", "")))),
];

const EXPECTED_CAA = [
  `0 issue "letsencrypt.org; validationmethods=dns-01; accounturi=${ACCOUNT}"`,
  `0 issue "${OTHER}"`,
];

let zones: Record<SteeringBackend, ZoneData>;
let servers: Record<SteeringBackend, DnsServer>;

beforeAll(async () => {
  const serving = { health: allUpBut(new Set()), locate: () => ({}), random: () => 0 };
  const deploy = (backend: SteeringBackend) => {
    const rendering = backend === "cloudflare" ? render(tree, backend) : render(tree, backend);
    return deployRendering(rendering, serving, [accountIssueValue("letsencrypt.org", ACCOUNT), OTHER]);
  };
  zones = { cloudflare: await deploy("cloudflare"), route53: await deploy("route53") };
  const serve = (backend: SteeringBackend) => startDnsServer({ zones: () => [zones[backend]], host: HOST });
  servers = { cloudflare: await serve("cloudflare"), route53: await serve("route53") };
});

afterAll(() => Promise.all(Object.values(servers ?? {}).map((server) => server.close())));

async function asked(backend: SteeringBackend, name: string, type: "CAA" | "CNAME" | "TXT") {
  const { rcode, records } = await createResolver({ address: `${HOST}:${servers[backend].port}` }).query(
    name,
    type,
  );
  return { rcode, records: records.map(({ ttlSeconds, data }) => `${ttlSeconds} ${data}`).sort() };
}

describe.each(STEERING_BACKENDS)("the name server of %s", (backend) => {
  test("says who may issue for the domain, and nothing of the names below, for which that counts", async () => {
    expect(await asked(backend, DOMAIN, "CAA")).toEqual({
      rcode: "NOERROR",
      records: EXPECTED_CAA.map((data) => `60 ${data}`),
    });
    for (const name of [`fra1.${DOMAIN}`, `fra.${DOMAIN}`, `euro.${DOMAIN}`]) {
      expect(await asked(backend, name, "CAA")).toEqual({ rcode: "NOERROR", records: [] });
    }
  });

  test("sends whoever asks for a proof to the other zone, for every name of every certificate", async () => {
    expect(names).toHaveLength(7);
    for (const name of names) {
      const alias = { rcode: "NOERROR", records: [`60 ${name}.${PROOFS}`] };
      expect(await asked(backend, challengeName(name), "CNAME")).toEqual(alias);
      expect(await asked(backend, challengeName(name), "TXT")).toEqual(alias);
    }
  });
});

test("an authority finds a proof of the other zone behind both, and its CAA lets the account and no other issue", async () => {
  const proof = `fra1.${DOMAIN}.${PROOFS} 10 TXT "value"`;
  const lookup = lookupIn(Object.values(zones), [zoneOf(PROOFS, [proof])]);
  expect(await lookup(challengeName(`fra1.${DOMAIN}`), "TXT")).toEqual([['"value"'], ['"value"']]);
  for (const name of [DOMAIN, `*.${DOMAIN}`, `fra1.id.${DOMAIN}`]) {
    await refuseByCaa(name, ACCOUNT, lookup);
    await expect(refuseByCaa(name, `${ACCOUNT}0`, lookup)).rejects.toThrow(/CAA record for \S+ prevents/);
  }
});

describeWithTools("dig", ["dig"], () => {
  const dig = async (backend: SteeringBackend, name: string, type: string) => {
    const server = [`@${HOST}`, "-p", String(servers[backend].port)];
    const { stdout } = await run("dig", [...server, "+short", "+tries=1", "+time=5", name, type]);
    return stdout.trim().split("\n").sort();
  };

  test.each(STEERING_BACKENDS)("prints CAA and an alias of %s as they were planned", async (backend) => {
    expect(await dig(backend, DOMAIN, "CAA")).toEqual(EXPECTED_CAA);
    expect(await dig(backend, `_acme-challenge.${DOMAIN}`, "CNAME")).toEqual([`${DOMAIN}.${PROOFS}.`]);
  });
});
