import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type CommandRun, dialtree } from "../../support/commandLine.ts";
import { PROJECT } from "../../support/project.ts";

const ESCAPE = "\u001b";
const ARTICLE_EURO = "test/unit/inventory/fixtures/article-euro";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "dialtree-plan-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function nodesFile(text: string): void {
  writeFileSync(path.join(folder, "nodes.json"), text);
}

/** A refusal is lines that a person can act on, on standard error, and nothing else. */
function expectNoTrace({ stdout, stderr }: CommandRun): void {
  expect(stdout).toBe("");
  expect(stderr).not.toMatch(/^ +at |Error:|node:internal|\.ts:\d+:\d+/m);
}

describe("dialtree plan", () => {
  test("shows a stack's plan as a table, at the stack's first backend", async () => {
    const { code, stdout, stderr } = await dialtree(["plan", "--stack", "prod"]);
    expect([code, stderr]).toEqual([0, ""]);
    const [head = "", ...lines] = stdout.split("\n");
    expect(head).toMatch(/^sip\.example\.net at cloudflare: \d+ records, \d+ steered sets, \d+ pools, /);
    expect(lines).toContain("records");
    expect(stdout).toMatch(
      /^_sips\._tcp\.euro\.sip\.example\.net +60 +SRV +10 100 5061 fra1\.sip\.example\.net +region euro lists fra1$/m,
    );
    expect(stdout).toMatch(/^fra1\.sip\.example\.net +60 +A +192\.0\.2\.11 +node fra1$/m);
  });

  test("takes prod where no stack is named, and works wherever the user stands", async () => {
    const named = await dialtree(["plan", "--stack", "prod"]);
    expect(await dialtree(["plan"], { folder })).toEqual(named);
  });

  test("prints JSON with the documented keys, names and targets without trailing dot", async () => {
    for (const backend of ["cloudflare", "route53", "static"]) {
      const { code, stdout } = await dialtree(["plan", "--stack", "prod", "--backend", backend, "--json"]);
      expect(code).toBe(0);
      const plan = JSON.parse(stdout);
      expect(plan).toMatchObject({ domain: "sip.example.net", zone: "example.net", backend });
      expect(plan.records.length).toBeGreaterThan(100);
      for (const record of plan.records) {
        expect(record).toEqual({
          name: expect.stringMatching(/^[a-z0-9_.-]*[a-z0-9]$/),
          type: expect.stringMatching(/^(A|AAAA|SRV)$/),
          ttl: 60,
          data: expect.stringMatching(/[^.]$/),
          why: expect.stringMatching(/./),
          cause: expect.objectContaining({ tier: expect.any(String), key: expect.any(String) }),
        });
      }
      for (const geo of plan.geo) expect(geo.name).toMatch(/[a-z0-9]$/);
      expect(plan.geo.length > 0).toBe(backend !== "static");
      expect(plan.pools.length > 0).toBe(backend === "cloudflare");
      expect(plan.certificates).toContainEqual({
        node: "fra1",
        profile: "wildcard",
        names: ["sip.example.net", "*.sip.example.net", "fra1.id.sip.example.net"],
      });
    }
  });

  test("plans a folder with nodes.json alone below the domain that is given", async () => {
    const args = ["plan", "--inventory", ARTICLE_EURO, "--domain", "voice.example.org", "--json"];
    const { code, stdout } = await dialtree(args, { folder: PROJECT });
    expect(code).toBe(0);
    const plan = JSON.parse(stdout);
    expect(plan).toMatchObject({ domain: "voice.example.org", zone: "voice.example.org", backend: "static" });
    expect(plan.geo).toEqual([]);
  });

  test("has colour on no pipe", async () => {
    const { stdout } = await dialtree(["plan", "--stack", "lab"], { variables: { FORCE_COLOR: "1" } });
    expect(stdout).not.toContain(ESCAPE);
    expect(stdout.split("\n").filter((line) => line.endsWith(" "))).toEqual([]);
  });

  test("imports nothing of Pulumi, so that it starts at once", async () => {
    const modulesFile = path.join(folder, "modules");
    const preload = fileURLToPath(new URL("../../support/importedModules.ts", import.meta.url));
    const { code } = await dialtree(["plan", "--stack", "prod"], {
      variables: { NODE_OPTIONS: `--import=${preload}`, IMPORTED_MODULES_FILE: modulesFile },
    });
    expect(code).toBe(0);
    const urls = readFileSync(modulesFile, "utf8").trim().split("\n");
    expect(urls.some((url) => url.endsWith("/plan/plan.ts"))).toBe(true);
    expect(urls.filter((url) => /node_modules\/@pulumi/.test(url))).toEqual([]);
    expect(urls.filter((url) => /\/(backends|components|lab|engine)\//.test(url))).toEqual([]);
  });
});

describe("dialtree zone", () => {
  test("prints a zone file that starts at the domain", async () => {
    const { code, stdout, stderr } = await dialtree(["zone", "--stack", "prod", "--backend", "route53"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^; sip\.example\.net as route53 serves it/);
    expect(stdout).toContain("\n$ORIGIN sip.example.net.\n");
    expect(stdout).toContain("\n_sips._tcp.sip.example.net.  60 IN SRV  10 100 5061 ");
    expect(stdout.endsWith("\n")).toBe(true);
  });

  test("prints the article's own lines for the article's nodes", async () => {
    const { stdout } = await dialtree(["zone", "--inventory", ARTICLE_EURO, "--domain", "sip.example.net"]);
    expect(stdout).toContain(
      "_sips._tcp.euro.sip.example.net.  60 IN SRV  10 50 5061 fra1.sip.example.net.\n" +
        "_sips._tcp.euro.sip.example.net.  60 IN SRV  10 50 5061 lhr1.sip.example.net.\n" +
        "_sips._tcp.euro.sip.example.net.  60 IN SRV  20 100 5061 ams1.sip.example.net.\n",
    );
  });
});

describe("what is refused ends with 1", () => {
  test("with every problem at once: file, line, key, value, rule and remedy", async () => {
    nodesFile(`[
  { "slot": "fra1", "region": "euro", "pop": "fra", "ip": "192.0.2.1", "weight": 0, "status": "active" },
  { "slot": "fra1", "region": "euro", "pop": "fra", "ip": "192.0.2", "weight": 100, "status": "on" },
]`);
    const run = await dialtree(["plan", "--inventory", folder, "--domain", "sip.example.net"]);
    expect(run.code).toBe(1);
    expectNoTrace(run);
    const lines = run.stderr.trimEnd().split("\n");
    expect(lines.length).toBeGreaterThanOrEqual(4);
    for (const line of lines) expect(line).toMatch(/nodes\.json:\d+: .+ \[[a-z0-9-]+\]; .+/);
    for (const rule of ["srv-weight", "duplicate-slot", "address-syntax", "unknown-value"]) {
      expect(run.stderr).toContain(`[${rule}]`);
    }
  });

  test.each<[title: string, text: string]>([
    ["an empty file", ""],
    ["an empty list", "[]"],
    ["cut JSON", '[{ "slot": "fra1",'],
    ["another type", '"fra1"'],
    ["bytes that are no text", "\u0000\u0001"],
  ])("for %s", async (_, text) => {
    nodesFile(text);
    const run = await dialtree(["plan", "--inventory", folder, "--domain", "sip.example.net"]);
    expect(run.code).toBe(1);
    expectNoTrace(run);
    expect(run.stderr).toMatch(/\[[a-z0-9-]+\]; /);
  });

  test.each<[title: string, args: string[], said: RegExp]>([
    [
      "a stack that is not there",
      ["--stack", "production"],
      /--stack: "production": .*choose one of lab, prod, staging/,
    ],
    ["a stack that is a path", ["--stack", "../prod"], /\[unknown-stack\]/],
    ["a terminal's codes as stack", ["--stack", `${ESCAPE}[31m`], /\[unknown-stack\]/],
    ["an empty stack name", ["--stack", ""], /\[unknown-stack\]/],
    ["a folder that is not there", ["--inventory", "nowhere"], /nowhere: .*\[folder-missing\]/],
    ["a folder without a domain", ["--inventory", ARTICLE_EURO], /\[missing-domain\]/],
    ["a domain that is none", ["--domain", "sip"], /--domain: "sip": .*\[domain-syntax\]/],
    ["a terminal's codes as domain", ["--domain", `${ESCAPE}[31mx.example.net`], /\[domain-syntax\]/],
  ])("for %s", async (_, args, said) => {
    for (const command of ["plan", "zone"]) {
      const run = await dialtree([command, ...args]);
      expect(run.code).toBe(1);
      expectNoTrace(run);
      expect(run.stderr).toMatch(said);
      expect(run.stderr).not.toContain(ESCAPE);
    }
  });

  test("for an area that the backend cannot tell apart", async () => {
    nodesFile(`[
  { "slot": "fra1", "region": "euro", "pop": "fra", "ip": "192.0.2.1", "weight": 100, "status": "active" },
  { "slot": "iad1", "region": "noam", "pop": "iad", "ip": "192.0.2.2", "weight": 100, "status": "active" },
]`);
    writeFileSync(
      path.join(folder, "tree.json"),
      `{ "environment": { "domain": "sip.example.net" }, "policy": { "globalGeo": true, "regions": {
        "euro": { "serves": { "continents": ["EU"] } }, "noam": { "serves": { "subdivisions": ["DE-BY"] } } } } }`,
    );
    const run = await dialtree(["plan", "--inventory", folder, "--backend", "cloudflare"]);
    expect(run.code).toBe(1);
    expectNoTrace(run);
    expect(run.stderr).toMatch(/DE-BY: .*\[cloudflare-area\]; name the country instead/);
    expect((await dialtree(["plan", "--inventory", folder])).code).toBe(0);
  });
});

describe("a command line that is wrong ends with 2", () => {
  test.each<[title: string, args: string[], said: RegExp]>([
    ["an unknown option", ["plan", "--stak", "prod"], /unknown option '--stak'/],
    ["an unknown command", ["plans"], /unknown command 'plans'/],
    ["an argument too many", ["plan", "prod"], /too many arguments/],
    ["an option without its value", ["zone", "--stack"], /argument missing/],
    [
      "an unknown backend",
      ["plan", "--backend", "bind"],
      /--backend bind: choose one of cloudflare, route53, static/,
    ],
    [
      "a stack and a folder",
      ["plan", "--stack", "prod", "--inventory", "."],
      /--stack or --inventory, not both/,
    ],
  ])("%s", async (_, args, said) => {
    const run = await dialtree(args);
    expect(run.code).toBe(2);
    expectNoTrace(run);
    expect(run.stderr).toMatch(said);
  });

  test("no command at all shows what there is", async () => {
    const { code, stdout, stderr } = await dialtree([]);
    expect(code).toBe(2);
    expect(stdout + stderr).toContain("Usage: dialtree");
  });

  test("asking for help is no mistake", async () => {
    for (const args of [["--help"], ["plan", "--help"], ["zone", "--help"]]) {
      const { code, stdout, stderr } = await dialtree(args);
      expect([code, stderr]).toEqual([0, ""]);
      expect(stdout).toContain("Usage: dialtree");
      expect(stdout).toContain("Exit codes: 0 fine, 1 refused or not so, 2 usage.");
    }
  });
});

test("a reader that has seen enough is no mistake", async () => {
  const { spawn } = await import("node:child_process");
  const child = spawn(process.execPath, ["cli/bin.js", "plan", "--backend", "route53", "--json"], {
    cwd: PROJECT,
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  child.stdout.once("data", () => child.stdout.destroy());
  const code = await new Promise((resolve) => child.once("close", resolve));
  expect([code, stderr]).toEqual([0, ""]);
});
