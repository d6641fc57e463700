import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { EMPTY_LEDGER, type Ledger } from "../../../plan/ledger.ts";
import { dialtree } from "../../support/commandLine.ts";
import { nodeAt } from "../../support/inventories.ts";
import { allIssued, issued, NOW, treeOf } from "../../support/issuance.ts";

const CLOCK = { variables: { DIALTREE_NOW: NOW.toISOString() } };
const PAIR = [nodeAt("euro", "fra1", { ip: "192.0.2.1" }), nodeAt("euro", "fra2", { ip: "192.0.2.2" })];

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "dialtree-cert-"));
  inventory(PAIR);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function inventory(nodes: readonly object[], policy: object = {}): void {
  file("nodes.json", nodes);
  file("tree.json", { environment: { domain: "sip.example.net" }, policy });
}

/** Writes a file into the folder and gives its path. */
function file(name: string, value: unknown): string {
  const at = path.join(folder, name);
  writeFileSync(at, typeof value === "string" ? value : JSON.stringify(value));
  return at;
}

function ledger(more: Partial<Ledger>): string {
  return file("ledger.json", { ...EMPTY_LEDGER, ...more });
}

function many(count: number): object[] {
  return Array.from({ length: count }, (_, index) =>
    nodeAt("euro", `fra${index + 1}`, { ip: `192.0.2.${index + 1}` }),
  );
}

function run(...args: string[]) {
  return dialtree(["cert", ...args, "--inventory", folder], CLOCK);
}

describe("dialtree cert plan", () => {
  test("shows what the next update issues and why, what is left of each limit, and what it assumes", async () => {
    const [exact, wildcard] = treeOf({ nodes: PAIR }).certificates;
    if (exact === undefined || wildcard === undefined) throw new Error("two certificates are expected");
    const names = [...exact.names, "old.sip.example.net"];
    const known = ledger({ certificates: [{ ...issued(exact, 60), names }, issued(wildcard, 29.5)] });
    const { code, stdout, stderr } = await run("plan", "--ledger", known);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout.split("\n")).toEqual([
      "sip.example.net: 4 certificates by Let's Encrypt in the next update, 0 stay",
      "assumed: the authority is Let's Encrypt",
      "assumed: nobody else gets certificates for the registered domain (--other-issued N: in the last 7 days)",
      "",
      "certificate    why            counts as  names",
      "fra1 exact     names changed  new        4",
      "fra1 wildcard  renewed        renewal    3",
      "fra2 exact     new            new        4",
      "fra2 wildcard  new            new        3",
      "",
      "limit                                   in       left        full again",
      "new certificates per registered domain  7 days   50 of 50",
      "new orders of one account               3 hours  300 of 300",
      "",
    ]);
  });

  test("shows the waves with their dates, and that an update is refused where they are not allowed", async () => {
    inventory(many(30));
    const refused = await run("plan", "--other-issued", "10");
    expect(refused.code).toBe(0);
    expect(refused.stdout).toMatch(
      /^sip\.example\.net: 0 certificates by Let's Encrypt in the next update, 60 wait, 0 stay$/m,
    );
    expect(refused.stdout).toMatch(/^assumed: nothing was ever issued: a folder has no ledger/m);
    expect(refused.stdout).not.toMatch(/nobody else/);
    expect(refused.stdout).toMatch(
      /^refused: 60 certificates take from .* of which 40 are left: they never fit at once/m,
    );
    inventory(many(30), { certificates: { waves: true } });
    const { stdout } = await run("plan", "--other-issued", "10");
    expect(stdout).toMatch(
      /^sip\.example\.net: 40 certificates .* in the next update, 20 in later waves, 0 stay$/m,
    );
    expect(stdout.match(/^wave .*$/gm)).toEqual([
      "wave 1 of 4, the next update: 40",
      "wave 2 of 4, from 2026-11-24 12:00 UTC: 6",
      "wave 3 of 4, from 2026-11-25 12:00 UTC: 8",
      "wave 4 of 4, from 2026-11-26 12:00 UTC: 6",
    ]);
    expect(stdout.split("\n").filter((line) => line.endsWith(" "))).toEqual([]);
  });

  test("prints all of it as JSON", async () => {
    const { stdout } = await run("plan", "--json");
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({
      version: 1,
      domain: "sip.example.net",
      authority: { name: "Let's Encrypt" },
      now: NOW.toISOString(),
      kept: 0,
      wavesAllowed: false,
      refusals: [],
    });
    expect(document.assumed).toHaveLength(3);
    expect(document.waves[0].certificates[0]).toEqual({
      slot: "fra1",
      profile: "exact",
      why: ["new"],
      renewal: false,
      names: ["fra1.sip.example.net", "sip.example.net", "euro.sip.example.net", "fra.sip.example.net"],
    });
    expect(document.limits.map(({ limit, left }: { limit: string; left: number }) => [limit, left])).toEqual([
      ["registeredDomain", 50],
      ["newOrders", 300],
    ]);
  });

  test("finds the ledger among all outputs of a stack", async () => {
    const outputs = file("outputs.json", {
      ledger: { ...EMPTY_LEDGER, ...allIssued(treeOf({ nodes: PAIR }), 60) },
    });
    const { stdout } = await run("plan", "--outputs", outputs);
    expect(stdout).toMatch(
      /^sip\.example\.net: 0 certificates by Let's Encrypt in the next update, 4 stay$/m,
    );
    const without = await run("plan", "--outputs", file("outputs.json", { names: {} }));
    expect(without.stdout).toMatch(/^assumed: nothing was ever issued: .*outputs\.json has no ledger yet$/m);
  });

  test("says that it takes the names of an old ledger as they are ordered now", async () => {
    const [exact] = treeOf({ nodes: PAIR }).certificates;
    if (exact === undefined) throw new Error("a certificate is expected");
    const { slot, profile, notBefore, notAfter } = issued(exact, 60);
    const known = ledger({ certificates: [{ slot, profile, notBefore, notAfter }] });
    const { stdout } = await run("plan", "--ledger", known);
    expect(stdout).toMatch(/^assumed: certificates that an earlier version wrote down have the names/m);
    expect(stdout).not.toMatch(/^fra1 exact/m);
  });
});

