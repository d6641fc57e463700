import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dialtree } from "../../support/commandLine.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "cert-renewals-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const state = { inputs: { minDaysRemaining: 30 }, outputs: { certificateNotAfter: "2027-02-21T17:10:34Z" } };
const step = (op: string, type: string, name: string) => ({
  op,
  urn: `urn:pulumi:prod::dialtree::${type}::${name}`,
  oldState: state,
  newState: state,
});
const stack = step("same", "pulumi:pulumi:Stack", "dialtree-prod");
const due = step("update", "dialtree:index:Node$acme:index/certificate:Certificate", "fra1/acme/exact");
const record = step("delete", "cloudflare:index/dnsRecord:DnsRecord", "fra/cloudflare/sips-tcp/fra2");

function preview(...steps: object[]): string {
  const file = path.join(folder, `preview-${steps.length}.json`);
  writeFileSync(
    file,
    JSON.stringify({ steps: [stack, ...steps], diagnostics: [], changeSummary: { same: 1 } }),
  );
  return file;
}

describe("dialtree cert renewals", () => {
  test("ends with 0 and the list where renewals are all that would happen", async () => {
    expect(await dialtree(["cert", "renewals", "--preview", preview(due)])).toEqual({
      code: 0,
      stdout: "only renewals, nothing else would change\n  renew  fra1  exact  ends 2027-02-21T17:10:34Z\n",
      stderr: "",
    });
  });

  test("ends with 3 where nothing would happen", async () => {
    expect(await dialtree(["cert", "renewals", "--preview", preview()])).toEqual({
      code: 3,
      stdout: "no certificate is due, and nothing else would change\n",
      stderr: "",
    });
  });

  test("ends with 1 where anything else would happen, and says what", async () => {
    const { code, stdout } = await dialtree(["cert", "renewals", "--preview", preview(due, record)]);
    expect(code).toBe(1);
    expect(stdout).toContain(
      "  delete  fra/cloudflare/sips-tcp/fra2  cloudflare:index/dnsRecord:DnsRecord\n",
    );
  });

  test("reads standard input and prints JSON", async () => {
    const input = JSON.stringify({ steps: [stack, due], diagnostics: [], changeSummary: { update: 1 } });
    const { code, stdout } = await dialtree(["cert", "renewals", "--preview", "-", "--json"], { input });
    expect({ code, verdict: JSON.parse(stdout) }).toEqual({
      code: 0,
      verdict: {
        version: 1,
        kind: "renewals",
        renewals: [{ slot: "fra1", profile: "exact", notAfter: "2027-02-21T17:10:34Z" }],
        others: [],
        errors: [],
      },
    });
  });

  test.each([
    ["that is not there", "none.json", undefined, "--preview: none.json: does not exist [preview-document]"],
    [
      "that is empty, as after a preview that could not log in",
      "-",
      "",
      "standard input: is no whole preview",
    ],
  ])("ends with 1 for a document %s", async (_, file, input, message) => {
    const run = await dialtree(["cert", "renewals", "--preview", file], input === undefined ? {} : { input });
    expect(run).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(message) });
  });
});
