import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readStackFile } from "../../../cli/stackFile.ts";
import { Refusal } from "../../../inventory/problem.ts";
import { PROJECT, STACKS } from "../../support/project.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "dialtree-stack-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function refusals(yaml: string): string[] {
  writeFileSync(path.join(folder, "Pulumi.test.yaml"), yaml);
  try {
    readStackFile("test", folder);
  } catch (error) {
    if (error instanceof Refusal) return error.message.split("\n");
    throw error;
  }
  return [];
}

const WHOLE = `
encryptionsalt: v1:abc
config:
  aws:region: eu-central-1
  dialtree:inventory: inventory/test
  dialtree:backends: [route53, cloudflare]
  dialtree:cloudflare: { accountId: 0123456789abcdef0123456789abcdef, zoneId: 00112233445566778899aabbccddeeff }
  dialtree:route53: { zoneId: Z0123456789EXAMPLE }
`;

test("every stack of the project has a file that is read", () => {
  expect(STACKS).toEqual(["lab", "prod", "staging"]);
  for (const stack of STACKS) {
    expect(readStackFile(stack, PROJECT).inventory).toBe(`inventory/${stack}`);
  }
});

test("values of other namespaces are left alone", () => {
  expect(refusals(WHOLE)).toEqual([]);
  expect(readStackFile("test", folder)).toEqual({
    inventory: "inventory/test",
    backends: ["route53", "cloudflare"],
    cloudflare: { accountId: "0123456789abcdef0123456789abcdef", zoneId: "00112233445566778899aabbccddeeff" },
    route53: { zoneId: "Z0123456789EXAMPLE" },
    protect: true,
  });
});

test("every fault is told at once, with its key and what to do", () => {
  const lines = refusals("config:\n  dialtree:backends: [cloudflare, bind]\n  dialtree:zone: x\n");
  expect(lines.length).toBeGreaterThanOrEqual(3);
  for (const key of ["dialtree:inventory", "dialtree:backends", "dialtree:zone"]) {
    expect(lines.some((line) => line.startsWith(`Pulumi.test.yaml: ${key}`))).toBe(true);
  }
  for (const line of lines) expect(line).toMatch(/ \[stack-config\]; .+/);
});

test("a backend without its zone is refused", () => {
  expect(refusals(WHOLE.replace(/ {2}dialtree:route53.*\n/, ""))).toEqual([
    expect.stringMatching(/^Pulumi\.test\.yaml: dialtree:route53: is missing, and backends lists route53 /),
  ]);
});

test.each<[title: string, yaml: string]>([
  ["no YAML", "config: [\n  - a: b: c"],
  ["a key twice", "config:\n  dialtree:inventory: a\n  dialtree:inventory: b\n"],
])("%s is refused with its line", (_, yaml) => {
  expect(refusals(yaml)[0]).toMatch(/^Pulumi\.test\.yaml:\d+: .+ \[stack-file-syntax\]; correct the file$/);
});

test("an alias that leads nowhere is refused", () => {
  expect(refusals("config: *gone\n")).toEqual([
    expect.stringMatching(
      /^Pulumi\.test\.yaml: Unresolved alias .*: gone \[stack-file-syntax\]; correct the file$/,
    ),
  ]);
});

test.each(["", "config:\n", "- a\n", "text\n", "config: text\n"])(
  "a file with %j in it lacks everything",
  (yaml) => {
    expect(refusals(yaml)).toEqual([
      expect.stringMatching(/^Pulumi\.test\.yaml: dialtree:inventory: is missing /),
      expect.stringMatching(/^Pulumi\.test\.yaml: dialtree:backends: is missing /),
    ]);
  },
);

test("a stack without file is refused, and those with one are named", () => {
  writeFileSync(path.join(folder, "Pulumi.one.yaml"), WHOLE);
  mkdirSync(path.join(folder, "Pulumi.folder.yaml"));
  for (const stack of ["two", "folder", "../one", "", "one.yaml/../one"]) {
    expect(() => readStackFile(stack, folder)).toThrow(
      "is no stack of this project [unknown-stack]; choose one of",
    );
  }
});
