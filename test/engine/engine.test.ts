import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Engine, ensureEngine } from "../../engine/engine.ts";
import { descendants } from "../../engine/processTree.ts";
import { runPulumi } from "../../engine/run.ts";
import { isRunning } from "../support/running.ts";

const nodeModules = join(import.meta.dirname, "..", "..", "node_modules");

let engine: Engine;
let folder: string;
let env: Record<string, string>;

async function writeProgram(source: string): Promise<void> {
  await writeFile(join(folder, "program.ts"), source);
}

beforeAll(async () => {
  engine = await ensureEngine();
  folder = await mkdtemp(join(tmpdir(), "engine-hello-"));
  env = {
    PULUMI_HOME: join(folder, "home"),
    PULUMI_BACKEND_URL: `file://${folder}`,
    PULUMI_CONFIG_PASSPHRASE: "hello",
  };
  await symlink(nodeModules, join(folder, "node_modules"));
  await writeFile(join(folder, "package.json"), '{"type": "module", "main": "program.ts"}');
  await writeFile(
    join(folder, "Pulumi.yaml"),
    "name: hello\nmain: program.ts\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n",
  );
  const { code, stderr } = await runPulumi(engine, { cwd: folder, args: ["stack", "init", "hello"], env });
  expect(code, stderr).toBe(0);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("the engine", () => {
  it("prints the version that it was found with", async () => {
    const { code, stdout } = await runPulumi(engine, { cwd: folder, args: ["version"] });
    expect({ code, version: stdout.trim() }).toEqual({ code: 0, version: engine.version });
  });

  it("runs a TypeScript program as it is, on this Node.js, through the language host", async () => {
    await writeProgram(
      'import * as pulumi from "@pulumi/pulumi";\n' +
        "const dialed: string = `sip.$" +
        "{pulumi.getStack()}.example.net`;\n" +
        "export { dialed };\nexport const runtime: string = process.version;\n",
    );
    const lines: string[] = [];
    const { code, stdout } = await runPulumi(engine, {
      cwd: folder,
      args: ["preview", "--stack", "hello", "--non-interactive"],
      env,
      onLine: (line) => lines.push(line),
    });
    expect(code, stdout).toBe(0);
    expect(`${lines.join("\n")}\n`).toBe(stdout);
    expect(stdout).toMatch(/dialed *: "sip\.hello\.example\.net"/);
    expect(stdout).toContain(`"${process.version}"`);
  });

  it("leaves no process behind when a program that hangs is stopped", async () => {
    const pidFile = join(folder, "program.pid");
    await writeProgram(
      `import { renameSync, writeFileSync } from "node:fs";\n` +
        `writeFileSync("pid.new", String(process.pid));\nrenameSync("pid.new", ${JSON.stringify(pidFile)});\n` +
        'process.on("SIGINT", () => {});\nawait new Promise((resolve) => setTimeout(resolve, 600_000));\n',
    );
    const stop = new AbortController();
    const run = runPulumi(engine, {
      cwd: folder,
      args: ["preview", "--stack", "hello", "--non-interactive"],
      env,
      signal: stop.signal,
      graceSeconds: 1,
    });
    const program = await vi.waitFor(async () => Number(await readFile(pidFile, "utf8")), {
      timeout: 60_000,
    });
    const started = await descendants(process.pid);
    expect(started).toContain(program);
    stop.abort();
    expect((await run).stopped).toBe("aborted");
    await vi.waitFor(() => expect(started.filter(isRunning)).toEqual([]), { timeout: 10_000 });
  });
});
