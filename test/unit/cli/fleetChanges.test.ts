import { execFileSync } from "node:child_process";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { dialtree } from "../../support/commandLine.ts";
import { LEDGER, NODES, NOW, TREE } from "../../support/fleetFolder.ts";
import { DRAINED, fleetRuns } from "./fleetRuns.ts";

const runs = fleetRuns();

describe("a change of a node, without a terminal", () => {
  test("is shown and not written without --yes, and the exit code says so", async () => {
    const { code, stdout, stderr } = await runs.run("node drain fra2");
    expect([code, stderr]).toEqual([3, ""]);
    expect(stdout).toContain("drain fra2: sip.example.net at static\n");
    expect(stdout).toMatch(/^- 5 {3}\{ "slot": "fra2".*"active" \}, \/\/ rack 7$/m);
    expect(stdout).toMatch(
      /^\+ 5 {3}\{ "slot": "fra2".*"draining", "since": "2026-11-23T12:00:00Z" \}, \/\/ rack 7$/m,
    );
    expect(stdout).toContain(
      "fra.sip.example.net\n    before  fra1 50 %, fra2 50 %\n    after   fra1 100 %\n",
    );
    expect(stdout).toMatch(
      /^- _sips\._tcp\.fra\.sip\.example\.net SRV +10 100 5061 fra2\.sip\.example\.net +POP fra lists fra2$/m,
    );
    expect(stdout).toMatch(
      /not before 2026-11-23 17:13 UTC: `npx dialtree node retire fra2 --ledger FILE --inventory /,
    );
    expect(stdout.endsWith("\nnothing was written; --yes writes it\n")).toBe(true);
    expect(runs.fleet.read()).toBe(NODES);
  });

  test("is written with --yes, nothing but the entry, and the next step is told", async () => {
    const { code, stdout } = await runs.run("node drain fra2 --yes");
    expect(code).toBe(0);
    expect(runs.fleet.read()).toBe(DRAINED);
    expect(runs.fleet.read("tree.json")).toBe(TREE);
    expect(stdout).toMatch(
      /\nwrote .*nodes\.json\n\nnext\n {2}1\. commit the change, then `pulumi preview` and `pulumi up`\n/,
    );
    expect(readdirSync(runs.fleet.folder).sort()).toEqual(["nodes.json", "tree.json"]);
  });

  test("is only shown with --dry-run, also where the file cannot be written", async () => {
    chmodSync(runs.fleet.at("nodes.json"), 0o444);
    const { code, stdout } = await runs.run("node drain fra2 --dry-run --yes");
    expect([code, runs.fleet.read()]).toEqual([0, NODES]);
    expect(stdout).toContain("nothing was written (--dry-run)");
  });

  test("as JSON is one document, and is written only with --yes", async () => {
    const shown = await runs.run("node drain fra2 --json");
    expect([shown.code, runs.fleet.read()]).toEqual([3, NODES]);
    const document = JSON.parse(shown.stdout);
    expect(document).toMatchObject({
      version: 1,
      title: "drain fra2",
      outcome: "shown",
      overrides: [],
      warnings: [],
    });
    expect(
      document.files[0].lines.map(({ change, line }: { change: string; line: number }) => [change, line]),
    ).toEqual([
      ["removed", 5],
      ["added", 5],
    ]);
    expect(document.change.names.map(({ key }: { key: string }) => key)).toEqual([
      "global",
      "euro",
      "fra",
      "lhr",
    ]);
    expect(document.change.rows[0].changes[0]).toMatchObject({
      change: "removed",
      row: { why: expect.any(String) },
    });
    const written = await runs.run("node drain fra2 --json --yes");
    expect([written.code, JSON.parse(written.stdout).outcome, runs.fleet.read()]).toEqual([
      0,
      "written",
      DRAINED,
    ]);
  });

  test("keeps line ends, a byte order mark, permissions and changes that nobody has committed", async () => {
    const text = `\ufeff${NODES.replaceAll("\n", "\r\n").replace('"ip": "192.0.2.11"', '"ip": "192.0.2.19"')}`;
    runs.fleet.write("nodes.json", text);
    chmodSync(runs.fleet.at("nodes.json"), 0o640);
    expect((await runs.run("node drain fra2 --yes")).code).toBe(0);
    expect(runs.fleet.read()).toBe(
      text.replace(
        '"192.0.2.12", "weight": 100, "status": "active"',
        '"192.0.2.12", "weight": 100, "status": "draining", "since": "2026-11-23T12:00:00Z"',
      ),
    );
    expect(statSync(runs.fleet.at("nodes.json")).mode & 0o777).toBe(0o640);
  });

  test("that leaves nothing to do writes nothing and is fine", async () => {
    const { code, stdout } = await runs.run("node replace fra1 --ip 192.0.2.11");
    expect([code, runs.fleet.read()]).toEqual([0, NODES]);
    expect(stdout).toContain("fra1 is active at 192.0.2.11 already: nothing is left to do");
  });
});

describe("each intention", () => {
  test("add puts an entry behind the last of its POP, in its neighbours' style", async () => {
    const { code } = await runs.run(
      "node add fra3 --ip 192.0.2.13 --pop fra --capacity 2000 --yes",
      "--note",
      "rack 8",
    );
    expect(code).toBe(0);
    const line =
      '  { "slot": "fra3", "region": "euro", "pop": "fra", "ip": "192.0.2.13", "weight": 100, "status": "planned", ' +
      '"since": "2026-11-23T12:00:00Z", "capacity": 2000, "note": "rack 8" },\n';
    expect(runs.fleet.read()).toBe(NODES.replace("// rack 7\n", `// rack 7\n${line}`));
  });

  test("add, activate, down, activate, drain, undrain lead back to an active node", async () => {
    for (const line of [
      "add fra3 --ip 192.0.2.13 --pop fra",
      "activate fra3 --installed",
      "down fra3",
      "activate fra3 --override power-is-back",
      "drain fra3",
      "undrain fra3",
    ]) {
      expect([line, (await runs.run(`node ${line} --yes`)).code]).toEqual([line, 0]);
    }
    expect(runs.fleet.read()).toContain(
      '"ip": "192.0.2.13", "weight": 100, "status": "active", "since": "2026-11-23T12:00:00Z" },',
    );
    expect(runs.fleet.read("tree.json")).toMatch(
      /"rule": "hold-down",\s+"scope": "fra3",\s+"reason": "power-is-back",\s+"until": "2026-11-24T12:00:00Z"/,
    );
  });

  test("retire with a ledger, then remove, take the node and its lines out and leave the comments", async () => {
    runs.fleet.write("ledger.json", JSON.stringify(LEDGER));
    expect((await runs.run("node retire lhr1 --yes --ledger", runs.fleet.at("ledger.json"))).code).toBe(0);
    expect((await runs.run("node remove lhr1 --yes")).code).toBe(0);
    const [before = "", rest = ""] = NODES.split('  { "slot": "lhr1"');
    expect(runs.fleet.read()).toBe(before + rest.slice(rest.indexOf("},\n") + 3));
  });

  test("replace goes on one step each time, and in place repoints the address with a warning", async () => {
    runs.fleet.write("ledger.json", JSON.stringify(LEDGER));
    const again = () =>
      runs.run("node replace lhr1 --ip 192.0.2.29 --yes --installed --ledger", runs.fleet.at("ledger.json"));
    expect((await again()).stdout).toContain("replace lhr1: the new address");
    expect(runs.fleet.read()).toContain(
      '"lhr1", "region": "euro", "pop": "lhr", "ip": "192.0.2.29", "weight": 100, "status": "planned"',
    );
    expect((await again()).stdout).toContain("replace lhr1, last step: activate");
    const { stdout } = await runs.run("node replace lhr1 --ip 192.0.2.30 --in-place --yes");
    expect(stdout).toContain(
      "warning lhr1.sip.example.net leads to other hardware at once: requests inside calls",
    );
    expect(runs.fleet.read()).toContain('"ip": "192.0.2.30", "weight": 100, "status": "active"');
  });

  test("region promote makes the planned nodes of a region active", async () => {
    const environment = { domain: "sip.example.net" };
    const policy = { regions: { latm: { fallback: ["euro"] } } };
    runs.fleet.write("tree.json", JSON.stringify({ environment, policy }));
    await runs.run("node add gru1 --ip 192.0.2.51 --pop gru --region latm --yes");
    const { code, stdout } = await runs.run("region promote latm --installed --yes");
    expect(code).toBe(0);
    expect(stdout).toContain(
      "latm.sip.example.net\n    before  fra1 50 %, fra2 50 % (of euro, which stands in)\n    after   gru1 100 %\n",
    );
    expect(runs.fleet.read()).toMatch(/"slot": "gru1".*"status": "active"/);
  });
});

test("a link inside the folder stays a link, and its file is changed", async () => {
  mkdirSync(runs.fleet.at("data"));
  renameSync(runs.fleet.at("nodes.json"), runs.fleet.at("data/runs.fleet.json"));
  symlinkSync("data/runs.fleet.json", runs.fleet.at("nodes.json"));
  expect((await runs.run("node drain fra2 --yes")).code).toBe(0);
  expect(lstatSync(runs.fleet.at("nodes.json")).isSymbolicLink()).toBe(true);
  expect(runs.fleet.read("data/runs.fleet.json")).toBe(DRAINED);
});

describe("changes that git does not know", () => {
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.net", ...args], {
      cwd: runs.fleet.folder,
      stdio: "pipe",
    });

  test("are kept and told, because the next update makes them too", async () => {
    git("init", "-q");
    git("add", ".");
    git("commit", "-qm", "fleet");
    expect((await runs.run("node drain fra2 --yes")).stdout).not.toContain("not committed");
    const { stdout } = await runs.run("node down lhr2 --yes");
    expect(stdout).toContain(
      "note nodes.json has changes that are not committed: the next update makes them too",
    );
    expect(runs.fleet.read()).toContain('"192.0.2.12", "weight": 100, "status": "draining"');
  });

  test("are not asked for where there is no git", async () => {
    const bin = fileURLToPath(new URL(".", import.meta.url));
    const { code } = await dialtree(["node", "drain", "fra2", "--yes", "--inventory", runs.fleet.folder], {
      variables: { DIALTREE_NOW: NOW, PATH: bin },
    });
    expect([code, runs.fleet.read()]).toEqual([0, DRAINED]);
  });
});

test("a change of a stack is shown at all of its platforms, and imports nothing of Pulumi", async () => {
  const modules = runs.fleet.at("modules");
  const preload = fileURLToPath(new URL("../../support/importedModules.ts", import.meta.url));
  const { code, stdout } = await dialtree(["node", "drain", "fra2", "--stack", "prod", "--dry-run"], {
    variables: { NODE_OPTIONS: `--import=${preload}`, IMPORTED_MODULES_FILE: modules },
  });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^drain fra2: sip\.example\.net at cloudflare and route53$/m);
  expect(stdout).toMatch(/^rows at cloudflare: /m);
  expect(stdout).toMatch(/^rows at route53: /m);
  expect(stdout).toContain("`npx dialtree node retire fra2 --ledger FILE --stack prod`");
  const urls = readFileSync(modules, "utf8").trim().split("\n");
  expect(urls.some((url) => url.endsWith("/plan/change/change.ts"))).toBe(true);
  expect(
    urls.filter((url) => /node_modules\/@pulumi|\/(backends|components|lab|engine)\//.test(url)),
  ).toEqual([]);
});
