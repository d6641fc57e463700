import { execFileSync, spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { Operation } from "../../lab/store/operationLog.ts";
import { readPreview, renewalOnly } from "../../plan/certificates/renewalOnly.ts";
import { certificateRequest } from "../support/certificateRequest.ts";
import { dialtree } from "../support/commandLine.ts";
import { type InventorySketch, nodeAt } from "../support/inventories.ts";
import { isChallenge } from "../support/platformRows.ts";
import { describeWithTools } from "../support/systemTools.ts";
import { checkout } from "../support/trackedFiles.ts";
import { openStack, type TestStack } from "../support/withStack.ts";

const DOMAIN = "sip.example.net";
const DAY_MILLISECONDS = 86_400_000;
/** Certificates of 90 days are renewed in their last 30. */
const DUE_AFTER_DAYS = 62;

/** fra2 makes its own keys. */
const fleet: InventorySketch = {
  nodes: [
    nodeAt("euro", "fra1"),
    nodeAt("euro", "fra2", { csr: { wildcard: "fra2-wildcard.pem", exact: "fra2-exact.pem" } }),
  ],
  policy: { certificates: { keyType: "p256" } },
};
const heavier: InventorySketch = {
  ...fleet,
  nodes: fleet.nodes.map((node) => (node.slot === "fra1" ? { ...node, weight: 50 } : node)),
};

interface Outputs {
  readonly names: unknown;
  readonly digest: string;
  readonly certificates: readonly { slot: string; profile: string; certificatePem: string }[];
}

interface Workflow {
  readonly jobs: {
    readonly renew: { readonly steps: readonly { readonly id?: string; readonly run?: string }[] };
  };
}

/** The script of a step of the renewal workflow. */
function scriptOf(id: string): string {
  const file = path.join(checkout, ".github/workflows/renew.yml");
  const { jobs } = parse(readFileSync(file, "utf8")) as Workflow;
  const script = jobs.renew.steps.find((step) => step.id === id)?.run;
  if (script === undefined) throw new Error(`renew.yml has no step ${id} with a script`);
  return script;
}

let stack: TestStack;
let close: () => Promise<void> = async () => {};
let folder: string;
let commit: string;
let now = new Date();
const laterBy = (days: number) => {
  now = new Date(Date.now() + days * DAY_MILLISECONDS);
};

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "renewal-"));
  const files = {
    "fra2-wildcard.pem": (await certificateRequest([DOMAIN, `*.${DOMAIN}`, `fra2.id.${DOMAIN}`])).csrPem,
    "fra2-exact.pem": (
      await certificateRequest([`fra2.${DOMAIN}`, `euro.${DOMAIN}`, `fra.${DOMAIN}`, DOMAIN])
    ).csrPem,
  };
  ({ stack, close } = await openStack({
    inventory: fleet,
    backends: ["cloudflare"],
    acme: true,
    files,
    now: () => now,
  }));
  git("init", "--quiet");
  writeFileSync(path.join(stack.project, ".gitignore"), "node_modules\n");
  commit = commitAll("deployed");
  await stack.up();
});
afterAll(async () => {
  await close();
  rmSync(folder, { recursive: true });
});

function git(...args: string[]): string {
  const who = ["-c", "user.name=test", "-c", "user.email=test@example.net", "-c", "commit.gpgsign=false"];
  return execFileSync("git", [...who, ...args], { cwd: stack.project, encoding: "utf8" }).trim();
}

function commitAll(message: string): string {
  git("add", "--all");
  git("commit", "--quiet", "--message", message);
  return git("rev-parse", "HEAD");
}

async function previewDocument(): Promise<string> {
  return (await stack.tryPreview("--json")).stdout;
}

async function verdict() {
  return renewalOnly(readPreview(await previewDocument(), "preview"));
}

const publicKeys = ({ certificates }: Outputs) =>
  certificates.map(({ slot, profile, certificatePem }) => [
    `${slot} ${profile}`,
    new X509Certificate(certificatePem).publicKey.export({ format: "jwk" }),
  ]);

const outputsNow = async () => (await stack.outputs()) as unknown as Outputs;

/** What `cert fetch` on node fra1 does, with the state of this stack. */
function fetch(...args: string[]) {
  return fetchFrom("test", ...args);
}

