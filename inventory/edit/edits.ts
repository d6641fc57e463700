/**
 * Changes of one value in a text of JSON with comments. Everything else stays as it is, byte for byte: comments, order,
 * blanks, line ends, trailing commas. The library's own `modify` is not used, because it takes the comments between a
 * removed value and its neighbour along, and formats the lines that it touches.
 */
import { isDeepStrictEqual } from "node:util";
import { applyEdits, type Edit, findNodeAtLocation, type Node as JsonNode } from "jsonc-parser";
import { type JsonPath, keyText, readJsonc } from "../jsonc.ts";
import { isSpaced, rendered, styleBeside } from "./render.ts";
import {
  blanksBefore,
  clearLineEnd,
  commaAfter,
  endOf,
  hasLineEnd,
  hasOwnLines,
  indentAt,
  lineEndOf,
  lineStart,
  nextLine,
  skipBlanks,
  startsLine,
} from "./textShape.ts";

interface Source {
  readonly root: JsonNode;
  /** The text with `#` comments as blanks. */
  readonly masked: string;
}

/**
 * Puts the value at the path: in the place of the one that is there, else as a new key behind `behind`, or behind the
 * last key. Objects on the way that are not there are made.
 * @throws Error when the text is no JSON, or the path leads through something that is no object or list.
 */
export function withValue(text: string, path: JsonPath, value: unknown, behind?: string): string {
  const source = read(text);
  const existing = findNodeAtLocation(source.root, [...path]);
  if (existing !== undefined) return replaced(text, source, existing, value);
  let parent: JsonNode | undefined;
  let content = value;
  let rest = path;
  while (parent === undefined && rest.length > 0) {
    const key = rest.at(-1);
    rest = rest.slice(0, -1);
    parent = findNodeAtLocation(source.root, [...rest]);
    if (parent === undefined) content = { [String(key)]: content };
  }
  const key = path[rest.length];
  if (parent?.type !== "object" || typeof key !== "string") throw new Error(`no object at ${keyText(rest)}`);
  const children = parent.children ?? [];
  const neighbour = children.find((each) => each.children?.[0]?.value === behind) ?? children.at(-1);
  const style = styleBeside(source.masked, parent);
  const { lines: _, ...loose } = style;
  const valueStyle = {
    ...loose,
    indent: neighbour === undefined ? style.indent : indentOf(neighbour, source),
  };
  const added = JSON.stringify(key) + style.colon + rendered(content, valueStyle);
  return inserted(text, source, parent, neighbour, added);
}

/**
 * Puts an item into the list at the path, behind the item at the index, in the style of that one; `after` -1 is for an
 * empty list.
 * @throws Error when there is no such list or item.
 */
export function withItem(text: string, path: JsonPath, value: unknown, after: number): string {
  const source = read(text);
  const list = findNodeAtLocation(source.root, [...path]);
  const neighbour = list?.children?.[after];
  if (list?.type !== "array" || (neighbour === undefined && list.children?.length !== 0)) {
    throw new Error(`no item ${after} of a list at ${keyText(path)}`);
  }
  const style = styleBeside(source.masked, neighbour ?? list);
  return inserted(text, source, list, neighbour, rendered(value, style));
}

/**
 * Takes the value at the path out, with its key. A comment behind it on its own line goes with it; one above it stays.
 * @throws Error when there is no such value.
 */
export function withoutValue(text: string, path: JsonPath): string {
  const { root, masked } = read(text);
  const value = findNodeAtLocation(root, [...path]);
  const child = value?.parent?.type === "property" ? value.parent : value;
  const siblings = child?.parent?.children;
  if (child === undefined || siblings === undefined) throw new Error(`nothing at ${keyText(path)}`);
  return applyEdits(text, removal(text, masked, child, siblings[siblings.indexOf(child) - 1]));
}

/**
 * What the text says, as plain objects and lists.
 * @throws Error when it is no JSON.
 */
export function valueIn(text: string): unknown {
  const reading = readJsonc(text);
  if ("faults" in reading) throw new Error(`not JSON: ${reading.faults[0]?.message}`);
  return structuredClone(reading.document.value);
}

function read(text: string): Source {
  const reading = readJsonc(text);
  if ("faults" in reading) throw new Error(`not JSON: ${reading.faults[0]?.message}`);
  return reading.document;
}

