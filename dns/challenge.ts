/** Where an authority looks for the proof that a name is ours (RFC 8555 section 8.4). */
import { child, type Fqdn, fqdn } from "./names.ts";

/** Owner of the challenge's TXT record: `_acme-challenge.<name>`; a wildcard is challenged at its parent. */
export function challengeName(name: string): Fqdn {
  return child("_acme-challenge", fqdn(name.replace(/^\*\./, "")));
}
