/** The lab's platforms in one process: record store, provider servers, health probes, certification authority. */
import { join } from "node:path";
import { AcmeAuthority } from "./ca/acmeAuthority.ts";
import { LabCa } from "./ca/labCa.ts";
import { type LookupSets, lookupIn } from "./ca/lookupSets.ts";
import { RateLimits } from "./ca/rateLimits.ts";
import type { ZoneData } from "./dns/zoneData.ts";
import { createLocate, type LocatedNetwork } from "./geo/locate.ts";
import { HealthChecks, type ProbeTarget } from "./health/healthChecks.ts";
import { acmeProvider } from "./providers/acme.ts";
import {
  type ChallengeSolver,
  cloudflareSolver,
  followingAliases,
  route53Solver,
} from "./providers/acmeChallenge.ts";
import { awsProvider } from "./providers/aws.ts";
import { cloudflareProvider } from "./providers/cloudflare.ts";
import { type ServedProvider, serveProvider } from "./providers/serve.ts";
import { AcmeStore } from "./store/acmeStore.ts";
import { CloudflareBalancing } from "./store/cloudflareBalancing.ts";
import { CloudflareDns, type CloudflareZone } from "./store/cloudflareDns.ts";
import { CloudflareZoneView, originProbe } from "./store/cloudflareZone.ts";
import type { OperationRequest } from "./store/operationLog.ts";
import { checkProbe } from "./store/route53Health.ts";
import { Route53, type Route53Zone } from "./store/route53Store.ts";
import { Route53ZoneView } from "./store/route53Zone.ts";
import { Store } from "./store/store.ts";

export interface PlatformsOptions {
  /** Where store and authority live across restarts; absent: in memory only. */
  readonly folder?: string;
  /** The zone of each platform in use; a platform without one holds nothing. */
  readonly zones: {
    readonly cloudflare?: CloudflareZone;
    readonly route53?: Route53Zone;
    /** A zone of its own for delegated challenges, at Route 53 alone. */
    readonly challenges?: Route53Zone;
  };
  /** How the ACME authority asks the domain's name servers. Default: the zones themselves, without a network. */
  readonly lookup?: LookupSets;
  /** Where askers are: a caller outside all of these is of no known location. */
  readonly clientNetworks?: readonly LocatedNetwork[];
  /** Whether the ACME authority has Let's Encrypt's rate limits; it does when absent. */
  readonly rateLimits?: boolean;
  readonly now?: () => Date;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
  readonly beforeOperation?: (request: OperationRequest) => void | Promise<void>;
  readonly healthIntervalMilliseconds?: number;
  /** Ports of the provider servers; free ones when absent. */
  readonly ports?: { readonly cloudflare?: number; readonly aws?: number; readonly acme?: number };
}

export interface Platforms {
  readonly store: Store;
  readonly cloudflare: { readonly dns: CloudflareDns; readonly balancing: CloudflareBalancing };
  readonly route53: Route53;
  readonly acme: AcmeStore;
  readonly ca: LabCa;
  readonly health: HealthChecks;
  /** What each platform in use serves. */
  readonly zones: {
    readonly cloudflare?: ZoneData;
    readonly route53?: ZoneData;
    readonly challenges?: ZoneData;
  };
  readonly ports: { readonly cloudflare: number; readonly aws: number; readonly acme: number };
  /** The value of `PULUMI_DEBUG_PROVIDERS` that attaches the engine to these platforms. */
  readonly debugProviders: string;
  close(): Promise<void>;
}

