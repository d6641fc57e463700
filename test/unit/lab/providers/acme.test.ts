import { createPrivateKey, X509Certificate } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { AcmeAuthority } from "../../../../lab/ca/acmeAuthority.ts";
import { LabCa } from "../../../../lab/ca/labCa.ts";
import type { LookupSets } from "../../../../lab/ca/lookupSets.ts";
import { acmeProvider } from "../../../../lab/providers/acme.ts";
import { cloudflareSolver, route53Solver } from "../../../../lab/providers/acmeChallenge.ts";
import { check, type Properties, previewUpdate, UNKNOWN } from "../../../../lab/providers/provider.ts";
import { AcmeStore } from "../../../../lab/store/acmeStore.ts";
import { CloudflareDns } from "../../../../lab/store/cloudflareDns.ts";
import { Route53 } from "../../../../lab/store/route53Store.ts";
import { certificateRequest } from "../../../support/certificateRequest.ts";
import { resources, UNCHANGED } from "../../../support/labResources.ts";
import { CLOUDFLARE_ZONE, memoryCloudflare, NOON, ROUTE53_ZONE } from "../../../support/labStores.ts";

const dnsChallenges = [{ provider: "cloudflare" }, { provider: "route53" }];
const common = { dnsChallenges, revokeCertificateOnDestroy: false, deactivateAuthorizations: false };
const names = {
  commonName: "fra1.example.net",
  subjectAlternativeNames: ["sip.example.net", "fra1.example.net"],
};

let ca: LabCa;
beforeAll(async () => {
  ca = await LabCa.open({ now: NOON });
});

async function provider(now: () => Date = NOON) {
  const { store } = memoryCloudflare();
  const acme = new AcmeStore(store);
  const dns = new CloudflareDns(store, [CLOUDFLARE_ZONE]);
  const route53 = new Route53(store, [ROUTE53_ZONE]);
  const asked: string[] = [];
  const lookup: LookupSets = async (name, type) => {
    if (type === "CAA") return [[], []];
    asked.push(name);
    const records = dns.rows("z1").filter((row) => row.name === name);
    const sets = route53.sets("Z1").filter((set) => set.name === name);
    return [records.map((row) => row.content), sets.flatMap((set) => set.values)];
  };
  const authority = new AcmeAuthority(acme, ca, lookup);
  const solvers = { cloudflare: cloudflareSolver(dns), route53: route53Solver(route53) };
  const definition = acmeProvider({ authority, store: acme, solvers, now });
  const registrations = resources(definition, "acme:index/registration:Registration");
  const registration = await registrations.create({});
  const certificates = resources(definition, "acme:index/certificate:Certificate");
  const accountKeyPem = registration.outputs.accountKeyPem;
  const certify = (inputs: Properties) => certificates.create({ accountKeyPem, ...common, ...inputs });
  const rest = { store, acme, dns, route53, asked, definition, registrations, registration, certificates };
  return { ...rest, accountKeyPem, certify };
}

test("a certificate by names is proven at every name server, issued with its key, and the values are removed", async () => {
  const { certify, asked, dns, route53, store } = await provider();
  const { outputs } = await certify({ ...names, keyType: "P256" });
  const leaf = new X509Certificate(String(outputs.certificatePem));
  expect(leaf.subjectAltName).toBe("DNS:fra1.example.net, DNS:sip.example.net");
  expect(leaf.checkPrivateKey(createPrivateKey(String(outputs.privateKeyPem)))).toBe(true);
  expect(leaf.checkIssued(new X509Certificate(String(outputs.issuerPem)))).toBe(true);
  expect(outputs.certificateDomain).toBe("fra1.example.net");
  expect(Buffer.from(String(outputs.certificateP12), "base64").toString()).toBe(outputs.privateKeyPem);
  expect(Date.parse(String(outputs.certificateNotAfter))).toBe(Date.parse(leaf.validTo));
  expect(asked).toEqual(["_acme-challenge.fra1.example.net", "_acme-challenge.sip.example.net"]);
  expect([dns.rows("z1"), route53.sets("Z1")]).toEqual([[], []]);
  expect(JSON.stringify(store.operations)).not.toContain("PRIVATE KEY");
});

