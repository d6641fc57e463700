/** The SRV answers that callers get: which sets are served, under which names they are asked for. */
import { type Fqdn, wireLength } from "../../dns/names.ts";
import type { SrvRecord } from "../../dns/records.ts";
import { compareText } from "../order.ts";
import type { Backend, Cause, Rendering } from "../rendering.ts";

/** One SRV set, whatever the transports and platforms that serve it alike. */
export interface SrvAnswer {
  /** Tier whose set it is. */
  readonly cause: Pick<Cause, "tier" | "key">;
  readonly backends: readonly Backend[];
  /** The longest owner name under which the set is asked for: its own, or that of a name steered to it. */
  readonly owner: Fqdn;
  /** In the order of the plan, the ports of one service. */
  readonly records: readonly SrvRecord[];
}

/** Every set once, sorted by tier. */
export function srvAnswers(renderings: readonly Rendering[]): SrvAnswer[] {
  const answers = new Map<string, SrvAnswer>();
  for (const rendering of renderings) {
    const askedAs = steeredOwners(rendering);
    for (const { cause, owner, records } of setsOf(rendering)) {
      const rows = records.map(({ priority, weight, target }) => `${priority} ${weight} ${target}`);
      const key = [cause.tier, cause.key, ...rows].join("\n");
      const known = answers.get(key);
      const backends = new Set([...(known?.backends ?? []), rendering.backend]);
      const owners = [...(known === undefined ? [] : [known.owner]), ...(askedAs.get(owner) ?? [owner])];
      answers.set(key, {
        cause,
        records: known?.records ?? records,
        backends: [...backends],
        owner: owners.reduce((a, b) => (wireLength(b) > wireLength(a) ? b : a)),
      });
    }
  }
  return [...answers].sort(([a], [b]) => compareText(a, b)).map(([, answer]) => answer);
}

interface PlannedSet {
  readonly cause: Cause;
  readonly owner: Fqdn;
  readonly records: SrvRecord[];
}

function setsOf({ records }: Rendering): Iterable<PlannedSet> {
  const sets = new Map<string, PlannedSet>();
  for (const { record, cause } of records) {
    if (record.type !== "SRV") continue;
    const set = sets.get(record.name);
    if (set === undefined) sets.set(record.name, { cause, owner: record.name, records: [record] });
    else set.records.push(record);
  }
  return sets.values();
}

/** Route 53: the owners that lead to a set by aliases, to which the answer is then given, with the set's own. */
function steeredOwners(rendering: Rendering): ReadonlyMap<Fqdn, readonly Fqdn[]> {
  const askedAs = new Map<Fqdn, Fqdn[]>();
  if (rendering.backend !== "route53") return askedAs;
  const aliases = rendering.aliases.filter(({ type }) => type === "SRV");
  const byName = Map.groupBy(aliases, ({ name }) => name);
  for (const { name, routing } of aliases) {
    if (routing.policy !== "simple") continue;
    const reached = new Set<Fqdn>([name]);
    // A set grows while it is walked.
    for (const owner of reached) for (const { target } of byName.get(owner) ?? []) reached.add(target);
    for (const owner of reached) {
      if (!byName.has(owner)) askedAs.set(owner, [...(askedAs.get(owner) ?? [owner]), name]);
    }
  }
  return askedAs;
}
