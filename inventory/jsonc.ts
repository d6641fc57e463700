/**
 * Reading JSON as operators write it: with `//`, block and `#` comments and trailing commas, every value's line
 * known. A `#` comment runs to the end of its line, as the first line of the usual `nodes.json` has it.
 */
import {
  getNodeValue,
  type Node as JsonNode,
  type ParseError,
  parseTree,
  printParseErrorCode,
  stripComments,
} from "jsonc-parser";

/** Keys and array positions from the root of the file to a value. */
export type JsonPath = readonly (string | number)[];

export interface JsonDocument {
  readonly value: unknown;
  /** The syntax tree; its offsets are those of the text that was read. */
  readonly root: JsonNode;
  /** The text with every `#` comment overwritten by spaces: what the syntax tree was made of. */
  readonly masked: string;
  /** Line, counted from 1, of the key or value at the path, or of its nearest ancestor that is in the file. */
  lineOf(path: JsonPath): number;
}

/** Why a text is no document. */
export interface JsonFault {
  readonly rule: "json-syntax" | "json-depth" | "empty-file" | "duplicate-key" | "unknown-key";
  readonly line: number;
  readonly path: JsonPath;
  readonly message: string;
}

export type JsonReading = { readonly document: JsonDocument } | { readonly faults: readonly JsonFault[] };

/** Deepest nesting that is read; the inventory's own files nest 6 deep. */
const MAX_DEPTH = 32;

/** Faults after which the search ends: a file that has more is not the right file. */
const MAX_FAULTS = 1000;

/** `[3].weight`, `policy.ttlSeconds.srv`, `regions["a b"]`. */
export function keyText(path: JsonPath): string {
  return path
    .map((part, position) => {
      if (typeof part === "number") return `[${part}]`;
      if (!/^[$\w-]+$/.test(part)) return `[${valueText(part)}]`;
      return position === 0 ? part : `.${part}`;
    })
    .join("");
}

const MAX_VALUE_CHARACTERS = 60;

/** Characters that would move or hide text on a terminal and that JSON leaves as they are. */
const INVISIBLE = /[\u007f-\u009f\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]/g;

/** The value as JSON on one line, shortened, with every invisible character escaped. */
export function valueText(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  const short = text.length > MAX_VALUE_CHARACTERS ? `${text.slice(0, MAX_VALUE_CHARACTERS - 1)}…` : text;
  return short.replace(INVISIBLE, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

/** Reads a document; every fault is told at once, except that of several syntax errors only the first is. */
export function readJsonc(text: string): JsonReading {
  const lineAt = lineFinder(text);
  const { masked, depth, unclosed } = scan(text);
  if (depth > MAX_DEPTH) {
    return fault("json-depth", 1, `the values are nested ${depth} deep, more than ${MAX_DEPTH}`);
  }
  const errors: ParseError[] = [];
  const root = parseTree(masked, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (root === undefined && (first === undefined || printParseErrorCode(first.error) === "ValueExpected")) {
    if (unclosed === undefined && stripComments(masked).trim().length === 0) {
      return fault(
        "empty-file",
        1,
        text.trim().length === 0 ? "the file is empty" : "the file holds only comments",
      );
    }
  }
  if (unclosed !== undefined && (first === undefined || first.offset >= masked.trimEnd().length - 1)) {
    const opened = `the "${unclosed.bracket}" of line ${lineAt(unclosed.offset)}`;
    return fault("json-syntax", lineAt(text.length), `the file ends before ${opened} is closed`);
  }
  if (first !== undefined || root === undefined) {
    const what =
      SYNTAX_ERRORS[first === undefined ? "" : printParseErrorCode(first.error)] ?? "this is no JSON";
    return fault("json-syntax", lineAt(first?.offset ?? 0), what);
  }
  const faults: JsonFault[] = [];
  collectKeyFaults(root, [], lineAt, faults);
  if (faults.length > 0) return { faults };
  const value: unknown = getNodeValue(root);
  return { document: { value, root, masked, lineOf: (path) => lineAt(offsetOf(root, path)) } };
}

function fault(rule: JsonFault["rule"], line: number, message: string): JsonReading {
  return { faults: [{ rule, line, path: [], message }] };
}

const SYNTAX_ERRORS: Readonly<Record<string, string>> = {
  InvalidSymbol: "this word is no JSON value; text stands in double quotes",
  InvalidNumberFormat: "this is no JSON number",
  PropertyNameExpected: "a key in double quotes is expected here",
  ValueExpected: "a value is expected here",
  ColonExpected: "a colon is expected after the key",
  CommaExpected: "a comma is expected between two values",
  CloseBraceExpected: 'a "}" is expected here',
  CloseBracketExpected: 'a "]" is expected here',
  EndOfFileExpected: "there is more text after the end of the value",
  UnexpectedEndOfComment: "a comment is not closed",
  UnexpectedEndOfString: "a text is not closed on its line",
  UnexpectedEndOfNumber: "a number is cut off",
  InvalidUnicode: "a \\u escape needs four hexadecimal digits",
  InvalidEscapeCharacter: "this escape is unknown to JSON",
  InvalidCharacter: "a control character stands in a text; write it as an escape",
};

interface Scan {
  /** The text with every `#` comment overwritten by spaces, so that offsets and lines stay. */
  readonly masked: string;
  /** Deepest nesting of brackets. */
  readonly depth: number;
  /** The innermost bracket that nothing closes. */
  readonly unclosed?: { readonly bracket: string; readonly offset: number };
}

/** One pass that tells text and the other kinds of comment apart, so that a `#` inside them stays. */
function scan(text: string): Scan {
  const open: number[] = [];
  const pieces: string[] = [];
  let copied = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      at = endOfText(text, at);
    } else if (character === "#") {
      const end = endOfLine(text, at);
      pieces.push(text.slice(copied, at), " ".repeat(end - at));
      copied = end;
      at = end - 1;
    } else if (character === "/" && text[at + 1] === "/") {
      at = endOfLine(text, at) - 1;
    } else if (character === "/" && text[at + 1] === "*") {
      const end = text.indexOf("*/", at + 2);
      at = end === -1 ? text.length : end + 1;
    } else if (character === "{" || character === "[") {
      open.push(at);
      depth = Math.max(depth, open.length);
    } else if (character === "}" || character === "]") {
      open.pop();
    }
  }
  const masked = pieces.join("") + text.slice(copied);
  const offset = open.at(-1);
  return {
    masked,
    depth,
    ...(offset === undefined ? {} : { unclosed: { bracket: text[offset] ?? "", offset } }),
  };
}

/** Offset of the closing quote, or of the last character of the line where there is none. */
function endOfText(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return at;
    else if (text[at] === "\n") return at - 1;
  }
  return text.length;
}

