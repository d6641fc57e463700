/**
 * A rendering in the lab's record stores without the engine: written through the stores' own requests, which refuse
 * what the services refuse, in the order in which the stack program would write it.
 */
import { recordData, setKey } from "../../dns/records.ts";
import type { ZoneData } from "../../lab/dns/zoneData.ts";
import type { Locate } from "../../lab/geo/locate.ts";
import type { HealthView } from "../../lab/health/healthView.ts";
import { CloudflareBalancing, type PoolsByPlace } from "../../lab/store/cloudflareBalancing.ts";
import { CloudflareDns } from "../../lab/store/cloudflareDns.ts";
import { CloudflareZoneView } from "../../lab/store/cloudflareZone.ts";
import type { RecordSet, RoutingPolicy } from "../../lab/store/route53Sets.ts";
import { type HealthCheckRequest, Route53 } from "../../lab/store/route53Store.ts";
import { Route53ZoneView } from "../../lab/store/route53Zone.ts";
import { Store } from "../../lab/store/store.ts";
import type {
  AliasSet,
  CloudflareRendering,
  HealthCheck,
  Monitor,
  Pool,
  Route53Rendering,
  Routing,
} from "../../plan/rendering.ts";

/** What decides an answer besides the records. */
export interface Serving {
  readonly health: HealthView;
  readonly locate: Locate;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

export type SteeringRendering = CloudflareRendering | Route53Rendering;

/**
 * The zone as the rendering's platform serves it.
 * @throws PlatformError where the platform refuses a row.
 */
export function deployRendering(rendering: SteeringRendering, serving: Serving): Promise<ZoneData> {
  return rendering.backend === "cloudflare"
    ? deployCloudflare(rendering, serving)
    : deployRoute53(rendering, serving);
}

/** Everybody is up but these. */
export function allUpBut(deadAddresses: ReadonlySet<string>): HealthView {
  return { isUp: (address) => !deadAddresses.has(address) };
}

const ACCOUNT_ID = "account";
const CLOUDFLARE_ZONE_ID = "zone";
const ROUTE53_ZONE_ID = "Z1";

async function deployCloudflare(rendering: CloudflareRendering, serving: Serving): Promise<ZoneData> {
  const { zone, records, pools, loadBalancers, monitor } = rendering;
  const store = new Store();
  const zones = [{ zoneId: CLOUDFLARE_ZONE_ID, accountId: ACCOUNT_ID, zone }];
  const dns = new CloudflareDns(store, zones);
  const balancing = new CloudflareBalancing(store, zones);
  for (const { record } of records) {
    const { name, type, ttlSeconds: ttl } = record;
    if (record.type !== "SRV") {
      await dns.create(CLOUDFLARE_ZONE_ID, { name, type, ttl, proxied: false, content: record.address });
      continue;
    }
    const { priority, weight, port, target } = record;
    const data = { priority, weight, port, target };
    await dns.create(CLOUDFLARE_ZONE_ID, { name, type, ttl, proxied: false, priority, data });
  }
  const poolIds = await createPools(balancing, pools, monitor);
  const idOf = (key: string) => poolIds.get(key) ?? `no pool ${key}`;
  const byPlace = (places: PoolsByPlace): PoolsByPlace =>
    Object.fromEntries(Object.entries(places).map(([code, keys]) => [code, keys.map(idOf)]));
  for (const balancer of loadBalancers) {
    await balancing.createLoadBalancer(CLOUDFLARE_ZONE_ID, {
      name: balancer.name,
      enabled: true,
      proxied: false,
      ttl: balancer.ttlSeconds,
      steeringPolicy: "geo",
      defaultPools: balancer.defaultPools.map(idOf),
      fallbackPool: idOf(balancer.fallbackPool),
      regionPools: byPlace(balancer.regionPools),
      countryPools: byPlace(balancer.countryPools),
    });
  }
  return new CloudflareZoneView({
    ...serving,
    store,
    dns,
    balancing,
    zoneId: CLOUDFLARE_ZONE_ID,
    origin: zone,
  });
}

async function createPools(
  balancing: CloudflareBalancing,
  pools: readonly Pool[],
  monitor: Monitor | undefined,
): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>();
  if (pools.length === 0) return ids;
  if (monitor === undefined) throw new Error("a pool is rendered without a monitor");
  const { intervalSeconds: interval, timeoutSeconds: timeout, retries, ...request } = monitor;
  const { id: monitorId } = await balancing.createMonitor(ACCOUNT_ID, {
    ...request,
    interval,
    timeout,
    retries,
  });
  for (const { key, origins } of pools) {
    const { id } = await balancing.createPool(ACCOUNT_ID, {
      name: key,
      enabled: true,
      minimumOrigins: 1,
      monitor: monitorId,
      origins: origins.map(({ slot, address, weight }) => ({ name: slot, address, weight, enabled: true })),
    });
    ids.set(key, id);
  }
  return ids;
}

