import { rmSync, utimesSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { NODES, NOW, TREE } from "../../support/fleetFolder.ts";
import { fleetRuns } from "./fleetRuns.ts";

const runs = fleetRuns();

describe("what is observed of a node ends its wait", () => {
  const idle = '{"registrations": 0, "dialogs": 0}';

  /** A report as old as the run. */
  const report = (text: string) => {
    runs.fleet.write("report", text);
    utimesSync(runs.fleet.at("report"), new Date(NOW), new Date(NOW));
    return runs.fleet.at("report");
  };

  test("by a file, with an override in tree.json for the update", async () => {
    const { code, stdout } = await runs.run("node retire lhr1 --yes --observed", report(idle));
    expect(code).toBe(0);
    expect(stdout).toContain("not checked whether a name still lists it: there is no ledger");
    expect(runs.fleet.read()).toContain('"status": "retired"');
    expect(runs.fleet.read("tree.json")).toBe(
      TREE.replace(
        "// for ever\n",
        "// for ever\n" +
          '    "overrides": [\n      {\n        "rule": "drain-envelope",\n        "scope": "lhr1",\n' +
          `        "reason": "0 registrations and 0 dialogs, seen 2026-11-23T12:00:00Z at ${runs.fleet.at("report")}",\n` +
          '        "until": "2026-11-24T12:00:00Z",\n      },\n    ],\n',
      ),
    );
  });

  test("by a web server, whose password stays out of every text", async () => {
    const asked: (string | undefined)[] = [];
    const server = createServer((request, answer) => {
      asked.push(request.headers.authorization);
      answer.end("sbc_registrations 0\nsbc_dialogs 0\n");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const url = `http://user:secret@127.0.0.1:${port}/metrics?key=hidden`;
      const { code, stdout } = await runs.run("node retire lhr1 --yes --observed", url);
      expect([code, asked]).toEqual([0, [`Basic ${btoa("user:secret")}`]]);
      expect(runs.fleet.read("tree.json")).toContain(`at http://127.0.0.1:${port}/metrics"`);
      expect(stdout + runs.fleet.read("tree.json")).not.toMatch(/secret|hidden/);
    } finally {
      server.close();
    }
    const { stderr } = await runs.run(
      "node retire lhr1 --yes --observed http://user:secret@127.0.0.1:1/?key=hidden",
    );
    expect(stderr).not.toMatch(/secret|hidden/);
  });

  test("not where calls are up, the report is old, tells nothing or cannot be had", async () => {
    await runs.expectRefusal(
      runs.run("node retire lhr1 --yes --observed", report('{"registrations": 0, "dialogs": 2}')),
      /2 dialogs: the node is still needed \[idle-report\]/,
    );
    utimesSync(report(idle), new Date(NOW), new Date("2026-11-23T11:00:00Z"));
    await runs.expectRefusal(
      runs.run("node retire lhr1 --yes --observed", runs.fleet.at("report")),
      /more than 10 minutes from now \[idle-report\]/,
    );
    await runs.expectRefusal(
      runs.run("node retire lhr1 --yes --observed", report("nothing")),
      /has no counts .*\[idle-report\]/,
    );
    await runs.expectRefusal(
      runs.run("node retire lhr1 --yes --observed", runs.fleet.at("none")),
      /does not exist \[idle-report\]/,
    );
    await runs.expectRefusal(
      runs.run("node retire lhr1 --yes --observed http://127.0.0.1:1/"),
      /cannot be read: .*\[idle-report\]/,
    );
    expect([runs.fleet.read(), runs.fleet.read("tree.json")]).toEqual([NODES, TREE]);
  });

  test("is refused where there is no tree.json to hold the override, and nothing is written", async () => {
    rmSync(runs.fleet.at("tree.json"));
    await runs.expectRefusal(
      runs.run("node retire lhr1 --yes --domain sip.example.net --observed", report(idle)),
      /tree\.json: is not there, and the change needs it \[file-missing\]/,
    );
    expect(runs.fleet.read()).toBe(NODES);
  });
});