function fetchFrom(stackName: string, ...args: string[]) {
  const engine = path.join(path.dirname(stack.project), "engine");
  const out = path.join(folder, "tls");
  return dialtree(["cert", "fetch", "--node", "fra1", "--out", out, "--stack", stackName, ...args], {
    variables: {
      PULUMI_BACKEND_URL: pathToFileURL(path.join(engine, "state")).href,
      PULUMI_CONFIG_PASSPHRASE_FILE: path.join(engine, "passphrase"),
      PULUMI_HOME: path.join(engine, "home"),
    },
  });
}

const fetched = (file: string) => readFileSync(path.join(folder, "tls/exact", file), "utf8");

describe("an unattended renewal", () => {
  let before: Outputs;

  it("has nothing to do while no certificate is due", async () => {
    laterBy(1);
    expect(await verdict()).toEqual({ kind: "nothing", renewals: [], others: [], errors: [] });
  });

  it("delivers the certificates of the first update, with the key that the provider has made", async () => {
    expect(await fetch("--with-key")).toMatchObject({ code: 3, stderr: "" });
    expect(fetched("key.pem")).toContain("PRIVATE KEY");
    expect(await fetch()).toMatchObject({ code: 0, stderr: "" });
  });

  it("delivers nothing of a stack that the state does not hold, and says so in a line", async () => {
    expect(await fetchFrom("elsewhere")).toEqual({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(/^stack elsewhere: has no outputs to read: .*no stack named.*\n$/),
    });
  });

  it("is let through once certificates are due, with each of them", async () => {
    laterBy(DUE_AFTER_DAYS);
    const { kind, renewals, others } = await verdict();
    expect({ kind, others }).toEqual({ kind: "renewals", others: [] });
    expect(renewals.map(({ slot, profile }) => `${slot} ${profile}`)).toEqual([
      "fra1 exact",
      "fra1 wildcard",
      "fra2 exact",
      "fra2 wildcard",
    ]);
    expect(
      renewals.every(({ notAfter }) => Date.parse(notAfter) < now.getTime() + 30 * DAY_MILLISECONDS),
    ).toBe(true);
  });

  it.each([
    ["below its floor", 80],
    ["expired", 95],
  ])("is let through where a certificate is %s: that is what it is for", async (_, days) => {
    laterBy(days);
    expect(await verdict()).toMatchObject({ kind: "renewals", others: [], errors: [] });
    laterBy(DUE_AFTER_DAYS);
  });

  it("is stopped where the inventory has changed as well, and says what else would happen", async () => {
    stack.setInventory(heavier);
    const { kind, renewals, others } = await verdict();
    stack.setInventory(fleet);
    expect({ kind, renewals: renewals.length }).toEqual({ kind: "other", renewals: 4 });
    expect(others.map(({ name }) => name)).toContain("euro/cloudflare/sips-tcp/fra1");
  });

  it("is stopped where another renewal time was asked for, though only certificates would change", async () => {
    stack.setInventory({ ...fleet, policy: { certificates: { keyType: "p256", minDaysRemaining: 29 } } });
    const { kind, others } = await verdict();
    stack.setInventory(fleet);
    expect(kind).toBe("other");
    expect(others.map(({ inputs }) => inputs)).toEqual(others.map(() => ["minDaysRemaining"]));
  });

  it("is stopped by a preview that fails", async () => {
    stack.setInventory({ ...fleet, nodes: [nodeAt("euro", "fra1", { weight: -1 })] });
    const { kind, errors } = await verdict();
    stack.setInventory(fleet);
    expect(kind).toBe("other");
    expect(errors.join("\n")).toContain("[srv-weight]");
  });

  it("makes new certificates for the same names and keys, and changes nothing else", async () => {
    before = await outputsNow();
    const operations = await stack.up();
    expect(operations.filter((operation) => !isRenewal(operation))).toEqual([]);
    const after = await outputsNow();
    expect(publicKeys(after)).toEqual(publicKeys(before));
    expect({ names: after.names, digest: after.digest }).toEqual({
      names: before.names,
      digest: before.digest,
    });
    for (const [index, { certificatePem }] of after.certificates.entries()) {
      const [old, renewed] = [before.certificates[index]?.certificatePem ?? "", certificatePem].map(
        (pem) => new X509Certificate(pem),
      );
      expect(renewed?.subjectAltName).toBe(old?.subjectAltName);
      expect(renewed?.serialNumber).not.toBe(old?.serialNumber);
      expect(renewed?.validToDate.getTime()).toBeGreaterThan(now.getTime() + 80 * DAY_MILLISECONDS);
    }
  });

  it("leaves nothing to do", async () => {
    await stack.expectIdle();
    expect((await verdict()).kind).toBe("nothing");
  });

  it("reaches the node without its key: the one in place is still the certificate's", async () => {
    const key = fetched("key.pem");
    expect(await fetch()).toMatchObject({ code: 3, stderr: "" });
    expect(fetched("key.pem")).toBe(key);
    const { certificates } = await outputsNow();
    expect(fetched("fullchain.pem")).toBe(certificates[0]?.certificatePem);
  });
});

