/** Where things stand in a text of JSON: lines, indentation, commas, and what follows a value on its line. */
import type { Node as JsonNode } from "jsonc-parser";

/** Offset behind the node's last character. */
export function endOf({ offset, length }: JsonNode): number {
  return offset + length;
}

/** The line end that the text uses first. */
export function lineEndOf(text: string): string {
  return /\r\n|\n|\r/.exec(text)?.[0] ?? "\n";
}

/** Offset of the first character of the line. */
export function lineStart(text: string, offset: number): number {
  let at = offset;
  while (at > 0 && !isLineEnd(text[at - 1])) at--;
  return at;
}

/** The blanks that the line begins with. */
export function indentAt(text: string, offset: number): string {
  const start = lineStart(text, offset);
  return text.slice(start, skipBlanks(text, start));
}

/** Whether nothing but blanks stands before the offset on its line. */
export function startsLine(text: string, offset: number): boolean {
  return skipBlanks(text, lineStart(text, offset)) >= offset;
}

export function skipBlanks(text: string, offset: number): number {
  let at = offset;
  while (text[at] === " " || text[at] === "\t") at++;
  return at;
}

/** Offset of the first of the blanks that end at the offset. */
export function blanksBefore(text: string, offset: number): number {
  let at = offset;
  while (text[at - 1] === " " || text[at - 1] === "\t") at--;
  return at;
}

function isLineEnd(character: string | undefined): boolean {
  return character === "\n" || character === "\r";
}

export function hasLineEnd(text: string): boolean {
  return /[\r\n]/.test(text);
}

/** Offset of the line's end where only blanks and comments stand from here to there; undefined otherwise. */
export function clearLineEnd(masked: string, offset: number): number | undefined {
  for (let at = offset; ; ) {
    at = skipBlanks(masked, at);
    if (at >= masked.length || isLineEnd(masked[at])) return at;
    const end = commentEnd(masked, at);
    if (end === undefined || hasLineEnd(masked.slice(at, end))) return undefined;
    at = end;
  }
}

/** Offset behind the comment that begins here; undefined where none does. */
function commentEnd(masked: string, offset: number): number | undefined {
  if (masked.startsWith("/*", offset)) return masked.indexOf("*/", offset + 2) + 2;
  if (!masked.startsWith("//", offset)) return undefined;
  let at = offset;
  while (at < masked.length && !isLineEnd(masked[at])) at++;
  return at;
}

/** Offset behind the line end that stands at the offset. */
export function nextLine(text: string, lineEnd: number): number {
  return lineEnd + (text.startsWith("\r\n", lineEnd) ? 2 : 1);
}

/** Offset of the comma that is the next token, comments aside; undefined where another token is. */
export function commaAfter(masked: string, offset: number): number | undefined {
  for (let at = offset; ; ) {
    while (isLineEnd(masked[at]) || masked[at] === " " || masked[at] === "\t") at++;
    const end = commentEnd(masked, at);
    if (end === undefined) return masked[at] === "," ? at : undefined;
    at = end;
  }
}

/**
 * Whether a list or object has its values on lines of their own; the first may share the opening bracket's line where
 * others follow.
 */
export function hasOwnLines(masked: string, { children = [] }: JsonNode): boolean {
  const [first, ...others] = children;
  if (first === undefined) return false;
  return (others.length > 0 ? others : [first]).every(({ offset }) => startsLine(masked, offset));
}
