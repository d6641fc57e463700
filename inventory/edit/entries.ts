/** Changes of nodes.json as text: entries are added, removed and altered in place, in the style of their neighbours. */
import { isDeepStrictEqual } from "node:util";
import type { z } from "zod";
import { nodeSchema } from "../nodeSchema.ts";
import { valueIn, withItem, withoutValue, withValue } from "./edits.ts";

/** An entry as it is written. */
export type NodeEntry = z.input<typeof nodeSchema>;

export type EntryEdit =
  | { readonly kind: "add"; readonly entry: NodeEntry }
  | { readonly kind: "remove"; readonly slot: string }
  | {
      readonly kind: "set";
      readonly slot: string;
      /** `null` takes the key out. */
      readonly values: { readonly [K in keyof NodeEntry]?: NodeEntry[K] | null };
    };

/** Keys in the order in which the manual has them. */
const KEYS = Object.keys(nodeSchema.shape);

type Entries = readonly Readonly<Record<string, unknown>>[];

/**
 * The text after the edits, one after the other. A new entry stands behind the last one of its POP, else of its region,
 * else of all; a new key where the manual's order puts it. An edit that changes nothing leaves the text as it is.
 * @throws Error when the text is no list of entries, or a slot is not there, or is there already.
 */
export function editEntries(text: string, edits: readonly EntryEdit[]): string {
  return edits.reduce((before, edit) => {
    const entries = valueIn(before) as Entries;
    const after = editEntry(before, entries, edit);
    if (!isDeepStrictEqual(valueIn(after), expected(entries, edit))) {
      throw new Error(`the edit of ${JSON.stringify(edit)} would change something else`);
    }
    return after;
  }, text);
}

function editEntry(text: string, entries: Entries, edit: EntryEdit): string {
  switch (edit.kind) {
    case "add": {
      if (entries.some(({ slot }) => slot === edit.entry.slot))
        throw new Error(`${edit.entry.slot} is there`);
      const after = placeBehind(entries, edit.entry);
      return withItem(text, [], inOrderOf(entries[after] ?? {}, edit.entry), after);
    }
    case "remove":
      return withoutValue(text, [indexOf(entries, edit.slot)]);
    case "set": {
      const index = indexOf(entries, edit.slot);
      const has = new Set(Object.keys(entries[index] ?? {}));
      return Object.entries(edit.values).reduce((before, [key, value]) => {
        if (value === undefined || (value === null && !has.has(key))) return before;
        if (value === null) return withoutValue(before, [index, key]);
        const after = withValue(before, [index, key], value, keyBefore(key, has));
        has.add(key);
        return after;
      }, text);
    }
  }
}

function indexOf(entries: Entries, slot: string): number {
  const index = entries.findIndex((entry) => entry.slot === slot);
  if (index === -1) throw new Error(`there is no ${slot}`);
  return index;
}

function placeBehind(entries: Entries, { pop, region }: NodeEntry): number {
  const ofPop = entries.findLastIndex((entry) => entry.pop === pop);
  if (ofPop !== -1) return ofPop;
  const ofRegion = entries.findLastIndex((entry) => entry.region === region);
  return ofRegion !== -1 ? ofRegion : entries.length - 1;
}

/** The nearest key before this one, in the manual's order, that the entry has. */
function keyBefore(key: string, has: ReadonlySet<string>): string | undefined {
  return KEYS.slice(0, KEYS.indexOf(key)).findLast((earlier) => has.has(earlier));
}

/** The entry with the neighbour's keys in the neighbour's order, the others where the manual's order puts them. */
function inOrderOf(neighbour: Readonly<Record<string, unknown>>, entry: NodeEntry): Record<string, unknown> {
  const values = new Map(Object.entries(entry).filter(([, value]) => value !== undefined));
  const order = Object.keys(neighbour).filter((key) => values.has(key));
  for (const key of KEYS.filter((each) => values.has(each) && !order.includes(each))) {
    const before = keyBefore(key, new Set(order));
    order.splice(before === undefined ? 0 : order.indexOf(before) + 1, 0, key);
  }
  return Object.fromEntries(order.map((key) => [key, values.get(key)]));
}

function expected(entries: Entries, edit: EntryEdit): Entries {
  switch (edit.kind) {
    case "add":
      return entries.toSpliced(placeBehind(entries, edit.entry) + 1, 0, inOrderOf({}, edit.entry));
    case "remove":
      return entries.filter(({ slot }) => slot !== edit.slot);
    case "set":
      return entries.map((entry) => {
        if (entry.slot !== edit.slot) return entry;
        const values = Object.entries(edit.values).filter(([, value]) => value !== undefined);
        const merged = { ...entry, ...Object.fromEntries(values) };
        return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
      });
  }
}