/** A new certificate of an account that is there, or a challenge for it. */
function isRenewal(operation: Operation): boolean {
  const { platform, kind, error } = operation;
  return error === undefined && (isChallenge(operation) || (platform === "acme" && kind !== "account"));
}

describeWithTools("the renewal workflow's scripts", ["jq"], () => {
  /** Runs a step's script as the runner does, with `pulumi` printing what the real one printed here. */
  async function runStep(id: string, printed: string, pulumiCode = 0) {
    const bin = mkdtempSync(path.join(folder, "bin-"));
    const command = (name: string, text: string) => {
      writeFileSync(path.join(bin, name), `#!/bin/sh\n${text}\n`);
      chmodSync(path.join(bin, name), 0o755);
    };
    writeFileSync(path.join(bin, "printed"), printed);
    command("pulumi", `cat ${path.join(bin, "printed")}; exit ${pulumiCode}`);
    command("npx", `shift 2; exec ${process.execPath} ${checkout}/cli/bin.js "$@"`);
    const output = path.join(bin, "output");
    writeFileSync(output, "");
    const child = spawn("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", scriptOf(id)], {
      cwd: bin,
      env: {
        PATH: `${bin}${path.delimiter}${process.env.PATH}`,
        STACK: "test",
        GITHUB_OUTPUT: output,
        RUNNER_TEMP: bin,
      },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 60_000,
    });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
    }
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    return { code, text, output: readFileSync(output, "utf8") };
  }

  const history = async () => (await stack.run(["stack", "history", "--json", "--page-size", "100"])).stdout;

  it("find the commit of the last update, also after one that failed", async () => {
    expect(await runStep("deployed", await history())).toMatchObject({
      code: 0,
      output: `commit=${commit}\n`,
    });
    writeFileSync(path.join(stack.project, "inventory/test/nodes.json"), "[");
    commitAll("broken");
    expect((await stack.tryUp()).code).not.toBe(0);
    expect(await runStep("deployed", await history())).toMatchObject({
      code: 0,
      output: `commit=${commit}\n`,
    });
    stack.setInventory(fleet);
    const mended = commitAll("mended");
    await stack.up();
    expect(await runStep("deployed", await history())).toMatchObject({
      code: 0,
      output: `commit=${mended}\n`,
    });
  });

  it("stop where the last update was of files that no commit holds", async () => {
    writeFileSync(path.join(stack.project, "inventory/test/note.txt"), "by hand");
    await stack.up();
    const { code, text, output } = await runStep("deployed", await history());
    expect({ code, output }).toEqual({ code: 1, output: "" });
    expect(text).toContain("::error title=Not renewed::The last update of test is of no commit");
    expect(await runStep("deployed", "[]")).toMatchObject({ code: 1, output: "" });
    expect(await runStep("deployed", await history(), 255)).toMatchObject({ code: 255, output: "" });
  });

  it("let through renewals alone, and nothing of a preview that failed", async () => {
    const idle = await previewDocument();
    expect(await runStep("gate", idle)).toMatchObject({ code: 0, output: "due=false\n" });
    laterBy(2 * DUE_AFTER_DAYS);
    const due = await previewDocument();
    expect(await runStep("gate", due)).toMatchObject({ code: 0, output: "due=true\n" });
    for (const [printed, pulumiCode] of [
      [due, 1],
      ["", 255],
      [due.slice(0, -20), 0],
    ] as const) {
      expect(await runStep("gate", printed, pulumiCode)).toMatchObject({ code: 1, output: "" });
    }
    stack.setInventory(heavier);
    const { code, text, output } = await runStep("gate", await previewDocument());
    expect({ code, output }).toEqual({ code: 1, output: "" });
    expect(text).toMatch(/update +euro\/cloudflare\/sips-tcp\/fra1 /);
  });
});
