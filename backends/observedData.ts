/** What platforms write, as this program writes it: so that what is live can be compared with what is planned. */
import ipaddr from "ipaddr.js";
import { canonicalName } from "../dns/names.ts";

/**
 * The name in canonical form: lower case, no final dot. Route 53 says every character but letters, digits,
 * hyphen, underscore and dot by its octal code (`\052` is `*`; Developer Guide, read 2026-11).
 */
export function observedName(name: string): string {
  return canonicalName(
    name.replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(parseInt(code, 8))),
  );
}

/** The data in presentation form: a target as a canonical name, an IPv6 address in its RFC 5952 form. */
export function observedData(type: string, data: string): string {
  if (type === "SRV" || type === "CNAME") return observedName(data);
  if (type === "AAAA" && ipaddr.IPv6.isValid(data)) return ipaddr.IPv6.parse(data).toRFC5952String();
  return data;
}