function endOfLine(text: string, start: number): number {
  const end = /[\r\n]/g;
  end.lastIndex = start;
  return end.exec(text)?.index ?? text.length;
}

function lineFinder(text: string): (offset: number) => number {
  let starts: number[] | undefined;
  return (offset) => {
    starts ??= [0, ...Array.from(text.matchAll(/\r\n|\r|\n/g), (end) => end.index + end[0].length)];
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  };
}

/** Keys that stand twice in one object, and the one key that a JavaScript object cannot hold as plain data. */
function collectKeyFaults(
  node: JsonNode,
  path: JsonPath,
  lineAt: (offset: number) => number,
  faults: JsonFault[],
): void {
  const children = node.children ?? [];
  if (node.type === "array") {
    for (const [index, item] of children.entries()) {
      if (item.children !== undefined) collectKeyFaults(item, [...path, index], lineAt, faults);
    }
    return;
  }
  const firstOffset = new Map<string, number>();
  for (const property of children) {
    const [name, value] = property.children ?? [];
    if (name === undefined || value === undefined) continue;
    const key: string = name.value;
    const first = firstOffset.get(key);
    if (key === "__proto__") {
      const message = `the key "${key}" is none of ours`;
      faults.push({ rule: "unknown-key", line: lineAt(property.offset), path: [...path, key], message });
    } else if (first !== undefined) {
      const message = `the key ${valueText(key)} stands in line ${lineAt(first)} already`;
      faults.push({ rule: "duplicate-key", line: lineAt(property.offset), path: [...path, key], message });
    } else {
      firstOffset.set(key, property.offset);
    }
    if (value.children !== undefined) collectKeyFaults(value, [...path, key], lineAt, faults);
    if (faults.length >= MAX_FAULTS) return;
  }
}

function offsetOf(root: JsonNode, path: JsonPath): number {
  let node = root;
  let offset = root.offset;
  for (const part of path) {
    if (typeof part === "number") {
      const item = node.type === "array" ? node.children?.[part] : undefined;
      if (item === undefined) break;
      node = item;
      offset = item.offset;
    } else {
      const property =
        node.type === "object"
          ? node.children?.find(({ children }) => children?.[0]?.value === part)
          : undefined;
      const value = property?.children?.[1];
      if (property === undefined || value === undefined) break;
      node = value;
      offset = property.offset;
    }
  }
  return offset;
}
