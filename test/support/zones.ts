/** Zones for tests of the name server: fixed sets, served to everyone alike unless a rule says otherwise. */
import { isWithin } from "../../dns/names.ts";
import type { Asker, ServedSet, ZoneData } from "../../lab/dns/zoneData.ts";

/** One line `name ttl type data`; lines of one name and type make one set. */
export function zoneOf(
  origin: string,
  lines: readonly string[],
  rule?: (name: string, type: string, asker: Asker) => ServedSet | undefined,
): ZoneData {
  const sets = new Map<string, ServedSet>();
  for (const line of lines) {
    const [name = "", ttl, type = "", ...data] = line.split(" ");
    const known = sets.get(`${name} ${type}`)?.data ?? [];
    sets.set(`${name} ${type}`, { name, type, ttlSeconds: Number(ttl), data: [...known, data.join(" ")] });
  }
  return {
    origin,
    exists: (name) => [...sets.values()].some((set) => isWithin(set.name, name)),
    lookup: (name, type, asker) => rule?.(name, type, asker) ?? sets.get(`${name} ${type}`),
  };
}

const manyNodes = Array.from({ length: 40 }, (_, index) => `n${index}`);

/** A zone with every kind of answer: SRV with glue, aliases, an empty non-terminal, a set above 1232 octets. */
export const exampleZone: ZoneData = zoneOf("sip.example.net", [
  "sip.example.net 30 A 192.0.2.1",
  "sip.example.net 30 A 192.0.2.2",
  "fra1.sip.example.net 60 A 192.0.2.1",
  "fra1.sip.example.net 60 AAAA 2001:db8::1",
  "lhr1.sip.example.net 60 A 192.0.2.2",
  "_sips._tcp.euro.sip.example.net 60 SRV 10 50 5061 fra1.sip.example.net",
  "_sips._tcp.euro.sip.example.net 60 SRV 10 50 5061 lhr1.sip.example.net",
  "_sip._udp.off.sip.example.net 60 SRV 0 0 0 .",
  "away.sip.example.net 60 SRV 10 10 5061 sip.example.com",
  "www.sip.example.net 60 CNAME alias.sip.example.net",
  "alias.sip.example.net 60 CNAME fra1.sip.example.net",
  "out.sip.example.net 60 CNAME host.example.com",
  "gone.sip.example.net 60 CNAME none.sip.example.net",
  "loop.sip.example.net 60 CNAME loop.sip.example.net",
  'text.sip.example.net 60 TXT "one two" three',
  'sip.example.net 60 CAA 0 issue "ca.example.com"',
  ...manyNodes.map((node) => `_sips._tcp.many.sip.example.net 60 SRV 10 1 5061 ${node}.sip.example.net`),
  ...manyNodes.map((node, index) => `${node}.sip.example.net 60 A 198.51.100.${index}`),
  ...manyNodes
    .slice(0, 22)
    .map((node) => `_sips._tcp.wide.sip.example.net 60 SRV 10 1 5061 ${node}.sip.example.net`),
]);
