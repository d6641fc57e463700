/** A lookup over data lines for tests, without a name server. */
import type { Lookup, LookupResult } from "../../dns/rfc3263.ts";

/** `name type` → data lines or a whole result; a name that stands nowhere does not exist. */
export type ZoneLines = Readonly<Record<string, readonly string[] | LookupResult>>;

export function lookupIn(zone: ZoneLines): Lookup {
  return async (name, type) => {
    const entry = zone[`${name} ${type}`];
    if (entry !== undefined && "status" in entry) return entry;
    if (entry !== undefined)
      return { status: "found", records: entry.map((data) => ({ ttlSeconds: 60, data })) };
    const exists = Object.keys(zone).some((key) => key.split(" ")[0]?.endsWith(name));
    return { status: exists ? "nodata" : "nxdomain" };
  };
}
