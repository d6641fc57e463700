import "reflect-metadata";
import { generateKeyPairSync, KeyObject } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseCaaData, parseIssueValue } from "../../dns/caa.ts";
import { isWithin } from "../../dns/names.ts";
import { accountKeyDigest } from "../../inventory/accountKey.ts";
import { thumbprintOf } from "../../lab/providers/acmeKeys.ts";
import type { Operation } from "../../lab/store/operationLog.ts";
import { LETS_ENCRYPT, LETS_ENCRYPT_STAGING } from "../../plan/certificates/authorities.ts";
import { certificateRequest, type NodeKeys, newNodeKeys } from "../support/certificateRequest.ts";
import { DOMAIN, type InventorySketch, nodeAt } from "../support/inventories.ts";
import { changedNode, withNodes } from "../support/steeredFleet.ts";
import { openStack, type TestStack, withStack } from "../support/withStack.ts";

const PROOFS = "proofs.example.org";

const fleet: InventorySketch = {
  nodes: [nodeAt("euro", "fra1"), nodeAt("euro", "fra2")],
  policy: { certificates: { keyType: "p256" } },
};

const delegated: InventorySketch = { ...fleet, environment: { challengeZone: PROOFS } };

/** Names of the TXT values that proofs were given by. */
const proofsIn = (log: readonly Operation[]) =>
  log
    .filter(({ operation, after }) => operation !== "read" && (after as { type?: string })?.type === "TXT")
    .map(({ name }) => name);

/** Positions in the log of what was made. */
const created = (log: readonly Operation[], kind: string, type?: string) =>
  log.flatMap(({ operation, kind: made, after }, at) =>
    operation === "create" &&
    made === kind &&
    (type === undefined || (after as { type?: string })?.type === type)
      ? [at]
      : [],
  );

const rowsOf = (log: readonly Operation[], type: string) => [
  ...created(log, "dnsRecord", type),
  ...created(log, "recordSet", type),
];

const last = (positions: readonly number[]) => Math.max(...positions);

describe.each([
  { at: "Cloudflare", backends: ["cloudflare"] as const },
  { at: "Route 53", backends: ["route53"] as const },
  { at: "both platforms", backends: ["cloudflare", "route53"] as const },
])("a stack at $at with CAA and challenges in another zone", ({ backends }) => {
  let stack: TestStack;
  let close: () => Promise<void> = async () => {};
  let first: readonly Operation[];
  const also = "other-ca.example.net";

  beforeAll(async () => {
    const acme = {
      directory: LETS_ENCRYPT_STAGING.directory,
      challenges: ["route53"],
      caa: { also: [also] },
    };
    ({ stack, close } = await openStack({ inventory: delegated, backends, acme }));
    first = await stack.up();
  });
  afterAll(() => close());

  it("has every certificate after one update, in which the authority refused nothing", () => {
    expect(first.flatMap(({ error }) => error ?? [])).toEqual([]);
    expect(stack.world.platforms.acme.certificates()).toHaveLength(4);
  });

  it("is answered by the platforms as it was planned, CAA and aliases too", async () => {
    expect(await stack.notServed()).toEqual([]);
    for (const backend of backends) {
      const { records } = await stack.world.ask(backend)(DOMAIN, "CAA");
      const values = records.map(({ data }) => parseIssueValue(parseCaaData(data)?.value ?? ""));
      expect(values).toHaveLength(2);
      expect(values).toContainEqual({ issuer: also, parameters: [] });
      expect(values).toContainEqual({
        issuer: "letsencrypt.org",
        parameters: [
          ["validationmethods", "dns-01"],
          ["accounturi", stack.world.platforms.acme.accounts()[0]?.id],
        ],
      });
      const alias = await stack.world.ask(backend)(`_acme-challenge.${DOMAIN}`, "CNAME");
      expect(alias.records.map(({ data }) => data)).toEqual([`${DOMAIN}.${PROOFS}`]);
    }
  });

  it("makes the account, then CAA and the aliases, then certificates", () => {
    const [account = Number.NaN] = created(first, "account");
    const caa = rowsOf(first, "CAA");
    const orders = first.flatMap(({ kind }, at) => (kind === "order" ? [at] : []));
    expect(caa).toHaveLength(
      (backends as readonly string[]).includes("cloudflare") ? backends.length + 1 : 1,
    );
    expect(account).toBeLessThan(Math.min(...caa));
    expect(last(caa)).toBeLessThan(Math.min(...orders));
    expect(created(first, "certificate")).toHaveLength(4);
    for (const at of created(first, "certificate")) {
      const { names = [] } = (first[at]?.after ?? {}) as { names?: readonly string[] };
      for (const name of names.map((each) => `_acme-challenge.${each.replace("*.", "")}`)) {
        const aliases = rowsOf(first, "CNAME").filter((row) => first[row]?.name === name);
        expect(aliases, name).toHaveLength(backends.length);
        expect(last(aliases), name).toBeLessThan(at);
      }
    }
  });

  it("proves its names in the other zone alone", () => {
    const proofs = proofsIn(first);
    expect(new Set(proofs).size).toBe(7);
    expect(proofs.filter((name) => !isWithin(name, PROOFS))).toEqual([]);
  });

  it("is not changed by a second update, nor by another contact", async () => {
    await stack.expectIdle();
    const { acme } = stack.config as { acme: object };
    stack.setConfig({ ...stack.config, acme: { ...acme, contact: "other@example.test" } });
    await stack.expectIdle();
    stack.setConfig(stack.config);
  });

  it("takes the aliases of a node with the node, and leaves CAA and account alone", async () => {
    stack.setInventory(withNodes(delegated, changedNode(delegated, "fra2", { status: "retired" })));
    const made = await stack.up();
    const aliases = made.filter(({ name }) => name.startsWith("_acme-challenge."));
    expect(new Set(aliases.map(({ name, operation }) => `${operation} ${name}`))).toEqual(
      new Set([`delete _acme-challenge.fra2.${DOMAIN}`, `delete _acme-challenge.fra2.id.${DOMAIN}`]),
    );
    expect(made.filter(({ platform }) => platform === "acme")).toEqual([]);
    expect([...rowsOf(made, "CAA"), ...rowsOf(made, "CNAME")]).toEqual([]);
    expect(await stack.notServed()).toEqual([]);
  });
});

