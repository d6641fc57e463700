import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { dialtree } from "../../support/commandLine.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "dialtree-models-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function nodesFile(entries: readonly object[]): void {
  writeFileSync(path.join(folder, "nodes.json"), JSON.stringify(entries));
}

const NODE = { slot: "fra1", region: "euro", pop: "fra", ip: "192.0.2.1", weight: 100, status: "active" };

describe("dialtree recovery", () => {
  test("shows every name in short, and the inputs with their sources", async () => {
    const { code, stdout, stderr } = await dialtree(["recovery", "--stack", "prod"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^sip\.example\.net at cloudflare: \d+ names/);
    expect(stdout).toMatch(/^euro\.sip\.example\.net +fra1 +33\.3 % +210 s +\d+ of \d+: 33\.3 %, 210 s/m);
    expect(stdout).toMatch(/^noam\.sip\.example\.net .* 135 s by probe, else 210 s/m);
    expect(stdout).toMatch(/free to retire after 5 h 13 min/);
    expect(stdout).toMatch(/^srvTtlSeconds +60 +tree\.json policy\.ttlSeconds\.srv$/m);
    expect(stdout).toMatch(/formula: 120 s \(SRV TTL 60 \+ re-resolution interval 0 \+ DNS cache 60\)/);
    expect(stdout.split("\n").filter((line) => line.endsWith(" "))).toEqual([]);
  });

  test("shows one name in full, by its name or its key", async () => {
    const byKey = await dialtree(["recovery", "euro"]);
    expect(byKey.stdout).toMatch(/^fra1 dies: 33\.3 % of calls try it first$/m);
    expect(byKey.stdout).toMatch(/^pjsip +tls tcp +33\.3 % \+0 s +33\.3 % lost, 210 s/m);
    expect(byKey.stdout).toMatch(/^asterisk +udp +33\.3 % lost, 210 s\*/m);
    expect(await dialtree(["recovery", "Euro.SIP.example.net."])).toEqual(byKey);
    const global = await dialtree(["recovery", "global", "--backend", "route53"]);
    expect(global.stdout).toMatch(/^gone by probe, when refused or black-hole, after 150 s/m);
  });

  test("reckons with what is set, and shows it as set", async () => {
    const { stdout } = await dialtree([
      "recovery",
      "euro",
      "--set",
      "noticeSeconds=600",
      "--set",
      "ttlStretch=2",
    ]);
    expect(stdout).toMatch(/after 810 s \(notice 600 \+ apply 30 \+ publication 60 \+ TTL 120\)/);
    expect(stdout).toMatch(/^noticeSeconds +600 +set$/m);
  });

  test("keeps to one client and one failure", async () => {
    const args = ["recovery", "euro", "--client", "sofia-sip", "--failure", "black-hole", "--json"];
    const { srv, addresses } = JSON.parse((await dialtree(args)).stdout).names[0];
    expect(addresses).toEqual([]);
    expect(srv.map((line: { wire: string; failure: string }) => [line.wire, line.failure])).toEqual([
      ["tls", "black-hole"],
      ["tcp", "black-hole"],
      ["udp", "black-hole"],
    ]);
  });

  test("prints the whole model as JSON", async () => {
    const { code, stdout } = await dialtree(["recovery", "--json"]);
    expect(code).toBe(0);
    const model = JSON.parse(stdout);
    expect(model).toMatchObject({
      domain: "sip.example.net",
      backend: "cloudflare",
      drain: { retireSeconds: 18780 },
    });
    expect(model.names.map(({ key }: { key: string }) => key)).toContain("latm");
    for (const name of model.names) {
      expect(Object.keys(name)).toEqual(
        expect.arrayContaining([
          "name",
          "kind",
          "key",
          "node",
          "srv",
          "addresses",
          "registration",
          "failback",
          "article",
        ]),
      );
    }
    expect(model.inputs).toContainEqual(expect.objectContaining({ name: "deadTargetSeconds", value: null }));
    expect(stdout).not.toMatch(/NaN|Infinity|undefined/);
  });

  test.each<[title: string, args: string[], said: RegExp]>([
    [
      "a name that is not there",
      ["eruo"],
      /^NAME: "eruo": is no name of this tree .*did you mean "euro"\?$/m,
    ],
    ["a name far from all", ["qqqqqqqq"], /\[recovery-name\]; give a name, a POP, a region, or global/],
    ["a node", ["fra1"], /is a single node: .*; ask for its POP, fra$/m],
    ["a terminal's codes as name", ["\u001b[31m"], /\[recovery-name\]/],
    [
      "an input that is not there",
      ["--set", "notceSeconds=5"],
      /\[recovery-input\]; did you mean "noticeSeconds"\?/,
    ],
    ["an inherited name as input", ["--set", "constructor=5"], /\[recovery-input\]/],
    [
      "an input without value",
      ["--set", "noticeSeconds"],
      /--set: "noticeSeconds": .*write it like noticeSeconds=/,
    ],
    ["an input that is no number", ["--set", "noticeSeconds=1e3"], /is no input=value with a plain number/],
    ["an input below its range", ["--set", "ttlStretch=0.5"], /is outside 1 to/],
    ["a part of a whole", ["--set", "probeRetries=1.5"], /is no whole number/],
    ["a client that is not known", ["--client", "pjsp"], /--client: "pjsp": .*did you mean "pjsip"\?/],
    [
      "a failure that is not known",
      ["--failure", "fire"],
      /choose one of refused, black-hole, silent, 503, certificate/,
    ],
  ])("refuses %s", async (_, args, said) => {
    const { code, stdout, stderr } = await dialtree(["recovery", ...args]);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(said);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(stderr).not.toContain("\u001b");
  });

  test("says what is wrong with an inventory as every command does", async () => {
    nodesFile([{ ...NODE, weight: 0 }]);
    const run = await dialtree(["recovery", "--inventory", folder, "--domain", "sip.example.net"]);
    expect([run.code, run.stdout]).toEqual([1, ""]);
    expect(run.stderr).toMatch(/\[srv-weight\]/);
  });
});

describe("dialtree capacity", () => {
  test("shows each name in each situation, shared in three ways", async () => {
    const { code, stdout, stderr } = await dialtree(["capacity", "--stack", "prod"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^sip\.example\.net: nothing of \d+ cases over 80 % of a node's capacity$/m);
    expect(stdout).toMatch(/^name +at +situation +proportional +uniform +heaviest$/m);
    expect(stdout).toMatch(/^euro\.sip\.example\.net +one POP gone +lhr1 700\/1600 44 %, fra gone/m);
    expect(stdout).toMatch(/^sip\.example\.net +cloudflare +all nodes, by address +fra1 350\/1600 22 %/m);
    expect(stdout).toMatch(
      /^sip\.example\.net +route53 +one place gone +iad1 475\/1600 30 %, euro gone to iad/m,
    );
    expect(stdout).not.toMatch(/OVER/);
    const one = await dialtree(["capacity", "--stack", "prod", "--backend", "route53"]);
    expect(one.stdout).not.toMatch(/cloudflare +/);
  });

  test("has nothing over its limit in any stack that the project ships", async () => {
    for (const stack of ["prod", "staging", "lab"]) {
      const { code, stdout } = await dialtree(["capacity", "--stack", stack, "--json"]);
      expect(code).toBe(0);
      expect(JSON.parse(stdout).rows.filter(({ over }: { over: boolean }) => over)).toEqual([]);
    }
  });

  test("says what is missing where loads or capacities are not given", async () => {
    nodesFile([NODE]);
    const { code, stdout } = await dialtree([
      "capacity",
      "--inventory",
      folder,
      "--domain",
      "sip.example.net",
    ]);
    expect(code).toBe(0);
    expect(stdout).toContain("no policy.expectedLoad in tree.json for: euro\n");
    expect(stdout).toContain("no capacity in nodes.json for: fra1\n");
  });

  test("marks what is over", async () => {
    nodesFile([{ ...NODE, capacity: 10 }]);
    writeFileSync(
      path.join(folder, "tree.json"),
      JSON.stringify({ environment: { domain: "sip.example.net" }, policy: { expectedLoad: { euro: 9 } } }),
    );
    const { code, stdout } = await dialtree(["capacity", "--inventory", folder]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^euro\.sip\.example\.net +all nodes +fra1 9\/8 113 % OVER/m);
    expect(stdout).toMatch(/^euro\.sip\.example\.net +one node gone +no node left, fra1 gone/m);
  });

  test("refuses a load of a region that is not there", async () => {
    nodesFile([NODE]);
    writeFileSync(
      path.join(folder, "tree.json"),
      JSON.stringify({ environment: { domain: "sip.example.net" }, policy: { expectedLoad: { eruo: 9 } } }),
    );
    const { code, stderr } = await dialtree(["capacity", "--inventory", folder]);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /policy\.expectedLoad\.eruo: .*there is no region or POP "eruo" \[expected-load\]; did you mean "euro"\?/,
    );
  });
});
