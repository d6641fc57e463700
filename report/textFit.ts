/**
 * How wide a text may become in a picture whose fonts are the reader's. Every estimate is an upper bound over the
 * families named here (advance widths of DejaVu and Liberation, the widest of them), so that nothing placed by it overlaps.
 */

export interface Font {
  readonly family: "sans" | "mono";
  /** Pixels. */
  readonly size: number;
  readonly bold: boolean;
}

export const FONT_FAMILIES: Record<Font["family"], string> = {
  sans: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif",
  mono: "ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', 'DejaVu Sans Mono', monospace",
};

const MONO_ADVANCE = 0.62;
const BOLD_SANS_FACTOR = 1.18;

/** Advance in ems of the characters of a class. */
const SANS_CLASSES: readonly [characters: RegExp, advance: number][] = [
  [/[ijlI.,:;'\u00b7 ]/, 0.34],
  [/[ftr()[\]!|/-]/, 0.42],
  [/[cksvxyz]/, 0.6],
  [/[A-LN-VX-Z]/, 0.79],
  [/[w\u00d7+=<>&#^~]/, 0.84],
  [/[mMW@%\u2026]/, 1.02],
];
const SANS_ADVANCE = 0.64;

/** Pixels that the text needs at most. */
export function textWidth(text: string, { family, size, bold }: Font): number {
  if (family === "mono") return [...text].length * MONO_ADVANCE * size;
  let ems = 0;
  for (const character of text) {
    ems += SANS_CLASSES.find(([characters]) => characters.test(character))?.[1] ?? SANS_ADVANCE;
  }
  return ems * size * (bold ? BOLD_SANS_FACTOR : 1);
}

const ELLIPSIS = "…";

/** The text, or as much of its beginning as fits with an ellipsis behind it. */
export function fitText(text: string, font: Font, width: number): string {
  if (textWidth(text, font) <= width) return text;
  const characters = [...text];
  while (characters.length > 0) {
    characters.pop();
    const cut = `${characters.join("").trimEnd()}${ELLIPSIS}`;
    if (textWidth(cut, font) <= width) return cut;
  }
  return "";
}

/**
 * The text on at most `lines` lines, broken after commas and, where that is not enough, between words; what does
 * not fit ends in an ellipsis.
 */
export function wrapText(text: string, font: Font, width: number, lines: number): string[] {
  const words = text
    .split(/(?<=,) /)
    .flatMap((phrase) => (textWidth(phrase, font) <= width ? [phrase] : phrase.split(" ")));
  const wrapped: string[] = [];
  while (words.length > 0 && wrapped.length < lines) {
    let line = words.shift() ?? "";
    while (words.length > 0 && textWidth(`${line} ${words[0]}`, font) <= width) line += ` ${words.shift()}`;
    const rest = wrapped.length === lines - 1 ? [line, ...words].join(" ") : line;
    wrapped.push(fitText(rest, font, width));
  }
  return wrapped;
}
