import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type DialOptions, type DialReport, dialTargets, dialThrough } from "../../../dial/dial.ts";
import type { NodeCertificate } from "../../../lab/nodeCertificates.ts";
import { type SipNode, startSipNode } from "../../../lab/sipNode.ts";
import { createTestAuthority, type TestAuthority } from "../../support/testCertificates.ts";
import { lookupIn, type ZoneLines } from "../../support/zoneLookup.ts";

const NAME = "euro.sip.example.net";
const slots = ["fra1", "lhr1", "ams1"] as const;
type Slot = (typeof slots)[number];

let authority: TestAuthority;
let wildcard: NodeCertificate;
let exact: NodeCertificate;
const nodes = {} as Record<Slot, SipNode>;

beforeAll(async () => {
  authority = await createTestAuthority();
  wildcard = await authority.issue({ dns: ["*.sip.example.net", "sip.example.net"] });
  exact = await authority.issue({ dns: [NAME] });
  for (const [index, slot] of slots.entries()) {
    nodes[slot] = await startSipNode({
      slot,
      address: `127.88.3.${index + 1}`,
      ports: { tls: 0, tcp: 0, udp: 0 },
    });
  }
});

beforeEach(async () => {
  for (const node of Object.values(nodes)) {
    await node.setBehaviour("up");
    node.setCertificates([wildcard, exact]);
  }
});

afterAll(() => Promise.all(Object.values(nodes).map((node) => node.close())));

/** fra1 before lhr1 before ams1, over every transport. */
function euroZone(): ZoneLines {
  const set = (wire: "tls" | "tcp" | "udp") =>
    slots.map((slot, index) => `${(index + 1) * 10} 10 ${nodes[slot].ports[wire]} ${slot}.sip.example.net`);
  return {
    [`_sips._tcp.${NAME} SRV`]: set("tls"),
    [`_sip._tcp.${NAME} SRV`]: set("tcp"),
    [`_sip._udp.${NAME} SRV`]: set("udp"),
    ...Object.fromEntries(slots.map((slot) => [`${slot}.sip.example.net A`, [nodes[slot].address]])),
  };
}

function dial(options: Partial<DialOptions> = {}, zone: ZoneLines = euroZone()): Promise<DialReport> {
  return dialThrough(lookupIn(zone), {
    name: NAME,
    server: "127.0.0.1:53",
    caPem: authority.caPem,
    timeoutMilliseconds: 3000,
    random: Math.random,
    now: () => performance.now(),
    date: new Date(),
    ...options,
  });
}

const tried = (report: DialReport) =>
  report.steps.flatMap((step) =>
    step.kind === "query" ? [] : [`${step.kind} ${step.target.split(".")[0]}`],
  );

describe("dialing a name", () => {
  test("goes from SRV to address to TLS to 200, and keeps each step", async () => {
    const seen: string[] = [];
    const report = await dial({ onStep: (step) => void seen.push(step.kind) });
    expect(report).toMatchObject({
      ok: true,
      answered: { target: "fra1.sip.example.net", address: "127.88.3.1", status: 200 },
    });
    expect(report.steps[0]).toMatchObject({ kind: "query", name: `_sips._tcp.${NAME}`, type: "SRV" });
    expect(tried(report)).toEqual(["tls fra1", "options fra1"]);
    expect(seen).toEqual(report.steps.map((step) => step.kind));
    const tls = report.steps.find((step) => step.kind === "tls");
    expect(tls).toMatchObject({
      accepted: true,
      certificate: { trusted: true, names: [`DNS:${NAME}`], identity: { strict: true, wildcard: true } },
    });
  });

  test.each(["tcp", "udp"] as const)("works over %s", async (transport) => {
    const report = await dial({ transport });
    expect(report).toMatchObject({
      ok: true,
      transport,
      answered: { target: "fra1.sip.example.net", status: 200 },
    });
  });

  test("a wildcard alone is enough, and is shown as no strict match", async () => {
    nodes.fra1.setCertificates([wildcard]);
    const report = await dial();
    expect(report.ok).toBe(true);
    expect(report.steps.find((step) => step.kind === "tls")).toMatchObject({
      certificate: { identity: { strict: false, wildcard: true } },
    });
  });

  test.each(["tls", "tcp", "udp"] as const)("goes on after a closed port over %s", async (transport) => {
    await nodes.fra1.setBehaviour("refuse");
    const report = await dial({ transport });
    expect(report).toMatchObject({ ok: true, answered: { target: "lhr1.sip.example.net" } });
    const failed = report.steps.find((step) => step.kind === "connect" || step.kind === "silence");
    expect(failed).toMatchObject({ target: "fra1.sip.example.net", fault: "connection refused" });
  });

  test("goes on after 503 and keeps how long to wait", async () => {
    await nodes.fra1.setBehaviour("unavailable");
    const report = await dial();
    expect(tried(report)).toEqual(["tls fra1", "options fra1", "tls lhr1", "options lhr1"]);
    expect(report.steps).toContainEqual(
      expect.objectContaining({ kind: "options", status: 503, retryAfter: "600" }),
    );
    expect(report.ok).toBe(true);
  });

  test("goes on after silence", async () => {
    await nodes.fra1.setBehaviour("silent");
    const report = await dial({ timeoutMilliseconds: 300 });
    expect(tried(report)).toEqual(["tls fra1", "silence fra1", "tls lhr1", "options lhr1"]);
  });

  test("sends nothing behind a certificate of another authority, and goes on", async () => {
    const stranger = await createTestAuthority();
    nodes.fra1.setCertificates([await stranger.issue({ dns: [NAME] })]);
    const report = await dial();
    expect(tried(report)).toEqual(["tls fra1", "tls lhr1", "options lhr1"]);
    expect(report.steps.find((step) => step.kind === "tls")).toMatchObject({
      accepted: false,
      certificate: { trusted: false, trustFault: expect.any(String), identity: { strict: true } },
    });
  });

  test("sends nothing behind an expired certificate, and says that it has expired", async () => {
    for (const node of Object.values(nodes)) {
      node.setCertificates([await authority.issue({ dns: [NAME], validDays: -1 })]);
    }
    const report = await dial();
    expect(tried(report)).toEqual(["tls fra1", "tls lhr1", "tls ams1"]);
    expect(report.ok).toBe(false);
    expect(report.fault).toContain("CERT_HAS_EXPIRED");
  });

  test("sends nothing behind a certificate of another name", async () => {
    nodes.fra1.setCertificates([await authority.issue({ dns: ["fra1.sip.example.net"] })]);
    expect(tried(await dial())).toEqual(["tls fra1", "tls lhr1", "options lhr1"]);
  });

  test("every address dead says what each one did", async () => {
    for (const node of Object.values(nodes)) await node.setBehaviour("refuse");
    const report = await dial();
    expect(report).toMatchObject({ ok: false });
    expect(report.answered).toBeUndefined();
    expect(report.fault).toBe(
      "no address answered (fra1.sip.example.net: connection refused; lhr1.sip.example.net: connection refused; ams1.sip.example.net: connection refused)",
    );
  });

  test("a name that leads nowhere is a fault without a try", async () => {
    const report = await dial({ name: "asia.sip.example.net" });
    expect(report).toMatchObject({
      ok: false,
      fault: "neither SRV records nor an address at asia.sip.example.net",
    });
    expect(tried(report)).toEqual([]);
  });

  test("an explicit port dials the address of the name itself", async () => {
    const port = nodes.ams1.ports.tls ?? 0;
    const report = await dial({ port }, { [`${NAME} A`]: ["127.88.3.3"] });
    expect(report).toMatchObject({ ok: true, answered: { target: NAME, address: "127.88.3.3", port } });
  });

  test("no more than 32 addresses are tried", async () => {
    await nodes.fra1.setBehaviour("refuse");
    const many = Array.from({ length: 50 }, () => "127.88.3.1");
    const report = await dial({ port: nodes.fra1.ports.tcp ?? 0, transport: "tcp" }, { [`${NAME} A`]: many });
    expect(report.steps.filter((step) => step.kind === "connect")).toHaveLength(32);
  });
});

