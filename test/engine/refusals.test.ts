import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ProcessResult } from "../../engine/process.ts";
import type { NodeEntry } from "../support/inventories.ts";
import { changedNode, steeredFleet, withNodes } from "../support/steeredFleet.ts";
import { checkout } from "../support/trackedFiles.ts";
import { openStack, type TestStack } from "../support/withStack.ts";

/** What the engine says is wrong, one entry per line, without its own decoration. */
function errorLines({ stdout, stderr }: ProcessResult): string[] {
  return `${stdout}${stderr}`.split("\n").flatMap((line) => /^\s*error: (.*)$/.exec(line)?.[1] ?? []);
}

describe("a stack that is refused", () => {
  let stack: TestStack;
  let close: () => Promise<void> = async () => {};

  beforeAll(async () => {
    ({ stack, close } = await openStack({ inventory: steeredFleet, backends: ["cloudflare"] }));
    await stack.up();
  });
  afterAll(() => close());

  /** Runs preview and update, and expects of both these lines and that nothing has changed. */
  async function expectRefused(problems: readonly RegExp[]): Promise<void> {
    const state = await exported(stack);
    const { store } = stack.world.platforms;
    const revision = store.revision;
    for (const result of [await stack.tryPreview(), await stack.tryUp()]) {
      expect(result.code).not.toBe(0);
      const lines = errorLines(result).filter((line) => !/^(preview|update) failed$/.test(line));
      expect(lines.slice(0, -1)).toEqual(problems.map((problem) => expect.stringMatching(problem)));
      expect(lines.at(-1)).toBe(
        problems.length === 1
          ? "refused: 1 problem, nothing was changed"
          : `refused: ${problems.length} problems, nothing was changed`,
      );
      expect(`${result.stdout}${result.stderr}`).not.toMatch(/^\s+at |node_modules|unhandled|exception/m);
    }
    expect(store.revision).toBe(revision);
    expect(await exported(stack)).toEqual(state);
  }

  it("names every problem of the inventory with file, line, key, rule and remedy, and changes nothing", async () => {
    const twice: NodeEntry = { ...changedNode(steeredFleet, "fra1", {}), slot: "fra9" };
    const wrong = withNodes(steeredFleet, changedNode(steeredFleet, "iad1", { weight: 0 }), twice);
    stack.setInventory(wrong);
    await expectRefused([
      /^inventory\/test\/nodes\.json:\d+: \[3\]\.weight: 0: .+ \[srv-weight\]; \S.+/,
      /^inventory\/test\/nodes\.json:\d+: \[6\]\.ip: .+ \[duplicate-address\]; \S.+/,
    ]);
    stack.setInventory(steeredFleet);
  });

  it("never takes a broken file for an empty fleet", async () => {
    stack.write("inventory/test/nodes.json", '[{"slot": "fra1",');
    await expectRefused([/^inventory\/test\/nodes\.json:1: .+\[\S+\]; \S.+/]);
    stack.setInventory({ nodes: [] });
    await expectRefused([/^inventory\/test\/nodes\.json:\d+: .+\[\S+\]; \S.+/]);
    stack.setInventory(steeredFleet);
  });

  it("names every key of its configuration that is missing or wrong", async () => {
    const { cloudflare: _, ...rest } = stack.config;
    stack.setConfig({ ...rest, cloudflare: { accountId: "a".repeat(32) }, zone: "example.net" });
    await expectRefused([
      /^Pulumi\.test\.yaml: dialtree:cloudflare\.zoneId: is missing \[stack-config\]; set dialtree:cloudflare to /,
      /^Pulumi\.test\.yaml: dialtree:zone: "example\.net": is no key of the configuration \[stack-config\]; remove /,
    ]);
    stack.setConfig(stack.config);
  });

  it("is deployed as before once it is right again", async () => {
    await stack.expectIdle();
  });
});

/** The resources in state, decrypted, in an order of their own and without the time of the last write. */
async function exported(stack: TestStack): Promise<unknown> {
  const { stdout } = await stack.run(["stack", "export", "--show-secrets"]);
  const { resources } = JSON.parse(stdout).deployment as { resources: { urn: string; modified?: string }[] };
  return resources.map(({ modified: _, ...resource }) => resource).sort((a, b) => (a.urn < b.urn ? -1 : 1));
}

/** A Node.js of the machine that cannot run TypeScript as it is. */
const oldNode = ["/usr/bin/node", "/usr/local/bin/node"].find((file) => {
  try {
    return (
      Number.parseInt(execFileSync(file, ["-p", "process.versions.node"], { encoding: "utf8" }), 10) < 22
    );
  } catch {
    return false;
  }
});

describe.skipIf(oldNode === undefined)("an older Node.js (skipped: where the machine has none)", () => {
  let folder: string;
  let stack: TestStack;
  let close: () => Promise<void> = async () => {};

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "dialtree-old-"));
    ({ stack, close } = await openStack({
      inventory: steeredFleet,
      backends: ["cloudflare"],
      ...(oldNode === undefined ? {} : { node: oldNode }),
    }));
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await close();
  });

  it("is told to the user of `pulumi preview` in one line that says what to do", async () => {
    const result = await stack.tryPreview();
    expect(result.code).not.toBe(0);
    const lines = errorLines(result).filter((line) => line !== "preview failed");
    expect(lines).toEqual([
      expect.stringMatching(/^dialtree needs Node\.js 22\.18 or newer, this is .+npm ci/),
    ]);
    expect(`${result.stdout}${result.stderr}`).not.toMatch(/^\s+at |unhandled|Unknown file extension/m);
  });

  it("is told to the user of the command line where none is installed beside the project", () => {
    mkdirSync(path.join(folder, "cli"));
    for (const file of ["cli/bin.js", "nodeVersion.js", "package.json"])
      cpSync(path.join(checkout, file), path.join(folder, file));
    const result = spawnSync(oldNode ?? "", [path.join(folder, "cli", "bin.js"), "plan"], {
      encoding: "utf8",
      timeout: 30_000,
    });
    expect(result.status).toBe(2);
    expect(result.stdout).toBe("");
    expect(result.stderr).toMatch(/^dialtree needs Node\.js 22\.18 or newer, this is [^\n]+npm ci[^\n]+\n$/);
  });

  it("starts the newer one that is installed beside the project", () => {
    const result = spawnSync(
      oldNode ?? "",
      [path.join(checkout, "cli", "bin.js"), "plan", "--stack", "lab"],
      {
        encoding: "utf8",
        timeout: 30_000,
      },
    );
    expect(result.stderr).toBe("");
    expect(result.status).toBe(0);
    expect(result.stdout).toContain("sip.example.test");
  });
});
