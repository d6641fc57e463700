import fc from "fast-check";
import { findNodeAtLocation } from "jsonc-parser";
import { describe, expect, test } from "vitest";
import { valueIn, withItem, withoutValue, withValue } from "../../../../inventory/edit/edits.ts";
import { type JsonPath, readJsonc } from "../../../../inventory/jsonc.ts";
import { commentsOf, tokensOf, writtenJson } from "../../../support/arbitraryJsonc.ts";

/** Every place inside the value, the value itself aside. */
function placesIn(value: unknown, path: JsonPath = []): JsonPath[] {
  if (typeof value !== "object" || value === null) return [];
  const entries = Array.isArray(value) ? value.map((each, i) => [i, each] as const) : Object.entries(value);
  return entries.flatMap(([key, each]) => [[...path, key], ...placesIn(each, [...path, key])]);
}

function at(value: unknown, path: JsonPath): unknown {
  return path.reduce<unknown>((inner, key) => Reflect.get(Object(inner), key), value);
}

/** A copy of the value after `change` of the list or object at the path. */
function changed(value: unknown, path: JsonPath, change: (container: object) => void): unknown {
  const copy = structuredClone(value);
  change(Object(at(copy, path)));
  return copy;
}

function isPartOf(part: readonly string[], whole: readonly string[]): boolean {
  let taken = 0;
  for (const each of whole) if (each === part[taken]) taken++;
  return taken === part.length;
}

/** Where the value at the path begins and ends, its key included. */
function rangeOf(text: string, path: JsonPath, part: "value" | "whole"): [start: number, end: number] {
  const reading = readJsonc(text);
  const value = "document" in reading ? findNodeAtLocation(reading.document.root, [...path]) : undefined;
  if (value === undefined) throw new Error("nothing there");
  const node = part === "whole" && value.parent?.type === "property" ? value.parent : value;
  return [node.offset, node.offset + node.length];
}

const newValue = fc.oneof(
  fc.constantFrom("draining", "2026-11-23T12:00:00Z", 100, true, null),
  fc.constant({ rule: "drain-envelope", scope: ["fra1"], empty: {}, none: [] }),
);

/** A text with a place in it. */
const textAndPlace = writtenJson
  .map(({ text, value }) => ({ text, value, places: placesIn(value) }))
  .filter(({ places }) => places.length > 0)
  .chain(({ text, value, places }) =>
    fc.record({ text: fc.constant(text), value: fc.constant(value), path: fc.constantFrom(...places) }),
  );

const runs = { numRuns: 500 };

describe("a new key stands where a person would have put it", () => {
  test.each([
    ["{}", '{ "new": 3 }'],
    ["{ }", '{ "new": 3 }'],
    ["{\n}", '{\n  "new": 3\n}'],
    ["{\n  // nothing yet\n}", '{\n  // nothing yet\n  "new": 3\n}'],
    ["{ /* none */ }", '{ /* none */ "new": 3 }'],
    ['{"a":1}', '{"a":1,"new":3}'],
    ['{ "a" : 1 }', '{ "a" : 1, "new" : 3 }'],
    ['{ "a": 1, }', '{ "a": 1, "new": 3, }'],
    ['{ "a": 1 // c\n}', '{ "a": 1, "new": 3 // c\n}'],
    ['{\n\t"a": 1,\n\t"b": 2 // b\n}', '{\n\t"a": 1,\n\t"b": 2, // b\n\t"new": 3\n}'],
    ['{\r\n  "a": 1,\r\n  "b": 2, # b\r\n}', '{\r\n  "a": 1,\r\n  "b": 2, # b\r\n  "new": 3,\r\n}'],
    ['{ "a": 1 # c\n , "b": 2 }', '{ "a": 1 # c\n , "b": 2, "new": 3 }'],
    ['{ "a": 1,\n  "b": 2 }', '{ "a": 1,\n  "b": 2,\n  "new": 3 }'],
  ])("in %j: %j", (text, after) => {
    expect(withValue(text, ["new"], 3)).toBe(after);
  });

  test("behind the key that is named, comments of both neighbours untouched", () => {
    const text = '{\n  "a": 1, // about a\n  // about b\n  "b": 2\n}';
    expect(withValue(text, ["new"], 3, "a")).toBe(
      '{\n  "a": 1, // about a\n  "new": 3,\n  // about b\n  "b": 2\n}',
    );
    const leading = '{\n  "a": 1 // about a\n  , "b": 2 // about b\n}';
    expect(withValue(leading, ["new"], 3, "a")).toBe(
      '{\n  "a": 1 // about a\n  , "new": 3, "b": 2 // about b\n}',
    );
    const lines = '{ "a": 1 // about a\n  ,\n  "b": 2 // about b\n}';
    expect(withValue(lines, ["new"], 3, "a")).toBe(
      '{ "a": 1 // about a\n  , "new": 3,\n  "b": 2 // about b\n}',
    );
  });

  test("with the objects on the way to it, long ones over several lines", () => {
    expect(withValue("{}", ["a", "b", "c"], [1])).toBe('{ "a": { "b": { "c": [1] } } }');
    const long = { one: "x".repeat(60), two: "y".repeat(60) };
    expect(withValue('{\n    "a": 1\n}', ["b"], long)).toBe(
      `{\n    "a": 1,\n    "b": {\n        "one": "${long.one}",\n        "two": "${long.two}"\n    }\n}`,
    );
  });
});