describe("dialtree cert status", () => {
  test("shows each certificate with its days, and is 0 while none is below its floor", async () => {
    const [exact, wildcard, other] = treeOf({ nodes: PAIR }).certificates;
    if (exact === undefined || wildcard === undefined || other === undefined)
      throw new Error("three are expected");
    const known = ledger({ certificates: [issued(exact, 60), issued(wildcard, 30), issued(other, 14)] });
    const { code, stdout, stderr } = await run("status", "--ledger", known);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout.split("\n")).toEqual([
      "sip.example.net: 2 due, 1 not issued, 1 ok",
      "assumed: the authority is Let's Encrypt",
      "",
      "certificate    state       days left  expires     renewed from",
      "fra1 exact     ok          60         2027-01-22  2026-12-22",
      "fra1 wildcard  due         30         2026-12-23  2026-11-22",
      "fra2 exact     due         14         2026-12-07  2026-11-06",
      "fra2 wildcard  not issued",
      "",
    ]);
  });

  test.each([
    ["below its floor", 13.5, "below-floor", "1 below the floor, 3 ok"],
    ["expired", -0.5, "expired", "1 expired, 3 ok"],
  ])("is 1 where a certificate is %s", async (_, days, state, head) => {
    const { certificates } = allIssued(treeOf({ nodes: PAIR }), 60);
    const [first, ...others] = treeOf({ nodes: PAIR }).certificates;
    if (first === undefined) throw new Error("a certificate is expected");
    const known = ledger({ certificates: [issued(first, days), ...certificates.slice(1)] });
    expect(others).toHaveLength(3);
    const text = await run("status", "--ledger", known);
    expect(text.code).toBe(1);
    expect(text.stdout).toMatch(new RegExp(`^sip\\.example\\.net: ${head}$`, "m"));
    const { code, stdout } = await run("status", "--ledger", known, "--json");
    expect(code).toBe(1);
    expect(JSON.parse(stdout).certificates[0]).toMatchObject({ slot: "fra1", profile: "exact", state });
  });

  test("wants to know what is issued", async () => {
    const { code, stderr } = await run("status");
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^dialtree: a folder has no ledger; give that of its stack with --ledger or --outputs/,
    );
  });
});

