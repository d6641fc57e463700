import { X509Certificate } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { LEDGER_VERSION } from "../../../plan/ledger.ts";
import { type CommandOptions, type CommandRun, dialtree } from "../../support/commandLine.ts";
import { PROJECT } from "../../support/project.ts";
import {
  createPublisher,
  newKeyPem,
  type OutputsSketch,
  outputsOf,
  type Profile,
  type Publisher,
} from "../../support/publishedOutputs.ts";
import { createTestAuthority } from "../../support/testCertificates.ts";

const DAY_MILLISECONDS = 86_400_000;

let folder: string;
let out: string;
let outputs: string;
let publisher: Publisher;
const keys: Record<Profile, string> = { exact: newKeyPem(), wildcard: newKeyPem() };

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "cert-fetch-"));
  publisher = await createPublisher();
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
  const own = mkdtempSync(path.join(folder, "test-"));
  out = path.join(own, "tls");
  outputs = path.join(own, "outputs.json");
});

const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MILLISECONDS);

/** Writes the outputs of a stack with fra1, whose certificates were issued then, and fra2, which has none yet. */
async function deployed(at: Date, more: Partial<OutputsSketch> & { keys?: Record<Profile, string> } = {}) {
  const of = async (profile: Profile) => {
    const keyPem = (more.keys ?? keys)[profile];
    return {
      slot: "fra1",
      profile,
      certificatePem: await publisher.issue({ slot: "fra1", profile, keyPem, at }),
    };
  };
  const certificates = [await of("exact"), await of("wildcard")];
  const text = JSON.stringify(outputsOf({ slots: ["fra1", "fra2"], certificates, ...more }));
  writeFileSync(outputs, text);
  return text;
}

const providerKeys = (made: Record<Profile, string> = keys) =>
  (["exact", "wildcard"] as const).map((profile) => ({
    slot: "fra1",
    profile,
    privateKeyPem: made[profile],
  }));

async function fetch(args: readonly string[] = [], options: CommandOptions = {}): Promise<CommandRun> {
  const where = args.includes("--outputs") ? [] : ["--outputs", outputs];
  const node = args.includes("--node") ? [] : ["--node", "fra1"];
  const to = args.includes("--out") ? [] : ["--out", out];
  const run = await dialtree(["cert", "fetch", ...node, ...to, ...where, ...args], options);
  // Whatever is asked for, no key is ever printed.
  expect(`${run.stdout}${run.stderr}`).not.toMatch(/PRIVATE KEY/);
  expect(run.stderr).not.toMatch(/^ +at |node:internal/m);
  return run;
}

const read = (...names: string[]) => readFileSync(path.join(out, ...names), "utf8");

/** Every file and link below the folder with what it was last written, so that a touched one shows. */
function state(): unknown {
  if (statSync(out, { throwIfNoEntry: false }) === undefined) return undefined;
  return readdirSync(out, { recursive: true, encoding: "utf8" })
    .sort()
    .map((entry) => [entry, statSync(path.join(out, entry)).mtimeMs, statSync(path.join(out, entry)).ino]);
}

/** A hook that writes its arguments to a file, and ends with what another file says. */
function writeHook(): { hook: string; calls: () => string[]; endWith: (code: number) => void } {
  const hook = path.join(path.dirname(out), "hook");
  const log = `${hook}.log`;
  const code = `${hook}.code`;
  writeFileSync(
    hook,
    `#!/bin/sh\nfor each in "$@"; do printf '<%s>' "$each"; done >> ${log}\necho >> ${log}\necho reloading\nexit "$(cat ${code})"\n`,
  );
  chmodSync(hook, 0o755);
  writeFileSync(log, "");
  writeFileSync(code, "0");
  return {
    hook,
    calls: () => readFileSync(log, "utf8").split("\n").slice(0, -1),
    endWith: (next) => writeFileSync(code, String(next)),
  };
}

