/** What a client reaches of a served zone: the nodes, in the order in which it prefers them. */
import type { RecordType } from "../../dns/records.ts";
import { type Lookup, resolveTargets } from "../../dns/rfc3263.ts";
import { SERVICES, type Wire } from "../../dns/services.ts";
import type { Asker, ZoneData } from "../../lab/dns/zoneData.ts";

/** A client that follows RFC 3263 from SRV on, or one that looks up the A record of the name and nothing else. */
export type Client = "rfc3263" | "a-only";

export interface Reached {
  /**
   * Slots of nodes that are up, by preference: the first choice, those tried when all of these fail, and so on. Over
   * all answers that the zone may give; a node stands where it comes first.
   */
  readonly choices: readonly (readonly string[])[];
  /** The fewest nodes of the first choice that one resolution offers. */
  readonly offeredAtOnce: number;
  /** Whether every answer held an address, be its node up or not. */
  readonly answered: boolean;
}

/** A zone whose balanced answers are drawn by a number that the asker sets. */
export interface DrawnZone {
  readonly zone: ZoneData;
  /** In [0, 1): every draw of the next lookups. */
  draw: number;
}

export interface Dialing {
  readonly zone: DrawnZone;
  readonly name: string;
  readonly client: Client;
  readonly wire: Wire;
  readonly asker: Asker;
  /** Slot of the node that has the address. */
  readonly slotOf: ReadonlyMap<string, string>;
  /** Slots of nodes that are down. */
  readonly down: ReadonlySet<string>;
}

/**
 * Two draws closer than this are taken to give the same answer. Weights are in steps of 0.01, so a share is narrower
 * only in a pool of 200 origins.
 */
const NARROWEST_DRAW = 5e-5;

/**
 * The nodes that the client can reach when it asks now, from there.
 * @throws Error when an address is answered that no node has.
 */
export async function reach(dialing: Dialing): Promise<Reached> {
  const outcomes = await everyOutcome(async (draw) => {
    dialing.zone.draw = draw;
    return resolveOnce(dialing);
  });
  const priorities = [...new Set(outcomes.flatMap((outcome) => [...outcome.keys()]))].sort((a, b) => a - b);
  const isUp = (slot: string) => !dialing.down.has(slot);
  const seen = new Set<string>();
  const choices = priorities
    .map((priority) => new Set(outcomes.flatMap((outcome) => outcome.get(priority) ?? [])))
    .map((slots) => [...slots].filter((slot) => isUp(slot) && !seen.has(slot) && seen.add(slot)).sort())
    .filter((choice) => choice.length > 0);
  const first = new Set(choices[0]);
  const offered = outcomes.map(
    (outcome) => new Set([...outcome.values()].flat().filter((slot) => first.has(slot))).size,
  );
  return {
    choices,
    offeredAtOnce: Math.min(...offered),
    answered: outcomes.every((outcome) => outcome.size > 0),
  };
}

/** Slots by priority. The order inside one is chance, and that of a node's address families is the client's own. */
type Outcome = ReadonlyMap<number, readonly string[]>;

async function resolveOnce({ zone: { zone }, name, client, wire, asker, slotOf }: Dialing): Promise<Outcome> {
  const onlyA = client === "a-only";
  const lookup: Lookup = async (owner, type) => lookupIn(zone, owner, type, asker, onlyA);
  const port = SERVICES[wire === "tls" ? "sips-tcp" : "sip-tcp"].defaultPort;
  const { hops } = await resolveTargets(name, {
    transport: wire,
    lookup,
    random: () => 0,
    ...(onlyA ? { port } : {}),
  });
  return new Map(
    [...Map.groupBy(hops, ({ priority }) => priority)].map(([priority, group]) => [
      priority,
      group.map(({ address }) => {
        const slot = slotOf.get(address);
        if (slot === undefined) throw new Error(`${name} is answered with ${address}, which no node has`);
        return slot;
      }),
    ]),
  );
}

function lookupIn(zone: ZoneData, owner: string, type: RecordType, asker: Asker, onlyA: boolean) {
  const set = onlyA && type === "AAAA" ? undefined : zone.lookup(owner, type, asker);
  if (set === undefined) return { status: zone.exists(owner) ? "nodata" : "nxdomain" } as const;
  const records = set.data.map((data) => ({ ttlSeconds: set.ttlSeconds, data }));
  return { status: "found", records } as const;
}

/**
 * Every outcome over all draws. A draw runs through a pool's origins in order, so that two draws with the same
 * outcome have it in between as well.
 */
async function everyOutcome(outcomeAt: (draw: number) => Promise<Outcome>): Promise<Outcome[]> {
  const outcomes = new Map<string, Outcome>();
  const visit = async (draw: number) => {
    const outcome = await outcomeAt(draw);
    const key = JSON.stringify([...outcome]);
    outcomes.set(key, outcome);
    return { draw, key };
  };
  const between = async (low: Awaited<ReturnType<typeof visit>>, high: typeof low): Promise<void> => {
    if (low.key === high.key || high.draw - low.draw < NARROWEST_DRAW) return;
    const middle = await visit((low.draw + high.draw) / 2);
    await between(low, middle);
    await between(middle, high);
  };
  await between(await visit(0), await visit(1 - NARROWEST_DRAW / 4));
  return [...outcomes.values()];
}
