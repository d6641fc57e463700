import "reflect-metadata";
import { webcrypto, X509Certificate } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Operation } from "../../lab/store/operationLog.ts";
import { type InventorySketch, type NodeEntry, nodeAt } from "../support/inventories.ts";
import { isChallenge } from "../support/platformRows.ts";
import { changedNode, withNodes } from "../support/steeredFleet.ts";
import { openStack, type TestStack } from "../support/withStack.ts";

const DOMAIN = "sip.example.net";
const EC = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;

/** fra3 makes its own keys: the inventory holds its requests. */
const fleet: InventorySketch = {
  nodes: [
    nodeAt("euro", "fra1"),
    nodeAt("euro", "fra2"),
    nodeAt("euro", "fra3", { csr: { wildcard: "fra3-wildcard.pem", exact: "fra3-exact.pem" } }),
  ],
  policy: { certificates: { keyType: "p256" } },
};

const wildcardNames = (slot: string) => [DOMAIN, `*.${DOMAIN}`, `${slot}.id.${DOMAIN}`];
const exactNames = (slot: string) => [`${slot}.${DOMAIN}`, `euro.${DOMAIN}`, `fra.${DOMAIN}`, DOMAIN];

async function requestFor(names: readonly string[]): Promise<string> {
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: `CN=${names[0]}`,
    keys: await webcrypto.subtle.generateKey(EC, true, ["sign", "verify"]),
    signingAlgorithm: EC,
    extensions: [
      new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: "dns" as const, value }))),
    ],
  });
  return request.toString("pem");
}

interface Outputs {
  readonly certificates: readonly {
    slot: string;
    profile: string;
    notAfter: string;
    certificatePem: string;
  }[];
  readonly privateKeys: readonly { slot: string; profile: string; privateKeyPem: string }[];
  readonly ledger: {
    certificates: readonly { slot: string; profile: string; notBefore: string; notAfter: string }[];
  };
}

function namesOf(certificatePem: string): string[] {
  return (new X509Certificate(certificatePem).subjectAltName ?? "").replaceAll("DNS:", "").split(", ").sort();
}