test("a certificate by request has the request's names and key, and no key in its outputs", async () => {
  const { certify } = await provider();
  const { csrPem, publicKeyPem } = await certificateRequest(["ams1.example.net", "*.sip.example.net"]);
  const { outputs } = await certify({ certificateRequestPem: csrPem });
  const leaf = new X509Certificate(String(outputs.certificatePem));
  expect(leaf.subjectAltName).toBe("DNS:*.sip.example.net, DNS:ams1.example.net");
  expect(leaf.publicKey.export({ type: "spki", format: "pem" })).toBe(publicKeyPem);
  expect([outputs.privateKeyPem, outputs.certificateP12]).toEqual(["", ""]);
});

test("a name server without the value fails the order, and the other's value is removed all the same", async () => {
  const { certify, acme, dns, store } = await provider();
  const cloudflareOnly = { ...names, dnsChallenges: [{ provider: "cloudflare" }] };
  await expect(certify(cloudflareOnly)).rejects.toThrow(/403 :: .*unauthorized :: No TXT record found at/);
  expect(dns.rows("z1")).toEqual([]);
  expect(acme.certificates()).toEqual([]);
  expect(store.operations.filter(({ kind }) => kind === "certificate")).toEqual([]);
});

test("a stale value beside the right one does no harm, and a wrong one alone is named", async () => {
  const { certify, dns, route53 } = await provider();
  const routing = { kind: "simple" } as const;
  const set = {
    name: "_acme-challenge.fra1.example.net",
    type: "TXT",
    values: ['"other"'],
    ttl: 10,
    routing,
  };
  await route53.createSet({ zoneId: "Z1", ...set });
  const stale = { name: "_acme-challenge.fra1.example.net", type: "TXT", content: '"stale"', ttl: 120 };
  await dns.create("z1", stale);
  await certify(names);
  const route53Only = { ...names, dnsChallenges: [{ provider: "route53" }] };
  await expect(certify(route53Only)).rejects.toThrow(/Incorrect TXT record "stale" found/);
  expect(dns.rows("z1").map((row) => row.content)).toEqual(['"stale"']);
  expect(route53.sets("Z1").map(({ values }) => values)).toEqual([['"other"']]);
});

test("a wildcard with a name that it covers, and more than a hundred names, are refused", async () => {
  const { certify } = await provider();
  const redundant = ["*.sip.example.net", "fra1.sip.example.net"];
  await expect(certify({ subjectAlternativeNames: redundant })).rejects.toThrow(
    /malformed :: Domain name "fra1.sip.example.net" is redundant with a wildcard/,
  );
  const many = Array.from({ length: 101 }, (_, n) => `n${n}.example.net`);
  await expect(certify({ subjectAlternativeNames: many })).rejects.toThrow(/more than 100 DNS names/);
  const legal = ["*.sip.example.net", "sip.example.net", "fra1.id.sip.example.net"];
  await certify({ subjectAlternativeNames: legal, keyType: "P256" });
});

test("a check wants one source of names, a known key type and one DNS challenge of each kind", async () => {
  const { certificates, accountKeyPem } = await provider();
  const failures = (inputs: Properties) => certificates.failures({ accountKeyPem, ...common, ...inputs });
  expect(failures(names)).toEqual([]);
  expect(failures({})).toEqual([expect.stringContaining("exactly one of")]);
  expect(failures({ ...names, certificateRequestPem: "x" })).toEqual([
    expect.stringContaining("exactly one of"),
  ]);
  expect(failures({ certificateRequestPem: "x", keyType: "P256" })).toEqual([
    expect.stringContaining("conflicts"),
  ]);
  expect(failures({ ...names, keyType: "P521" })).toEqual([expect.stringContaining("P256, P384")]);
  expect(failures({ ...names, dnsChallenges: [] })).toEqual([
    expect.stringContaining("at least one challenge"),
  ]);
  const twice = [{ provider: "route53" }, { provider: "route53" }];
  expect(failures({ ...names, dnsChallenges: twice })).toEqual([expect.stringContaining("duplicate")]);
  expect(failures({ ...names, tlsChallenge: {} })).toEqual([expect.stringContaining("DNS only")]);
});

test("the provider's configuration needs the directory", async () => {
  const { definition } = await provider();
  expect(definition.checkConfig?.({})).toEqual([expect.objectContaining({ property: "serverUrl" })]);
  expect(definition.checkConfig?.({ serverUrl: "https://acme.lab.invalid" })).toEqual([]);
});

test("challenge settings are marked as secrets and the account key is not shown in the clear by a refusal", async () => {
  const { definition, certify } = await provider();
  const type = definition.resources["acme:index/certificate:Certificate"];
  expect(type?.properties.dnsChallenges?.secret).toBe(true);
  expect(type && check(type, { ...names, ...common, accountKeyPem: "k" }).failures).toEqual([]);
  await expect(certify({ ...names, accountKeyPem: "hush" })).rejects.toThrow(/^(?!.*hush).*not in PEM form/);
});