describe("a value that is taken out leaves its line as a person would have", () => {
  test.each([
    ["[1,\t2,  3]", 1, "[1,  3]"],
    ["[1, 2, 3]", 0, "[2, 3]"],
    ["[1, 2, 3]", 2, "[1, 2]"],
    ["[1, 2, 3,]", 2, "[1, 2,]"],
    ["[ 1 ]", 0, "[ ]"],
    ["[\n  1, // one\n  2, // two\n  3 // three\n]", 1, "[\n  1, // one\n  3 // three\n]"],
    ["[\n  1, // one\n  2 // two\n]", 1, "[\n  1 // one\n]"],
    ["[\n  1, 2, // both\n  3\n]", 1, "[\n  1, // both\n  3\n]"],
    ["[\n  // group\n  1,\n  2\n]", 0, "[\n  // group\n  2\n]"],
    ["[1,\n2]", 1, "[1]"],
    ["[1, # one\n2]", 1, "[1 # one\n]"],
  ])("%j without %i: %j", (text, index, after) => {
    expect(withoutValue(text, [index])).toBe(after);
  });
});

describe("what cannot be edited is an error", () => {
  test.each([
    ["a text that is no JSON", () => withValue("{", ["a"], 1), "not JSON"],
    ["a key of a list", () => withValue("[1]", ["a"], 1), "no object at"],
    ["an item that is not there", () => withItem("[1]", [], 2, 4), "no item 4 of a list"],
    ["a value that is not there", () => withoutValue("{}", ["a"]), "nothing at a"],
  ])("%s", (_, edit, message) => {
    expect(edit).toThrow(message);
  });
});

