import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { dialtree } from "../../support/commandLine.ts";
import { LEDGER, NODES, NOW, TREE } from "../../support/fleetFolder.ts";
import { DRAINED, fleetRuns } from "./fleetRuns.ts";

const runs = fleetRuns();

describe("refused, with nothing lost, is", () => {
  afterEach(() => expect(runs.fleet.read("tree.json")).toBe(TREE));

  test.each([
    [
      "an unknown slot",
      "node drain fra9",
      /^SLOT: "fra9": is no slot of this inventory \[unknown-slot\]; did you mean "fra1"\?\n$/,
    ],
    ["an unknown region", "region promote eruo", /\[unknown-region\]; did you mean "euro"\?\n$/],
    [
      "a step that is none",
      "node retire fra1",
      /\[state-machine\]; begin with `npx dialtree node drain fra1 --inventory /,
    ],
    ["a second drain", "node drain lhr1", /is draining already \[state-machine\]/],
    [
      "a retirement without a ledger",
      "node retire lhr1",
      /without a ledger nobody knows .*\[drain-envelope\]; give --ledger FILE/,
    ],
    [
      "a slot that is taken",
      "node add fra1 --ip 192.0.2.99 --pop fra",
      /is there already, active \[duplicate-slot\]/,
    ],
    [
      "an address that is none",
      "node add fra3 --ip 192.0.2.300 --pop fra",
      /nodes\.json:6: \[2\]\.ip: "192\.0\.2\.300": .*\[address-syntax\]/,
    ],
    ["an address that another node has", "node add fra3 --ip 192.0.2.12 --pop fra", /\[duplicate-address\]/],
    [
      "a certificate request that is not there",
      "node add fra3 --ip 192.0.2.13 --pop fra --csr wildcard=a.pem --csr exact=b.pem",
      /\[csr-file\]/,
    ],
  ])("%s", async (_, line, message) => {
    await runs.expectRefusal(runs.run(`${line} --yes`), message);
    expect(runs.fleet.read()).toBe(NODES);
  });

  test.each([
    ["an unknown command", "node drian fra1", /Did you mean drain\?/],
    ["a missing address", "node add fra3 --pop fra", /required option '--ip <address>' not specified/],
    [
      "a weight that is none",
      "node add fra3 --ip 192.0.2.13 --pop fra --weight ten",
      /--weight ten: give a whole number/,
    ],
    ["an override without a reason", "node retire lhr1 --override=", /--override: say why/],
    [
      "a request of no profile",
      "node add fra3 --ip 192.0.2.13 --pop fra --csr other=a.pem",
      /--csr other=a\.pem: give FILE, or one PROFILE=FILE/,
    ],
    ["a stack beside a folder", "node drain fra1 --stack prod", /give --stack or --inventory, not both/],
  ])("%s, as a mistake in the command line", async (_, line, message) => {
    await runs.expectRefusal(runs.run(`${line} --yes`), message, 2);
    expect(runs.fleet.read()).toBe(NODES);
  });

  test("a change after which no name would be answered", async () => {
    const text = NODES.replace(
      '"192.0.2.12", "weight": 100, "status": "active"',
      '"192.0.2.12", "weight": 100, "status": "down"',
    );
    runs.fleet.write("nodes.json", text);
    await runs.expectRefusal(
      runs.run("node down fra1 --yes"),
      /none of the 5 nodes is active, so every name would be empty .*\[no-active-node\]/,
    );
    expect(runs.fleet.read()).toBe(text);
  });

  test("a file with a conflict of a merge in it, and one that is cut off", async () => {
    const conflict = NODES.replace(
      "  // euro\n",
      "<<<<<<< HEAD\n  // euro\n=======\n  // emea\n>>>>>>> branch\n",
    );
    for (const [text, line] of [
      [conflict, 3],
      [NODES.slice(0, 300), 6],
    ] as const) {
      runs.fleet.write("nodes.json", text);
      await runs.expectRefusal(
        runs.run("node drain fra2 --yes"),
        new RegExp(`nodes\\.json:${line}: .*\\[json-syntax\\]`),
      );
      expect(runs.fleet.read()).toBe(text);
    }
  });

  test("a file that may not be written, even by root", async () => {
    chmodSync(runs.fleet.at("nodes.json"), 0o444);
    await runs.expectRefusal(
      runs.run("node drain fra2 --yes"),
      /nodes\.json: cannot be changed: no permission \[edit-unwritable\]; make the file and its folder writable/,
    );
    expect([runs.fleet.read(), statSync(runs.fleet.at("nodes.json")).mode & 0o777]).toEqual([NODES, 0o444]);
  });

  test("a link to a file outside the folder", async () => {
    mkdirSync(runs.fleet.at("elsewhere"));
    const outside = `${runs.fleet.folder}-outside.json`;
    try {
      renameSync(runs.fleet.at("nodes.json"), outside);
      symlinkSync(outside, runs.fleet.at("nodes.json"));
      await runs.expectRefusal(
        runs.run("node drain fra2 --yes"),
        /is a link to .*-outside\.json, outside the inventory's folder \[edit-outside\]/,
      );
      expect(readFileSync(outside, "utf8")).toBe(NODES);
    } finally {
      rmSync(outside, { force: true });
    }
  });

  test.each([
    [
      "of a newer version",
      JSON.stringify({ ...LEDGER, version: 2 }),
      /ledger\.version: 2: was written by another dialtree; .*\[ledger-version\]; deploy with the version that wrote it, or a newer one/,
    ],
    ["that is cut off", '{"version": 1, "gone', /is no ledger of a stack \[ledger-file\]/],
    [
      "that is none",
      '{"names": {}}',
      /version: is not what a ledger has there \[ledger-file\]; write it with `pulumi stack output ledger --json/,
    ],
    [
      "with a time that is none",
      JSON.stringify({ ...LEDGER, goneSince: { lhr1: "monday" } }),
      / goneSince\.lhr1: is not what a ledger has there \[ledger-file\]/,
    ],
  ])("a ledger %s", async (_, text, message) => {
    runs.fleet.write("ledger.json", text);
    await runs.expectRefusal(
      runs.run("node retire lhr1 --yes --ledger", runs.fleet.at("ledger.json")),
      message,
    );
    await runs.expectRefusal(runs.run("due --ledger", runs.fleet.at("ledger.json")), message);
    expect(runs.fleet.read()).toBe(NODES);
  });

  test("a ledger that is not there", async () => {
    await runs.expectRefusal(
      runs.run("due --ledger", runs.fleet.at("none.json")),
      /none\.json: does not exist \[ledger-file\]/,
    );
  });
});

