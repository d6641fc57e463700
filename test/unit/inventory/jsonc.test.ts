import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keyText, readJsonc, valueText } from "../../../inventory/jsonc.ts";

function documentOf(text: string) {
  const reading = readJsonc(text);
  if (!("document" in reading)) throw new Error(`faults: ${JSON.stringify(reading.faults)}`);
  return reading.document;
}

function faultsOf(text: string) {
  const reading = readJsonc(text);
  return "faults" in reading ? reading.faults.map(({ rule, line, path }) => [rule, line, keyText(path)]) : [];
}

describe("comments", () => {
  test.each([
    ["# first\n[1] # last", [1]],
    ['// first\n[1] /* # in between */ // " # last', [1]],
    ['["a # b", "c // d", "e \\" # f"]', ["a # b", "c // d", 'e " # f']],
    ['[ /* " */ 1, # "]\n 2 ]', [1, 2]],
    ["[1,\n# 2,\r\n3,]", [1, 3]],
    ["\ufeff[1]".slice(1), [1]],
  ])("%j is read as %j", (text, value) => {
    expect(documentOf(text).value).toEqual(value);
  });

  test("a # inside a text or another comment hides nothing", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (text, comment) => {
        const line = comment.replaceAll(/[\r\n]/g, " ");
        const source = `# ${line}\n[${JSON.stringify(text)}] // # ${line}\n# ${line}`;
        expect(documentOf(source).value).toEqual([text]);
      }),
    );
  });
});

describe("lines", () => {
  const text =
    '# comment\n[\n  {\n    "a": 1,\n    "b": {\r\n      "c": [\n        1,\n        2\n      ]\n    }\n  }\n]\n';
  const { lineOf } = documentOf(text);

  test.each([
    [[], 2],
    [[0], 3],
    [[0, "a"], 4],
    [[0, "b", "c"], 6],
    [[0, "b", "c", 1], 8],
    [[0, "missing"], 3],
    [[0, "b", "missing", "below"], 5],
    [[7, "a"], 2],
  ])("the path %j is in line %i", (path, line) => {
    expect(lineOf(path)).toBe(line);
  });
});

describe("faults", () => {
  test.each([
    ["", [["empty-file", 1, ""]]],
    [" \n", [["empty-file", 1, ""]]],
    ["// nothing\n", [["empty-file", 1, ""]]],
    ["[\n1,\n", [["json-syntax", 3, ""]]],
    ["[1\n2]", [["json-syntax", 2, ""]]],
    [
      '{"a": 1,\n"a": 2,\n"b": {"c": 1,\n"c": 2}}',
      [
        ["duplicate-key", 2, "a"],
        ["duplicate-key", 4, "b.c"],
      ],
    ],
    ['[{"__proto__": {}}]', [["unknown-key", 1, "[0].__proto__"]]],
    ["[".repeat(100_000), [["json-depth", 1, ""]]],
    ["/* open", [["json-syntax", 1, ""]]],
    ['["open\n]', [["json-syntax", 1, ""]]],
  ])("%j has %j", (text, faults) => {
    expect(faultsOf(text)).toEqual(faults);
  });

  test("any text is read or has faults with a line inside the text", () => {
    const piece = fc.constantFrom(
      "[",
      "]",
      "{",
      "}",
      ",",
      ":",
      '"a"',
      "1",
      "#",
      "//",
      "/*",
      "*/",
      "\n",
      '"',
      "\\",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const text = pieces.join("");
        const reading = readJsonc(text);
        if ("document" in reading) return;
        expect(reading.faults.length).toBeGreaterThan(0);
        for (const { line } of reading.faults) expect(line).toBeLessThanOrEqual(text.split("\n").length);
      }),
    );
  });
});

test("a path is written as a person would write it", () => {
  expect(keyText([3, "weight"])).toBe("[3].weight");
  expect(keyText(["policy", "transports", "sips-tcp"])).toBe("policy.transports.sips-tcp");
  expect(keyText(["pops", "a b", 0])).toBe('pops["a b"][0]');
});

test("a value is shown on one line, short, with nothing that a terminal would obey", () => {
  expect(valueText("a\nb\u001b[31m")).toBe('"a\\nb\\u001b[31m"');
  expect(valueText("\u202eabc\u0085")).toBe('"\\u202eabc\\u0085"');
  expect(valueText("x".repeat(100))).toHaveLength(60);
});
