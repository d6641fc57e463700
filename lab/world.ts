/** The lab without the engine: platforms, their name servers, health checks and the SIP nodes, as one. */
import { lookupThrough } from "../dial/lookup.ts";
import { createResolver } from "../dial/resolver.ts";
import { isWithin } from "../dns/names.ts";
import { SERVICES } from "../dns/services.ts";
import { probeRequest } from "../plan/probe.ts";
import type { CloudflareRendering, Route53Rendering } from "../plan/rendering.ts";
import type { Tree } from "../plan/tree.ts";
import { CLIENT_NETWORKS } from "./clientNetworks.ts";
import { type DnsServer, startDnsServer } from "./dns/server.ts";
import { createFleet, type Fleet } from "./fleet.ts";
import { expectedStatus } from "./health/httpProbe.ts";
import type { NodeCertificate } from "./nodeCertificates.ts";
import { type Platforms, startPlatforms } from "./platforms.ts";
import type { ProbeEndpoint } from "./probeEndpoint.ts";
import type { Ask } from "./served.ts";

export type LabBackend = (CloudflareRendering | Route53Rendering)["backend"];

export interface WorldOptions {
  /** Where platforms keep their state over a restart; in memory when absent. */
  readonly folder?: string;
  /** Ids that the stack's configuration names, and the zone that they stand for. */
  readonly zone: string;
  /** Zone that challenges are delegated to: one of its own at Route 53, unless it lies in the zone. */
  readonly challengeZone?: string | undefined;
  readonly cloudflare?: { readonly accountId: string; readonly zoneId: string } | undefined;
  readonly route53?: { readonly zoneId: string } | undefined;
  /** The platforms' clock; the machine's when absent. */
  readonly now?: (() => Date) | undefined;
  /** Preferred port of each name server on 127.0.0.1; taken ports are replaced by free ones. */
  readonly dnsPorts?: Partial<Record<LabBackend, number>>;
  /** Whether the ACME authority has Let's Encrypt's rate limits; it does when absent. */
  readonly rateLimits?: boolean;
}

export interface World {
  readonly platforms: Platforms;
  /** Name server of each platform, `IP:PORT`. */
  readonly servers: ReadonlyMap<LabBackend, string>;
  readonly fleet: Fleet;
  ask(backend: LabBackend, clientSubnet?: string): Ask;
  /** Runs the nodes of the tree with these certificates, and probes them once. */
  serve(tree: Tree, certificates: ReadonlyMap<string, readonly NodeCertificate[]>): Promise<void>;
  close(): Promise<void>;
}

const LOOPBACK = "127.0.0.1";

/** The zone that challenges are delegated to, where it is none of the stack's. */
const CHALLENGE_ZONE_ID = "Z0CHALLENGES";

export async function startWorld(options: WorldOptions): Promise<World> {
  const servers = new Map<LabBackend, string>();
  const running: DnsServer[] = [];
  const { challengeZone } = options;
  const delegated = challengeZone !== undefined && !isWithin(challengeZone, options.zone);
  /** Name servers of zones that the domain does not lie in. */
  const elsewhere = new Map<string, string>();
  const platforms = await startPlatforms({
    ...(options.folder === undefined ? {} : { folder: options.folder }),
    ...(options.now === undefined ? {} : { now: options.now }),
    zones: {
      ...(options.cloudflare === undefined
        ? {}
        : { cloudflare: { ...options.cloudflare, zone: options.zone } }),
      ...(options.route53 === undefined ? {} : { route53: { ...options.route53, zone: options.zone } }),
      ...(delegated ? { challenges: { zoneId: CHALLENGE_ZONE_ID, zone: challengeZone } } : {}),
    },
    clientNetworks: CLIENT_NETWORKS,
    ...(options.rateLimits === undefined ? {} : { rateLimits: options.rateLimits }),
    // The authority looks where everybody looks: at every name server of the domain.
    lookup: (name, type) =>
      Promise.all([...servers.values()].map((server) => valuesAt(name, type, server, elsewhere))),
  });
  for (const backend of ["cloudflare", "route53"] as const) {
    const zone = platforms.zones[backend];
    if (zone === undefined) continue;
    const server = await startNameServer(zone, options.dnsPorts?.[backend]);
    running.push(server);
    servers.set(backend, `${server.host}:${server.port}`);
  }
  if (platforms.zones.challenges !== undefined) {
    const server = await startNameServer(platforms.zones.challenges, undefined);
    running.push(server);
    elsewhere.set(platforms.zones.challenges.origin, `${server.host}:${server.port}`);
  }
  const fleet = createFleet();
  return {
    platforms,
    servers,
    fleet,
    ask(backend, clientSubnet) {
      const address = servers.get(backend);
      if (address === undefined) throw new Error(`the lab has no ${backend}`);
      const [network, prefixLength] = clientSubnet?.split("/") ?? [];
      const subnet =
        network === undefined
          ? {}
          : { clientSubnet: { address: network, prefixLength: Number(prefixLength) } };
      const resolver = createResolver({ address, ...subnet });
      return (name, type) => resolver.query(name, type);
    },
    async serve(tree, certificates) {
      fleet.update(certificates);
      const listening = { ports: portsOf(tree), ...probeOf(tree) };
      await fleet.setNodes(tree.nodes.map(({ slot, address }) => ({ slot, address, ...listening })));
      await platforms.health.probeOnce();
    },
    async close() {
      await fleet.close();
      await Promise.all(running.map((server) => server.close()));
      await platforms.close();
    },
  };
}

/**
 * The data that a resolver finds which asks this name server of the domain, aliases followed wherever they lead. Nobody
 * in the lab knows the names above the zone: to them every server answers REFUSED.
 */
async function valuesAt(
  name: string,
  type: "TXT" | "CAA",
  server: string,
  elsewhere: ReadonlyMap<string, string>,
): Promise<readonly string[]> {
  const serverOf = (owner: string) => [...elsewhere].find(([zone]) => isWithin(owner, zone))?.[1] ?? server;
  const lookup = lookupThrough((owner, asked: typeof type) =>
    createResolver({ address: serverOf(owner) }).query(owner, asked),
  );
  const result = await lookup(name, type);
  if (result.status === "failed" && result.reason !== "REFUSED")
    throw new Error(`${type} ${name}: ${result.reason}`);
  return result.status === "found" ? result.records.map(({ data }) => data) : [];
}

type Zone = NonNullable<Platforms["zones"][LabBackend]>;

async function startNameServer(zone: Zone, preferredPort: number | undefined): Promise<DnsServer> {
  const start = (port: number) => startDnsServer({ zones: () => [zone], host: LOOPBACK, port });
  if (preferredPort === undefined) return start(0);
  return start(preferredPort).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EADDRINUSE") throw error;
    return start(0);
  });
}

/** What a node listens on: a port per way of speaking that the tree publishes. */
function portsOf(tree: Tree): { tls?: number; tcp?: number; udp?: number } {
  return Object.fromEntries(tree.services.map(({ transport, port }) => [SERVICES[transport].wire, port]));
}

/** Where the policy has the nodes probed, if at none of their SIP ports. */
function probeOf(tree: Tree): { probe?: ProbeEndpoint } {
  const request = probeRequest(tree);
  const { port } = request;
  if (request.type !== "tcp") {
    const status = expectedStatus(request.expectedCodes);
    return { probe: { scheme: request.type, port, path: request.path, status } };
  }
  const { tls, tcp } = portsOf(tree);
  return port === tls || port === tcp ? {} : { probe: { scheme: "tcp", port } };
}
