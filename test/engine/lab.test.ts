import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureEngine } from "../../engine/engine.ts";
import { runProcess } from "../../engine/process.ts";
import type { Operation } from "../../lab/store/operationLog.ts";
import { checkout, trackedFiles } from "../support/trackedFiles.ts";

/** The committed lab's addresses begin with this; the test's with another, so that a lab that runs is not in the way. */
const COMMITTED_NETWORK = "127.10.";
const NETWORK = "127.110.";

const RUN_SECONDS = 120;
const ESCAPE = String.fromCharCode(27);

describe("`dialtree lab` on a fresh checkout", () => {
  let folder: string;

  beforeAll(async () => {
    await ensureEngine();
    folder = mkdtempSync(path.join(tmpdir(), "dialtree-lab-"));
    for (const file of trackedFiles()) {
      if (!/^(test|docs)\//.test(file)) cpSync(path.join(checkout, file), path.join(folder, file));
    }
    symlinkSync(path.join(checkout, "node_modules"), path.join(folder, "node_modules"), "dir");
    const nodes = path.join(folder, "inventory/lab/nodes.json");
    writeFileSync(nodes, readFileSync(nodes, "utf8").replaceAll(COMMITTED_NETWORK, NETWORK));
    git("init", "--quiet");
    git("add", "--all");
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const git = (...args: string[]) =>
    execFileSync("git", args, { cwd: folder, encoding: "utf8", timeout: 30_000 });
  const lab = (...args: string[]) =>
    runProcess(process.execPath, ["cli/bin.js", "lab", ...args], {
      cwd: folder,
      env: process.env,
      timeoutSeconds: RUN_SECONDS,
    });
  const log = () => path.join(folder, ".lab/platforms/store/operations.jsonl");

  it("deploys, serves and dials everything, and says so quietly in a pipe", async () => {
    const { code, stdout, stderr } = await lab("--once");
    expect(stderr.trimEnd().split("\n")).toEqual([
      expect.stringMatching(/^pulumi up on stack lab, step 1 of 1, usually /),
      expect.stringMatching(/^pulumi up on stack lab, step 1 of 1: done in /),
    ]);
    expect(stdout).toMatch(/^\d+ operations at the platforms$/m);
    expect(stdout).toMatch(/^cloudflare: \d+ sets, all served as planned$/m);
    expect(stdout).toMatch(/^route53: \d+ sets, all served as planned$/m);
    expect(stdout).toMatch(/^\d+ dials, all answered$/m);
    expect(stdout + stderr).not.toContain(ESCAPE);
    expect(code).toBe(0);
  });

  it("changes nothing the second time, and no file of the checkout", async () => {
    const { code, stdout } = await lab("--once");
    expect(stdout).toMatch(/^no change: the platforms were as planned$/m);
    expect(code).toBe(0);
    expect(git("diff", "--name-only")).toBe("");
    const added = git("ls-files", "--others", "--exclude-standard").split("\n");
    expect(added.filter((file) => file !== "" && file !== "node_modules")).toEqual([]);
  });

  it("stays until Ctrl-C, and refuses a second one in the same checkout in one line", async () => {
    const first = spawn(process.execPath, ["cli/bin.js", "lab"], {
      cwd: folder,
      stdio: ["ignore", "pipe", "ignore"],
    });
    const ended = once(first, "exit");
    try {
      await until(first.stdout, "Ctrl-C");
      const { code, stdout, stderr } = await lab("--once");
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(stderr).toMatch(/^lab: another lab runs in this checkout \[lab-running\]; [^\n]+\n$/);
    } finally {
      first.kill("SIGINT");
    }
    expect(await ended).toEqual([0, null]);
  });

  it("names the address that something else listens on", async () => {
    const address = `${NETWORK}1.11`;
    const other = createServer();
    other.listen(5061, address);
    await once(other, "listening");
    try {
      const { code, stderr } = await lab("--once");
      expect(code).toBe(1);
      expect(stderr.trimEnd().split("\n").at(-1)).toMatch(new RegExp(`fra1.*${address}.*5061`));
      expect(stderr).not.toMatch(/^\s+at /m);
    } finally {
      other.close();
    }
  });

  it("fails, and names the set, when a platform no longer serves what was planned", async () => {
    const operations = readFileSync(log(), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Operation);
    const lost = operations.find(
      ({ kind, name }) => kind === "recordSet" && name === "_sips._tcp.fra.sip.example.test",
    );
    const last = operations.at(-1);
    if (lost?.after === undefined || last === undefined) throw new Error("the lab has logged no such set");
    const { after: before, ...rest } = lost;
    const removal = { ...rest, operation: "delete", before, sequence: last.sequence + 1 };
    appendFileSync(log(), `${JSON.stringify(removal)}\n`);

    const { code, stdout } = await lab("--once");
    expect(code).toBe(1);
    expect(stdout).toMatch(/^route53: 1 of \d+ sets are not served as planned$/m);
    expect(stdout).toMatch(
      /^ {2}route53 _sips\._tcp\.fra\.sip\.example\.test SRV: planned 60 10 100 5061 fra1\./m,
    );
    expect(stdout).toMatch(/^cloudflare: \d+ sets, all served as planned$/m);
  });

  it("refuses a broken inventory before anything starts", async () => {
    const nodes = path.join(folder, "inventory/lab/nodes.json");
    const whole = readFileSync(nodes, "utf8");
    const logged = readFileSync(log(), "utf8");
    writeFileSync(nodes, whole.replace('"weight": 100', '"weight": 0'));
    try {
      const { code, stdout, stderr } = await lab("--once");
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(stderr).toMatch(
        /^inventory\/lab\/nodes\.json:\d+: \[0\]\.weight: 0: [^\n]+ \[srv-weight\]; [^\n]+\n$/,
      );
      expect(readFileSync(log(), "utf8")).toBe(logged);
    } finally {
      writeFileSync(nodes, whole);
    }
  });
});

/** Waits for the text; the stream keeps flowing afterwards. */
async function until(stream: NodeJS.ReadableStream, text: string): Promise<void> {
  let seen = "";
  const patience = AbortSignal.timeout(RUN_SECONDS * 1000);
  while (!seen.includes(text)) {
    const [chunk] = await once(stream, "data", { signal: patience });
    seen += String(chunk);
  }
  stream.resume();
}
