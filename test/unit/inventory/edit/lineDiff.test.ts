import fc from "fast-check";
import { expect, test } from "vitest";
import { lineDiff } from "../../../../inventory/edit/lineDiff.ts";

test("tells the lines that differ with their numbers, the old one before the new one", () => {
  expect(lineDiff("a\nb\nc\nd\n", "a\nB\nc\nx\nd\n")).toEqual([
    { change: "removed", line: 2, text: "b" },
    { change: "added", line: 2, text: "B" },
    { change: "added", line: 4, text: "x" },
  ]);
});

test("two lines in the place of two are told together", () => {
  expect(lineDiff("a\nb\nc", "x\ny\nc").map(({ change, text }) => change[0] + text)).toEqual([
    "ra",
    "rb",
    "ax",
    "ay",
  ]);
});

test("a text in another line end is the same", () => {
  expect(lineDiff("a\r\nb", "a\nb")).toEqual([]);
});

const lines = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 12 }).map((all) => all.join("\n"));

test("the changes lead from one text to the other, and nothing shorter does where one line differs", () => {
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const changes = lineDiff(before, after);
      const removed = new Set(changes.filter(({ change }) => change === "removed").map(({ line }) => line));
      const result = before.split("\n").filter((_, i) => !removed.has(i + 1));
      for (const { change, line, text } of changes) if (change === "added") result.splice(line - 1, 0, text);
      expect(result.join("\n")).toBe(after);
    }),
  );
  fc.assert(
    fc.property(lines, fc.nat(), (text, salt) => {
      const all = text.split("\n");
      const at = salt % (all.length + 1);
      expect(lineDiff(text, all.toSpliced(at, 0, "new").join("\n"))).toHaveLength(1);
    }),
  );
});
