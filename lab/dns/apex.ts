/** What every zone has at its apex whoever fills it: SOA, NS and the name server's own address. */
import type { Asker, ServedSet, ZoneData } from "./zoneData.ts";

/** How long a resolver keeps "no such name" and "no such type": the last SOA field (RFC 2308 section 4). */
export const NEGATIVE_TTL_SECONDS = 60;

/** SOA, NS and the name server's address never change while a lab runs. */
const APEX_TTL_SECONDS = 3600;

/** Serial, refresh, retry and expire: there is no secondary that would read them. */
const SOA_TIMES = "1 7200 900 1209600";

/**
 * The zone with SOA and NS at its apex and an address at `ns.<origin>`, unless the zone itself owns that name.
 * @param nameServerAddress IPv4 or IPv6 address on which the server listens.
 */
export function withApex(zone: ZoneData, nameServerAddress: string): ZoneData {
  const nameServer = `ns.${zone.origin}`;
  const addressType = nameServerAddress.includes(":") ? "AAAA" : "A";
  const soa = `${nameServer} hostmaster.${zone.origin} ${SOA_TIMES} ${NEGATIVE_TTL_SECONDS}`;
  const set = (name: string, type: string, data: string): ServedSet => ({
    name,
    type,
    ttlSeconds: APEX_TTL_SECONDS,
    data: [data],
  });
  return {
    origin: zone.origin,
    exists: (name) => name === zone.origin || name === nameServer || zone.exists(name),
    lookup(name: string, type: string, asker: Asker): ServedSet | undefined {
      if (name === zone.origin && type === "SOA") return set(name, type, soa);
      if (name === zone.origin && type === "NS") return set(name, type, nameServer);
      if (name === nameServer && !zone.exists(name)) {
        return type === addressType ? set(name, type, nameServerAddress) : undefined;
      }
      return zone.lookup(name, type, asker);
    },
  };
}
