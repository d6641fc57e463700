import { describe, expect, it } from "vitest";
import { duration, progressPrinter } from "../../../cli/progress.ts";
import type { ProgressEvent } from "../../../engine/progress.ts";

const step = {
  what: "building the engine",
  number: 1,
  count: 2,
  usually: "usually about 6 minutes on two cores",
};
const story: readonly ProgressEvent[] = [
  { kind: "plan", lines: ["building the engine, once"] },
  { kind: "started", step },
  { kind: "running", step, elapsedSeconds: 130, detail: "example.net/a/package/with/a/long/path" },
  { kind: "ended", step, elapsedSeconds: 301.7 },
  { kind: "failed", step: { ...step, number: 2 }, elapsedSeconds: 4 },
];

function print(terminal: { isTTY?: true; columns?: number }, env: Record<string, string>): string {
  let written = "";
  const stream = {
    ...terminal,
    write: (text: string | Uint8Array) => {
      written += text;
      return true;
    },
  };
  const onProgress = progressPrinter(stream, env);
  for (const event of story) onProgress(event);
  return written;
}

const inAPipe = `There is no Pulumi engine here yet. To get one:
  - building the engine, once
building the engine, step 1 of 2, usually about 6 minutes on two cores
building the engine, step 1 of 2: done in 5m1s
building the engine, step 2 of 2: failed after 4s
`;

describe("progress", () => {
  it("in a pipe is a line at the start and at the end of each step, without control characters", () => {
    expect(print({}, {})).toBe(inAPipe);
    expect(print({ isTTY: true }, { TERM: "dumb" })).toBe(inAPipe);
  });

  it("on a terminal rewrites one line that tells what, how far, how long so far and how long usually", () => {
    const written = print({ isTTY: true, columns: 120 }, { NO_COLOR: "1" });
    expect(written).toContain(
      "\r\u001b[2Kbuilding the engine, step 1 of 2, 2m10s so far, usually about 6 minutes on two cores  example.net/a/pack",
    );
    expect(written).toContain("\r\u001b[2Kbuilding the engine, step 1 of 2: done in 5m1s\n");
  });

  it("never fills a line of the terminal, for a full one cannot be rewritten", () => {
    for (const columns of [20, 84, 85, 86, 87, 100]) {
      const written = print({ isTTY: true, columns }, { NO_COLOR: "1" });
      const running =
        written.split("\r\u001b[2K").find((text) => text.includes("so") && !text.endsWith("\n")) ?? "";
      expect(running === "" && columns >= 84).toBe(false);
      expect(running.length).toBeLessThan(columns);
    }
  });

  it("has colour on a terminal only, and none under NO_COLOR", () => {
    expect(print({ isTTY: true }, {})).toContain("\u001b[32mdone\u001b[39m");
    expect(print({ isTTY: true }, { NO_COLOR: "1" })).not.toContain("\u001b[3");
  });

  it("prints durations in minutes and whole seconds", () => {
    expect([0, 59.9, 60, 130].map(duration)).toEqual(["0s", "59s", "1m0s", "2m10s"]);
  });
});
