import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadInventory } from "../../inventory/load.ts";
import { planTree } from "../../plan/plan.ts";
import { render } from "../../plan/render.ts";
import { BACKENDS } from "../../plan/rendering.ts";
import { zoneText } from "../../plan/zoneText.ts";
import { goldenCases } from "../support/goldenCases.ts";
import { PROJECT, STACKS } from "../support/project.ts";
import { describeWithTools } from "../support/systemTools.ts";
import { zoneOf } from "../support/zoneOf.ts";

interface Zone {
  readonly title: string;
  readonly origin: string;
  readonly text: string;
}

const ZONES: readonly Zone[] = [
  ...STACKS.flatMap((stack) =>
    BACKENDS.map((backend): Zone => {
      const tree = planTree(loadInventory(path.join(PROJECT, "inventory", stack)));
      return {
        title: `stack ${stack} at ${backend}`,
        origin: tree.domain,
        text: zoneText(tree, render(tree, backend)),
      };
    }),
  ),
  ...goldenCases().flatMap(({ name, backends, inventory }) =>
    backends.map(
      (backend): Zone => ({
        title: `golden case ${name} at ${backend}`,
        origin: inventory().domain,
        text: zoneOf(inventory(), backend),
      }),
    ),
  ),
];

const folder = mkdtempSync(path.join(tmpdir(), "dialtree-zones-"));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Everything that the tool says of the zone, on either stream, and how it ended. */
function check(tool: string, args: readonly string[], { text }: Pick<Zone, "text">): Promise<string[]> {
  const file = path.join(folder, "checked.zone");
  writeFileSync(file, text);
  return new Promise((resolve) => {
    execFile(tool, [...args, file], { timeout: 30_000 }, (error, stdout, stderr) => {
      const lines = `${stdout}${stderr}`.split("\n").filter((line) => line !== "");
      resolve(error === null ? lines : [...lines, `ended with ${error.code ?? error.signal}`]);
    });
  });
}

/** Strict in all that it can be strict in, without any lookup in the network. */
const namedOptions = [
  "-i",
  "local",
  ...["-k", "-m", "-M", "-n", "-r", "-S"].flatMap((option) => [option, "fail"]),
];

function namedCheckzone(zone: Zone): Promise<string[]> {
  return check("named-checkzone", [...namedOptions, zone.origin], zone);
}

function kzonecheck(zone: Zone): Promise<string[]> {
  return check("kzonecheck", ["-v", "-o", zone.origin], zone);
}

/** The first zone without the lines that match: a planted fault. */
function without(pattern: RegExp): Zone {
  const [zone] = ZONES;
  if (zone === undefined) throw new Error("no zone to check");
  const lines = zone.text.split("\n");
  const kept = lines.filter((line) => !pattern.test(line));
  expect(kept.length, "the planted fault is there").toBeLessThan(lines.length);
  return { ...zone, text: kept.join("\n") };
}

describeWithTools("named-checkzone", ["named-checkzone"], () => {
  it.each(ZONES)("accepts the zone of $title without a warning", async (zone) => {
    expect(await namedCheckzone(zone)).toEqual([`zone ${zone.origin}/IN: loaded serial 1`, "OK"]);
  });

  describe("would tell", () => {
    it("of an SRV target without address, although to it that is a warning only", async () => {
      const said = await namedCheckzone(without(/^fra1\.\S+ +60 IN A /));
      expect(said.join("\n")).toMatch(/SRV 'fra1\.\S+' has no address records/);
    });
  });
});

describeWithTools("kzonecheck", ["kzonecheck"], () => {
  it.each(ZONES)("accepts the zone of $title without a warning", async (zone) => {
    expect(await kzonecheck(zone)).toEqual(["No semantic error found"]);
  });

  it("would tell of a name server without address", async () => {
    const said = await kzonecheck(without(/^ns\.\S+ +60 IN A /));
    expect(said.join("\n")).toMatch(/ended with 1/);
  });
});
