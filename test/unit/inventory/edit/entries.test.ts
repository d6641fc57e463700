import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type EntryEdit, editEntries, type NodeEntry } from "../../../../inventory/edit/entries.ts";
import { PROJECT } from "../../../support/project.ts";

const entry: NodeEntry = {
  slot: "fra3",
  region: "euro",
  pop: "fra",
  ip: "192.0.2.13",
  weight: 100,
  status: "planned",
};

const add: EntryEdit = { kind: "add", entry };

const set = (slot: string, values: Extract<EntryEdit, { kind: "set" }>["values"]): EntryEdit => ({
  kind: "set",
  slot,
  values,
});

const ARTICLE = readFileSync(`${PROJECT}test/unit/inventory/fixtures/article/nodes.json`, "utf8");

describe("the article's own file", () => {
  test("takes a new entry in its own style, before the comment at its end", () => {
    expect(ARTICLE).toMatch(/"status": "active" }\n {2}\/\/ add an entry/);
    const after = editEntries(ARTICLE, [add]);
    expect(after).toBe(
      ARTICLE.replace(
        '"status": "active" }\n',
        '"status": "active" },\n' +
          '  { "slot": "fra3", "region": "euro", "pop": "fra", "ip": "192.0.2.13", "weight": 100, "status": "planned" }\n',
      ),
    );
  });

  test("is flipped to draining with the status alone changed", () => {
    expect(editEntries(ARTICLE, [set("fra1", { status: "draining" })])).toBe(
      ARTICLE.replace('"active"', '"draining"'),
    );
  });
});

describe("a file with an entry over several lines", () => {
  const text = `[
\t// Frankfurt
\t{
\t\t"slot":"fra1", // the old one
\t\t"region":"euro",
\t\t"pop":"fra",
\t\t"ip":"192.0.2.11",
\t\t"status":"active", /* since long */
\t\t"weight":100,
\t}, # to be replaced
\t// London
\t{
\t\t"slot":"lhr1",
\t\t"region":"euro",
\t\t"pop":"lhr",
\t\t"ip":"192.0.2.21",
\t\t"status":"active",
\t\t"weight":100,
\t},
]
`.replaceAll("\n", "\r\n");

  test("takes a new entry behind the last of its POP, keys in the neighbour's order, commas and tabs alike", () => {
    const lines = [
      "\t{",
      '\t\t"slot":"fra3",',
      '\t\t"region":"euro",',
      '\t\t"pop":"fra",',
      '\t\t"ip":"192.0.2.13",',
      '\t\t"status":"planned",',
      '\t\t"weight":100,',
      "\t},",
      "",
    ];
    expect(editEntries(text, [add])).toBe(
      text.replace("# to be replaced\r\n", `# to be replaced\r\n${lines.join("\r\n")}`),
    );
  });

  test("puts a new key on a line of its own, behind the comment of the one before", () => {
    expect(editEntries(text, [set("fra1", { since: "2026-11-23T12:00:00Z" })])).toBe(
      text.replace("/* since long */\r\n", '/* since long */\r\n\t\t"since":"2026-11-23T12:00:00Z",\r\n'),
    );
  });

  test("loses an entry with the comment behind it, and keeps those of its neighbours", () => {
    const after = editEntries(text, [{ kind: "remove", slot: "fra1" }]);
    expect(after.split("\r\n").slice(0, 5)).toEqual([
      "[",
      "\t// Frankfurt",
      "\t// London",
      "\t{",
      '\t\t"slot":"lhr1",',
    ]);
    const last = editEntries(text, [{ kind: "remove", slot: "lhr1" }]);
    expect(last).toContain("# to be replaced\r\n\t// London\r\n]\r\n");
  });
});

describe("an entry", () => {
  test("of a new POP stands behind the last of its region, one of a new region behind all", () => {
    const text = readFileSync(`${PROJECT}inventory/prod/nodes.json`, "utf8");
    const slots = (after: string) => [...after.matchAll(/"slot": "(\w+)"/g)].map(([, slot]) => slot);
    const vie1 = { ...entry, slot: "vie1", pop: "vie" };
    expect(slots(editEntries(text, [{ kind: "add", entry: vie1 }])).slice(5, 7)).toEqual(["ams2", "vie1"]);
    const gru1 = { ...entry, slot: "gru1", pop: "gru", region: "latm" };
    expect(slots(editEntries(text, [{ kind: "add", entry: gru1 }])).at(-1)).toBe("gru1");
  });

  test.each([
    ["a slot that is not there", [set("fra9", { status: "down" })], "there is no fra9"],
    ["the removal of one that is not there", [{ kind: "remove", slot: "fra9" }], "there is no fra9"],
    ["a slot that is there already", [{ kind: "add", entry: { ...entry, slot: "fra1" } }], "fra1 is there"],
  ] as [string, EntryEdit[], string][])("refuses %s", (_, edits, message) => {
    expect(() => editEntries(ARTICLE, edits)).toThrow(message);
  });

  test("loses a key that is set to null, and one that it does not have without a change", () => {
    const text = '[{ "slot": "fra1", "ip6": "2001:db8::1", "weight": 100 }]';
    expect(editEntries(text, [set("fra1", { ip6: null })])).toBe('[{ "slot": "fra1", "weight": 100 }]');
    expect(editEntries(text, [set("fra1", { note: null })])).toBe(text);
  });
});

