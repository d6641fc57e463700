/** New values as text, in the style of what stands beside them. */
import type { Node as JsonNode } from "jsonc-parser";
import { commaAfter, endOf, hasOwnLines, indentAt, lineEndOf } from "./textShape.ts";

/** How values are written in one file, or beside one neighbour. */
export interface ValueStyle {
  /** `\n` or `\r\n`. */
  readonly lineEnd: string;
  /** Indentation of the line on which the value begins. */
  readonly indent: string;
  /** One more level of indentation. */
  readonly unit: string;
  /** Between a key and its value, colon included. */
  readonly colon: string;
  /** Whether blanks stand inside the braces of an object on one line. */
  readonly padded: boolean;
  /** Whether a blank follows a comma on one line. */
  readonly spaced: boolean;
  /** Whether the outermost object or list goes over several lines; where absent, if it is too long for one. */
  readonly lines?: boolean;
  /** Whether a comma follows the last value of an object or list over several lines. */
  readonly trailingComma: boolean;
}

/** Longest line, in characters, that a value is written on before it goes over several. */
const LINE_LENGTH = 110;

/** The value as JSON in this style. */
export function rendered(value: unknown, style: ValueStyle): string {
  const line = onOneLine(value, style);
  const isLong = style.indent.length + line.length > LINE_LENGTH;
  const values = typeof value === "object" && value !== null ? Object.entries(value) : [];
  if (values.length === 0 || !(style.lines ?? isLong)) return line;
  const { lines: _, ...below } = style;
  const indent = style.indent + style.unit;
  const isList = Array.isArray(value);
  const body = values
    .map(([key, each]) => {
      const label = isList ? "" : JSON.stringify(key) + style.colon;
      return `${style.lineEnd}${indent}${label}${rendered(each, { ...below, indent })}`;
    })
    .join(",");
  const [open, close] = isList ? "[]" : "{}";
  return `${open}${body}${style.trailingComma ? "," : ""}${style.lineEnd}${style.indent}${close}`;
}

function onOneLine(value: unknown, style: ValueStyle): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const comma = style.spaced ? ", " : ",";
  if (Array.isArray(value)) return `[${value.map((each) => onOneLine(each, style)).join(comma)}]`;
  const properties = Object.entries(value).map(
    ([key, each]) => JSON.stringify(key) + style.colon + onOneLine(each, style),
  );
  if (properties.length === 0) return "{}";
  const pad = style.padded ? " " : "";
  return `{${pad}${properties.join(comma)}${pad}}`;
}

/** Style of a value that comes beside `neighbour`, whose form it takes where both are objects. */
export function styleBeside(masked: string, neighbour: JsonNode): ValueStyle {
  const indent = indentAt(masked, neighbour.offset);
  const [first] = neighbour.children ?? [];
  const lines = first !== undefined && hasOwnLines(masked, neighbour);
  const unit = lines ? indentAt(masked, first.offset).slice(indent.length) : "";
  return {
    lineEnd: lineEndOf(masked),
    indent,
    unit: unit === "" ? unitOf(masked) : unit,
    colon: colonOf(masked, neighbour),
    padded: masked[neighbour.offset] !== "{" || /[\s}]/.test(masked[neighbour.offset + 1] ?? ""),
    spaced: isSpaced(masked, neighbour),
    ...(neighbour.type === "object" ? { lines } : {}),
    trailingComma: lines && commaAfter(masked, endOf(neighbour.children?.at(-1) ?? first)) !== undefined,
  };
}

/** The first indentation in the file, which is its unit. */
function unitOf(masked: string): string {
  return /[\r\n]([ \t]+)[^\s/*]/.exec(masked)?.[1] ?? "  ";
}

/** What stands between key and value in the object, or in the first one of the file. */
function colonOf(masked: string, node: JsonNode): string {
  const [key, value] = node.type === "object" ? (node.children?.[0]?.children ?? []) : [];
  const between =
    key === undefined || value === undefined
      ? /"(\s*:\s*)/.exec(masked)?.[1]
      : masked.slice(endOf(key), value.offset);
  return between !== undefined && /^[ \t]*:[ \t]*$/.test(between) ? between : ": ";
}

/** Whether a blank or a line end follows the commas of the object, or else the colons of the file. */
export function isSpaced(masked: string, node: JsonNode): boolean {
  const [first] = node.children ?? [];
  const comma = first === undefined ? undefined : commaAfter(masked, endOf(first));
  if (comma !== undefined) return /\s/.test(masked[comma + 1] ?? "");
  return /\s$/.test(colonOf(masked, node));
}