function replaced(text: string, { masked, root }: Source, node: JsonNode, value: unknown): string {
  if (isDeepStrictEqual(valueIn(text.slice(node.offset, endOf(node))), value)) return text;
  const style = styleBeside(masked, node.children === undefined ? (node.parent?.parent ?? root) : node);
  const content = rendered(value, { ...style, indent: indentAt(masked, node.offset) });
  return applyEdits(text, [{ offset: node.offset, length: node.length, content }]);
}

/** Indentation of the line that the child is on. */
function indentOf(child: JsonNode, { masked }: Source): string {
  return indentAt(masked, child.offset);
}

function inserted(
  text: string,
  source: Source,
  container: JsonNode,
  neighbour: JsonNode | undefined,
  added: string,
): string {
  const edits =
    neighbour === undefined
      ? firstOf(source.masked, container, added)
      : insertion(source.masked, container, neighbour, added);
  return applyEdits(text, edits);
}

/** The first value of an empty list or object, which may hold comments. */
function firstOf(masked: string, container: JsonNode, added: string): Edit[] {
  const close = endOf(container) - 1;
  const inner = masked.slice(container.offset + 1, close);
  if (!hasLineEnd(inner)) {
    const pad = container.type === "object" || inner.trim() !== "" ? " " : "";
    const before = inner === "" || !/[ \t]$/.test(inner) ? pad : "";
    return [{ offset: close, length: 0, content: `${before}${added}${pad}` }];
  }
  const indent = indentAt(masked, container.offset) + (/^[ \t]+/m.exec(masked)?.[0] ?? "  ");
  const offset = startsLine(masked, close) ? lineStart(masked, close) : close;
  return [{ offset, length: 0, content: `${indent}${added}${lineEndOf(masked)}` }];
}

function insertion(masked: string, container: JsonNode, neighbour: JsonNode, added: string): Edit[] {
  const at = (offset: number, content: string): Edit => ({ offset, length: 0, content });
  const end = endOf(neighbour);
  const comma = commaAfter(masked, end);
  const blank = isSpaced(masked, container) ? " " : "";
  if (!hasOwnLines(masked, container)) {
    return comma === undefined ? [at(end, `,${blank}${added}`)] : [at(comma + 1, `${blank}${added},`)];
  }
  const siblings = container.children ?? [];
  const line = `${lineEndOf(masked)}${indentAt(masked, (siblings[1] ?? neighbour).offset)}${added}`;
  if (comma === undefined) return [at(end, ","), at(clearLineEnd(masked, end) ?? end, line)];
  // A comma that stands before the next value, on its line, belongs to that line.
  if (hasLineEnd(masked.slice(end, comma))) return [at(comma + 1, `${blank}${added},`)];
  return [at(clearLineEnd(masked, comma + 1) ?? comma + 1, `${line},`)];
}

function removal(text: string, masked: string, child: JsonNode, previous: JsonNode | undefined): Edit[] {
  const cut = (from: number, to: number): Edit => ({ offset: from, length: to - from, content: "" });
  const comma = commaAfter(masked, endOf(child));
  const end = comma === undefined ? endOf(child) : comma + 1;
  // The last value's comma is the one before it, unless the list has one behind each.
  const commaBefore =
    comma === undefined && previous !== undefined ? commaAfter(masked, endOf(previous)) : undefined;
  const cuts = commaBefore === undefined ? [] : [cut(commaBefore, commaBefore + 1)];
  const lineEnd = clearLineEnd(masked, end);
  const ownsLine = startsLine(masked, child.offset) && !hasLineEnd(masked.slice(endOf(child), end));
  const isFirstOnLine = previous === undefined || startsLine(masked, child.offset);
  if (ownsLine && lineEnd !== undefined) {
    return [...cuts, cut(lineStart(masked, child.offset), nextLine(masked, lineEnd))];
  }
  if (comma !== undefined && lineEnd === undefined && isFirstOnLine) {
    return [cut(child.offset, skipBlanks(masked, end))];
  }
  if (commaBefore !== undefined && text.slice(commaBefore + 1, child.offset).trim() === "") {
    return [cut(commaBefore, end)];
  }
  const start = startsLine(masked, child.offset) ? child.offset : blanksBefore(masked, child.offset);
  return [...cuts, cut(start, end)];
}
