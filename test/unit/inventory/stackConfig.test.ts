import { describe, expect, test } from "vitest";
import { Refusal } from "../../../inventory/problem.ts";
import { parseStackConfig } from "../../../inventory/stackConfig.ts";

const STACK = { inventory: "inventory/test", backends: ["route53"], route53: { zoneId: "Z0TEST" } };
const DIRECTORY = "https://acme.example.net/directory";

const parse = (more: Record<string, unknown>) => parseStackConfig({ ...STACK, ...more }, "Pulumi.test.yaml");
const withCaa = (caa: unknown) => parse({ acme: { directory: DIRECTORY, caa } });

function refusals(run: () => unknown): string[] {
  try {
    run();
  } catch (error) {
    if (error instanceof Refusal) return error.message.split("\n");
    throw error;
  }
  return [];
}

describe("acme.caa", () => {
  test.each([
    [true],
    [false],
    [{ issuer: "ca.example.net" }],
    [{ also: ["ca.example.net", "other.example.net; accounturi=https://other.example.net/acct/1"] }],
    [{}],
  ])("may be %j", (caa) => {
    expect(withCaa(caa).acme?.caa).toEqual(caa);
  });

  test.each<[caa: unknown, key: string, message: RegExp]>([
    ["yes", "acme.caa", /is neither true, false nor \{issuer, also\}/],
    [7, "acme.caa", /is neither true, false nor \{issuer, also\}/],
    [{ issuer: "CA.example.net" }, "acme.caa.issuer", /is no domain name of an authority/],
    [{ issuer: "ca.example.net; a=1" }, "acme.caa.issuer", /is no domain name of an authority/],
    [{ also: ["ca.example.net", ";"] }, "acme.caa.also.1", /is no issue value that names an authority/],
    [{ also: ["ca.example.net; accounturi"] }, "acme.caa.also.0", /is no issue value .*RFC 8659/],
    [{ also: ['ca.example.net; a="1"'] }, "acme.caa.also.0", /is no issue value/],
    [{ isuer: "ca.example.net" }, "acme.caa.isuer", /is no key of the configuration/],
  ])("may not be %j", (caa, key, message) => {
    const lines = refusals(() => withCaa(caa));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(message);
    expect(lines[0]?.startsWith(`Pulumi.test.yaml: dialtree:${key}: `)).toBe(true);
    expect(lines[0]).toMatch(/ \[stack-config\]; .+/);
  });
});

describe("protect", () => {
  test("is true unless the stack says otherwise, as YAML or as the engine hands it on", () => {
    expect(parse({}).protect).toBe(true);
    for (const protect of [false, "false"]) expect(parse({ protect }).protect).toBe(false);
    for (const protect of [true, "true"]) expect(parse({ protect }).protect).toBe(true);
  });

  test.each(["no", "", 0])("may not be %j", (protect) => {
    expect(refusals(() => parse({ protect }))).toEqual([
      expect.stringMatching(
        /dialtree:protect: .*is neither true nor false \[stack-config\]; write true, or false/,
      ),
    ]);
  });
});
