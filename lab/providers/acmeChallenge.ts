/** Placing and removing DNS-01 values, with the requests that lego's `cloudflare` and `route53` providers make. */
import { isWithin } from "../../dns/names.ts";
import { aliasEnd } from "../ca/lookupSets.ts";
import type { ZoneData } from "../dns/zoneData.ts";
import type { CloudflareDns } from "../store/cloudflareDns.ts";
import { PlatformError } from "../store/platformError.ts";
import { type RecordSet, recordSetId } from "../store/route53Sets.ts";
import type { Route53 } from "../store/route53Store.ts";

export interface ChallengeSolver {
  /**
   * Adds a TXT value at the name and gives back what removes it again.
   * @throws Error in lego's words when the platform refuses.
   */
  present(name: string, value: string): Promise<() => Promise<void>>;
}

/** Seconds; lego's defaults. */
const CLOUDFLARE_TTL_SECONDS = 120;
const ROUTE53_TTL_SECONDS = 10;

/** One record per value, removed by its own id: values of several orders stand side by side. */
export function cloudflareSolver(dns: CloudflareDns): ChallengeSolver {
  return {
    async present(name, value) {
      const { zoneId } = zoneFor(dns.zones, name);
      const record = { name, type: "TXT", content: `"${value}"`, ttl: CLOUDFLARE_TTL_SECONDS };
      const { id } = await refusedAs("cloudflare: failed to create TXT record", dns.create(zoneId, record));
      return () => dns.delete(zoneId, id);
    },
  };
}

/** Reads the set, writes it back with or without the value: two at one name at one time lose an update. */
export function route53Solver(route53: Route53): ChallengeSolver {
  return {
    async present(name, value) {
      const { zoneId } = zoneFor(route53.zones, name);
      const quoted = `"${value}"`;
      const change = async (edit: (values: readonly string[]) => readonly string[]) => {
        const base = { zoneId, name, type: "TXT" };
        const id = recordSetId(base);
        const known = await route53.readSet(id);
        const values = edit(known?.values ?? []);
        const set: RecordSet = { ...base, routing: { kind: "simple" }, ttl: ROUTE53_TTL_SECONDS, values };
        if (values.length > 0) await route53.changeSet(id, set);
        else if (known !== undefined) await route53.deleteSet(id);
      };
      const added = change((values) => [...values.filter((other) => other !== quoted), quoted]);
      await refusedAs("route53: failed to change record set", added);
      return () => change((values) => values.filter((other) => other !== quoted));
    },
  };
}

/** The solver as lego uses it: what is written stands where the aliases of the challenge lead, as far as these zones tell. */
export function followingAliases(solver: ChallengeSolver, zones: readonly ZoneData[]): ChallengeSolver {
  return { present: (name, value) => solver.present(aliasEnd(name, zones), value) };
}

async function refusedAs<T>(doing: string, request: Promise<T>): Promise<T> {
  try {
    return await request;
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    throw new Error(`${doing}: ${error.status} ${error.code}: ${error.message}`);
  }
}

function zoneFor<Zone extends { readonly zone: string }>(zones: readonly Zone[], name: string): Zone {
  const covering = zones
    .filter(({ zone }) => isWithin(name, zone))
    .sort((a, b) => b.zone.length - a.zone.length);
  const [closest] = covering;
  if (closest === undefined) throw new Error(`could not find the zone of ${name}`);
  return closest;
}
