import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runStep } from "../../../check/runStep.ts";
import type { Step } from "../../../check/steps.ts";
import { countLine, type Tally } from "../../../check/tally.ts";
import { checkout } from "../../support/trackedFiles.ts";

let root: string;

/** A checkout of its own, with the real test runner and one level. */
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "run-step-"));
  mkdirSync(path.join(root, "test/unit"), { recursive: true });
  symlinkSync(path.join(checkout, "node_modules"), path.join(root, "node_modules"));
  writeFileSync(path.join(root, "package.json"), '{ "type": "module" }');
  writeFileSync(
    path.join(root, "vitest.config.ts"),
    'export default { test: { projects: [{ test: { name: "unit", include: ["test/unit/*.test.ts"] } }] } };',
  );
});

afterEach(() => rmSync(root, { recursive: true }));

function runUnit(
  files: Readonly<Record<string, string>>,
  budgetMinutes = 1,
  signal?: AbortSignal,
): Promise<Tally> {
  for (const [name, body] of Object.entries(files)) {
    const text = `import { afterAll, beforeAll, describe, expect, it } from "vitest";\n${body}\n`;
    writeFileSync(path.join(root, "test/unit", `${name}.test.ts`), text);
  }
  const step: Step = { kind: "level", name: "unit", what: "unit tests", budgetMinutes };
  return runStep(step, { root, env: process.env, ...(signal !== undefined && { signal }) });
}

const runNode = (script: string, budgetMinutes = 1): Promise<Tally> => {
  mkdirSync(path.join(root, "tools"));
  rmSync(path.join(root, "node_modules"));
  mkdirSync(path.join(root, "node_modules/.bin"), { recursive: true });
  writeFileSync(path.join(root, "node_modules/.bin/tool"), script);
  return runStep(
    { kind: "tool", name: "lint", what: "lint", command: ["tool", "."], budgetMinutes },
    { root, env: process.env },
  );
};

describe("a level of tests", () => {
  it("is counted from what the test runner reports", async () => {
    const tally = await runUnit({
      good: 'it("holds", () => {}); it.skip("waits (skipped: no dig)", () => {});',
      bad: 'it("breaks", () => expect(1).toBe(2));',
    });
    expect(countLine(tally)).toBe("1 passed, 1 failed, 1 skipped");
    expect(tally.failures[0]).toMatchObject({ what: "test/unit/bad.test.ts: breaks" });
    expect(tally.failures[0]?.detail).toContain("expected 1 to be 2");
    expect(tally.skipped).toEqual(["test/unit/good.test.ts: waits (skipped: no dig)"]);
  });

  it("counts a file that crashes, cannot be loaded or has no test as failed", async () => {
    const tally = await runUnit({
      good: 'it("holds", () => {});',
      crashing: 'it("ends the process", () => process.kill(process.pid, "SIGKILL"));',
      broken: 'import "./nowhere.ts"; it("is never reached", () => {});',
      empty: "",
    });
    const failed = new Set(tally.failures.map(({ what }) => what.split(":")[0]));
    expect(tally.passed).toBe(1);
    expect([...failed].sort()).toEqual(
      ["broken", "crashing", "empty"].map((name) => `test/unit/${name}.test.ts`),
    );
  });

  it("counts tests behind a failing hook and errors outside of tests as failed", async () => {
    const tally = await runUnit({
      hook: 'describe("a server", () => { beforeAll(() => { throw new Error("no port"); }); it("answers", () => {}); });',
      late: 'it("holds", () => { setTimeout(() => { throw new Error("late"); }, 0); });\nit("waits", () => new Promise((done) => setTimeout(done, 50)));',
    });
    expect(tally.passed).toBe(2);
    expect(tally.failures.map(({ what }) => what)).toContain("test/unit/hook.test.ts: a server answers");
    expect(tally.skipped).toEqual([]);
  });

  it("counts errors outside of tests as failed where every test passed", async () => {
    const tally = await runUnit({
      late: 'it("holds", async () => { setTimeout(() => { throw new Error("too late"); }, 0); await new Promise((done) => setTimeout(done, 50)); });',
    });
    expect(countLine(tally)).toBe("1 passed, 1 failed");
    expect(tally.failures[0]?.detail).toContain("too late");
  });

  it("is stopped over its budget and counts as failed", async () => {
    const tally = await runUnit({ slow: 'it("hangs", () => { for (;;); });' }, 0.02);
    expect(countLine(tally)).toBe("0 passed, 1 failed");
    expect(tally.failures[0]?.detail).toContain("stopped: over its budget of 0.02 min");
  });

  it("is stopped by an interrupt and counts as failed", async () => {
    const tally = await runUnit({ good: 'it("holds", () => {});' }, 1, AbortSignal.abort());
    expect(tally).toMatchObject({ passed: 0, failures: [{ what: "test/unit/good.test.ts" }] });
    expect(tally.failures[0]?.detail).toContain("interrupted");
  });
});

describe("a tool", () => {
  it("passes as a whole", async () => {
    expect(countLine(await runNode(""))).toBe("1 passed, 0 failed");
  });

  it("fails as a whole, with what it printed", async () => {
    expect(await runNode('console.log("a.ts: unused import"); process.exitCode = 1;')).toEqual({
      passed: 0,
      failures: [{ what: "lint", detail: "a.ts: unused import" }],
      skipped: [],
    });
  });

  it("is stopped over its budget and counts as failed", async () => {
    const { failures } = await runNode("setInterval(() => {}, 1000);", 0.01);
    expect(failures).toEqual([{ what: "lint", detail: "stopped: over its budget of 0.01 min" }]);
  });
});
