/**
 * How a SIP client finds where to send a request (RFC 3263 section 4), as pure steps over an injected lookup.
 * The transport is given, as by `sips:` or a `transport` parameter, so the NAPTR step does not arise.
 */
import { isIP } from "node:net";
import type { RecordType } from "./records.ts";
import { SERVICES, type Transport, type Wire } from "./services.ts";
import { NO_SERVICE, parseSrvData, type SrvData } from "./srvData.ts";
import { orderSrv } from "./srvOrder.ts";

/** One record of an answer. */
export interface FoundRecord {
  readonly ttlSeconds: number;
  /** Presentation form. */
  readonly data: string;
}

/** What asking for one set of records gave. */
export type LookupResult =
  | {
      readonly status: "found";
      /** At least one record of the type asked for. */
      readonly records: readonly FoundRecord[];
      /** The name that holds the records when the name asked for is an alias (CNAME) of it. */
      readonly canonicalName?: string;
    }
  | { readonly status: "nodata" | "nxdomain" }
  | { readonly status: "failed"; readonly reason: string };

/** Asks the DNS for one set. Never throws for what the network does: that is `failed`. */
export type Lookup = (name: string, type: RecordType) => Promise<LookupResult>;

/** One question and what came back. */
export interface QueryStep {
  readonly name: string;
  readonly type: RecordType;
  readonly result: LookupResult;
}

/** One address to try. */
export interface Hop {
  /** From the SRV record; 0 for a hop found without SRV. */
  readonly priority: number;
  /** From the SRV record; 0 for a hop found without SRV. */
  readonly weight: number;
  /** Host name that holds the address; the address itself when one was dialed. */
  readonly target: string;
  readonly port: number;
  /** Text form of an IPv4 or IPv6 address. */
  readonly address: string;
  readonly family: 4 | 6;
}

export interface Resolution {
  /** In order of trial; empty exactly when there is a fault. */
  readonly hops: readonly Hop[];
  readonly queries: readonly QueryStep[];
  readonly fault?: {
    /** `refused`: the name says that it offers no such service; `unresolved`: anything else. */
    readonly kind: "refused" | "unresolved";
    readonly reason: string;
  };
}

export interface ResolveOptions {
  readonly transport: Wire;
  /** An explicit port: only addresses are looked up (RFC 3263 section 4.2). */
  readonly port?: number;
  readonly lookup: Lookup;
  /** Uniform in [0, 1); decides among weights. */
  readonly random: () => number;
}

const SERVICE_OF_WIRE: Record<Wire, Transport> = { tls: "sips-tcp", tcp: "sip-tcp", udp: "sip-udp" };

/** Owner name of the SRV set that a client of this transport asks for. */
export function srvOwner(name: string, transport: Wire): string {
  return [...SERVICES[SERVICE_OF_WIRE[transport]].labels, name].join(".");
}

/**
 * Finds the addresses to try for `name`, in order. SRV first; addresses of the name itself only when no SRV
 * record was found. A failed SRV lookup is no such finding: nothing is known then, and nothing is tried.
 * @param name canonical host name, or an IP address (RFC 3263 section 4.2: no lookup)
 */
export async function resolveTargets(name: string, options: ResolveOptions): Promise<Resolution> {
  const { transport, lookup, random } = options;
  const queries: QueryStep[] = [];
  const ask: Lookup = async (owner, type) => {
    const result = await lookup(owner, type);
    queries.push({ name: owner, type, result });
    return result;
  };
  const unresolved = (finding: string): Resolution => {
    const failures = queries.flatMap(({ name: asked, type, result }) =>
      result.status === "failed" ? [`${asked} ${type} failed: ${result.reason}`] : [],
    );
    const reason = [finding, ...failures].join("; ");
    return { hops: [], queries, fault: { kind: "unresolved", reason } };
  };

  const { defaultPort } = SERVICES[SERVICE_OF_WIRE[transport]];
  const bare = { priority: 0, weight: 0, target: name, port: options.port ?? defaultPort };
  if (isIP(name) !== 0) return { hops: [toHop(bare, name)], queries };

  const owner = srvOwner(name, transport);
  const service: LookupResult = options.port === undefined ? await ask(owner, "SRV") : { status: "nodata" };
  if (service.status === "failed") return unresolved("the service is unknown");
  if (service.status !== "found") {
    const addresses = await addressesOf(name, ask);
    if (addresses.length > 0) return { hops: addresses.map((address) => toHop(bare, address)), queries };
    return unresolved(
      options.port === undefined ? `neither SRV records nor an address at ${name}` : `no address at ${name}`,
    );
  }

  const records = service.records.flatMap((record) => parseSrvData(record.data) ?? []);
  const offered = records.filter((record) => record.target !== NO_SERVICE);
  if (offered.length === 0) {
    if (records.length === 0) return unresolved(`no readable SRV record at ${owner}`);
    return { hops: [], queries, fault: { kind: "refused", reason: `${owner} says "no such service"` } };
  }
  const hops: Hop[] = [];
  const known = new Map<string, readonly string[]>();
  for (const record of orderSrv(offered, random)) {
    const addresses = known.get(record.target) ?? (await addressesOf(record.target, ask));
    known.set(record.target, addresses);
    hops.push(...addresses.map((address) => toHop(record, address)));
  }
  return hops.length > 0 ? { hops, queries } : unresolved(`no SRV target of ${owner} has an address`);
}

/**
 * IPv6 before IPv4 (RFC 6724 section 2.1), both asked for (RFC 7984 section 4.1), never mixed with the
 * addresses of another target.
 */
async function addressesOf(name: string, ask: Lookup): Promise<string[]> {
  const addresses: string[] = [];
  for (const [type, family] of [
    ["AAAA", 6],
    ["A", 4],
  ] as const) {
    const result = await ask(name, type);
    if (result.status !== "found") continue;
    addresses.push(...result.records.map((record) => record.data).filter((text) => isIP(text) === family));
  }
  return addresses;
}

function toHop(record: SrvData, address: string): Hop {
  return { ...record, address, family: isIP(address) === 6 ? 6 : 4 };
}
