import { chmodSync, readdirSync, rmSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type FleetFolder, fleetFolder, NODES, NOW } from "../../support/fleetFolder.ts";
import { describeWithTools } from "../../support/systemTools.ts";
import { dialtreeOnTerminal, TERMINAL_TOOL, type TerminalSession } from "../../support/terminal.ts";

let fleet: FleetFolder;
let session: TerminalSession;

beforeEach(() => {
  fleet = fleetFolder();
});

afterEach(() => rmSync(fleet.folder, { recursive: true, force: true }));

const QUESTION = /\nWrite .*nodes\.json\? \[y\/N\] $/;

async function asked(line: string): Promise<void> {
  session = dialtreeOnTerminal([...line.split(" "), "--inventory", fleet.folder], { DIALTREE_NOW: NOW });
  await session.shows(QUESTION);
}

describeWithTools("on a terminal", [TERMINAL_TOOL], () => {
  test("a change is shown first, and written after a yes", async () => {
    await asked("node drain fra2");
    expect(session.text()).toMatch(/names that answer otherwise[\s\S]*rows at static: 8 removed/);
    expect(fleet.read()).toBe(NODES);
    session.type("y\n");
    expect(await session.ended).toBe(0);
    expect(session.text()).toMatch(/wrote .*nodes\.json\n\nnext\n {2}1\. commit the change/);
    expect(fleet.read()).toContain('"192.0.2.12", "weight": 100, "status": "draining"');
  });

  test.each([
    ["a no", "n\n"],
    ["an empty line", "\n"],
    ["another word", "yep\n"],
    ["the end of the input", "\u0004"],
    ["Ctrl-C", "\u0003"],
  ])("%s writes nothing, and the exit code says so", async (_, keys) => {
    await asked("node drain fra2");
    session.type(keys);
    expect(await session.ended).toBe(3);
    expect(session.text()).toContain("nothing was written; --yes writes it");
    expect(fleet.read()).toBe(NODES);
  });

  test("a file that somebody changed before the yes is not overwritten", async () => {
    await asked("node drain fra2");
    const theirs = NODES.replace('"ip": "192.0.2.21"', '"ip": "192.0.2.99"');
    fleet.write("nodes.json", theirs);
    session.type("y\n");
    expect(await session.ended).toBe(1);
    expect(session.text()).toContain(
      "was changed by somebody else since this command read it; nothing was written [edit-conflict]; " +
        "run the command again, on what is there now",
    );
    expect(fleet.read()).toBe(theirs);
  });

  test("a file that became read-only before the yes stays as it is", async () => {
    await asked("node drain fra2");
    chmodSync(fleet.at("nodes.json"), 0o444);
    session.type("y\n");
    expect(await session.ended).toBe(1);
    expect(session.text()).toContain("cannot be changed: no permission [edit-unwritable]");
    expect(fleet.read()).toBe(NODES);
  });

  test("of two people who are asked at once, the second yes is refused", async () => {
    await asked("node drain fra2");
    const first = session;
    await asked("node down lhr2");
    first.type("y\n");
    expect(await first.ended).toBe(0);
    const written = fleet.read();
    session.type("y\n");
    expect(await session.ended).toBe(1);
    expect(session.text()).toContain("[edit-conflict]");
    expect(fleet.read()).toBe(written);
  });

  test("a command that is killed at the question leaves everything as it was", async () => {
    await asked("node drain fra2");
    session.kill();
    await session.ended;
    expect(fleet.read()).toBe(NODES);
    expect(readdirSync(fleet.folder).sort()).toEqual(["nodes.json", "tree.json"]);
  });

  test("--yes, --dry-run and --json ask nothing", async () => {
    for (const [option, code] of [
      ["--dry-run", 0],
      ["--json", 3],
      ["--yes", 0],
    ] as const) {
      const args = ["node", "drain", "fra2", option, "--inventory", fleet.folder];
      session = dialtreeOnTerminal(args, { DIALTREE_NOW: NOW });
      expect([option, await session.ended]).toEqual([option, code]);
      expect(session.text()).not.toContain("[y/N]");
    }
  });
});