describe.each([
  // Its challenge provider keeps a record per value: certificates may be issued side by side.
  { at: "Cloudflare", backend: "cloudflare" as const, oneByOne: false },
  // Its challenge provider reads a set, changes it and writes it back.
  { at: "Route 53", backend: "route53" as const, oneByOne: true },
])("certificates with challenges at $at", ({ backend, oneByOne }) => {
  let stack: TestStack;
  let close: () => Promise<void> = async () => {};
  let outputs: Outputs;
  let first: readonly Operation[];

  beforeAll(async () => {
    const files = {
      "fra3-wildcard.pem": await requestFor(wildcardNames("fra3")),
      "fra3-exact.pem": await requestFor(exactNames("fra3")),
    };
    ({ stack, close } = await openStack({ inventory: fleet, backends: [backend], acme: true, files }));
    first = await stack.up();
    outputs = (await stack.outputs()) as unknown as Outputs;
  });
  afterAll(() => close());

  it("are two per node, each for the names of its profile", () => {
    const issued = outputs.certificates.map(({ slot, profile, certificatePem }) => ({
      [`${slot} ${profile}`]: namesOf(certificatePem),
    }));
    expect(issued).toEqual(
      ["fra1", "fra2", "fra3"].flatMap((slot) => [
        { [`${slot} exact`]: exactNames(slot).sort() },
        { [`${slot} wildcard`]: wildcardNames(slot).sort() },
      ]),
    );
  });

  it("come with a key of their own, each a different one, save where the node has made it", () => {
    const keys = outputs.privateKeys.map(({ slot, profile }) => `${slot} ${profile}`);
    expect(keys).toEqual(["fra1 exact", "fra1 wildcard", "fra2 exact", "fra2 wildcard"]);
    expect(outputs.privateKeys.every(({ privateKeyPem }) => PRIVATE_KEY.test(privateKeyPem))).toBe(true);
    expect(new Set(outputs.privateKeys.map(({ privateKeyPem }) => privateKeyPem)).size).toBe(4);
  });

  it("leave no key in the clear: not in state, not among the outputs", async () => {
    const { stdout: state } = await stack.run(["stack", "export"]);
    expect(state).toContain("BEGIN CERTIFICATE");
    expect(state).not.toMatch(/PRIVATE KEY/);
    const { stdout: shown } = await stack.run(["stack", "output", "--json"]);
    expect((JSON.parse(shown) as { privateKeys: unknown }).privateKeys).toBe("[secret]");
    expect(shown).not.toMatch(/PRIVATE KEY/);
  });

  it("leave no key at all in state where the node has made it", async () => {
    const { stdout } = await stack.run(["stack", "export", "--show-secrets"]);
    const { resources } = JSON.parse(stdout).deployment as {
      resources: { urn: string; outputs?: Record<string, unknown> }[];
    };
    const keyOf = (name: string) =>
      resources.find(({ urn }) => urn.endsWith(`::${name}`))?.outputs?.privateKeyPem;
    expect(JSON.stringify(keyOf("fra1/acme/exact"))).toMatch(/PRIVATE KEY/);
    expect(JSON.stringify([keyOf("fra3/acme/exact"), keyOf("fra3/acme/wildcard")])).not.toMatch(
      /PRIVATE KEY/,
    );
  });

  it("are written to the ledger with their own times", () => {
    const times = (pem: string) => {
      const { validFromDate, validToDate } = new X509Certificate(pem);
      return { notBefore: validFromDate.getTime(), notAfter: validToDate.getTime() };
    };
    const expected = outputs.certificates.map(({ slot, profile, certificatePem }) => ({
      slot,
      profile,
      ...times(certificatePem),
    }));
    const ledger = outputs.ledger.certificates.map(({ slot, profile, notBefore, notAfter }) => ({
      slot,
      profile,
      notBefore: Date.parse(notBefore),
      notAfter: Date.parse(notAfter),
    }));
    expect(ledger).toEqual(expected);
  });

  it(
    oneByOne
      ? "are issued one after another, for a challenge would undo another's"
      : "are all issued although their challenges share a name",
    () => {
      const certificates = first.filter(({ kind }) => kind === "certificate");
      expect(certificates).toHaveLength(6);
      const present = challengesAtOnce(first);
      if (oneByOne) expect(present).toBe(1);
      expect(first.flatMap(({ error }) => error ?? [])).toEqual([]);
    },
  );

  it("are not issued again while nothing changes", async () => {
    await stack.expectIdle();
  });

  it("are neither revoked nor deactivated when their node goes", async () => {
    const gone: NodeEntry = changedNode(fleet, "fra2", { status: "retired" });
    stack.setInventory(withNodes(fleet, gone));
    const operations = await stack.up();
    expect(
      operations.some(({ name, operation }) => name === `fra2.${DOMAIN}` && operation === "delete"),
    ).toBe(true);
    expect(operations.filter(({ platform }) => platform === "acme")).toEqual([]);
    const { acme } = stack.world.platforms;
    expect(acme.certificates().filter(({ revoked }) => revoked)).toEqual([]);
    expect(acme.accounts().map(({ status }) => status)).toEqual(["valid"]);
  });
});

/** The most challenge values that stood at one moment. */
function challengesAtOnce(operations: readonly Operation[]): number {
  const standing = new Map<string, number>();
  const totals = operations.filter(isChallenge).map(({ id, after, previousId }) => {
    const values = (after as { values?: readonly string[] } | undefined)?.values;
    standing.set(previousId ?? id, after === undefined ? 0 : (values?.length ?? 1));
    return [...standing.values()].reduce((sum, count) => sum + count, 0);
  });
  return Math.max(0, ...totals);
}