describe("the identity that is asked for", () => {
  test.each([
    { shown: "wildcard", rule: "strict", ok: false },
    { shown: "wildcard", rule: "wildcard", ok: true },
    { shown: "wildcard", rule: "any", ok: true },
    { shown: "exact", rule: "strict", ok: true },
    { shown: "exact", rule: "wildcard", ok: true },
  ] as const)("$rule behind the $shown certificate: answered $ok", async ({ shown, rule, ok }) => {
    for (const node of Object.values(nodes)) node.setCertificates([shown === "exact" ? exact : wildcard]);
    const report = await dial({ identity: rule });
    expect(report.ok).toBe(ok);
    if (!ok) expect(report.fault).toContain("only *.sip.example.net covers it");
    // Nothing is sent behind a certificate that is not accepted.
    expect(tried(report).includes("options fra1")).toBe(ok);
  });

  test("is looked for at the next target, as a client does that asks it", async () => {
    nodes.fra1.setCertificates([wildcard]);
    expect(tried(await dial({ identity: "strict" }))).toEqual(["tls fra1", "tls lhr1", "options lhr1"]);
  });

  test("is that of the first certificate where no server name is sent", async () => {
    // Two are there; only a server name could choose the second.
    nodes.fra1.setCertificates([wildcard, exact]);
    const [named, unnamed] = [await dial(), await dial({ serverName: false })].map((report) =>
      report.steps.find((step) => step.kind === "tls"),
    );
    expect(named).toMatchObject({ certificate: { identity: { strict: true } } });
    expect(unnamed).toMatchObject({ certificate: { identity: { strict: false, wildcard: true } } });
  });
});

describe("dialing an address that is known", () => {
  const target = () => ({
    target: "lhr1.sip.example.net",
    address: nodes.lhr1.address,
    port: nodes.lhr1.ports.tls ?? 0,
  });
  const settings = () => ({
    name: NAME,
    caPem: authority.caPem,
    timeoutMilliseconds: 3000,
    random: Math.random,
    now: () => performance.now(),
    date: new Date(),
  });

  test("asks no name server, and checks the certificate against the dialed name", async () => {
    const report = await dialTargets([target()], settings());
    expect(report).toMatchObject({ ok: true, answered: { target: "lhr1.sip.example.net", status: 200 } });
    expect(report.server).toBeUndefined();
    expect(tried(report)).toEqual(["tls lhr1", "options lhr1"]);
    const other = await dialTargets([target()], {
      ...settings(),
      name: "asia.sip.example.net",
      identity: "strict",
    });
    expect(other.ok).toBe(false);
  });

  test("tells the whole days that the certificate has left", async () => {
    nodes.lhr1.setCertificates([await authority.issue({ dns: [NAME], validDays: 5 })]);
    const daysLeftOn = async (date: Date) => {
      const { steps } = await dialTargets([target()], { ...settings(), date });
      const step = steps.find(({ kind }) => kind === "tls");
      return step?.kind === "tls" ? step.daysLeft : undefined;
    };
    const inDays = (days: number) => new Date(Date.now() + days * 86_400_000);
    expect(await daysLeftOn(inDays(0))).toBe(4);
    expect(await daysLeftOn(inDays(4))).toBe(0);
    expect(await daysLeftOn(inDays(6))).toBe(-2);
  });
});