describe("the ledger of a stack of the project", () => {
  /** An engine that knows no more than to answer for its outputs. */
  function engine(script: string) {
    const bin = path.join(folder, "bin");
    mkdirSync(bin);
    const answer = `#!/bin/sh\ncase "$1" in version) echo v3.999.0 ;; *) ${script} ;; esac\n`;
    for (const [name, text] of [
      ["pulumi", answer],
      ["pulumi-language-nodejs", "#!/bin/sh\n"],
    ] as const) {
      writeFileSync(path.join(bin, name), text, { mode: 0o700 });
    }
    return { variables: { ...CLOCK.variables, PATH: `${bin}:/usr/bin:/bin` } };
  }

  test("is asked of the engine where no file is named", async () => {
    const outputs = file("outputs.json", { ledger: EMPTY_LEDGER });
    const options = engine(
      `[ "$*" = "stack output --json --stack prod --non-interactive --color never" ] && cat ${outputs}`,
    );
    const plan = await dialtree(["cert", "plan"], options);
    expect(plan.stdout).toMatch(
      /^sip\.example\.net: 36 certificates by Let's Encrypt in the next update, 0 stay$/m,
    );
    expect(plan.stdout).not.toMatch(/nothing was ever issued/);
    const status = await dialtree(["cert", "status", "--stack", "prod"], options);
    expect([status.code, status.stderr]).toEqual([0, ""]);
    expect(status.stdout).toMatch(/^sip\.example\.net: 36 not issued$/m);
  });

  test("is assumed to be empty by the plan where the engine cannot tell it, and not by the status", async () => {
    const options = engine("echo 'error: no stack named prod' >&2; exit 255");
    const plan = await dialtree(["cert", "plan", "--stack", "prod"], options);
    expect(plan.code).toBe(0);
    expect(plan.stdout).toMatch(
      /^assumed: nothing was ever issued: stack prod has no outputs to read: error: no stack named prod$/m,
    );
    const status = await dialtree(["cert", "status", "--stack", "prod"], options);
    expect([status.code, status.stdout]).toEqual([1, ""]);
    expect(status.stderr).toMatch(/^stack prod: has no outputs to read: .* \[stack-outputs\]/);
  });

  test("of another version is refused by both", async () => {
    const outputs = file("outputs.json", { ledger: { ...EMPTY_LEDGER, version: 2 } });
    const options = engine(`cat ${outputs}`);
    for (const command of ["plan", "status"]) {
      const { code, stderr } = await dialtree(["cert", command], options);
      expect(code).toBe(1);
      expect(stderr).toMatch(/\[ledger-version\]/);
    }
  });
});

describe("dialtree lint with a ledger", () => {
  const lint = (...args: string[]) => dialtree(["lint", "--inventory", folder, ...args], CLOCK);

  test("is red where a certificate is below its floor", async () => {
    const known = ledger(allIssued(treeOf({ nodes: PAIR }), 3));
    const { code, stdout } = await lint("--ledger", known);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /error certificate-below-floor\n {2}node fra1: exact: 3 days left, below the floor of 14 days/,
    );
    expect((await lint()).stdout).not.toMatch(/certificate-below-floor/);
  });

  test("warns of what does not fit at once", async () => {
    inventory(many(26));
    const { stdout } = await lint("--ledger", ledger({}));
    expect(stdout).toMatch(
      /warning certificate-waves\n {2}policy\.certificates\.waves: 52 certificates take from/,
    );
  });
});

describe("a ledger that cannot be used", () => {
  test.each<[title: string, text: unknown, said: RegExp]>([
    [
      "no JSON",
      "{",
      /is no ledger of a stack \[ledger-file\]; write it with `pulumi stack output ledger --json/,
    ],
    ["no ledger", [1], /is no ledger of a stack \[ledger-file\]/],
    [
      "all outputs",
      { ledger: EMPTY_LEDGER },
      /\[ledger-file\]; these are all outputs of a stack: give them with --outputs/,
    ],
    [
      "a time that is none",
      {
        ...EMPTY_LEDGER,
        certificates: [{ slot: "fra1", profile: "exact", notBefore: "soon", notAfter: "late" }],
      },
      /certificates\.0\.notBefore: is not what a ledger has there \[ledger-file\]/,
    ],
    ["another version", { ...EMPTY_LEDGER, version: 2 }, /ledger\.version: 2: .* \[ledger-version\]/],
  ])("is refused: %s", async (_, text, said) => {
    const { code, stdout, stderr } = await run("plan", "--ledger", file("ledger.json", text));
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(said);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  test.each<[title: string, args: string[], code: number, said: RegExp]>([
    [
      "a file that is not there",
      ["--ledger", "nowhere.json"],
      1,
      /--ledger: nowhere\.json: does not exist \[ledger-file\]/,
    ],
    ["two sources", ["--ledger", "a", "--outputs", "b"], 2, /give --ledger or --outputs, not both/],
    ["a count that is none", ["--other-issued", "-1"], 2, /--other-issued -1: give a whole number/],
    ["a stack and a folder", ["--stack", "prod"], 2, /give --stack or --inventory, not both/],
  ])("is refused: %s", async (_, args, code, said) => {
    const found = await run("plan", ...args);
    expect([found.code, found.stdout]).toEqual([code, ""]);
    expect(found.stderr).toMatch(said);
  });
});
