/**
 * Domain names in one canonical form: lower case, LDH labels (underscore allowed as a first character for
 * SRV owner names), no trailing dot. This is the only module that joins or splits labels.
 */

/** A fully qualified domain name in canonical form: lower case, without the trailing dot. */
export type Fqdn = string & { readonly __brand: "Fqdn" };

/** Longest label in octets (RFC 1035 section 2.3.4). */
export const MAX_LABEL_OCTETS = 63;

/** Longest name in presentation form without the trailing dot: 255 wire octets (RFC 1035 section 2.3.4). */
export const MAX_NAME_CHARACTERS = 253;

const HOST_LABEL = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
const UNDERSCORE_LABEL = /^_[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

/** Whether the label is a letter-digit-hyphen label in lower case (RFC 1123 section 2.1, RFC 5890 section 2.3.1). */
export function isHostLabel(label: string): boolean {
  return label.length <= MAX_LABEL_OCTETS && HOST_LABEL.test(label);
}

/** Why `text` is no host name in canonical form, or undefined when it is one. */
export function hostNameFault(text: string): string | undefined {
  if (text.length === 0) return "is empty";
  if (text.endsWith(".")) return "ends with a dot";
  if (text.length > MAX_NAME_CHARACTERS) return `is longer than ${MAX_NAME_CHARACTERS} characters`;
  if (text !== text.toLowerCase()) return "has upper-case letters";
  for (const label of text.split(".")) {
    if (label.length > MAX_LABEL_OCTETS) return `has a label longer than ${MAX_LABEL_OCTETS} octets`;
    if (!HOST_LABEL.test(label)) {
      // What a terminal would obey is not for a message.
      const shown = label.replace(/[^ -~]/gu, "?");
      return `has the label "${shown}", which is not letters, digits and inner hyphens`;
    }
  }
  return undefined;
}

/**
 * Reads a host name. Accepts only the canonical form.
 * @throws Error when it is not canonical: a programming error, input is checked by the inventory schema.
 */
export function fqdn(text: string): Fqdn {
  const fault = hostNameFault(text.replace(/^(_[^.]+\.)+/, ""));
  if (fault !== undefined) throw new Error(`name "${text}" ${fault}`);
  return text as Fqdn;
}

/**
 * The name `label.parent`. The label may start with an underscore (SRV owner names, RFC 2782), or be `*`.
 * @throws Error when the result would not be a legal name.
 */
export function child(label: string, parent: Fqdn): Fqdn {
  if (label !== "*" && !isHostLabel(label) && !UNDERSCORE_LABEL.test(label)) {
    throw new Error(`"${label}" is no DNS label`);
  }
  const name = `${label}.${parent}`;
  if (name.length > MAX_NAME_CHARACTERS) throw new Error(`name "${name}" is too long`);
  return name as Fqdn;
}

/** The name as this program keeps names: lower case, without the trailing dot. For text that a platform wrote. */
export function canonicalName(name: string): string {
  return name.replace(/\.$/, "").toLowerCase();
}

/** Whether `name` is `ancestor` or lies below it. */
export function isWithin(name: string, ancestor: string): boolean {
  return name === ancestor || name.endsWith(`.${ancestor}`);
}

/** Octets of the name on the wire without compression: each label with its length octet, and the root. */
export function wireLength(name: string): number {
  return name === "" ? 1 : name.length + 2;
}

/**
 * Text whose plain order is the order of names: label by label from the root down, so that a parent stands before
 * its children. For sorting many names, each of which is then taken apart once.
 */
export function nameSortKey(name: string): string {
  // The separator is below every character of a label.
  return name.split(".").reverse().join("\0");
}

/** Orders names by their labels from the root down, so that a parent stands before its children. */
export function compareNames(a: string, b: string): number {
  const left = nameSortKey(a);
  const right = nameSortKey(b);
  return left < right ? -1 : left > right ? 1 : 0;
}
