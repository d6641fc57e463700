/** What callers everywhere are told at every moment of an update: before each operation, and after the last. */
import { child, fqdn } from "../../dns/names.ts";
import { SERVICES, TRANSPORTS } from "../../dns/services.ts";
import { CLIENT_NETWORKS } from "../../lab/clientNetworks.ts";
import type { Asker, ZoneData } from "../../lab/dns/zoneData.ts";
import type { LabBackend, World } from "../../lab/world.ts";

/** Everything that one caller can be told at one name. */
interface Told {
  readonly addresses: boolean;
  /** Services with an SRV set. */
  readonly services: readonly string[];
  /** Targets of these sets that have no address. */
  readonly dangling: readonly string[];
  readonly leads: readonly Lead[];
}

/** An address that the caller is told, at the name itself or at a target that its SRV sets list. */
export interface Lead {
  readonly name: string;
  readonly address: string;
}

interface Moment {
  /** The operation that comes next. */
  readonly before: string;
  /** By platform, caller and name. */
  readonly told: ReadonlyMap<string, Told>;
}

/** A caller of no known place, and one in every place that the lab knows. */
const CALLERS: readonly (Asker & { readonly city: string })[] = [
  { city: "nowhere", address: "127.0.0.1" },
  ...CLIENT_NETWORKS.map(({ city, network }) => {
    const [address = "", length] = network.split("/");
    return { city, address: "127.0.0.1", subnet: { address, prefixLength: Number(length) } };
  }),
];

function tellAll(world: World, names: readonly string[]): Map<string, Told> {
  const told = new Map<string, Told>();
  for (const backend of ["cloudflare", "route53"] as const satisfies readonly LabBackend[]) {
    const zone = world.platforms.zones[backend];
    if (zone === undefined) continue;
    for (const caller of CALLERS) {
      for (const name of names) told.set(`${backend} ${name} for ${caller.city}`, tell(zone, name, caller));
    }
  }
  return told;
}

function tell(zone: ZoneData, name: string, caller: Asker): Told {
  const values = (owner: string, type: string) => zone.lookup(owner, type, caller)?.data ?? [];
  const addressesAt = (owner: string) => ["A", "AAAA"].flatMap((type) => values(owner, type));
  const hasAddress = (owner: string) => addressesAt(owner).length > 0;
  const sets = TRANSPORTS.map((transport) => {
    const [service, protocol] = SERVICES[transport].labels;
    return { transport, values: values(child(service, child(protocol, fqdn(name))), "SRV") };
  }).filter((set) => set.values.length > 0);
  const targets = new Set(sets.flatMap((set) => set.values.map((value) => value.split(" ").at(-1) ?? "")));
  const reached = [...targets].flatMap((target) =>
    addressesAt(target).map((address) => ({ target, address })),
  );
  return {
    addresses: hasAddress(name),
    services: sets.map(({ transport }) => transport),
    dangling: [...targets].filter((target) => !hasAddress(target)),
    leads: [
      ...addressesAt(name).map((address) => ({ name, address })),
      ...reached.flatMap(({ target, address }) => [
        { name, address },
        { name: target, address },
      ]),
    ],
  };
}

/**
 * Runs the update and says where a caller was let down meanwhile: a name without address or without one of its SRV
 * sets although it had them before and has them afterwards, a set that lists a name without address, and a name that
 * leads to an address where it may not.
 */
export async function letDown(
  world: World,
  names: readonly string[],
  update: () => Promise<unknown>,
  mayLead: (lead: Lead) => boolean = () => true,
): Promise<string[]> {
  const moments: Moment[] = [];
  const note = (before: string) => void moments.push({ before, told: tellAll(world, names) });
  note("the update");
  world.platforms.store.onOperation(({ platform, operation, kind, name }) => {
    if (operation !== "read") note(`${platform} ${operation} ${kind} ${name}`);
  });
  try {
    await update();
  } finally {
    world.platforms.store.onOperation(() => {});
  }
  note("the end");
  const [first, last] = [moments[0]?.told, moments.at(-1)?.told];
  const found = new Set<string>();
  for (const { before, told } of moments) {
    for (const [who, { addresses, services, dangling, leads }] of told) {
      const [earlier, later] = [first?.get(who), last?.get(who)];
      const lasting = earlier?.services.filter((service) => later?.services.includes(service)) ?? [];
      const lost = lasting.filter((service) => !services.includes(service));
      if (lost.length > 0) found.add(`before ${before}: ${who} has no ${lost.join(", ")}`);
      if (dangling.length > 0) found.add(`before ${before}: ${who} lists ${dangling.join(", ")}`);
      for (const { name, address } of leads.filter((lead) => !mayLead(lead)))
        found.add(`before ${before}: ${who} reaches ${address} by ${name}`);
      if (earlier?.addresses && later?.addresses && !addresses)
        found.add(`before ${before}: ${who} has no address`);
      if (!addresses && services.length === 0) found.add(`before ${before}: ${who} has nothing`);
    }
  }
  return [...found];
}
