import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { LINT_RULE_IDS } from "../../../inventory/lintRuleIds.ts";
import { dialtree } from "../../support/commandLine.ts";

const ARTICLE_EURO = ["--inventory", "test/golden/002-article-euro", "--domain", "sip.example.net"];

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "dialtree-lint-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function inventory(lint: object): void {
  const node = (slot: string, pop: string, number: number) => ({
    ...{ slot, region: "euro", pop, ip: `192.0.2.${number}`, weight: 100, status: "active" },
  });
  writeFileSync(
    path.join(folder, "nodes.json"),
    JSON.stringify([node("fra1", "fra", 1), node("lhr1", "lhr", 2)]),
  );
  const tree = { environment: { domain: "sip.example.net" }, policy: { lint } };
  writeFileSync(path.join(folder, "tree.json"), JSON.stringify(tree));
}

describe("dialtree lint", () => {
  test("groups the findings by rule, worst first, with the way out and the counts, and exits 0 without errors", async () => {
    const { code, stdout, stderr } = await dialtree(["lint", ...ARTICLE_EURO]);
    expect([code, stderr]).toEqual([0, ""]);
    const lines = stdout.split("\n");
    expect(lines[0]).toBe("sip.example.net at static");
    expect(lines.slice(2, 6)).toEqual([
      "warning lone-priority",
      "  region euro: the priorities are 10, 10, 20: Linphone never tries ams1, alone at 20",
      "  the global name: the priorities are 10, 10, 20: Linphone never tries ams1, alone at 20",
      "  → give the lone node a partner of the same role, or make it share the calls",
    ]);
    expect(lines.at(-2)).toMatch(/^0 errors, \d+ warnings, \d+ notes$/);
  });

  test("looks at every platform of the stack, or at the one that is named", async () => {
    const both = await dialtree(["lint", "--stack", "prod"]);
    expect(both.stdout).toMatch(/^sip\.example\.net at cloudflare and route53\n/);
    expect(both.stdout).toContain("note two-platforms\n");
    const one = await dialtree(["lint", "--stack", "prod", "--backend", "route53"]);
    expect(one.stdout).toMatch(/^sip\.example\.net at route53\n/);
    expect(one.stdout).not.toContain("two-platforms");
    expect([both.code, one.code]).toEqual([0, 0]);
  });

  test("exits 1 while an error remains, and prints why a level was changed", async () => {
    inventory({ "key-in-state": { level: "error", reason: "keys stay on nodes" } });
    const { code, stdout } = await dialtree(["lint", "--inventory", folder]);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^error key-in-state\n {2}csr: .+\n {2}→ .+\n {2}level by policy\.lint: keys stay on nodes$/m,
    );
    expect(stdout).toMatch(/^1 error, /m);
  });

  test("prints JSON with every field of a finding", async () => {
    inventory({ "single-node-pop": { level: "warning", reason: "POPs are sold" } });
    const { code, stdout } = await dialtree(["lint", "--inventory", folder, "--json"]);
    const report = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(report).toMatchObject({ version: 1, domain: "sip.example.net", backends: ["static"] });
    expect(report.counts.error + report.counts.warning + report.counts.note).toBe(report.findings.length);
    expect(report.findings).toContainEqual({
      rule: "single-node-pop",
      level: "warning",
      subject: "redundancy",
      about: "POP fra",
      message: "fra.sip.example.net leads to fra1 alone",
      remedy: expect.any(String),
      source: expect.stringContaining("RFC 2782"),
      file: "nodes.json",
      reason: "POPs are sold",
    });
  });

  test("refuses a rule, level or client that does not exist, and a level without a reason", async () => {
    inventory({ "lone-prio": { level: "off", reason: "x" }, "long-ttl": { level: "loud", reason: " " } });
    const { code, stdout, stderr } = await dialtree(["lint", "--inventory", folder]);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/policy\.lint\.lone-prio: .+ \[unknown-key\]; did you mean "lone-priority"\?/);
    expect(stderr).toMatch(/policy\.lint\.long-ttl\.level: "loud": .+ \[unknown-value\]/);
  });

  test("shows no colour codes where the output is no terminal", async () => {
    const { stdout } = await dialtree(["lint", ...ARTICLE_EURO]);
    expect(stdout).not.toContain("\u001b");
  });
});

describe("dialtree lint --explain", () => {
  test("tells of one rule what it finds, why, what to do, and how to change its level", async () => {
    const { code, stdout } = await dialtree(["lint", "--explain", "lone-priority"], { folder });
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^lone-priority: warning about sets\n\n {2}finds .+\n {2}source .+belle-sip.+\n {2}remedy .+\n/,
    );
    expect(stdout).toContain('"policy": { "lint": { "lone-priority": { "level": "off", "reason": "…" } } }');
  });

  test("knows every rule", async () => {
    const last = LINT_RULE_IDS.at(-1) ?? "";
    const { code, stdout } = await dialtree(["lint", "--explain", last, "--json"], { folder });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      rule: last,
      level: "warning",
      subject: "platforms",
    });
  });

  test("says which rule was meant, and that it is the command line that is wrong", async () => {
    const { code, stdout, stderr } = await dialtree(["lint", "--explain", "lone-priorty"]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("did you mean lone-priority");
  });
});
