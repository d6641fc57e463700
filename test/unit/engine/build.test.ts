import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { buildSteps } from "../../../engine/build.ts";
import { builtEngineFolder, cacheFolder, goModulesFolder } from "../../../engine/cache.ts";
import { downloadSteps } from "../../../engine/download.ts";
import {
  compareVersions,
  languageHostVersion,
  pulumiVersion,
  versionNumbers,
} from "../../../engine/versions.ts";

const goMod = (module: string) => readFile(join(goModulesFolder, module, "go.mod"), "utf8");

describe("what is built", () => {
  it("is pinned in go.mod at the versions that it is said to be", async () => {
    const cli = await goMod("cli");
    expect(cli).toContain(`\tgithub.com/pulumi/pulumi/pkg/v3 v${pulumiVersion} `);
    expect(cli).toContain(`\tgithub.com/pulumi/pulumi/sdk/v3 v${pulumiVersion} `);
    expect(cli).toContain("replace github.com/atotto/clipboard => github.com/tgummerer/clipboard ");
    expect(await goMod("host")).toContain(`\tgithub.com/pulumi/pulumi/sdk/v3 v${languageHostVersion} `);
  });

  it("is made without C, without changing go.mod, for this machine, with its version in it", () => {
    const steps = buildSteps({ PATH: "/bin", GOARCH: "riscv64" }, "/out");
    expect(steps.map(({ args }) => args.at(-2))).toEqual(["/out/pulumi", "/out/pulumi-language-nodejs"]);
    expect(steps.map(({ cwd }) => cwd)).toEqual([
      join(goModulesFolder, "cli"),
      join(goModulesFolder, "host"),
    ]);
    for (const [index, step] of steps.entries()) {
      expect(step.args).toEqual(expect.arrayContaining(["-mod=readonly", "-trimpath"]));
      expect(step.args.join(" ")).toContain(
        `version.Version=v${[pulumiVersion, languageHostVersion][index]}`,
      );
      expect(step.env).toMatchObject({ PATH: "/bin", CGO_ENABLED: "0", GOARCH: "", GOOS: "", GOWORK: "off" });
    }
  });
});

describe("what is downloaded", () => {
  it("is the same version, by the official npm package at that version", () => {
    const [step] = downloadSteps({ PULUMI_VERSION: "3.1.0" });
    expect(step?.args).toContain(`--package=pulumi@${pulumiVersion}`);
    expect(step?.env.PULUMI_VERSION).toBe(pulumiVersion);
  });
});

describe("the cache folder", () => {
  it("is DIALTREE_CACHE, else below an absolute XDG_CACHE_HOME, else below the home folder", () => {
    expect(cacheFolder({ DIALTREE_CACHE: "/c", XDG_CACHE_HOME: "/x", HOME: "/h" })).toBe("/c");
    expect(cacheFolder({ XDG_CACHE_HOME: "/x", HOME: "/h" })).toBe("/x/dialtree");
    expect(cacheFolder({ XDG_CACHE_HOME: "x", HOME: "/h" })).toBe("/h/.cache/dialtree");
    expect(cacheFolder({ HOME: "/h" })).toBe("/h/.cache/dialtree");
  });

  it("holds one engine per version, platform and content of the pinned modules", async () => {
    const folder = await builtEngineFolder({ DIALTREE_CACHE: "/c" });
    expect(folder).toMatch(
      new RegExp(
        `^/c/engine/pulumi-${pulumiVersion}-host-${languageHostVersion}-${process.platform}-${process.arch}-[0-9a-f]{12}$`,
      ),
    );
  });
});

describe("versions", () => {
  it("are read from what pulumi and go print", () => {
    expect(versionNumbers("v3.259.0")).toEqual([3, 259, 0]);
    expect(versionNumbers("v3.260.0-alpha.1")).toEqual([3, 260, 0]);
    expect(versionNumbers("go1.26")).toEqual([1, 26, 0]);
    expect(versionNumbers("devel go1.27")).toBeUndefined();
  });

  it("are compared number by number", () => {
    expect(compareVersions([3, 9, 0], [3, 10, 0])).toBeLessThan(0);
    expect(compareVersions([4, 0, 0], [3, 10, 9])).toBeGreaterThan(0);
    expect(compareVersions([3, 10, 1], [3, 10, 1])).toBe(0);
  });
});
