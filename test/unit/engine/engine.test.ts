import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, mkdir, readdir, readFile, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { builtEngineFolder } from "../../../engine/cache.ts";
import { engineSteps, ensureEngine } from "../../../engine/engine.ts";
import type { ProgressEvent } from "../../../engine/progress.ts";
import { Refusal } from "../../../inventory/problem.ts";
import { type Machine, makeMachine, writesEngine } from "./machine.ts";

let machine: Machine;
let events: ProgressEvent[];
let folder: string;
const onProgress = (event: ProgressEvent) => events.push(event);
const kinds = () => events.map((event) => event.kind).filter((kind) => kind !== "running");
const refusalOf = async (work: Promise<unknown>) => {
  const error = await work.catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(Refusal);
  return (error as Refusal).message;
};

beforeEach(async () => {
  machine = await makeMachine();
  events = [];
  folder = await builtEngineFolder(machine.env);
});
afterEach(() => machine.remove());

describe("with nothing to get an engine with", () => {
  it("the refusal names the three ways, each with its command, and what was passed over", async () => {
    await machine.add("bin/pulumi", "v3.300.0");
    for (const ask of [() => ensureEngine(onProgress, machine.tools()), () => engineSteps(machine.tools())]) {
      const message = await refusalOf(ask());
      expect(message).toContain("curl -fsSL https://get.pulumi.com | sh");
      expect(message).toContain("npx --yes pulumi@3.259.0 version");
      expect(message).toContain("https://go.dev/dl");
      expect(message).toContain("no pulumi-language-nodejs beside it");
      expect(message).not.toContain("\n");
    }
    expect(kinds()).toEqual(["note"]);
  });
});