describe("dialtree cert fetch", () => {
  test("puts each certificate with its chain into a folder of its profile and ends with 3, then with 0", async () => {
    await deployed(daysAgo(0));
    const first = await fetch();
    expect(first).toMatchObject({ code: 3, stderr: "" });
    expect(first.stdout.replace(/valid to \S+ /g, "valid to DATE ")).toBe(
      `exact: written to ${out}/exact, valid to DATE (89 days left)\n` +
        `wildcard: written to ${out}/wildcard, valid to DATE (89 days left)\n`,
    );
    for (const profile of ["exact", "wildcard"]) {
      expect(new X509Certificate(read(profile, "fullchain.pem")).publicKey).toBeDefined();
      expect(read(profile, "fullchain.pem")).toBe(
        `${read(profile, "cert.pem")}${read(profile, "chain.pem")}`,
      );
    }
    expect(new X509Certificate(read("wildcard", "cert.pem")).subjectAltName).toContain("*.sip.example.net");
    const before = state();
    const second = await fetch();
    expect(second.code).toBe(0);
    expect(second.stdout).toContain(`exact: unchanged in ${out}/exact`);
    expect(state()).toEqual(before);
  });

  test("fetches a renewal, and refuses to go back without --force", async () => {
    const old = await deployed(daysAgo(40));
    await fetch();
    await deployed(daysAgo(0));
    expect(await fetch()).toMatchObject({ code: 3 });
    const before = state();
    writeFileSync(outputs, old);
    const back = await fetch();
    expect(back).toMatchObject({ code: 1, stdout: "" });
    expect(back.stderr).toMatch(/^certificate exact of fra1: begins at .* before the one in place/);
    expect(state()).toEqual(before);
    expect(await fetch(["--force"])).toMatchObject({ code: 3 });
  });

  test("run twice at once puts it in place once", async () => {
    await deployed(daysAgo(0));
    const runs = await Promise.all([fetch(), fetch()]);
    expect(runs.map(({ code }) => code).sort()).toEqual([0, 3]);
    expect(readdirSync(out).sort()).toEqual([
      expect.stringMatching(/^\.exact-/),
      expect.stringMatching(/^\.wildcard-/),
      "exact",
      "wildcard",
    ]);
  });

  test("says what it did as JSON", async () => {
    await deployed(daysAgo(0));
    const { stdout } = await fetch(["--json", "--profile", "exact"]);
    expect(JSON.parse(stdout)).toEqual({
      version: 1,
      node: "fra1",
      certificates: [
        {
          profile: "exact",
          folder: `${out}/exact`,
          changed: true,
          notAfter: expect.any(String),
          daysLeft: 89,
        },
      ],
    });
    expect(readdirSync(out).filter((entry) => entry.includes("wildcard"))).toEqual([]);
  });

  test("reads the outputs from standard input", async () => {
    const text = await deployed(daysAgo(0));
    expect(await fetch(["--outputs", "-"], { input: text })).toMatchObject({ code: 3 });
    expect(await fetch(["--outputs", "-"], { input: text.slice(0, 100) })).toMatchObject({
      code: 1,
      stderr:
        "standard input: is no JSON, or only a part of it [stack-outputs]; give what `pulumi stack output --json` prints\n",
    });
  });

  test("reads the outputs from a web server whose certificate it trusts, and from no other", async () => {
    const text = await deployed(daysAgo(0));
    const authority = await createTestAuthority();
    const { certPem, keyPem } = await authority.issue({ dns: ["localhost"] });
    const ca = path.join(path.dirname(out), "ca.pem");
    writeFileSync(ca, authority.caPem);
    const server = createServer({ cert: certPem, key: keyPem }, (request, response) => {
      response.statusCode = request.url === "/outputs.json?token=secret" ? 200 : 404;
      response.end(text);
    });
    await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
    try {
      const url = `https://localhost:${(server.address() as AddressInfo).port}`;
      const trusting = { variables: { NODE_EXTRA_CA_CERTS: ca } };
      expect(await fetch(["--outputs", `${url}/outputs.json?token=secret`], trusting)).toMatchObject({
        code: 3,
      });
      expect((await fetch(["--outputs", `${url}/none?token=secret`], trusting)).stderr).toBe(
        `${url}/none: cannot be read: it answers 404 [stack-outputs]; give an https URL, or a file\n`,
      );
      const untrusted = await fetch(["--outputs", `${url}/outputs.json?token=secret`]);
      expect(untrusted).toMatchObject({ code: 1, stdout: "" });
      expect(untrusted.stderr).toMatch(/cannot be read: \w+ \[stack-outputs\]/);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
    expect(await fetch(["--outputs", "http://localhost/outputs.json"])).toMatchObject({
      code: 1,
      stderr:
        "--outputs: http://localhost/outputs.json is no https URL [stack-outputs]; give an https URL, or a file\n",
    });
  });
});

describe("dialtree cert fetch with keys", () => {
  test("delivers only what is for the node's own key", async () => {
    await deployed(daysAgo(0));
    const key = path.join(path.dirname(out), "exact.key");
    writeFileSync(key, keys.wildcard);
    const other = await fetch(["--profile", "exact", "--key", key]);
    expect(other).toMatchObject({ code: 1, stdout: "" });
    expect(other.stderr).toContain(
      "certificate exact of fra1: is not for the key of --key [certificate-key]",
    );
    expect(state()).toBeUndefined();
    writeFileSync(key, keys.exact);
    expect(await fetch(["--profile", "exact", "--key", key])).toMatchObject({ code: 3 });
    expect(readdirSync(path.join(out, "exact"))).not.toContain("key.pem");
  });

  test("puts the provider's key beside its certificate for the owner alone, and keeps it without --with-key", async () => {
    await deployed(daysAgo(40), { privateKeys: providerKeys() });
    expect(await fetch(["--with-key"])).toMatchObject({ code: 3 });
    for (const profile of ["exact", "wildcard"] as const) {
      expect(read(profile, "key.pem")).toBe(keys[profile]);
      expect(statSync(path.join(out, profile, "key.pem")).mode & 0o777).toBe(0o600);
    }
    expect(await fetch()).toMatchObject({ code: 0 });
    await deployed(daysAgo(0));
    expect(await fetch()).toMatchObject({ code: 3 });
    expect(read("exact", "key.pem")).toBe(keys.exact);
  });

  test("does not put a certificate beside the key of another", async () => {
    await deployed(daysAgo(40), { privateKeys: providerKeys() });
    await fetch(["--with-key"]);
    const before = state();
    const next = { exact: newKeyPem(), wildcard: newKeyPem() };
    await deployed(daysAgo(0), { keys: next });
    const { code, stderr } = await fetch();
    expect(code).toBe(1);
    expect(stderr.trimEnd().split("\n")).toHaveLength(2);
    expect(stderr).toContain("certificate exact of fra1: is not for the key.pem in place [certificate-key]");
    expect(state()).toEqual(before);
    await deployed(daysAgo(0), { keys: next, privateKeys: providerKeys(next) });
    expect(await fetch(["--with-key"])).toMatchObject({ code: 3 });
    expect(read("wildcard", "key.pem")).toBe(next.wildcard);
  });
});

describe("dialtree cert fetch --hook", () => {
  test("runs it when a certificate has changed and not otherwise, with its arguments as they are", async () => {
    await deployed(daysAgo(40));
    const { hook, calls } = writeHook();
    const args = ["--hook", hook, "reload", "--", "-rx", "a b; $(touch x)"];
    const first = await fetch(args);
    expect(first).toMatchObject({ code: 3, stderr: "reloading\n" });
    expect(await fetch(args)).toMatchObject({ code: 0, stderr: "" });
    expect(calls()).toEqual(["<reload><-rx><a b; $(touch x)>"]);
    await deployed(daysAgo(0));
    expect(await fetch(["--json", ...args])).toMatchObject({ code: 3 });
    expect(calls()).toHaveLength(2);
  });

  test("that fails ends with 1, says what is in place, and is run again though nothing changes any more", async () => {
    await deployed(daysAgo(0));
    const { hook, calls, endWith } = writeHook();
    endWith(7);
    const failed = await fetch(["--hook", hook]);
    expect(failed.code).toBe(1);
    expect(failed.stdout).toContain(`exact: written to ${out}/exact`);
    expect(failed.stderr).toBe(
      `reloading\n${hook}: the hook ended with 7; the files above are in place, and the next run with --hook calls it again\n`,
    );
    expect((await fetch(["--hook", hook])).stderr).toContain("the hook ended with 7; no file was changed");
    endWith(0);
    expect(await fetch(["--hook", hook])).toMatchObject({ code: 0, stderr: "reloading\n" });
    expect(await fetch(["--hook", hook])).toMatchObject({ code: 0, stderr: "" });
    expect(calls()).toHaveLength(3);
  });

  test("that cannot be started is as one that fails", async () => {
    await deployed(daysAgo(0));
    const { code, stderr } = await fetch(["--hook", path.join(folder, "none")]);
    expect(code).toBe(1);
    expect(stderr).toContain(
      `${folder}/none: the hook cannot be started: ENOENT; the files above are in place`,
    );
    expect(read("exact", "cert.pem")).toContain("BEGIN CERTIFICATE");
  });

  test("is not run where anything is refused", async () => {
    await deployed(daysAgo(100));
    const { hook, calls } = writeHook();
    expect(await fetch(["--hook", hook])).toMatchObject({ code: 1 });
    expect(calls()).toEqual([]);
  });
});

describe("dialtree cert fetch changes nothing and says why in a line", () => {
  test.each([
    [
      "for a node that is not there",
      ["--node", "fra3"],
      "--node: fra3: is no node that the stack has deployed [unknown-node]; did you mean fra1?",
    ],
    [
      "for a node without a certificate",
      ["--node", "fra2"],
      "--node: fra2: has no certificate yet [no-certificate]; deploy the stack; `npx dialtree cert plan` says when it is due",
    ],
    [
      "for outputs that are not there",
      ["--outputs", "none.json"],
      "--outputs: none.json: does not exist [stack-outputs]; write it with `pulumi stack output --json --stack <stack> > FILE`",
    ],
    [
      "for a key file that is not there",
      ["--profile", "exact", "--key", "none.key"],
      "--key: none.key: does not exist [certificate-key]; give a key in PEM without a passphrase, or its public half",
    ],
    [
      "for a key file that holds none",
      ["--profile", "exact", "--key", "package.json"],
      "--key: package.json: holds no key that can be read [certificate-key]; give a key in PEM without a passphrase, or its public half",
    ],
    [
      "for keys that the outputs mask",
      ["--profile", "exact", "--with-key"],
      "certificate exact of fra1: has a key that these outputs do not show [certificate-key]; fetch with --stack, or with what `pulumi stack output --json --show-secrets` prints",
    ],
  ])("%s", async (_, args, line) => {
    await deployed(daysAgo(0));
    expect(await fetch(args, { folder: PROJECT })).toMatchObject({
      code: 1,
      stdout: "",
      stderr: `${line}\n`,
    });
    expect(state()).toBeUndefined();
  });

  test("for one key and two certificates", async () => {
    await deployed(daysAgo(0));
    const key = path.join(path.dirname(out), "key");
    writeFileSync(key, keys.exact);
    expect((await fetch(["--key", key])).stderr).toContain(
      "is one key, and fra1 has a certificate for each of exact, wildcard [no-certificate]; name one with --profile",
    );
  });

  test("for outputs that are broken, and for those of a newer version", async () => {
    await deployed(daysAgo(0));
    writeFileSync(outputs, JSON.stringify({ names: {} }));
    expect(await fetch()).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(
        `${outputs}: names.global: is missing, or not as a deployed stack writes it`,
      ),
    });
    writeFileSync(outputs, JSON.stringify({ ledger: { version: LEDGER_VERSION + 1 } }));
    expect(await fetch()).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("was written by another dialtree"),
    });
    expect(state()).toBeUndefined();
  });

  test("for a folder that is a file, and for a folder that somebody else made", async () => {
    await deployed(daysAgo(0));
    expect(await fetch(["--out", outputs])).toMatchObject({
      code: 1,
      stderr: `--out: ${outputs}: is no folder [certificate-folder]; name a folder of its own for the certificates, which this user may write to\n`,
    });
    mkdirSync(path.join(out, "exact"), { recursive: true });
    expect(await fetch()).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`${out}/exact: is there, and no delivery has put it there`),
    });
    expect(readdirSync(out)).toEqual(["exact"]);
  });

  test("for a folder that cannot be written to", async () => {
    await deployed(daysAgo(0));
    // Nobody may write there, the superuser included.
    const { code, stderr } = await fetch(["--out", "/proc/self/tls"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^--out: \/proc\/self\/tls: cannot be written.* \[certificate-folder\]; /);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });
});

describe("dialtree cert fetch with a wrong command line ends with 2", () => {
  test.each([
    ["two sources", ["--stack", "prod"]],
    ["a key to compare and one to deliver", ["--key", "k", "--with-key"]],
    ["keys from a web server", ["--outputs", "https://example.net/outputs.json", "--with-key"]],
    ["arguments for no hook", ["reload"]],
    ["another profile", ["--profile", "mtls"]],
  ])("%s", async (_, args) => {
    await deployed(daysAgo(0));
    expect(await fetch(args)).toMatchObject({ code: 2, stdout: "" });
    expect(state()).toBeUndefined();
  });
});
