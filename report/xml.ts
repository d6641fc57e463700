/** XML text from elements, every value escaped. */

export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** An element on one line. Attributes that are undefined are left out; numbers have at most two decimals. */
export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const text = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escapeXml(typeof value === "number" ? decimal(value) : `${value}`)}"`)
    .join("");
  return children.length === 0 ? `<${name}${text}/>` : `<${name}${text}>${children.join("")}</${name}>`;
}

/** A number as the picture writes it: the same on every machine. */
export function decimal(value: number): string {
  return String(Math.round(value * 100) / 100);
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** What XML 1.0 section 2.2 allows in no document, escaped or not, besides lone surrogates. */
const FORBIDDEN = /[\p{Cc}\uFFFE\uFFFF]/gu;

/** The text as character data or an attribute's value. Control characters become U+FFFD. */
export function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replace(FORBIDDEN, "\uFFFD")
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
