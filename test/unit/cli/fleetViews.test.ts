import { describe, expect, test } from "vitest";
import { dialtree } from "../../support/commandLine.ts";
import { LEDGER } from "../../support/fleetFolder.ts";
import { fleetRuns } from "./fleetRuns.ts";

const runs = fleetRuns();

describe("what is there", () => {
  test("node list shows every node with its status", async () => {
    const { code, stdout } = await runs.run("node list");
    expect(code).toBe(0);
    expect(stdout.split("\n")[0]).toMatch(/^slot +region +pop +role +status +since/);
    expect(stdout).toMatch(
      /^lhr1 +euro +lhr +primary +draining +2026-11-23T06:00:00Z +100 +- +192\.0\.2\.21$/m,
    );
    const { nodes } = JSON.parse((await runs.run("node list --json")).stdout);
    expect(nodes.map(({ slot }: { slot: string }) => slot)).toEqual(["fra1", "fra2", "lhr1", "lhr2", "lhr3"]);
  });

  test("node show shows all that the node must accept", async () => {
    const { code, stdout } = await runs.run("node show fra1");
    expect(code).toBe(0);
    expect(stdout).toContain("fra1.sip.example.net, active\n");
    expect(stdout).toMatch(/^sips-tcp {2}TLS 5061$/m);
    expect(stdout).toMatch(/^lhr\.sip\.example\.net +pop +leads here$/m);
    const shown = JSON.parse((await runs.run("node show fra1 --json")).stdout);
    expect(Object.keys(shown)).toEqual([
      "version",
      "slot",
      "status",
      "name",
      "addresses",
      "names",
      "listeners",
      "certificates",
    ]);
    await runs.expectRefusal(runs.run("node show fra7"), /\[unknown-slot\]; did you mean "fra1"/);
    expect((await runs.run("node show lhr3")).stdout).toContain("nothing is published of it");
  });

  test("due shows who may go on now and who waits until when", async () => {
    runs.fleet.write(
      "ledger.json",
      JSON.stringify({ ...LEDGER, goneSince: { lhr1: "2026-11-23T08:00:00Z" } }),
    );
    const { stdout } = await runs.run("due --ledger", runs.fleet.at("ledger.json"));
    expect(stdout).toMatch(/^lhr1 +draining +retire +2026-11-23 13:13 UTC, in 73 min$/m);
    expect(stdout).toMatch(/^lhr3 +retired +remove +now +npx dialtree node remove lhr3 --inventory /m);
    const without = await runs.run("due");
    expect([without.code, without.stdout]).toEqual([
      0,
      expect.stringContaining("without a ledger nobody knows since when"),
    ]);
    const document = JSON.parse((await runs.run("due --json --ledger", runs.fleet.at("ledger.json"))).stdout);
    expect(document).toMatchObject({ ledger: true, now: "2026-11-23T12:00:00.000Z" });
    expect(document.steps).toContainEqual(
      expect.objectContaining({ slot: "lhr1", state: "waiting", legalAt: "2026-11-23T13:13:00Z" }),
    );
  });

  test("addresses shows what customers must let through, per name and in all", async () => {
    const { stdout } = await runs.run("addresses");
    expect(stdout).toMatch(
      /^fra\.sip\.example\.net +192\.0\.2\.11 192\.0\.2\.12 192\.0\.2\.21 192\.0\.2\.22$/m,
    );
    expect(stdout).toContain("in all\n192.0.2.11 192.0.2.12 192.0.2.21 192.0.2.22\n");
    const list = JSON.parse((await runs.run("addresses --json")).stdout);
    expect(list).toMatchObject({
      version: 1,
      domain: "sip.example.net",
      publishedRanges: [],
      outsideRanges: [],
    });
  });
});

describe("the help", () => {
  const helpOf = async (command: string) => {
    const { code, stdout } = await dialtree([...command.split(" "), "--help"]);
    expect([code, stdout]).toEqual([0, expect.stringContaining(`\nExample: npx dialtree ${command} `)]);
    return stdout;
  };

  test("of every change has an example and the exit code of one that nobody confirmed", async () => {
    const steps = ["add", "activate", "drain", "undrain", "down", "retire", "remove", "replace"];
    const commands = [...steps.map((step) => `node ${step}`), "region promote"];
    for (const text of await Promise.all(commands.map(helpOf))) {
      expect(text).toContain("2 usage, 3 shown and not written: nobody said yes.");
      for (const option of ["--stack", "--inventory", "--yes", "--dry-run", "--json", "--ledger"])
        expect(text).toContain(option);
    }
  });

  test("of every view has an example", async () => {
    await Promise.all(["node list", "node show", "due", "addresses"].map(helpOf));
  });
});
