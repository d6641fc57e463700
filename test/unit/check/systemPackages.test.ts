import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { installPackages, missingPackages } from "../../../check/systemPackages.ts";

let folder: string;
let env: NodeJS.ProcessEnv;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "packages-"));
  env = { PATH: `${folder}${path.delimiter}/bin` };
});

afterEach(() => rmSync(folder, { recursive: true }));

function command(name: string, script: string): void {
  writeFileSync(path.join(folder, name), `#!/bin/sh\n${script}\n`);
  chmodSync(path.join(folder, name), 0o755);
}

describe("system packages", () => {
  it("are missing where their command is not on PATH", () => {
    command("dialtree-dig", "");
    writeFileSync(path.join(folder, "dialtree-drill"), "not executable");
    expect(missingPackages({ "dialtree-dig": "bind9-dnsutils", "dialtree-drill": "ldnsutils" }, env)).toEqual(
      [{ command: "dialtree-drill", debianPackage: "ldnsutils" }],
    );
  });

  it("are installed one by one, each once, after the list of packages is brought up to date", async () => {
    const log = path.join(folder, "log");
    command("apt-get", `echo "$DEBIAN_FRONTEND $*" >> ${log}`);
    expect(await installPackages(["ldnsutils", "bind9-utils", "ldnsutils"], env)).toEqual([]);
    const calls = readFileSync(log, "utf8").trim().split("\n");
    expect(calls.map((call) => call.replace("-o DPkg::Lock::Timeout=300 ", ""))).toEqual([
      "noninteractive update",
      "noninteractive install --yes --no-install-recommends ldnsutils",
      "noninteractive install --yes --no-install-recommends bind9-utils",
    ]);
  });

  it("that cannot be installed are named, and keep out no other", async () => {
    command("apt-get", 'case "$*" in *ldnsutils) echo "E: Unable to locate package" >&2; exit 100;; esac');
    expect(await installPackages(["ldnsutils", "bind9-utils"], env)).toEqual([
      "apt-get install --yes --no-install-recommends ldnsutils: exit code 100: E: Unable to locate package",
    ]);
  });
});
