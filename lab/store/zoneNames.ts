/** Which names a zone contains. */
import { isWithin } from "../../dns/names.ts";

/** Every name that exists: owners, and what lies between them and the zone's apex (RFC 8020). */
export function namesWithAncestors(owners: Iterable<string>, origin: string): Set<string> {
  const names = new Set([origin]);
  for (const owner of owners) {
    for (
      let name = owner;
      isWithin(name, origin) && !names.has(name);
      name = name.slice(name.indexOf(".") + 1)
    ) {
      names.add(name);
    }
  }
  return names;
}
