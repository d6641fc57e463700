/** Rules of addresses: one canonical text per address, of the right family, and reachable for customers. */
import ipaddr from "ipaddr.js";
import type { Draft } from "../draft.ts";
import { type JsonPath, valueText } from "../jsonc.ts";
import { specialUseOf } from "../specialUse.ts";
import { type Finding, finding } from "./finding.ts";

type Family = "IPv4" | "IPv6";

interface CanonicalAddress {
  readonly family: Family;
  /** RFC 5952 section 4 for IPv6. */
  readonly text: string;
  readonly bytes: readonly number[];
}

/** The address that the text is, or undefined where it is none. */
function canonicalAddress(text: string): CanonicalAddress | undefined {
  if (!text.includes(":")) {
    if (!ipaddr.IPv4.isValidFourPartDecimal(text)) return undefined;
    return { family: "IPv4", text, bytes: ipaddr.IPv4.parse(text).octets };
  }
  // A zone identifier names an interface of one machine, so such an address means nothing elsewhere.
  if (text.includes("%") || !ipaddr.IPv6.isValid(text)) return undefined;
  const address = ipaddr.IPv6.parse(text);
  return { family: "IPv6", text: address.toRFC5952String(), bytes: address.toByteArray() };
}

/** Dotted decimal with superfluous zeros, which some systems read as octal: the same without them. */
function withoutLeadingZeros(text: string): string | undefined {
  if (!/^\d{1,4}(\.\d{1,4}){3}$/.test(text)) return undefined;
  const plain = text
    .split(".")
    .map((part) => String(Number(part)))
    .join(".");
  return plain !== text && ipaddr.IPv4.isValidFourPartDecimal(plain) ? plain : undefined;
}

function* checkAddress(
  text: string,
  family: Family,
  path: JsonPath,
  allowed: readonly string[],
): Generator<Finding> {
  const key = family === "IPv4" ? "ip" : "ip6";
  const plain = withoutLeadingZeros(text);
  const canonical = canonicalAddress(plain ?? text);
  if (canonical === undefined) {
    const message = `${key} ${valueText(text)} is no ${family} address`;
    yield finding("address-syntax", "nodes", path, { message, value: text });
    return;
  }
  if (canonical.family !== family) {
    const message = `${key} holds the ${canonical.family} address ${text}`;
    const remedy = family === "IPv4" ? "put it in ip6, and the node's IPv4 address in ip" : "put it in ip";
    yield finding("address-family", "nodes", path, { message, value: text, remedy });
    return;
  }
  if (canonical.text !== text) {
    const message = `${key} ${text} is not in canonical form`;
    yield finding("address-form", "nodes", path, {
      message,
      value: text,
      remedy: `write "${canonical.text}"`,
    });
  }
  const special = specialUseOf(canonical.bytes);
  if (special === undefined || (special.exception !== undefined && allowed.includes(special.exception)))
    return;
  const message = `${key} ${text} is ${special.use}: ${special.block} of ${special.source}`;
  const exception =
    special.exception === undefined
      ? undefined
      : `, or allow "${special.exception}" in environment.allowAddresses`;
  const remedy = exception === undefined ? {} : { remedy: `write the node's public address${exception}` };
  yield finding("special-use-address", "nodes", path, { message, value: text, ...remedy });
}

/** Rules `address-syntax`, `address-family`, `address-form` and `special-use-address`. */
export function* addresses(draft: Draft): Generator<Finding> {
  // Without knowing the exceptions no address can be called wrong.
  const allowed = draft.isWhole("environment", "allowAddresses")
    ? draft.environment.allowAddresses
    : ["documentation", "loopback"];
  for (const { index, ip, ip6 } of draft.nodes) {
    if (ip !== undefined) yield* checkAddress(ip, "IPv4", [index, "ip"], allowed);
    if (ip6 !== undefined) yield* checkAddress(ip6, "IPv6", [index, "ip6"], allowed);
  }
}

/**
 * Rule `duplicate-address`: the address of a retired node may already belong to another. Texts are compared: another
 * form of an address is refused by itself.
 */
export function* duplicateAddresses({ nodes }: Draft): Generator<Finding> {
  const owners = new Map<string, string>();
  for (const { index, slot, status, ip, ip6 } of nodes) {
    if (status === "retired") continue;
    for (const [key, address] of [
      ["ip", ip],
      ["ip6", ip6],
    ] as const) {
      if (address === undefined) continue;
      const owner = owners.get(address);
      if (owner !== undefined) {
        const message = `${key} ${valueText(address)} is also an address of ${owner}`;
        yield finding("duplicate-address", "nodes", [index, key], { message, value: address });
      }
      owners.set(address, owner ?? (slot === undefined ? `[${index}]` : slot));
    }
  }
}

/** Rule `published-range`. */
export function* publishedRanges({ environment }: Draft): Generator<Finding> {
  for (const [index, range] of environment.publishedRanges.entries()) {
    const fault = rangeFault(range);
    if (fault === undefined) continue;
    const path = ["environment", "publishedRanges", index];
    const message = `range ${valueText(range)} ${fault.message}`;
    yield finding("published-range", "tree", path, { message, value: range, ...fault.advice });
  }
}

function rangeFault(range: string): { message: string; advice: { remedy?: string } } | undefined {
  const [address = "", length = "", ...rest] = range.split("/");
  const canonical = canonicalAddress(address);
  const longest = canonical?.family === "IPv4" ? 32 : 128;
  if (
    canonical === undefined ||
    rest.length > 0 ||
    !/^(0|[1-9]\d{0,2})$/.test(length) ||
    Number(length) > longest
  ) {
    return { message: "is no network with a prefix length", advice: {} };
  }
  const network =
    canonical.family === "IPv4"
      ? ipaddr.IPv4.networkAddressFromCIDR(range).toString()
      : ipaddr.IPv6.networkAddressFromCIDR(range).toRFC5952String();
  if (network === address) return undefined;
  return {
    message: "is not the first address of its network",
    advice: { remedy: `write "${network}/${length}"` },
  };
}
