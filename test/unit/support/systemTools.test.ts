import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { needsTools } from "../../support/systemTools.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "tools-"));
  vi.stubEnv("PATH", ["/nonexistent", folder].join(path.delimiter));
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

describe("the commands that tests need", () => {
  it("are found in any folder of PATH when they can be run", () => {
    writeFileSync(path.join(folder, "dig"), "");
    expect(needsTools("dig", "kdig").missing).toEqual(["dig", "kdig"]);
    chmodSync(path.join(folder, "dig"), 0o755);
    expect(needsTools("dig", "kdig").missing).toEqual(["kdig"]);
  });

  it("are all in the list of packages", () => {
    expect(() => needsTools("dig", "whois")).toThrow("list whois in test/support/systemPackages.json");
  });
});
