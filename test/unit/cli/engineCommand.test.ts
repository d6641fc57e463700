import { describe, expect, it } from "vitest";
import { engineCommand } from "../../../cli/engineCommand.ts";
import type { Engine } from "../../../engine/engine.ts";
import type { OnProgress } from "../../../engine/progress.ts";

const engine: Engine = {
  pulumi: "/opt/e/pulumi",
  version: "v3.300.0",
  source: "cache",
  pathEntries: ["/opt/e"],
};

async function run(json: boolean): Promise<{ code: number; stdout: string; stderr: string }> {
  const written = { stdout: "", stderr: "" };
  const stream = (name: "stdout" | "stderr") => ({
    write: (text: string | Uint8Array) => {
      written[name] += text;
      return true;
    },
  });
  const findEngine = async (onProgress: OnProgress = () => {}) => {
    onProgress({ kind: "note", text: "waiting" });
    return engine;
  };
  const code = await engineCommand(
    { json },
    { stdout: stream("stdout"), stderr: stream("stderr") },
    findEngine,
  );
  return { code, ...written };
}

describe("dialtree engine", () => {
  it("prints version, source and path, and progress on standard error", async () => {
    expect(await run(false)).toEqual({
      code: 0,
      stdout: "engine  Pulumi v3.300.0\nsource  built earlier from Go modules\npath    /opt/e/pulumi\n",
      stderr: "waiting\n",
    });
  });

  it("prints nothing but the engine as JSON where that is asked for", async () => {
    const { stdout } = await run(true);
    expect(JSON.parse(stdout)).toEqual(engine);
  });
});
