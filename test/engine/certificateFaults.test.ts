import { randomBytes, X509Certificate } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ProcessResult } from "../../engine/process.ts";
import type { Fault } from "../../lab/store/faults.ts";
import type { LabBackend } from "../../lab/world.ts";
import { LETS_ENCRYPT } from "../../plan/certificates/authorities.ts";
import { DOMAIN, type InventorySketch, nodeAt } from "../support/inventories.ts";
import { danglingMoments, listedWithoutCertificate } from "../support/operationMoments.ts";
import { letDown } from "../support/servedMoments.ts";
import { withNodes } from "../support/steeredFleet.ts";
import { openStack, type TestStack, withStack } from "../support/withStack.ts";

/** More than any provider tries. */
const ALWAYS = 1000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const fleet: InventorySketch = {
  nodes: [nodeAt("euro", "fra1"), nodeAt("euro", "lhr1")],
  policy: { certificates: { profiles: ["exact"], keyType: "p256" } },
};
const added = withNodes(fleet, nodeAt("euro", "lhr2"));

const NAMES = [
  DOMAIN,
  `euro.${DOMAIN}`,
  `fra.${DOMAIN}`,
  `lhr.${DOMAIN}`,
  `fra1.${DOMAIN}`,
  `lhr1.${DOMAIN}`,
];

/** The authority answers no order: its account is there. */
const NO_ORDERS: Fault = {
  platform: "acme",
  kind: "order",
  operation: "create",
  times: ALWAYS,
  mode: "error",
};

const textOf = ({ stdout, stderr }: ProcessResult) => stdout + stderr;

/** As in a run by hand that does not stop at the first failure. */
function upWithAllElse(stack: TestStack): Promise<ProcessResult> {
  return stack.run(["up", "--yes", "--skip-preview", "--continue-on-error"]);
}

/** Everything that a caller, a node and the next update have to find unchanged after a run that failed. */
async function kept(stack: TestStack) {
  const { ledger, certificates, privateKeys } = await stack.outputs();
  return { ledger, certificates, privateKeys };
}

/** First names of what the authority has issued, and of that what it has revoked. */
function issued(stack: TestStack): {
  readonly names: readonly string[];
  readonly revoked: readonly string[];
} {
  const all = stack.world.platforms.acme.certificates();
  const first = (some: typeof all) => some.map(({ names }) => names[0] ?? "").sort();
  return { names: first(all), revoked: first(all.filter(({ revoked }) => revoked)) };
}

/** Certificates in the engine's state, by logical name. */
async function inState(stack: TestStack): Promise<readonly string[]> {
  const { stdout } = await stack.run(["stack", "export"]);
  const { resources = [] } = JSON.parse(stdout).deployment as { resources?: { urn: string; type: string }[] };
  return resources
    .filter(({ type }) => type === "acme:index/certificate:Certificate")
    .map(({ urn }) => urn.split("::").at(-1) ?? "")
    .sort();
}

function deletions(stack: TestStack, mark: number): readonly string[] {
  return stack
    .operationsSince(mark)
    .filter(({ operation, name }) => operation === "delete" && !name.startsWith("_acme-challenge."))
    .map(({ name }) => name);
}

async function targetsAt(stack: TestStack, backend: LabBackend, name: string): Promise<readonly string[]> {
  const { records } = await stack.world.ask(backend)(`_sips._tcp.${name}`, "SRV");
  return records.map(({ data }) => data.split(" ").at(-1)?.split(".")[0] ?? "").sort();
}

async function addresses(stack: TestStack, backend: LabBackend, slot: string): Promise<number> {
  return (await stack.world.ask(backend)(`${slot}.${DOMAIN}`, "A")).records.length;
}

describe("an empty stack whose authority is down", () => {
  it("gets its addresses, is told whose certificate failed, and is finished by the next update", async () => {
    await withStack({ inventory: fleet, backends: ["cloudflare"], acme: true }, async (stack) => {
      const { store } = stack.world.platforms;
      store.faults.failNext({ platform: "acme", times: ALWAYS, mode: "error" });
      const down = await upWithAllElse(stack);
      expect(down.code).not.toBe(0);
      expect(textOf(down)).toMatch(
        /Registration \(acme\/account\/acme\.example\.test\):\s+error: acme: error: 500/,
      );
      expect([
        await addresses(stack, "cloudflare", "fra1"),
        await addresses(stack, "cloudflare", "lhr1"),
      ]).toEqual([1, 1]);

      store.faults.clear();
      store.faults.failNext(NO_ORDERS);
      const failed = await upWithAllElse(stack);
      expect(failed.code).not.toBe(0);
      for (const slot of ["fra1", "lhr1"]) {
        expect(textOf(failed)).toMatch(
          new RegExp(
            `Certificate \\(${slot}/acme/exact\\):\\s+error: error creating certificate: acme: error: 500`,
          ),
        );
      }
      expect(await targetsAt(stack, "cloudflare", DOMAIN)).toEqual([]);

      store.faults.clear();
      await stack.up();
      expect(await stack.notServed()).toEqual([]);
      expect(listedWithoutCertificate(store.operations, DOMAIN, 1)).toEqual([]);
      expect(stack.world.platforms.acme.accounts()).toHaveLength(1);
      await stack.expectIdle();
    });
  });
});