describe("whatever the formatting and the comments", () => {
  test("what is read is what was written", () => {
    fc.assert(
      fc.property(writtenJson, ({ text, value }) => {
        expect(valueIn(text)).toEqual(value);
        expect(
          JSON.parse(
            tokensOf(text)
              .join(" ")
              .replaceAll(/, (?=[\]}])/g, ""),
          ),
        ).toEqual(value);
      }),
      runs,
    );
  });

  test("a value that is put in the place of another changes nothing else, and the way back restores the text", () => {
    fc.assert(
      fc.property(textAndPlace, newValue, ({ text, value, path }, added) => {
        const after = withValue(text, path, added);
        const key = path.at(-1) ?? "";
        expect(valueIn(after)).toEqual(
          changed(value, path.slice(0, -1), (container) => Reflect.set(container, key, added)),
        );
        const [start, end] = rangeOf(text, path, "value");
        expect(after.startsWith(text.slice(0, start))).toBe(true);
        expect(after.slice(start).endsWith(text.slice(end))).toBe(true);
        const old = at(value, path);
        const isOrdinary = JSON.stringify(old) === text.slice(start, end);
        if (isOrdinary) expect(withValue(after, path, old)).toBe(text);
      }),
      runs,
    );
  });

  test("a new key leaves every character of the text, and can be taken out again", () => {
    fc.assert(
      fc.property(textAndPlace, newValue, fc.nat(), ({ text, value }, added, salt) => {
        const objects = [[], ...placesIn(value)].filter((path) => isObject(at(value, path)));
        fc.pre(objects.length > 0);
        const path = objects[salt % objects.length] ?? [];
        const names = Object.keys(Object(at(value, path)));
        const after = withValue(text, [...path, "since"], added, names[salt % (names.length + 1)]);
        expect(valueIn(after)).toEqual(
          changed(value, path, (container) => Reflect.set(container, "since", added)),
        );
        expect(commentsOf(after)).toEqual(commentsOf(text));
        expect(isPartOf([...text], [...after])).toBe(true);
        const back = withoutValue(after, [...path, "since"]);
        expect([tokensOf(back), commentsOf(back)]).toEqual([tokensOf(text), commentsOf(text)]);
      }),
      runs,
    );
  });

  test("a new item of a list leaves every character of the text, and can be taken out again", () => {
    fc.assert(
      fc.property(writtenJson, newValue, fc.nat(), ({ text, value }, added, salt) => {
        const lists = [[], ...placesIn(value)].filter((path) => Array.isArray(at(value, path)));
        fc.pre(lists.length > 0);
        const path = lists[salt % lists.length] ?? [];
        const { length } = at(value, path) as unknown[];
        const after = length === 0 ? -1 : salt % length;
        const written = withItem(text, path, added, after);
        expect(valueIn(written)).toEqual(
          changed(value, path, (list) => (list as unknown[]).splice(after + 1, 0, added)),
        );
        expect(commentsOf(written)).toEqual(commentsOf(text));
        expect(isPartOf([...text], [...written])).toBe(true);
        const back = withoutValue(written, [...path, after + 1]);
        expect([tokensOf(back), commentsOf(back)]).toEqual([tokensOf(text), commentsOf(text)]);
      }),
      runs,
    );
  });

  test("what is taken out takes no sibling along, and of the comments none but its own", () => {
    fc.assert(
      fc.property(textAndPlace, ({ text, value, path }) => {
        const after = withoutValue(text, path);
        const key = path.at(-1) ?? "";
        expect(valueIn(after)).toEqual(
          changed(value, path.slice(0, -1), (container) => {
            if (Array.isArray(container)) container.splice(Number(key), 1);
            else Reflect.deleteProperty(container, key);
          }),
        );
        expect(isPartOf([...after], [...text])).toBe(true);
        expect(isPartOf(tokensOf(after), tokensOf(text))).toBe(true);
        expect(commentsOf(withoutValue(numbered(text), path))).toEqual(
          commentsOf(numbered(text)).filter((comment) => !isOwn(comment, numbered(text), path)),
        );
      }),
      runs,
    );
  });
});

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The text with a number in each comment, so that no two are alike. */
function numbered(text: string): string {
  let count = 0;
  return text.replaceAll(/"(?:[^"\\]|\\.)*"|#[^\r\n]*|\/\/[^\r\n]*|\/\*[\s\S]*?\*\//g, (part) => {
    if (part.startsWith('"')) return part;
    return part.startsWith("/*") ? `/* ${count++} ${part.slice(2)}` : `${part} ${count++}`;
  });
}

/** Whether the comment stands inside the value, before its comma, or behind it on a line that is the value's alone. */
function isOwn(comment: string, text: string, path: JsonPath): boolean {
  const place = text.indexOf(comment);
  const [start, end] = rangeOf(text, path, "whole");
  if (place < start) return false;
  const comma = /^(?:\s|(?:#|\/\/)[^\r\n]*(?=[\r\n]|$)|\/\*(?:(?!\*\/)[\s\S])*\*\/)*,/.exec(
    text.slice(end),
  )?.[0];
  const through = comma === undefined ? end : end + comma.length;
  if (place < through) return true;
  const isFirst = /(^|[\r\n])[ \t]*$/.test(text.slice(0, start));
  const behind = /^(?:[ \t]|\/\*(?:(?!\*\/)[^\r\n])*\*\/)*(?:(?:\/\/|#)[^\r\n]*)?(?=[\r\n]|$)/;
  const comments = behind.exec(text.slice(through))?.[0];
  const isLast = comments !== undefined && !/[\r\n]/.test(comma ?? "");
  return isFirst && isLast && place < through + comments.length;
}
