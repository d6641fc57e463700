import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { certificateRequest } from "../../support/certificateRequest.ts";
import { dialtree } from "../../support/commandLine.ts";

const temporary = mkdtempSync(path.join(tmpdir(), "dialtree-request-"));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

const NODE = { slot: "fra1", region: "euro", pop: "fra", ip: "192.0.2.1", weight: 100, status: "active" };

function inventory(nodes: readonly object[], policy: object = {}): string {
  const folder = mkdtempSync(path.join(temporary, "inventory-"));
  writeFileSync(path.join(folder, "nodes.json"), JSON.stringify(nodes));
  writeFileSync(
    path.join(folder, "tree.json"),
    JSON.stringify({ environment: { domain: "sip.example.net" }, policy }),
  );
  return folder;
}

function request(folder: string, ...args: string[]) {
  return dialtree(["cert", "request", ...args, "--inventory", folder]);
}

describe("dialtree cert request", () => {
  test("prints a script: the words for people are comments", async () => {
    const folder = inventory([NODE]);
    const { code, stdout, stderr } = await request(folder, "fra1");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^# Node fra1 of sip\.example\.net: run this on the node/);
    expect(stdout).toContain("\nDNS.1 = fra1.sip.example.net\nDNS.2 = sip.example.net\n");
    expect(stdout).toContain("\nDNS.2 = *.sip.example.net\nDNS.3 = fra1.id.sip.example.net\n");
    expect(stdout).toContain(
      "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out 'fra1-exact.key'",
    );
    expect(stdout).toContain(
      '# and into nodes.json, in the entry of fra1:\n#   "csr": { "exact": "csr/fra1-exact.csr", "wildcard": "csr/fra1-wildcard.csr" }\n',
    );
    expect(stdout).toContain(`# npx dialtree plan --inventory ${folder} checks it.\n`);
  });

  test("has the certificates and the key of the node's own, unless another key is asked for", async () => {
    const certificates = { profiles: ["exact"], keyType: "p384" };
    const folder = inventory([{ ...NODE, certificates }], { certificates: { keyType: "rsa4096" } });
    const own = await request(folder, "fra1", "--json");
    expect(JSON.parse(own.stdout).requests).toMatchObject([{ profile: "exact", keyType: "p384" }]);
    const asked = await request(folder, "fra1", "--key", "rsa3072", "--json");
    expect(JSON.parse(asked.stdout).requests).toMatchObject([{ profile: "exact", keyType: "rsa3072" }]);
  });

  test("works where the requests that the inventory names are not there yet, and keeps their paths", async () => {
    const folder = inventory([{ ...NODE, csr: { exact: "requests/one.pem" } }]);
    const { code, stdout } = await request(folder, "fra1", "--profile", "wildcard", "--json");
    expect(code).toBe(0);
    const { requests, csr } = JSON.parse(stdout);
    expect(requests).toHaveLength(1);
    expect(csr).toEqual({ exact: "requests/one.pem", wildcard: "csr/fra1-wildcard.csr" });
  });

  test.each([
    ["an unknown node", ["fra2"], /^SLOT: "fra2": is no node .* \[unknown-node\]; did you mean fra1\?\n$/],
    ["a retired node", ["old1"], /^SLOT: "old1": is retired.* \[unknown-node\]; choose one of fra1\n$/],
    [
      "a profile that the node does not have",
      ["fra1", "--profile", "exact"],
      /^--profile: exact: .*\[csr-profiles\]; /,
    ],
  ])("refuses %s", async (_, args, line) => {
    const retired = { ...NODE, slot: "old1", ip: "192.0.2.9", status: "retired" };
    const folder = inventory([{ ...NODE, certificates: { profiles: ["wildcard"] } }, retired]);
    expect(await request(folder, ...args)).toEqual({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(line),
    });
  });

  test.each([
    ["--key", "p521"],
    ["--profile", "both"],
    ["--stack", "prod"],
  ])("takes %s %s for a mistake in the command line", async (...option) => {
    const { code, stdout } = await request(inventory([NODE]), "fra1", ...option);
    expect([code, stdout]).toEqual([2, ""]);
  });

  test("lets no folder name out of its comment", async () => {
    const folder = path.join(temporary, "requests\ntouch here");
    renameSync(inventory([NODE]), folder);
    const { code, stdout } = await request(folder, "fra1");
    expect(code).toBe(0);
    const lines = stdout.split("\n").filter((line) => line.includes("touch here"));
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.every((line) => line.startsWith("# "))).toBe(true);
  });
});

describe("dialtree plan, lint and zone", () => {
  test.each(["plan", "lint", "zone"])(
    "%s refuses a request for other names, and names the command that mends it",
    async (command) => {
      const folder = inventory([{ ...NODE, csr: { exact: "fra1.csr" } }]);
      writeFileSync(path.join(folder, "fra1.csr"), (await certificateRequest(["sip.example.org"])).csrPem);
      const { code, stdout, stderr } = await dialtree([command, "--inventory", folder]);
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(
        /^nodes\.json: fra1 exact: fra1\.csr: does not name what .* \[csr-names\]; `npx dialtree cert request fra1 --profile exact` [^\n]*\n$/,
      );
    },
  );
});
