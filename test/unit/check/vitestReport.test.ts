import { describe, expect, it } from "vitest";
import { countLine } from "../../../check/tally.ts";
import { type LevelRun, tallyOfLevel } from "../../../check/vitestReport.ts";

interface Result {
  readonly fullName: string;
  readonly status: string;
  readonly failureMessages: readonly string[];
}

const result = (status: string, fullName: string, ...failureMessages: string[]): Result => ({
  status,
  fullName,
  failureMessages,
});

/** A file's entry in the report; its own status follows from its tests unless it is told. */
function file(
  name: string,
  assertionResults: readonly Result[],
  own: { status?: string; message?: string } = {},
) {
  const anyFailed = assertionResults.some(({ status }) => status === "failed");
  return {
    name: `/checkout/${name}`,
    status: anyFailed ? "failed" : "passed",
    message: "",
    ...own,
    assertionResults,
  };
}

const a = "test/unit/a.test.ts";
const b = "test/unit/b.test.ts";

function tally(entries: readonly unknown[] | undefined, run: Partial<LevelRun> = {}) {
  const report = entries === undefined ? undefined : JSON.stringify({ success: true, testResults: entries });
  return tallyOfLevel({
    level: "unit",
    root: "/checkout",
    files: [a],
    report,
    exitCode: 0,
    output: "what it printed",
    ...run,
  });
}

describe("the count of a level", () => {
  it("adds up the tests of all files", () => {
    const total = tally(
      [
        file(a, [result("passed", "one"), result("failed", "two", "expected 1 to be 2")]),
        file(b, [result("passed", "three"), result("skipped", "four (skipped: no dig)")]),
      ],
      { files: [a, b], exitCode: 1 },
    );
    expect(total).toEqual({
      passed: 2,
      failures: [{ what: `${a}: two`, detail: "expected 1 to be 2" }],
      skipped: [`${b}: four (skipped: no dig)`],
    });
    expect(countLine(total)).toBe("2 passed, 1 failed, 1 skipped");
  });

  it("has no third part where nothing is skipped", () => {
    expect(countLine(tally([file(a, [result("passed", "one")])]))).toBe("1 passed, 0 failed");
  });

  it.each(["skipped", "pending", "todo", "disabled"])(
    "takes a test that is %s without a reason as failed",
    (status) => {
      const total = tally([
        file(a, [result("passed", "one"), result(status, "two"), result(status, "(skipped: )")]),
      ]);
      expect(countLine(total)).toBe("1 passed, 2 failed");
    },
  );

  it("takes every file without a result as failed, and shows what the run printed", () => {
    const total = tally([file(a, [result("passed", "one")])], { files: [a, b] });
    expect(countLine(total)).toBe("1 passed, 1 failed");
    expect(total.failures[0]).toEqual({ what: b, detail: "no result: no test ran\nwhat it printed" });
  });

  it("takes all files as failed where no report was written", () => {
    const total = tally(undefined, { files: [a, b], exitCode: 130, stopped: "stopped: over its budget" });
    expect(countLine(total)).toBe("0 passed, 2 failed");
    expect(total.failures[0]?.detail).toMatch(/^no result: stopped: over its budget\nwhat it printed/);
  });

  it("takes a file in which no test ran as failed", () => {
    const total = tally([file(a, [], { status: "failed", message: "Cannot find module" })], { exitCode: 1 });
    expect(total.failures).toEqual([{ what: a, detail: "Cannot find module" }]);
    expect(countLine(tally([file(a, [])]))).toBe("0 passed, 1 failed");
  });

  it("takes a file that failed outside its tests as failed once more", () => {
    const passing = file(a, [result("passed", "one")], { status: "failed", message: "afterAll broke" });
    const total = tally([passing], { exitCode: 1 });
    expect(countLine(total)).toBe("1 passed, 1 failed");
    expect(total.failures).toEqual([{ what: a, detail: "afterAll broke" }]);
  });

  it("takes a run that ended badly after passing every test as failed", () => {
    const total = tally([file(a, [result("passed", "one")])], { exitCode: 1 });
    expect(countLine(total)).toBe("1 passed, 1 failed");
    expect(total.failures[0]?.detail).toBe("ended with exit code 1\nwhat it printed");
  });

  it("takes a level without any file as failed", () => {
    expect(countLine(tally([], { files: [] }))).toBe("0 passed, 1 failed");
  });
});