export async function startPlatforms(options: PlatformsOptions): Promise<Platforms> {
  const now = options.now ?? (() => new Date());
  const { folder, beforeOperation } = options;
  const ca = await LabCa.open({ now, ...(folder !== undefined && { folder: join(folder, "ca") }) });
  const store = new Store({
    now,
    ...(folder !== undefined && { folder: join(folder, "store") }),
    ...(beforeOperation && { beforeOperation }),
  });
  const cloudflareZones = options.zones.cloudflare ? [options.zones.cloudflare] : [];
  const dns = new CloudflareDns(store, cloudflareZones);
  const balancing = new CloudflareBalancing(store, cloudflareZones);
  const hostedZones = [options.zones.route53, options.zones.challenges];
  const route53 = new Route53(
    store,
    hostedZones.filter((zone) => zone !== undefined),
  );
  const acme = new AcmeStore(store);

  const interval = options.healthIntervalMilliseconds;
  const health = new HealthChecks({
    targets: () => [...cloudflareTargets(balancing), ...route53Targets(route53)],
    ...(interval !== undefined && { intervalMilliseconds: interval }),
  });

  const serving = {
    store,
    health,
    locate: createLocate(options.clientNetworks ?? []),
    random: options.random ?? Math.random,
  };
  const hostedZone = ({ zoneId, zone }: Route53Zone) =>
    new Route53ZoneView({ ...serving, zoneId, origin: zone, route53 });
  const zones = {
    ...(options.zones.cloudflare && {
      cloudflare: new CloudflareZoneView({
        ...serving,
        zoneId: options.zones.cloudflare.zoneId,
        origin: options.zones.cloudflare.zone,
        dns,
        balancing,
      }),
    }),
    ...(options.zones.route53 && { route53: hostedZone(options.zones.route53) }),
    ...(options.zones.challenges && { challenges: hostedZone(options.zones.challenges) }),
  };

  const { challenges, ...platformZones } = zones;
  const [ofDomain, delegated] = [Object.values(platformZones), challenges ? [challenges] : []];
  const bought = [options.zones.cloudflare, options.zones.route53].flatMap((zone) => zone?.zone ?? []);
  const authority = new AcmeAuthority(acme, ca, options.lookup ?? lookupIn(ofDomain, delegated), {
    now,
    ...(options.rateLimits === false ? {} : { limits: new RateLimits(acme, bought, now) }),
  });
  const followed = (solver: ChallengeSolver) => followingAliases(solver, Object.values(zones));
  const solvers: Record<string, ChallengeSolver> = {
    ...(zones.cloudflare && { cloudflare: followed(cloudflareSolver(dns)) }),
    ...(route53.zones.length > 0 && { route53: followed(route53Solver(route53)) }),
  };
  const servers = await serveAll([
    () => serveProvider(cloudflareProvider(dns, balancing), options.ports?.cloudflare),
    () => serveProvider(awsProvider(route53), options.ports?.aws),
    () => serveProvider(acmeProvider({ authority, store: acme, solvers, now }), options.ports?.acme),
  ]).catch((error: unknown) => {
    store.close();
    throw error;
  });
  const port = (name: string) => servers.find((server) => server.name === name)?.port ?? 0;
  health.start();

  return {
    store,
    cloudflare: { dns, balancing },
    route53,
    acme,
    ca,
    health,
    zones,
    ports: { cloudflare: port("cloudflare"), aws: port("aws"), acme: port("acme") },
    debugProviders: servers.map((server) => `${server.name}:${server.port}`).join(","),
    async close() {
      health.stop();
      await Promise.all(servers.map((server) => server.close()));
      store.close();
    },
  };
}

/** All or none: when one port is taken the others are given back. */
async function serveAll(
  starts: readonly (() => Promise<ServedProvider>)[],
): Promise<readonly ServedProvider[]> {
  const servers: ServedProvider[] = [];
  try {
    for (const start of starts) servers.push(await start());
    return servers;
  } catch (error) {
    await Promise.all(servers.map((server) => server.close()));
    throw error;
  }
}

/** What Cloudflare's monitors probe: every enabled origin of a pool that has one. */
function cloudflareTargets(balancing: CloudflareBalancing): ProbeTarget[] {
  return balancing
    .pools()
    .flatMap((pool) => pool.origins.flatMap((origin) => originProbe(balancing, pool, origin) ?? []));
}

function route53Targets(route53: Route53): ProbeTarget[] {
  return route53
    .healthChecks()
    .flatMap((check) =>
      check.ipAddress === undefined || check.port === undefined ? [] : [checkProbe(check)],
    );
}
