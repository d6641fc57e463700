import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { steps } from "../../check/steps.ts";
import manifest from "../../package.json" with { type: "json" };
import lock from "../../package-lock.json" with { type: "json" };
import { checkout, trackedFiles } from "../support/trackedFiles.ts";

const files = trackedFiles();
/** All but this file, which spells out what it looks for. */
const otherFiles = files.filter((file) => file !== "test/unit/conventions.test.ts");
const read = (file: string) => readFileSync(path.join(checkout, file), "utf8");

/** Places, as `file:line`, where a pattern (with flag `g`) matches. */
function places(paths: readonly string[], pattern: RegExp): string[] {
  return paths.flatMap((file) => {
    const text = read(file);
    return [...text.matchAll(pattern)].map(
      ({ index }) => `${file}:${text.slice(0, index).split("\n").length}`,
    );
  });
}

describe("dependencies", () => {
  it("are named by exact versions", () => {
    const versions = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    const exact = /^(npm:@?[\w./-]+@)?\d+\.\d+\.\d+$/;
    expect(versions.filter(([, version]) => !exact.test(version))).toEqual([]);
  });

  it("are locked without the addresses that they were downloaded from", () => {
    const resolved = Object.entries<object>(lock.packages).filter(([, entry]) => "resolved" in entry);
    expect(resolved.map(([name]) => name)).toEqual([]);
    expect(places(["package-lock.json"], /https?:\/\/registry\./g)).toEqual([]);
    expect(read(".npmrc")).toMatch(/^omit-lockfile-registry-resolved=true$/m);
  });

  it("come from whatever registry the machine is set up for", () => {
    expect(places([".npmrc"], /registry\s*=/g)).toEqual([]);
    expect(places(otherFiles, /https?:\/\/registry\./g)).toEqual([]);
  });
});

describe("source files", () => {
  it("of components stay under 150 lines", () => {
    const components = files.filter((file) => file.startsWith("components/"));
    expect(components.length).toBeGreaterThan(0);
    expect(components.filter((file) => read(file).split("\n").length > 151)).toEqual([]);
  });

  it("are named by their subject", () => {
    expect(files.filter((file) => /(^|\/)(utils?|helpers?|misc|common)\.(ts|js)$/.test(file))).toEqual([]);
  });

  it("end with a newline", () => {
    const sources = files.filter((file) => /\.(ts|js)$/.test(file));
    expect(sources.filter((file) => !read(file).endsWith("\n"))).toEqual([]);
  });
});

describe("committed stack files", () => {
  const stackFiles = files.filter((file) => /^Pulumi\..+\.yaml$/.test(file));

  it("hold no encrypted value", () => {
    expect(stackFiles).toContain("Pulumi.prod.yaml");
    expect(places(stackFiles, /^\s*(secure|encryptedkey|encryptionsalt)\s*:/gim)).toEqual([]);
  });
});

describe("tests", () => {
  const tests = otherFiles.filter((file) => file.startsWith("test/") && file.endsWith(".ts"));

  it("have titles that state a fact", () => {
    const title = /\b(?:it|test|describe)\b[\w.]*(?:\([^"'`]*\))?\(\s*(["'`])[^\n]*?\bshould\b[^\n]*?\1/g;
    expect('it("should work", f)').toMatch(title);
    expect(places(tests, title)).toEqual([]);
  });

  it("are never run alone", () => {
    expect(places(tests, /\b(?:it|test|describe)\.only\b/g)).toEqual([]);
  });

  it("are skipped only with a reason in the title", () => {
    const skips = tests.flatMap((file) =>
      [...read(file).matchAll(/\.(?:skip|skipIf|runIf|todo)\b[\s\S]{0,300}/g)].map(([text]) => ({
        file,
        text,
      })),
    );
    expect(skips.length).toBeGreaterThan(0);
    expect(skips.filter(({ text }) => !text.includes("(skipped: ")).map(({ file }) => file)).toEqual([]);
  });

  it("are each in a level that the check runs", () => {
    const levels = steps.filter(({ kind }) => kind === "level").map(({ name }) => name);
    const suites = tests.filter((file) => file.endsWith(".test.ts"));
    expect(suites.filter((file) => !levels.includes(file.split("/")[1] ?? ""))).toEqual([]);
  });
});