describe("CAA of somebody else above the domain", () => {
  it("stops the certificates by name, until the stack names its own account", async () => {
    const sketch = { inventory: fleet, backends: ["route53"] as const, acme: { caa: false } };
    await withStack(sketch, async (stack) => {
      const { route53 } = stack.world.platforms;
      const foreign = { zoneId: "Z0TEST", name: "example.net", type: "CAA", ttl: 60 };
      await route53.createSet({
        ...foreign,
        values: ['0 issue "ca.example.com"'],
        routing: { kind: "simple" },
      });
      const { code, stdout, stderr } = await stack.tryUp();
      expect(code).not.toBe(0);
      expect(stdout + stderr).toMatch(
        /acme:error:caa :: While processing CAA for \S*sip\.example\.net: CAA record for example\.net prevents issuance/,
      );
      const { acme } = stack.config as { acme: object };
      stack.setConfig({ ...stack.config, acme: { ...acme, caa: { issuer: "ca.lab.example.test" } } });
      await stack.up();
      expect(stack.world.platforms.acme.certificates()).toHaveLength(4);
    });
  });
});

describe("the account", () => {
  const other = generateKeyPairSync("rsa", { modulusLength: 2048 })
    .privateKey.export({ type: "pkcs1", format: "pem" })
    .toString();
  let stack: TestStack;
  let close: () => Promise<void> = async () => {};
  let keys: NodeKeys;
  let key: string;
  let present: string;

  beforeAll(async () => {
    keys = await newNodeKeys();
    key = KeyObject.from(keys.pair.privateKey).export({ type: "pkcs8", format: "pem" }).toString();
    present = key;
    ({ stack, close } = await openStack({
      inventory: { ...fleet, nodes: [nodeAt("euro", "fra1")] },
      backends: ["route53"],
      acme: { directory: LETS_ENCRYPT_STAGING.directory },
      accountKey: () => present,
      protect: true,
    }));
  });
  afterAll(() => close());

  /** By the commands of the docs. */
  async function unprotect(): Promise<void> {
    const { stdout } = await stack.run(["stack", "--show-urns"]);
    const urn = /urn:pulumi:\S+::acme\/account\/\S+/.exec(stdout)?.[0] ?? "";
    expect((await stack.run(["state", "unprotect", urn, "--yes"])).code).toBe(0);
  }

  it("is not made with a key that cannot be read, of which nothing is told", async () => {
    present = key.slice(0, 100);
    const { code, stdout, stderr } = await stack.tryUp();
    expect(code).not.toBe(0);
    expect(stdout).toMatch(
      /environment: DIALTREE_ACME_ACCOUNT_KEY: is no private key in PEM form \[account-key\]/,
    );
    expect(stdout + stderr).not.toContain(key.split("\n")[1]);
    expect(stack.world.platforms.store.operations.filter(({ operation }) => operation !== "read")).toEqual(
      [],
    );
    present = key;
  });

  it("is the one of the key that the environment brings, which is nowhere in the clear", async () => {
    await stack.up();
    expect(stack.world.platforms.acme.accounts().map(({ thumbprint }) => thumbprint)).toEqual([
      thumbprintOf(key),
    ]);
    const { account } = (await stack.outputs()) as { account: { keyDigest: string } };
    expect(account.keyDigest).toBe(accountKeyDigest(key));
    const { stdout: state } = await stack.run(["stack", "export"]);
    expect(state).not.toMatch(/PRIVATE KEY/);
  });

  it.each([
    ["another key", other],
    ["no key", ""],
  ])("stays what it is when the environment brings %s later", async (_, later) => {
    present = later;
    await stack.expectIdle();
    present = key;
  });

  it("certifies no request for its own key", async () => {
    const names = [`fra1.${DOMAIN}`, DOMAIN, `euro.${DOMAIN}`, `fra.${DOMAIN}`];
    stack.write("inventory/test/fra1.pem", (await certificateRequest(names, { keys })).csrPem);
    const node = nodeAt("euro", "fra1", { csr: { exact: "fra1.pem" } });
    stack.setInventory({ ...fleet, nodes: [node] });
    const { code, stdout } = await stack.tryPreview();
    expect(code).not.toBe(0);
    expect(stdout).toMatch(/is for the key of the ACME account.*\[csr-key-reuse\]/);
    stack.setInventory({ ...fleet, nodes: [nodeAt("euro", "fra1")] });
  });

  it("is not left for another authority as long as it is protected", async () => {
    stack.setConfig({ ...stack.config, acme: { directory: LETS_ENCRYPT.directory } });
    const { code, stdout } = await stack.tryPreview();
    expect(code).not.toBe(0);
    expect(stdout).toMatch(/staging\S+" cannot be deleted\s+because it is protected/);
  });

  it("stays valid when it is left, and CAA names the new one before its certificates are asked for", async () => {
    present = "";
    await unprotect();
    const made = await stack.up();
    const { acme } = stack.world.platforms;
    expect(acme.accounts().map(({ status }) => status)).toEqual(["valid", "valid"]);
    expect(acme.certificates().filter(({ revoked }) => revoked)).toEqual([]);
    const { records } = await stack.world.ask("route53")(DOMAIN, "CAA");
    expect(records.map(({ data }) => data)).toEqual([
      expect.stringContaining(`accounturi=${acme.accounts()[1]?.id}"`),
    ]);
    const changed = made.findIndex(({ kind, id }) => kind === "recordSet" && id.endsWith("_CAA"));
    expect(changed).toBeGreaterThan(-1);
    expect(changed).toBeLessThan(Math.min(...created(made, "certificate")));
    await stack.expectIdle();
  });

  it("is protected: the preview of a destroy is refused with the way out, and nothing is deleted", async () => {
    const mark = stack.mark();
    const { code, stdout, stderr } = await stack.run(["destroy", "--yes"]);
    expect(code).not.toBe(0);
    expect(stdout + stderr).toMatch(/::acme\/account\/\S+" cannot be deleted\s+because it is protected/);
    expect(stdout + stderr).toMatch(/pulumi state unprotect 'urn:/);
    expect(stack.operationsSince(mark)).toEqual([]);
    await stack.expectIdle();
  });

  it("alone is left in state when the preview of a destroy is skipped: the rest is gone", async () => {
    const { code } = await stack.run(["destroy", "--yes", "--skip-preview"]);
    expect(code).not.toBe(0);
    const { stdout } = await stack.run(["stack", "--show-urns"]);
    expect(stdout).toContain("::acme/account/");
    expect(stdout).not.toMatch(/route53\/record:Record/);
    await stack.up();
    await stack.expectIdle();
  });

  it("stays at the authority when the stack is destroyed after all", async () => {
    await unprotect();
    await stack.destroy();
    expect(stack.world.platforms.acme.accounts().map(({ status }) => status)).toEqual(["valid", "valid"]);
    expect(stack.world.platforms.route53.sets("Z0TEST")).toEqual([]);
  });
});