describe.each(["cloudflare", "route53"] as const)("a challenge that fails for one node, at %s", (backend) => {
  let stack: TestStack;
  let close: () => Promise<void> = async () => {};

  beforeAll(async () => {
    ({ stack, close } = await openStack({ inventory: fleet, backends: [backend], acme: true }));
  });
  afterAll(() => close());

  /** The platform refuses the proof of the node's own name. */
  const refuseProof = (slot: string) =>
    stack.world.platforms.store.faults.failNext({
      platform: backend,
      name: `_acme-challenge.${slot}.${DOMAIN}`,
      times: ALWAYS,
      mode: "error",
    });

  const namesBoth = (slot: string) =>
    new RegExp(
      `Certificate \\(${slot}/acme/exact\\):\\s+error: error creating certificate: error: one or more domains had a problem:\\s+` +
        `\\[${slot}\\.sip\\.example\\.net\\] \\[${slot}\\.sip\\.example\\.net\\] acme: error presenting token: ${backend}: .*500`,
    );

  it("leaves an empty stack with the other's certificate, and with names that list the other alone or nobody", async () => {
    refuseProof("lhr1");
    const failed = await upWithAllElse(stack);
    expect(failed.code).not.toBe(0);
    expect(textOf(failed)).toMatch(namesBoth("lhr1"));
    expect(issued(stack)).toEqual({ names: [`fra1.${DOMAIN}`], revoked: [] });
    expect([await addresses(stack, backend, "fra1"), await addresses(stack, backend, "lhr1")]).toEqual([
      1, 1,
    ]);
    // Cloudflare has a row per node; a set of Route 53 is one object and waits for all whom it lists.
    const shared = backend === "cloudflare" ? ["fra1"] : [];
    expect(await targetsAt(stack, backend, `fra.${DOMAIN}`)).toEqual(["fra1"]);
    expect(await targetsAt(stack, backend, DOMAIN)).toEqual(shared);
    expect(await targetsAt(stack, backend, `lhr.${DOMAIN}`)).toEqual([]);
  });

  it("is made good by the next update, which keeps what was issued", async () => {
    const { store } = stack.world.platforms;
    store.faults.clear();
    await stack.up();
    expect(issued(stack)).toEqual({ names: [`fra1.${DOMAIN}`, `lhr1.${DOMAIN}`], revoked: [] });
    expect(await inState(stack)).toEqual(["fra1/acme/exact", "lhr1/acme/exact"]);
    expect(await stack.notServed()).toEqual([]);
    expect(listedWithoutCertificate(store.operations, DOMAIN, 1)).toEqual([]);
  });

  it("disturbs nobody on a stack that was deployed before: ledger, names and certificates stay", async () => {
    const before = await kept(stack);
    stack.setInventory(added);
    refuseProof("lhr2");
    const mark = stack.mark();
    let failed: ProcessResult | undefined;
    const disturbed = await letDown(stack.world, NAMES, async () => {
      failed = await stack.tryUp();
    });
    expect(failed?.code).not.toBe(0);
    expect(failed && textOf(failed)).toMatch(namesBoth("lhr2"));
    expect(disturbed).toEqual([]);
    expect(deletions(stack, mark)).toEqual([]);
    expect(await kept(stack)).toEqual(before);
    expect(issued(stack)).toEqual({ names: [`fra1.${DOMAIN}`, `lhr1.${DOMAIN}`], revoked: [] });
    expect(await inState(stack)).toEqual(["fra1/acme/exact", "lhr1/acme/exact"]);
    expect(await targetsAt(stack, backend, DOMAIN)).toEqual(["fra1", "lhr1"]);
  });

  it("is over with the next update: the node has its certificate, and the one after lists it", async () => {
    const { store } = stack.world.platforms;
    store.faults.clear();
    await stack.up();
    expect(issued(stack)).toEqual({
      names: [`fra1.${DOMAIN}`, `lhr1.${DOMAIN}`, `lhr2.${DOMAIN}`],
      revoked: [],
    });
    expect(await targetsAt(stack, backend, DOMAIN)).toEqual(["fra1", "lhr1"]);
    await stack.up();
    expect(await stack.notServed()).toEqual([]);
    expect(danglingMoments(store.operations)).toEqual([]);
    await stack.expectIdle();
  });
});