test("nothing differs until the renewal time, then the certificate is renewed in place with its key", async () => {
  let now = NOON();
  const { certify, certificates, definition, accountKeyPem } = await provider(() => now);
  const inputs = { accountKeyPem, ...common, ...names, keyType: "P256" };
  const deployed = await certify(inputs);
  const notAfter = Date.parse(String(deployed.outputs.certificateNotAfter));
  const daysLeft = (days: number) => new Date(notAfter - days * 86_400_000);
  now = daysLeft(31);
  expect(certificates.diff(deployed, inputs)).toEqual(UNCHANGED);
  // The provider counts whole days.
  now = daysLeft(30.999);
  expect(certificates.diff(deployed, inputs)).toEqual({ changed: ["certificatePem"], replaces: [] });
  expect(certificates.diff(deployed, { ...inputs, minDaysRemaining: -1 }).changed).toEqual([
    "minDaysRemaining",
  ]);
  const type = definition.resources["acme:index/certificate:Certificate"];
  const preview = type && previewUpdate(type, deployed.outputs, inputs);
  expect(preview).toMatchObject({ certificatePem: UNKNOWN, certificateNotAfter: UNKNOWN });
  const renewed = await certificates.update(deployed, inputs);
  expect(renewed.outputs.privateKeyPem).toBe(deployed.outputs.privateKeyPem);
  expect(renewed.outputs.certificateSerial).not.toBe(deployed.outputs.certificateSerial);
});

test("another renewal time alone changes the state and issues nothing", async () => {
  const { certify, certificates, acme, accountKeyPem } = await provider();
  const inputs = { accountKeyPem, ...common, ...names, keyType: "P256" };
  const deployed = await certify(inputs);
  const updated = await certificates.update(deployed, { ...inputs, minDaysRemaining: 20 });
  expect(updated.outputs).toMatchObject({
    minDaysRemaining: 20,
    certificatePem: deployed.outputs.certificatePem,
  });
  expect(acme.certificates()).toHaveLength(1);
});

test("names, key type, account and request replace a certificate; the order of names does not count", async () => {
  const { certify, certificates, accountKeyPem } = await provider();
  const inputs = { accountKeyPem, ...common, ...names, keyType: "P256" };
  const deployed = await certify(inputs);
  const reversed = names.subjectAlternativeNames.toReversed();
  expect(certificates.diff(deployed, { ...inputs, subjectAlternativeNames: reversed })).toEqual(UNCHANGED);
  for (const change of [
    { subjectAlternativeNames: ["sip.example.net"] },
    { commonName: "sip.example.net" },
    { keyType: "P384" },
    { accountKeyPem: "other" },
    { profile: "tlsserver" },
  ]) {
    expect(certificates.diff(deployed, { ...inputs, ...change }).replaces).toEqual(Object.keys(change));
  }
});

test("a certificate is revoked on destroy unless that is switched off", async () => {
  const { certify, certificates, acme } = await provider();
  await certificates.delete(await certify({ ...names, keyType: "P256" }));
  expect(acme.certificates().map(({ revoked }) => revoked)).toEqual([false]);
  await certificates.delete(await certify({ ...names, keyType: "P256", revokeCertificateOnDestroy: true }));
  expect(acme.certificates().map(({ revoked }) => revoked)).toEqual([false, true]);
});

test("every argument replaces the registration, and an unchanged one stays after a refresh", async () => {
  const { registrations, registration } = await provider();
  expect(registrations.diff(registration, {})).toEqual(UNCHANGED);
  const refreshed = await registrations.refresh(registration);
  expect(refreshed && registrations.diff(refreshed, {})).toEqual(UNCHANGED);
  const email = { emailAddress: "noc@example.net" };
  expect(registrations.diff(registration, email).replaces).toEqual(["emailAddress"]);
});

test("one key is one account, and a deactivated account issues nothing", async () => {
  const { registrations, registration, certify, acme, accountKeyPem } = await provider();
  const again = await registrations.create({ accountKeyPem, emailAddress: "noc@example.net" });
  expect(again.id).toBe(registration.id);
  expect(acme.accounts()).toHaveLength(1);
  await registrations.delete(registration);
  expect(await registrations.refresh(registration)).toBeUndefined();
  await expect(certify(names)).rejects.toThrow(/401 :: .*deactivated/);
});
