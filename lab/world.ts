/** The lab without the engine: platforms, their name servers, health checks and the SIP nodes, as one. */
import { createResolver } from "../dial/resolver.ts";
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
  readonly cloudflare?: { readonly accountId: string; readonly zoneId: string } | undefined;
  readonly route53?: { readonly zoneId: string } | undefined;
  /** Preferred port of each name server on 127.0.0.1; taken ports are replaced by free ones. */
  readonly dnsPorts?: Partial<Record<LabBackend, number>>;
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

export async function startWorld(options: WorldOptions): Promise<World> {
  const servers = new Map<LabBackend, string>();
  const running: DnsServer[] = [];
  const platforms = await startPlatforms({
    ...(options.folder === undefined ? {} : { folder: options.folder }),
    zones: {
      ...(options.cloudflare === undefined
        ? {}
        : { cloudflare: { ...options.cloudflare, zone: options.zone } }),
      ...(options.route53 === undefined ? {} : { route53: { ...options.route53, zone: options.zone } }),
    },
    clientNetworks: CLIENT_NETWORKS,
    // The authority looks where everybody looks: at every name server of the domain.
    lookupTxt: (name) => Promise.all([...servers.values()].map((address) => txtValues(address, name))),
  });
  for (const backend of ["cloudflare", "route53"] as const) {
    const zone = platforms.zones[backend];
    if (zone === undefined) continue;
    const server = await startNameServer(zone, options.dnsPorts?.[backend]);
    running.push(server);
    servers.set(backend, `${server.host}:${server.port}`);
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

async function txtValues(address: string, name: string): Promise<string[]> {
  const { records } = await createResolver({ address }).query(name, "TXT");
  return records.filter(({ type }) => type === "TXT").map(({ data }) => data.replaceAll('"', ""));
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