describe("a stack at an authority with limits", () => {
  let stack: TestStack;
  let close: () => Promise<void> = async () => {};
  let now = Date.parse("2026-11-23T12:00:00Z");

  beforeAll(async () => {
    ({ stack, close } = await openStack({
      inventory: fleet,
      backends: ["cloudflare"],
      acme: { directory: LETS_ENCRYPT.directory, caa: false },
      now: () => new Date(now),
    }));
    await stack.up();
  });
  afterAll(() => close());

  /** Certificates of another account for other names of the registered domain. */
  async function issueToOthers(count: number): Promise<void> {
    const { acme } = stack.world.platforms;
    const account = await acme.register("another account");
    const times = { notBefore: new Date(now - HOUR), notAfter: new Date(now + 90 * DAY) };
    for (let number = 1; number <= count; number += 1) {
      const serial = randomBytes(16).toString("hex");
      await acme.record(account, { certificatePem: "", serial, names: [`w${number}.example.net`], ...times });
    }
  }

  const own = () => issued(stack).names.filter((name) => name.endsWith(DOMAIN));

  it("is told whose certificate others have left no room for, and from when there is some", async () => {
    await issueToOthers(50);
    const before = await kept(stack);
    stack.setInventory(added);
    const mark = stack.mark();
    let refused: ProcessResult | undefined;
    const disturbed = await letDown(stack.world, NAMES, async () => {
      refused = await upWithAllElse(stack);
    });
    expect(refused?.code).not.toBe(0);
    expect(refused && textOf(refused)).toMatch(
      /Certificate \(lhr2\/acme\/exact\):\s+error: .*acme: error: 429 :: \S+:rateLimited :: too many certificates \(50\) already issued for "example\.net" in the last 168h0m0s, retry after 2026-11-23 1\d:\d\d:\d\d UTC/,
    );
    expect(disturbed).toEqual([]);
    expect(deletions(stack, mark)).toEqual([]);
    expect(await addresses(stack, "cloudflare", "lhr2")).toBe(1);
    expect(await kept(stack)).toEqual(before);
    expect([own(), issued(stack).revoked]).toEqual([[`fra1.${DOMAIN}`, `lhr1.${DOMAIN}`], []]);
  });

  it("gets the certificate with the next update after that time, and lists the node with the one after", async () => {
    now += 4 * HOUR;
    await stack.up();
    expect([own(), issued(stack).revoked]).toEqual([
      [`fra1.${DOMAIN}`, `lhr1.${DOMAIN}`, `lhr2.${DOMAIN}`],
      [],
    ]);
    await stack.up();
    expect(await stack.notServed()).toEqual([]);
  });

  it("keeps every name and certificate while expired ones cannot be renewed, and says which they are", async () => {
    now += 95 * DAY;
    const before = await kept(stack);
    stack.world.platforms.store.faults.failNext(NO_ORDERS);
    const mark = stack.mark();
    const failed = await upWithAllElse(stack);
    expect(failed.code).not.toBe(0);
    for (const slot of ["fra1", "lhr1", "lhr2"]) {
      expect(textOf(failed)).toContain(`certificate-below-floor: ${slot} exact: expired at 2027-02-2`);
      expect(textOf(failed)).toMatch(
        new RegExp(`Certificate \\(${slot}/acme/exact\\):\\s+error: .*acme: error: 500`),
      );
    }
    const changed = stack.operationsSince(mark).filter(({ error }) => error === undefined);
    expect(changed).toEqual([]);
    expect(await kept(stack)).toEqual(before);
    expect(issued(stack).revoked).toEqual([]);
    expect(await inState(stack)).toEqual(["fra1/acme/exact", "lhr1/acme/exact", "lhr2/acme/exact"]);
    expect(await stack.notServed()).toEqual([]);
  });

  it("renews them with their keys in the next update, and changes no name", async () => {
    stack.world.platforms.store.faults.clear();
    const before = await certificates();
    const disturbed = await letDown(stack.world, NAMES, () => stack.up());
    expect(disturbed).toEqual([]);
    const after = await certificates();
    expect(after.map(publicKey)).toEqual(before.map(publicKey));
    for (const { validFromDate, validToDate } of after) {
      expect(validFromDate.getTime()).toBeLessThan(now);
      expect(validToDate.getTime()).toBeGreaterThan(now + 80 * DAY);
    }
    expect(issued(stack).revoked).toEqual([]);
    expect(await stack.notServed()).toEqual([]);
  });

  async function certificates(): Promise<readonly X509Certificate[]> {
    const outputs = (await stack.outputs()).certificates as readonly { certificatePem: string }[];
    return outputs.map(({ certificatePem }) => new X509Certificate(certificatePem));
  }
});

function publicKey({ publicKey: key }: X509Certificate): string {
  return key.export({ type: "spki", format: "pem" }).toString();
}
