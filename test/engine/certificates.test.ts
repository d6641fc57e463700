import { X509Certificate } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Operation } from "../../lab/store/operationLog.ts";
import { certificateRequest } from "../support/certificateRequest.ts";
import { type InventorySketch, type NodeEntry, nodeAt } from "../support/inventories.ts";
import { isChallenge } from "../support/platformRows.ts";
import { changedNode, withNodes } from "../support/steeredFleet.ts";
import { openStack, type TestStack, withStack } from "../support/withStack.ts";

const DOMAIN = "sip.example.net";
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

/** As the node makes it, with a key of its own. */
async function requestFor(names: readonly string[]): Promise<string> {
  const [commonName = ""] = names;
  return (await certificateRequest(names, { commonName })).csrPem;
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

  it("leave key and PFX in state, as secrets, where the provider has made the key, and nowhere else", async () => {
    const resources = await stateOf(stack);
    const kept = (name: string) => {
      const { privateKeyPem, certificateP12 } = outputsOf(resources, name);
      return [PRIVATE_KEY.test(String(secretOf(privateKeyPem))), secretOf(certificateP12) !== ""];
    };
    expect(kept("fra1/acme/exact")).toEqual([true, true]);
    expect([kept("fra3/acme/exact"), kept("fra3/acme/wildcard")]).toEqual([
      [false, false],
      [false, false],
    ]);
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

interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly outputs?: Record<string, unknown>;
}

/** Everything that the stack's state holds, secrets in the clear. */
async function stateOf(stack: TestStack): Promise<readonly StateResource[]> {
  const { stdout } = await stack.run(["stack", "export", "--show-secrets"]);
  return JSON.parse(stdout).deployment.resources;
}

function outputsOf(resources: readonly StateResource[], name: string): Record<string, unknown> {
  const found = resources.find(({ urn }) => urn.endsWith(`::${name}`))?.outputs;
  if (found === undefined) throw new Error(`${name} is not in state`);
  return found;
}

/** A shown secret is an object with the value as JSON in `plaintext`. */
function secretOf(value: unknown): unknown {
  const plaintext = typeof value === "object" && value !== null ? Reflect.get(value, "plaintext") : undefined;
  return typeof plaintext === "string" ? JSON.parse(plaintext) : value;
}

/** Every text in the value, however deep, also inside texts that are JSON themselves. */
function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value, ...(/^["[{]/.test(value) ? textsIn(parsed(value)) : [])];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

describe("certificates of nodes that have all made their keys themselves", () => {
  it("leave no key and no PFX anywhere in state: the only private key is the ACME account's", async () => {
    const slots = ["fra1", "fra2"];
    const requests = (slot: string) => ({ wildcard: `${slot}-wildcard.csr`, exact: `${slot}-exact.csr` });
    const inventory = { nodes: slots.map((slot) => nodeAt("euro", slot, { csr: requests(slot) })) };
    const files: Record<string, string> = {};
    for (const slot of slots) {
      files[requests(slot).wildcard] = await requestFor(wildcardNames(slot));
      files[requests(slot).exact] = await requestFor(exactNames(slot));
    }
    await withStack({ inventory, backends: ["route53"], acme: true, files }, async (stack) => {
      await stack.up();
      const resources = await stateOf(stack);
      const certificates = resources.filter(({ type }) => type === "acme:index/certificate:Certificate");
      expect(certificates).toHaveLength(4);
      const made = certificates.map(({ outputs = {} }) => [
        secretOf(outputs.privateKeyPem),
        secretOf(outputs.certificateP12),
      ]);
      expect(new Set(made.flat())).toEqual(new Set([""]));

      const [account] = resources.filter(({ type }) => type === "acme:index/registration:Registration");
      const accountKey = secretOf(account?.outputs?.accountKeyPem);
      expect(accountKey).toMatch(PRIVATE_KEY);
      const keys = resources
        .flatMap(textsIn)
        .filter((text) => text.includes("PRIVATE KEY") && parsed(text) === undefined);
      expect(new Set(keys)).toEqual(new Set([accountKey]));
      expect((await stack.outputs()).privateKeys).toEqual([]);
    });
  });
});
