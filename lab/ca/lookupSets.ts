/** How the lab's authority looks names up: at every name server, because a validator may ask any of them. */
import type { ZoneData } from "../dns/zoneData.ts";

/** The data of a set, one list for each name server of the domain; empty where the server has none. */
export type LookupSets = (name: string, type: "TXT" | "CAA") => Promise<readonly (readonly string[])[]>;

/** Aliases followed in one lookup. */
const MAX_ALIASES = 8;

/** Looks up in the zones themselves, without a network: each is a name server of the domain. */
export function lookupIn(zones: readonly ZoneData[], delegated: readonly ZoneData[]): LookupSets {
  return async (name, type) =>
    zones.map((zone) => {
      const known = [zone, ...delegated];
      return dataAt(aliasEnd(name, known), type, known);
    });
}

/** The name that the aliases lead to, as a client finds it that writes where the challenge is looked for. */
export function aliasEnd(name: string, zones: readonly ZoneData[]): string {
  let end = name;
  for (let aliases = 0; aliases < MAX_ALIASES; aliases++) {
    const [target] = dataAt(end, "CNAME", zones);
    if (target === undefined) break;
    end = target;
  }
  return end;
}

function dataAt(name: string, type: string, zones: readonly ZoneData[]): readonly string[] {
  for (const zone of zones) {
    const set = zone.lookup(name, type, { address: "127.0.0.1" });
    if (set !== undefined) return set.data;
  }
  return [];
}
