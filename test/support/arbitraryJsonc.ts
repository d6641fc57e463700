/** Random texts of JSON as people write it: any blanks, line ends and comments wherever the format allows them. */
import fc from "fast-check";

/** A value and one way of writing it. */
export interface WrittenJson {
  readonly text: string;
  readonly value: unknown;
}

const lineEnds = ["\n", "\r\n"] as const;

/** Blanks and comments between two tokens, as a function of the file's line end. */
type Trivia = (lineEnd: string) => string;

const word = fc.constantFrom("", "note", "euro: Frankfurt", 'a "quoted" word', "# // and, more", "{[,]}");

const piece: fc.Arbitrary<Trivia> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(" ", "  ", "\t").map((blanks) => () => blanks) },
  { weight: 3, arbitrary: fc.constantFrom("", "  ", "\t").map((indent) => (end: string) => end + indent) },
  { weight: 1, arbitrary: word.map((text) => (end: string) => `// ${text}${end}`) },
  { weight: 1, arbitrary: word.map((text) => (end: string) => `# ${text}${end}`) },
  { weight: 1, arbitrary: word.map((text) => () => `/* ${text} */`) },
  { weight: 1, arbitrary: word.map((text) => (end: string) => `/* ${text}${end} * more */`) },
);

const trivia: fc.Arbitrary<Trivia> = fc
  .array(piece, { maxLength: 3 })
  .map((pieces) => (end) => pieces.map((each) => each(end)).join(""));

type Writer = (lineEnd: string) => string;

interface Drawn {
  readonly value: unknown;
  readonly write: Writer;
}

/** Literals that are not written as the serializer would. */
const oddLiterals = ["1e3", "-0.50", '"\\u0041\\/"', "1E-2"];

const literal: fc.Arbitrary<Drawn> = fc
  .oneof(
    fc.constantFrom(...oddLiterals),
    fc
      .oneof(fc.boolean(), fc.constant(null), fc.integer(), fc.string({ maxLength: 6 }))
      .map((value) => JSON.stringify(value)),
  )
  .map((text) => ({ value: JSON.parse(text), write: () => text }));

const keys = ["slot", "status", "a b", "#", "//", "é", "x", "y", "z"] as const;

const { container } = fc.letrec<{ value: Drawn; container: Drawn }>((tie) => ({
  value: fc.oneof({ maxDepth: 3, withCrossShrink: true }, literal, tie("container")),
  container: fc.oneof(
    fc.tuple(fc.array(fc.tuple(tie("value"), trivia, trivia), { maxLength: 4 }), trivia, fc.boolean()).map(
      ([items, gap, trailing]): Drawn => ({
        value: items.map(([item]) => item.value),
        write: (end) =>
          `[${items
            .map(([item, before, behind], i) => {
              const comma = i < items.length - 1 || trailing ? "," : "";
              return `${before(end)}${item.write(end)}${behind(end)}${comma}`;
            })
            .join("")}${gap(end)}]`,
      }),
    ),
    fc
      .tuple(
        fc.uniqueArray(fc.tuple(fc.constantFrom(...keys), tie("value"), trivia, trivia, trivia), {
          maxLength: 4,
          selector: ([key]) => key,
        }),
        trivia,
        fc.boolean(),
      )
      .map(
        ([properties, gap, trailing]): Drawn => ({
          value: Object.fromEntries(properties.map(([key, { value }]) => [key, value])),
          write: (end) =>
            `{${properties
              .map(([key, { write }, before, colon, behind], i) => {
                const comma = i < properties.length - 1 || trailing ? "," : "";
                return `${before(end)}${JSON.stringify(key)}${colon(end)}: ${write(end)}${behind(end)}${comma}`;
              })
              .join("")}${gap(end)}}`,
        }),
      ),
  ),
}));

/** A list or object with everything in it. */
export const writtenJson: fc.Arbitrary<WrittenJson> = fc
  .tuple(trivia, container, trivia, fc.constantFrom(...lineEnds))
  .map(([before, { value, write }, behind, end]) => ({
    value,
    text: before(end) + write(end) + behind(end),
  }));

/** The tokens of a text, as they are written, without comments and blanks. */
export function tokensOf(text: string): string[] {
  return partsOf(text).filter((part) => !isTrivia(part));
}

/** The comments of a text, as they are written, without their line ends. */
export function commentsOf(text: string): string[] {
  return partsOf(text).filter((part) => isTrivia(part) && part.trim() !== "");
}

const PART = /"(?:[^"\\]|\\.)*"|#[^\r\n]*|\/\/[^\r\n]*|\/\*[\s\S]*?\*\/|[[\]{}:,]|\s+|[^\s[\]{}:,"#/]+/g;

function partsOf(text: string): string[] {
  return text.match(PART) ?? [];
}

function isTrivia(part: string): boolean {
  return /^(\s|#|\/\/|\/\*)/.test(part);
}