/** Groups behind a published name come first: an alias must find its target. */
const POLICY_ORDER: readonly Routing["policy"][] = ["failover", "geolocation", "simple"];

async function deployRoute53(rendering: Route53Rendering, serving: Serving): Promise<ZoneData> {
  const { zone, records, aliases, healthChecks } = rendering;
  const store = new Store();
  const route53 = new Route53(store, [{ zoneId: ROUTE53_ZONE_ID, zone }]);
  for (const lines of Map.groupBy(records, ({ record }) => setKey(record)).values()) {
    const [first] = lines;
    if (first === undefined) continue;
    const { name, type, ttlSeconds: ttl } = first.record;
    await route53.createSet({
      zoneId: ROUTE53_ZONE_ID,
      name,
      type,
      ttl,
      values: lines.map(({ record }) => recordData(record)),
      routing: { kind: "simple" },
    });
  }
  const checkIds = await createHealthChecks(route53, healthChecks);
  for (const alias of aliasesInOrder(aliases)) await route53.createSet(aliasSet(alias, checkIds));
  return new Route53ZoneView({ ...serving, store, route53, zoneId: ROUTE53_ZONE_ID, origin: zone });
}

/** Each policy's sets after those that it points to: a site of a global name may be a steered name itself. */
function aliasesInOrder(aliases: readonly AliasSet[]): AliasSet[] {
  const owner = ({ cause }: AliasSet) => (cause.tier === "global" ? 1 : 0);
  const policy = ({ routing }: AliasSet) => POLICY_ORDER.indexOf(routing.policy);
  return aliases.toSorted((a, b) => owner(a) - owner(b) || policy(a) - policy(b));
}

async function createHealthChecks(
  route53: Route53,
  checks: readonly HealthCheck[],
): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>();
  for (const check of checks) {
    const of = check.kind === "calculated" ? "site" : "node";
    const { id } = await route53.createHealthCheck(checkRequest(check, ids));
    ids.set(`${of} ${check.key}`, id);
  }
  return ids;
}

function checkRequest(check: HealthCheck, ids: ReadonlyMap<string, string>): HealthCheckRequest {
  if (check.kind === "calculated") {
    const childHealthchecks = check.children.map((slot) => ids.get(`node ${slot}`) ?? `no check of ${slot}`);
    return { type: "CALCULATED", childHealthchecks, childHealthThreshold: check.threshold };
  }
  const { address: ipAddress, port, intervalSeconds: requestInterval, failureThreshold } = check;
  return {
    type: check.kind.toUpperCase(),
    ipAddress,
    port,
    requestInterval,
    failureThreshold,
    ...(check.kind === "tcp" ? {} : { resourcePath: check.path }),
  };
}

function aliasSet(alias: AliasSet, checkIds: ReadonlyMap<string, string>): RecordSet {
  const { name, type, target, routing } = alias;
  const base = {
    zoneId: ROUTE53_ZONE_ID,
    name,
    type,
    values: [],
    alias: { name: target, zoneId: ROUTE53_ZONE_ID, evaluateTargetHealth: routing.policy !== "simple" },
  };
  if (routing.policy === "simple") return { ...base, routing: { kind: "simple" } };
  const check = routing.policy === "failover" ? routing.healthCheck : undefined;
  return {
    ...base,
    setIdentifier: routing.setIdentifier,
    routing: routedBy(routing),
    ...(check === undefined
      ? {}
      : { healthCheckId: checkIds.get(`site ${check}`) ?? `no check of ${check}` }),
  };
}

function routedBy(routing: Exclude<Routing, { policy: "simple" }>): RoutingPolicy {
  if (routing.policy === "failover") return { kind: "failover", role: routing.role };
  const { location } = routing;
  return { kind: "geolocation", location: "default" in location ? { country: "*" } : location };
}
