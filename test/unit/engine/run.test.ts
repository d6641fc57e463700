import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Engine } from "../../../engine/engine.ts";
import { runProcess, StartError } from "../../../engine/process.ts";
import { descendants } from "../../../engine/processTree.ts";
import { pulumiEnvironment } from "../../../engine/run.ts";
import { isRunning } from "../../support/running.ts";
import { type Machine, makeMachine } from "./machine.ts";

const engine: Engine = {
  pulumi: "/e/pulumi",
  version: "v3.300.0",
  source: "path",
  pathEntries: ["/e", "/h"],
};

describe("the environment of the engine", () => {
  const caller = {
    PATH: "/usr/bin",
    HOME: "/home/a",
    CLOUDFLARE_API_TOKEN: "t",
    PULUMI_CONFIG_PASSPHRASE: "p",
  };

  it("has this Node.js and the engine first on PATH", () => {
    const { PATH } = pulumiEnvironment(engine, {}, caller);
    expect(PATH).toBe(`${dirname(process.execPath)}:/e:/h:/usr/bin`);
  });

  it("has the caller's home and none of the caller's credentials, except those passed on purpose", () => {
    const env = pulumiEnvironment(engine, { env: { PULUMI_CONFIG_PASSPHRASE: "q" } }, caller);
    expect(env).toEqual({
      HOME: "/home/a",
      PATH: expect.any(String),
      PULUMI_SKIP_UPDATE_CHECK: "true",
      NODE_COMPILE_CACHE: "/home/a/.cache/dialtree/node-compile-cache",
      PULUMI_CONFIG_PASSPHRASE: "q",
    });
  });

  it("names attached providers with their ports, and then fetches no plugin", () => {
    const env = pulumiEnvironment(engine, { attachedProviders: { cloudflare: 4001, aws: 4002 } }, caller);
    expect(env.PULUMI_DEBUG_PROVIDERS).toBe("cloudflare:4001,aws:4002");
    expect(env.PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION).toBe("true");
  });
});

describe("a process", () => {
  let machine: Machine;
  const node = (script: string, options: Partial<Parameters<typeof runProcess>[2]> = {}) =>
    runProcess(process.execPath, ["-e", script], {
      cwd: machine.folder,
      env: { PATH: process.env.PATH },
      timeoutSeconds: 30,
      graceSeconds: 0.2,
      ...options,
    });
  beforeEach(async () => {
    machine = await makeMachine();
  });
  afterEach(() => machine.remove());

  it("gives its code, its output and each line as it comes", async () => {
    const lines: string[] = [];
    const result = await node('console.log("a\\nb"); process.stderr.write("c"); process.exitCode = 4', {
      onLine: (line, stream) => lines.push(`${stream} ${line}`),
    });
    expect(result).toEqual({ code: 4, stdout: "a\nb\n", stderr: "c\n" });
    expect(lines.sort()).toEqual(["stderr c", "stdout a", "stdout b"]);
  });

  it("counts an ending by a signal as a shell does", async () => {
    expect((await node('process.kill(process.pid, "SIGTERM")')).code).toBe(143);
  });

  it("gets only the environment that it is given", async () => {
    const { stdout } = await node("console.log(Object.keys(process.env).join())", { env: { ONLY: "1" } });
    expect(stdout).toBe("ONLY\n");
  });

  it("may end in good order when it is interrupted", async () => {
    const result = await node(
      'process.on("SIGINT", () => { console.log("saved"); process.exit(3) }); setInterval(Date, 9e9); console.log("up")',
      {
        signal: abortOn("up"),
        onLine: (line) => reached(line),
        graceSeconds: 20,
      },
    );
    expect(result).toMatchObject({ code: 3, stdout: "up\nsaved\n", stopped: "aborted" });
  });

  it("that ignores the interrupt is killed with a grandchild in a process group of its own", async () => {
    const grandchild = `process.on("SIGINT", Date); setInterval(Date, 9e9);
      require("node:fs").writeFileSync("pid", String(process.pid)); console.log("up")`;
    const child = `process.on("SIGINT", Date);
      require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(grandchild)}],
        { detached: true, stdio: "inherit" })`;
    const result = await node(child, { signal: abortOn("up"), onLine: (line) => reached(line) });
    expect(result).toMatchObject({ code: 137, stopped: "aborted" });
    const pid = Number(await readFile(join(machine.folder, "pid"), "utf8"));
    expect(isRunning(pid)).toBe(false);
  });

  it("is stopped at its time limit", async () => {
    const result = await node("setInterval(Date, 9e9)", { timeoutSeconds: 0.1 });
    expect(result).toMatchObject({ code: 130, stopped: "timeout" });
    expect(await descendants(process.pid)).toEqual([]);
  });

  it("is not started under an aborted signal", async () => {
    const result = await node('require("node:fs").writeFileSync("ran", "")', { signal: AbortSignal.abort() });
    expect(result).toMatchObject({ stopped: "aborted" });
    await expect(readFile(join(machine.folder, "ran"))).rejects.toThrow("ENOENT");
  });

  it("that does not exist is an error of its own kind", async () => {
    const run = runProcess(join(machine.folder, "missing"), [], { env: {}, timeoutSeconds: 1 });
    await expect(run).rejects.toThrow(StartError);
    await expect(run).rejects.toThrow("missing cannot be started: ENOENT");
  });

  let awaited: { line: string; abort: AbortController } | undefined;
  /** A signal that is aborted once the process has printed the line. */
  function abortOn(line: string): AbortSignal {
    awaited = { line, abort: new AbortController() };
    return awaited.abort.signal;
  }
  function reached(line: string): void {
    if (line === awaited?.line) awaited.abort.abort();
  }
});
