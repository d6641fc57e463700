/**
 * Reading DER (X.690 section 10): lengths are definite and as short as can be, and nothing stands after a value. What
 * is written in another way of BER is refused, so that no two readers understand it differently.
 */

export interface Element {
  /** Identifier octet: class, whether it is constructed, and the number. */
  readonly tag: number;
  readonly content: Buffer;
  /** Identifier and length included. */
  readonly whole: Buffer;
}

/** The octets are no DER, or another value than was expected. */
export class DerError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "DerError";
  }
}

export const TAG = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  sequence: 0x30,
  set: 0x31,
  /** `[0]` of a certificate request. */
  attributes: 0xa0,
} as const;

/** Tag numbers above 30 take more octets; nothing that is read here has one. */
const HIGH_TAG_NUMBER = 0x1f;

/** More length octets than these would be values of 16 MB and more. */
const MOST_LENGTH_OCTETS = 3;

/** The values that stand one after the other. */
export function readElements(octets: Buffer): Element[] {
  const elements: Element[] = [];
  for (let at = 0; at < octets.length; ) {
    const element = elementAt(octets, at);
    elements.push(element);
    at += element.whole.length;
  }
  return elements;
}

/** The one value that the octets are, which must have this tag. */
export function readElement(octets: Buffer, tag: number): Element {
  const [element, ...more] = readElements(octets);
  if (more.length > 0) throw new DerError("more stands after the value");
  return expectTag(element, tag);
}

export function expectTag(element: Element | undefined, tag: number): Element {
  if (element === undefined) throw new DerError("a value is missing");
  if (element.tag !== tag) throw new DerError(`tag ${element.tag} in the place of ${tag}`);
  return element;
}

function elementAt(octets: Buffer, at: number): Element {
  const octet = (position: number): number => {
    const value = octets[position];
    if (value === undefined) throw new DerError("the octets end inside a value");
    return value;
  };
  const tag = octet(at);
  if ((tag & HIGH_TAG_NUMBER) === HIGH_TAG_NUMBER) throw new DerError("a tag of several octets");
  const first = octet(at + 1);
  const lengthOctets = first < 0x80 ? 0 : first & 0x7f;
  if (first === 0x80 || lengthOctets > MOST_LENGTH_OCTETS) throw new DerError("an indefinite or huge length");
  let length = lengthOctets === 0 ? first : 0;
  for (let i = 0; i < lengthOctets; i++) length = length * 256 + octet(at + 2 + i);
  const shortest = length < 0x80 ? 0 : length < 0x100 ? 1 : length < 0x10000 ? 2 : 3;
  if (lengthOctets !== shortest) throw new DerError("a length of more octets than it needs");
  const start = at + 2 + lengthOctets;
  if (start + length > octets.length) throw new DerError("the octets end inside a value");
  return {
    tag,
    content: octets.subarray(start, start + length),
    whole: octets.subarray(at, start + length),
  };
}
