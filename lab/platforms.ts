/** The lab's platforms in one process: record store, provider servers, health probes, certification authority. */
import { join } from "node:path";
import { AcmeAuthority, type LookupTxt } from "./ca/acmeAuthority.ts";
import { LabCa } from "./ca/labCa.ts";
import type { ZoneData } from "./dns/zoneData.ts";
import { createLocate, type LocatedNetwork } from "./geo/locate.ts";
import { HealthChecks, type ProbeTarget } from "./health/healthChecks.ts";
import { acmeProvider } from "./providers/acme.ts";
import { type ChallengeSolver, cloudflareSolver, route53Solver } from "./providers/acmeChallenge.ts";
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
  readonly zones: { readonly cloudflare?: CloudflareZone; readonly route53?: Route53Zone };
  /** How the ACME authority asks the domain's name servers. Default: the zones themselves, without a network. */
  readonly lookupTxt?: LookupTxt;
  /** Where askers are: a caller outside all of these is of no known location. */
  readonly clientNetworks?: readonly LocatedNetwork[];
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
  readonly zones: { readonly cloudflare?: ZoneData; readonly route53?: ZoneData };
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
  const route53 = new Route53(store, options.zones.route53 ? [options.zones.route53] : []);
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
    ...(options.zones.route53 && {
      route53: new Route53ZoneView({
        ...serving,
        zoneId: options.zones.route53.zoneId,
        origin: options.zones.route53.zone,
        route53,
      }),
    }),
  };

  const authority = new AcmeAuthority(acme, ca, options.lookupTxt ?? zoneTxt(Object.values(zones)));
  const solvers: Record<string, ChallengeSolver> = {
    ...(zones.cloudflare && { cloudflare: cloudflareSolver(dns) }),
    ...(zones.route53 && { route53: route53Solver(route53) }),
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

function zoneTxt(zones: readonly ZoneData[]): LookupTxt {
  return async (name) => zones.map((zone) => zone.lookup(name, "TXT", { address: "127.0.0.1" })?.data ?? []);
}
