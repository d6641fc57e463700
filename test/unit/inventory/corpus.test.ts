/** Bad inventories, at least one per way to be wrong: what is found, and that a person can act on it. */
import { generateKeyPairSync } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { loadInventory } from "../../../inventory/load.ts";
import { type Problem, problemLine, Refusal } from "../../../inventory/problem.ts";
import { RULES } from "../../../inventory/rules/catalogue.ts";

/** File below the case's folder (or the option), line, key and rule of a problem. */
type Expected = readonly [place: string, line: number | null, key: string, rule: string];

interface Case {
  readonly case: string;
  readonly wrong: string;
  readonly domain?: string;
  readonly problems: readonly Expected[];
}

const CORPUS = relative(process.cwd(), join(import.meta.dirname, "corpus"));
const cases: readonly Case[] = JSON.parse(readFileSync(join(import.meta.dirname, "corpus.json"), "utf8"));

function problemsOf(folder: string, domain?: string): readonly Problem[] {
  try {
    loadInventory(folder, domain === undefined ? {} : { domain });
  } catch (error) {
    if (error instanceof Refusal) return error.problems;
    throw error;
  }
  throw new Error(`${folder} was accepted`);
}

function toExpected({ place, line, key, rule }: Problem, folder: string): Expected {
  return [place.replace(`${folder}/`, ""), line ?? null, key, rule];
}

describe("an inventory is refused when it holds", () => {
  test.each(cases)("$wrong ($case)", ({ case: name, domain, problems }) => {
    const folder = join(CORPUS, name);
    const found = problemsOf(folder, domain);
    expect(found.map((problem) => toExpected(problem, folder))).toEqual(problems);
    for (const problem of found) expectActionable(problem);
  });
});

/** One line, in our own words, with a remedy. */
function expectActionable(problem: Problem): void {
  const line = problemLine(problem);
  expect(line).not.toMatch(/[\n\r]|\bat .*:\d+:\d+|Invalid input|Too (small|big)|undefined|\[object/);
  expect(problem.message.length).toBeGreaterThan(10);
  expect(problem.remedy.length).toBeGreaterThan(8);
  expect(Object.keys(RULES)).toContain(problem.rule);
}

test("the table lists every folder of the corpus, and each once", () => {
  expect(cases.map(({ case: name }) => name).sort()).toEqual(readdirSync(CORPUS).sort());
});

const temporary = mkdtempSync(join(tmpdir(), "dialtree-corpus-"));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

/** An inventory that cannot be kept as a plain file, in a folder of its own. */
function made(name: string, make: (folder: string) => void): string {
  const folder = mkdtempSync(join(temporary, `${name}-`));
  make(folder);
  return folder;
}

const GOOD_NODE = {
  slot: "fra1",
  region: "euro",
  pop: "fra",
  ip: "192.0.2.1",
  weight: 100,
  status: "active",
};

/** A folder whose only node names what `make` puts at `fra1.csr`. */
function withRequest(name: string, make: (file: string) => void): string {
  return made(name, (folder) => {
    make(join(folder, "fra1.csr"));
    writeFileSync(join(folder, "nodes.json"), JSON.stringify([{ ...GOOD_NODE, csr: { exact: "fra1.csr" } }]));
    writeFileSync(join(folder, "tree.json"), '{ "environment": { "domain": "sip.example.net" } }');
  });
}

const unkept: readonly { wrong: string; folder: string; problem: Expected }[] = [
  {
    wrong: "no folder",
    folder: join(temporary, "nowhere"),
    problem: [join(temporary, "nowhere"), null, "", "folder-missing"],
  },
  {
    wrong: "a file in place of the folder",
    folder: "package.json",
    problem: ["package.json", null, "", "folder-missing"],
  },
  {
    wrong: "more than 8 MB",
    folder: made("size", (folder) => {
      writeFileSync(join(folder, "nodes.json"), "");
      truncateSync(join(folder, "nodes.json"), 8 * 1024 * 1024 + 1);
    }),
    problem: ["nodes.json", null, "", "file-size"],
  },
  {
    wrong: "a device as nodes.json",
    folder: made("device", (folder) => symlinkSync("/dev/zero", join(folder, "nodes.json"))),
    problem: ["nodes.json", null, "", "file-unreadable"],
  },
  {
    wrong: "a tree.json that is a link to nowhere",
    folder: made("link", (folder) => {
      writeFileSync(join(folder, "nodes.json"), JSON.stringify([GOOD_NODE]));
      symlinkSync("elsewhere.json", join(folder, "tree.json"));
    }),
    problem: ["tree.json", null, "", "file-missing"],
  },
  {
    wrong: "a certificate request that is a link to outside the folder",
    folder: withRequest("request", (file) => {
      writeFileSync(join(temporary, "outside.csr"), "-----BEGIN CERTIFICATE REQUEST-----\n");
      symlinkSync("../outside.csr", file);
    }),
    problem: ["nodes.json", 1, "[0].csr.exact", "csr-path"],
  },
  {
    wrong: "a certificate request of more than 64 KB",
    folder: withRequest("large", (file) => {
      writeFileSync(file, "-----BEGIN CERTIFICATE REQUEST-----\n");
      truncateSync(file, 64 * 1024 + 1);
    }),
    problem: ["nodes.json", 1, "[0].csr.exact", "csr-file"],
  },
  {
    wrong: "a folder in the place of a certificate request",
    folder: withRequest("folder", (file) => mkdirSync(file)),
    problem: ["nodes.json", 1, "[0].csr.exact", "csr-file"],
  },
  {
    wrong: "a private key beside a certificate request",
    folder: withRequest("key", (file) => {
      const keyPem = generateKeyPairSync("ec", {
        namedCurve: "P-256",
        publicKeyEncoding: { type: "spki", format: "pem" },
        privateKeyEncoding: { type: "pkcs8", format: "pem" },
      }).privateKey;
      const request = readFileSync(join(CORPUS, "csr-two-profiles/fra1.csr"), "utf8");
      writeFileSync(file, `${keyPem}${request}`);
    }),
    problem: ["nodes.json", 1, "[0].csr.exact", "csr-file"],
  },
];

describe("an inventory is also refused when there is", () => {
  test.each(unkept)("$wrong", ({ folder, problem }) => {
    const found = problemsOf(folder, "sip.example.net");
    expect(found.map((one) => toExpected(one, folder))).toEqual([problem]);
    for (const one of found) expectActionable(one);
  });
});

test("every rule has a case", () => {
  const covered = new Set(
    [...cases.flatMap(({ problems }) => problems), ...unkept.map(({ problem }) => problem)].map(
      ([, , , rule]) => rule,
    ),
  );
  expect(Object.keys(RULES).filter((rule) => !covered.has(rule))).toEqual([]);
});
