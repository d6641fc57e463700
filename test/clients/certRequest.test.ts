import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, it } from "vitest";
import type { KeyType } from "../../inventory/certificateKinds.ts";
import { readCertificateRequest } from "../../inventory/certificateRequest.ts";
import { dialtree } from "../support/commandLine.ts";
import { putIntoInventory, requestsFor, runShell } from "../support/nodeShell.ts";
import { describeWithTools } from "../support/systemTools.ts";

const run = promisify(execFile);
const temporary = mkdtempSync(path.join(tmpdir(), "dialtree-request-"));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

/** An inventory of two nodes, and a folder on the first of them. */
function place(domain = "sip.example.net"): { inventory: string; node: string } {
  const folder = mkdtempSync(path.join(temporary, "place-"));
  const inventory = path.join(folder, "inventory");
  const node = path.join(folder, "keys of fra1");
  for (const each of [inventory, node]) mkdirSync(each);
  const entry = { region: "euro", pop: "fra", weight: 100, status: "active" };
  const nodes = [
    { slot: "fra1", ip: "192.0.2.1", ...entry },
    { slot: "fra2", ip: "192.0.2.2", ...entry },
  ];
  writeFileSync(path.join(inventory, "nodes.json"), JSON.stringify(nodes));
  writeFileSync(path.join(inventory, "tree.json"), JSON.stringify({ environment: { domain } }));
  return { inventory, node };
}

function factsOf(file: string) {
  const request = readCertificateRequest(readFileSync(file, "utf8"));
  if ("fault" in request) throw new Error(request.fault);
  return request;
}

const mode = (file: string) => (statSync(file).mode & 0o777).toString(8);

describeWithTools("the script of cert request, run by sh", ["openssl"], () => {
  it.each<KeyType>(["rsa2048", "rsa3072", "p256", "p384"])(
    "makes %s keys that only their owner reads, and requests that the plan accepts",
    async (key) => {
      const { inventory, node } = place();
      const made = await requestsFor("fra1", ["--inventory", inventory, "--key", key]);
      expect(made.requests.map(({ profile }) => profile)).toEqual(["exact", "wildcard"]);
      const { code, stdout, stderr } = await runShell(made.script, node);
      expect([code, `${stdout}${stderr}`]).toEqual([0, expect.not.stringMatching(/PRIVATE KEY/)]);

      const blocks =
        stdout.match(/-----BEGIN CERTIFICATE REQUEST-----[^-]+-----END CERTIFICATE REQUEST-----\n/g) ?? [];
      const files = made.requests.map(({ requestFile }) => path.join(node, requestFile));
      expect(stdout).toBe(blocks.join(""));
      expect(blocks).toEqual(files.map((file) => readFileSync(file, "utf8")));
      for (const { keyFile, requestFile, names, commonName } of made.requests) {
        expect(mode(path.join(node, keyFile))).toBe("600");
        expect(factsOf(path.join(node, requestFile))).toMatchObject({
          names,
          commonNames: [commonName],
          keyType: key,
          otherNames: [],
          mustStaple: false,
        });
        const verified = await run("openssl", [
          "req",
          "-in",
          path.join(node, requestFile),
          "-noout",
          "-verify",
        ]);
        expect(verified.stdout + verified.stderr).toMatch(/verify OK/);
      }

      putIntoInventory("fra1", made, node, inventory);
      const plan = await dialtree(["plan", "--inventory", inventory]);
      expect([plan.code, plan.stderr]).toEqual([0, ""]);
    },
  );

  it("takes the key that is there, and tells where the files are by now", async () => {
    const { inventory, node } = place();
    const first = await requestsFor("fra1", [
      "--inventory",
      inventory,
      "--profile",
      "exact",
      "--key",
      "p256",
    ]);
    expect((await runShell(first.script, node)).code).toBe(0);
    const request = path.join(node, "fra1-exact.csr");
    const before = factsOf(request);
    putIntoInventory("fra1", { ...first, csr: { exact: "csr/fra1-exact.csr" } }, node, inventory);
    const again = await requestsFor("fra1", ["--inventory", inventory]);
    expect(again.csr).toEqual({ exact: "csr/fra1-exact.csr", wildcard: "csr/fra1-wildcard.csr" });
    expect((await runShell(again.script, node)).code).toBe(0);
    const after = factsOf(request);
    expect(after.keyDigest).toBe(before.keyDigest);
    expect(after.pem).not.toBe(before.pem);
    expect(factsOf(path.join(node, "fra1-wildcard.csr")).keyDigest).not.toBe(before.keyDigest);
    putIntoInventory("fra1", again, node, inventory);
    expect(await dialtree(["plan", "--inventory", inventory])).toMatchObject({ code: 0, stderr: "" });
  });

  it("needs no common name where all names are too long for one", async () => {
    const domain = `${"a".repeat(60)}.sip.example.net`;
    const { inventory, node } = place(domain);
    const made = await requestsFor("fra1", ["--inventory", inventory, "--key", "p256"]);
    expect(made.requests.map(({ commonName }) => commonName)).toEqual([undefined, undefined]);
    expect(await runShell(made.script, node)).toMatchObject({ code: 0 });
    expect(factsOf(path.join(node, "fra1-exact.csr")).commonNames).toEqual([]);
    putIntoInventory("fra1", made, node, inventory);
    expect(await dialtree(["plan", "--inventory", inventory])).toMatchObject({ code: 0, stderr: "" });
  });

  it("ends with an error, and with no request, where the key that is there is none", async () => {
    const { inventory, node } = place();
    const { script } = await requestsFor("fra1", ["--inventory", inventory, "--profile", "exact"]);
    writeFileSync(path.join(node, "fra1-exact.key"), "no key\n");
    const { code, stdout } = await runShell(script, node);
    expect(code).not.toBe(0);
    expect(stdout).toBe("");
    expect(readdirSync(node)).not.toContain("fra1-exact.csr");
  });
});