describe("with Go", () => {
  beforeEach(() => machine.add("bin/go", "go version go1.26.0 linux/amd64"));

  it("shows the plan, builds once, and finds it in the cache from then on", async () => {
    const built = await ensureEngine(onProgress, machine.tools());
    expect(built).toEqual({
      pulumi: join(folder, "pulumi"),
      version: "v3.259.0",
      source: "built",
      pathEntries: [folder],
    });
    expect(kinds()).toEqual(["plan", "started", "ended"]);
    expect(events[0]).toEqual({ kind: "plan", lines: ["building, usually at once, once"] });

    events = [];
    expect(await ensureEngine(onProgress, machine.tools())).toEqual({ ...built, source: "cache" });
    expect(events).toEqual([]);
    expect(await readFile(join(machine.folder, "builds"), "utf8")).toBe("x");
    expect(await readdir(dirname(folder))).toEqual([folder.slice(dirname(folder).length + 1)]);
  });

  it("tells the steps without doing them, and none once there is an engine", async () => {
    expect(await engineSteps(machine.tools())).toEqual(["building, usually at once, once"]);
    await expect(access(dirname(folder))).rejects.toThrow("ENOENT");
    await ensureEngine(onProgress, machine.tools());
    expect(await engineSteps(machine.tools())).toEqual([]);
  });

  it("a failed build leaves no engine behind, and its refusal tells what the tool said", async () => {
    const build = `${writesEngine}; console.error("go: downloading example.net/x v1\\ndisk is full"); process.exit(3)`;
    const message = await refusalOf(ensureEngine(onProgress, machine.tools({ build })));
    expect(message).toContain("building failed with code 3: disk is full [engine-missing]");
    expect(kinds()).toEqual(["plan", "started", "failed"]);
    expect(await readdir(dirname(folder))).toEqual([]);
    expect((await ensureEngine(onProgress, machine.tools())).source).toBe("built");
  });

  it("replaces an engine folder that lost a file", async () => {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "pulumi"), "", { mode: 0o755 });
    expect((await ensureEngine(onProgress, machine.tools())).source).toBe("built");
  });

  it("a second process waits, says so, and uses what the first one built", async () => {
    const go = join(machine.folder, "go-on");
    const build = `const wait = setInterval(() => {
        if (!require("node:fs").existsSync(${JSON.stringify(go)})) return;
        clearInterval(wait);
        ${writesEngine}
      }, 20);`;
    const first = ensureEngine(onProgress, machine.tools({ build }));
    await vi.waitFor(() => expect(kinds()).toContain("started"));

    const seen: ProgressEvent[] = [];
    const second = ensureEngine((event) => seen.push(event), machine.tools({ build }));
    await vi.waitFor(() => expect(seen.map((event) => event.kind)).toEqual(["plan", "note"]));
    expect(seen[1]).toMatchObject({ text: expect.stringContaining("another process") });
    await writeFile(go, "");

    expect((await first).source).toBe("built");
    expect((await second).source).toBe("cache");
    expect(await readFile(join(machine.folder, "builds"), "utf8")).toBe("x");
  });

  it("two processes at once build once", async () => {
    const script = `
      import { ensureEngine } from ${JSON.stringify(join(import.meta.dirname, "../../../engine/engine.ts"))};
      const step = { what: "building", usually: "at once", command: process.execPath, cwd: "/", timeoutSeconds: 30,
        env: process.env, args: ["-e", ${JSON.stringify(writesEngine)}] };
      const engine = await ensureEngine(() => {}, { env: process.env, downloadSteps: () => [],
        probes: { downloadAnswers: async () => false },
        buildSteps: (env, folder) => [{ ...step, args: [...step.args, folder] }] });
      console.log(engine.source);`;
    const run = async () => {
      const child = spawn(process.execPath, ["--input-type=module", "-e", script], { env: machine.env });
      let printed = "";
      for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (printed += data));
      await once(child, "close");
      return printed.trim();
    };
    expect((await Promise.all([run(), run()])).sort()).toEqual(["built", "cache"]);
    expect(await readFile(join(machine.folder, "builds"), "utf8")).toBe("x");
  });

  it("takes over the lock and the unfinished folder of a killed build", async () => {
    const lock = `${folder}.lock`;
    await mkdir(lock, { recursive: true });
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(lock, longAgo, longAgo);
    await mkdir(`${folder}.unfinished`);
    await writeFile(join(`${folder}.unfinished`, "leftover"), "");
    await ensureEngine(onProgress, machine.tools());
    expect(kinds()).toEqual(["plan", "started", "ended"]);
    expect((await readdir(folder)).sort()).toEqual(["pulumi", "pulumi-language-nodejs"]);
  });
});

describe("with npm and an answer from the download's host", () => {
  const keepsEngine = `
    const bin = process.env.HOME + "/.pulumi/versions/3.259.0/bin";
    require("node:fs").mkdirSync(bin, { recursive: true });
    process.argv[1] = bin;
    ${writesEngine}`;
  beforeEach(() => machine.add("bin/npm"));

  it("uses what the npm package downloaded", async () => {
    const engine = await ensureEngine(
      onProgress,
      machine.tools({ downloadAnswers: true, download: keepsEngine }),
    );
    expect(engine).toMatchObject({ source: "npm", version: "v3.259.0" });
    expect(kinds()).toEqual(["plan", "started", "ended"]);
  });

  it("builds when the download fails, and says why", async () => {
    await machine.add("bin/go", "go version go1.26.0 linux/amd64");
    const engine = await ensureEngine(onProgress, machine.tools({ downloadAnswers: true }));
    expect(engine.source).toBe("built");
    expect(events[0]).toEqual({
      kind: "plan",
      lines: ["downloading, usually at once, once", "if that fails: building, usually at once, once"],
    });
    expect(kinds()).toEqual(["plan", "started", "failed", "note", "started", "ended"]);
    expect(events).toContainEqual({
      kind: "note",
      text: "downloading failed with code 7: it said nothing; building it instead",
    });
  });

  it("without Go a failed download is refused with the three ways", async () => {
    const message = await refusalOf(ensureEngine(onProgress, machine.tools({ downloadAnswers: true })));
    expect(message).toContain("downloading failed with code 7");
    expect(message).toContain("https://go.dev/dl");
  });
});
