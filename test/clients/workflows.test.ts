import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { findTool } from "../../check/fetchedTools.ts";
import fetchedTools from "../support/fetchedTools.json" with { type: "json" };
import { checkout, trackedFiles } from "../support/trackedFiles.ts";

const workflows = trackedFiles().filter((file) => file.startsWith(".github/workflows/"));
const actionlint = findTool("actionlint", fetchedTools.actionlint, process.env);
/** What actionlint says; the linters that it would call where they are installed are left out. */
function lint(files: readonly string[], cwd: string): { code: number | null; output: string } {
  const args = ["-no-color", "-oneline", "-shellcheck=", "-pyflakes=", ...files];
  const { status, stdout, stderr } = spawnSync(actionlint ?? "", args, {
    cwd,
    encoding: "utf8",
    timeout: 60_000,
  });
  return { code: status, output: `${stdout}${stderr}` };
}

describe("the workflows", () => {
  it("run only actions that are pinned to a commit, with the version beside it", () => {
    const uses = workflows.flatMap((file) =>
      [...readFileSync(path.join(checkout, file), "utf8").matchAll(/\buses: *(.*)/g)].map(
        ([, action]) => action,
      ),
    );
    expect(uses.length).toBeGreaterThan(0);
    expect(
      uses.filter((action) => !/^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action ?? "")),
    ).toEqual([]);
  });
});

describe.skipIf(actionlint === undefined)(
  actionlint === undefined
    ? "actionlint (skipped: not installed; npm test fetches it with Go or Python)"
    : "actionlint",
  () => {
    it("finds nothing in any workflow", () => {
      expect(workflows).toContain(".github/workflows/preview.yml");
      expect(lint(workflows, checkout)).toEqual({ code: 0, output: "" });
    });

    it("finds a job that needs one that does not exist", () => {
      const folder = mkdtempSync(path.join(tmpdir(), "workflows-"));
      try {
        const text = readFileSync(path.join(checkout, ".github/workflows/preview.yml"), "utf8");
        writeFileSync(path.join(folder, "broken.yml"), text.replace("needs: check", "needs: checks"));
        const { code, output } = lint(["broken.yml"], folder);
        expect(code).toBe(1);
        expect(output).toContain('"checks"');
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  },
);