describe("several commands at once", () => {
  test("each writes on what is there or is refused: none undoes another's change", async () => {
    const commands = ["drain fra2", "down lhr2", "remove lhr3", "undrain lhr1"];
    const results = await Promise.all(commands.map((line) => runs.run(`node ${line} --yes`)));
    expect(results.some(({ code }) => code === 0)).toBe(true);
    for (const { code, stderr } of results) {
      if (code !== 0)
        expect(stderr).toMatch(/\[edit-conflict\]; run the command again, on what is there now/);
    }
    const written = (i: number) => results[i]?.code === 0;
    const text = runs.fleet.read();
    expect(text.includes('"192.0.2.12", "weight": 100, "status": "draining"')).toBe(written(0));
    expect(text.includes('"192.0.2.22", "weight": 100, "status": "down"')).toBe(written(1));
    expect(!text.includes("lhr3")).toBe(written(2));
    expect(text.includes('"192.0.2.21", "weight": 100, "status": "active"')).toBe(written(3));
  });

  test("a command that is killed at any moment leaves the old file or the new one", async () => {
    for (const milliseconds of [120, 180, 220, 260, 300, 340, 400]) {
      runs.fleet.write("nodes.json", NODES);
      const killed = dialtree(["node", "drain", "fra2", "--yes", "--inventory", runs.fleet.folder], {
        variables: { DIALTREE_NOW: NOW },
        killAfterMilliseconds: milliseconds,
      });
      await killed;
      expect([NODES, DRAINED]).toContain(runs.fleet.read());
    }
    // What the killed ones left does not hinder the next, and goes with it: a lock is another's after ten seconds.
    rmSync(runs.fleet.at(".inventory.lock"), { recursive: true, force: true });
    runs.fleet.write("nodes.json", NODES);
    runs.fleet.write(".nodes.json.4242.part", "half");
    expect((await runs.run("node drain fra2 --yes")).code).toBe(0);
    expect(readdirSync(runs.fleet.folder).sort()).toEqual(["nodes.json", "tree.json"]);
  });
});
