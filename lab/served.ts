/** Whether what is served is what was planned: every set of a rendering asked of the platform's name server. */
import { ISSUANCE_TTL_SECONDS } from "../dns/caa.ts";
import type { Fqdn } from "../dns/names.ts";
import { type CaaRecord, type DnsRecord, type RecordType, recordData, setKey } from "../dns/records.ts";
import { defaultAnswers } from "../plan/defaultAnswers.ts";
import type { Rendering } from "../plan/rendering.ts";

/** Asks the platform's name server for one set. */
export type Ask = (name: string, type: RecordType) => Promise<ServedAnswer>;

export interface ServedAnswer {
  readonly rcode: string;
  readonly records: readonly {
    readonly name: string;
    readonly type: string;
    readonly ttlSeconds: number;
    /** Presentation form; targets without trailing dot. */
    readonly data: string;
  }[];
}

export interface Difference {
  readonly name: string;
  readonly type: string;
  /** `TTL data` of each planned value. */
  readonly planned: readonly string[];
  readonly served: readonly string[];
}

export interface Comparison {
  /** Sets asked for. */
  readonly sets: number;
  readonly differences: readonly Difference[];
}

/** Sets asked for at one time. */
const AT_ONCE = 16;

/**
 * Compares every published set. A steered name is asked as a caller of no known location asks: its answer must
 * be the planned default; of a load-balanced name, one address of the pool that comes first.
 * @param caa what the update has put there beside the plan, because only the update knew the account.
 */
export async function compareServed(
  rendering: Rendering,
  ask: Ask,
  caa: readonly CaaRecord[] = [],
): Promise<Comparison> {
  const oneOf = new Set(
    rendering.backend === "cloudflare"
      ? rendering.loadBalancers.map(({ name }) => setKey({ name, type: "A" }))
      : [],
  );
  const records: readonly (DnsRecord | CaaRecord)[] = [...defaultAnswers(rendering), ...caa];
  const sets = [...Map.groupBy(records, setKey)];
  const differences: Difference[] = [];
  for (let i = 0; i < sets.length; i += AT_ONCE) {
    const compared = await Promise.all(
      sets.slice(i, i + AT_ONCE).map(([key, records]) => compareSet(records, oneOf.has(key), ask)),
    );
    differences.push(...compared.flat());
  }
  return { sets: sets.length, differences };
}

/** The domain's CAA set as the update put it out. */
export function caaRecords(name: Fqdn, outputs: Record<string, unknown>): CaaRecord[] {
  const { account } = outputs as unknown as { account?: { caa: readonly string[] } };
  const set = { name, type: "CAA", ttlSeconds: ISSUANCE_TTL_SECONDS, flags: 0, tag: "issue" } as const;
  return (account?.caa ?? []).map((value) => ({ ...set, value }));
}

async function compareSet(
  records: readonly (DnsRecord | CaaRecord)[],
  oneOf: boolean,
  ask: Ask,
): Promise<Difference[]> {
  const [first] = records;
  if (first === undefined) return [];
  const { name, type } = first;
  const answer = await ask(name, type);
  const planned = records.map((record) => `${record.ttlSeconds} ${recordData(record)}`).sort();
  const served = answer.records
    .filter((record) => record.name.toLowerCase() === name && record.type === type)
    // An account's URL may have capitals; everything else is names, addresses and numbers.
    .map(({ ttlSeconds, data }) => `${ttlSeconds} ${type === "CAA" ? data : data.toLowerCase()}`)
    .sort();
  const same = oneOf
    ? served.length === 1 && planned.includes(served[0] as string)
    : served.length === planned.length && served.every((value, i) => value === planned[i]);
  return same ? [] : [{ name, type, planned, served: served.length === 0 ? [answer.rcode] : served }];
}