/** Files as people keep them: one style throughout, comments above entries and behind them. */
const tidyFile = fc
  .record({
    lineEnd: fc.constantFrom("\n", "\r\n"),
    indent: fc.constantFrom("  ", "    ", "\t", ""),
    overLines: fc.boolean(),
    trailingComma: fc.boolean(),
    colon: fc.constantFrom(": ", ":", " : "),
    head: fc.constantFrom("", "# the fleet\n", "/* the\n   fleet */\n"),
    entries: fc.uniqueArray(
      fc.record({
        number: fc.integer({ min: 1, max: 9 }),
        since: fc.boolean(),
        above: fc.constantFrom("", "", "// group", "# group"),
        behind: fc.constantFrom("", "", " // behind", " # behind", " /* behind */"),
      }),
      { minLength: 1, maxLength: 5, selector: ({ number }) => number },
    ),
  })
  .map(({ lineEnd, indent, overLines, trailingComma, colon, head, entries }) => {
    const lines = entries.flatMap(({ number, since, above, behind }, i) => {
      const values = Object.entries({
        slot: `fra${number}`,
        region: "euro",
        pop: "fra",
        ip: `192.0.2.${number}`,
        weight: 100,
        status: "active",
        ...(since ? { since: "2026-11-01T00:00:00Z" } : {}),
      }).map(([key, value]) => JSON.stringify(key) + colon + JSON.stringify(value));
      const comma = trailingComma || i < entries.length - 1 ? "," : "";
      const inner = values.map((value, at) => {
        return `${indent}${indent || " "}${value}${at < values.length - 1 || trailingComma ? "," : ""}`;
      });
      const written = overLines
        ? [`${indent}{`, ...inner, `${indent}}${comma}${behind}`]
        : [`${indent}{ ${values.join(", ")} }${comma}${behind}`];
      return above === "" ? written : [indent + above, ...written];
    });
    return {
      text: `${head}[\n${lines.join("\n")}\n]\n`.replaceAll("\n", lineEnd),
      slots: entries.map(({ number }) => `fra${number}`),
    };
  });

describe("in a file of one style", () => {
  test("an entry that was added and removed again leaves the text as it was", () => {
    fc.assert(
      fc.property(tidyFile, ({ text }) => {
        const added = editEntries(text, [{ kind: "add", entry: { ...entry, slot: "fra10" } }]);
        expect(added).not.toBe(text);
        expect(editEntries(added, [{ kind: "remove", slot: "fra10" }])).toBe(text);
      }),
    );
  });

  test("a drain and its way back leave the text as it was", () => {
    fc.assert(
      fc.property(tidyFile, fc.nat(), ({ text, slots }, salt) => {
        const slot = slots[salt % slots.length] ?? "";
        const before = editEntries(text, [set(slot, { since: "2026-11-02T00:00:00Z" })]);
        const drained = editEntries(before, [
          set(slot, { status: "draining", since: "2026-11-23T12:00:00Z" }),
        ]);
        const back = editEntries(drained, [set(slot, { since: "2026-11-02T00:00:00Z", status: "active" })]);
        expect(back).toBe(before);
        const had = text !== before && !text.includes('2026-11-01T00:00:00Z"');
        if (had) expect(editEntries(before, [set(slot, { since: null })])).toBe(text);
      }),
    );
  });
});

test("every shipped file takes every edit of every slot", () => {
  for (const stack of readdirSync(`${PROJECT}inventory/`, { withFileTypes: true })) {
    const file = `${PROJECT}inventory/${stack.name}/nodes.json`;
    if (!["prod", "staging", "lab"].includes(stack.name)) continue;
    const text = readFileSync(file, "utf8");
    for (const [, slot = ""] of text.matchAll(/"slot": "(\w+)"/g)) {
      const drained = editEntries(text, [set(slot, { status: "draining", since: "2026-11-23T12:00:00Z" })]);
      expect(drained.split("\n")).toHaveLength(text.split("\n").length);
      const removed = editEntries(text, [{ kind: "remove", slot }]);
      expect(removed).not.toContain(`"${slot}"`);
    }
  }
});
