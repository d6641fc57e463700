/**
 * A rendering in the lab's record stores without the engine: written through the stores' own requests, which refuse
 * what the services refuse, in the order in which the stack program would write it.
 */
import { ISSUANCE_TTL_SECONDS } from "../../dns/caa.ts";
import { recordData } from "../../dns/records.ts";
import type { ZoneData } from "../../lab/dns/zoneData.ts";
import type { Locate } from "../../lab/geo/locate.ts";
import type { HealthView } from "../../lab/health/healthView.ts";
import { CloudflareBalancing, type PoolsByPlace } from "../../lab/store/cloudflareBalancing.ts";
import { CloudflareDns } from "../../lab/store/cloudflareDns.ts";
import { CloudflareZoneView } from "../../lab/store/cloudflareZone.ts";
import { Store } from "../../lab/store/store.ts";
import type { CloudflareRendering, Monitor, Pool, Route53Rendering } from "../../plan/rendering.ts";
import { Route53Stack } from "./route53Stack.ts";

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
 * @param caa issue values of the domain, which an update adds to the rendering.
 * @throws PlatformError where the platform refuses a row.
 */
export function deployRendering(
  rendering: SteeringRendering,
  serving: Serving,
  caa: readonly string[] = [],
): Promise<ZoneData> {
  return rendering.backend === "cloudflare"
    ? deployCloudflare(rendering, serving, caa)
    : deployRoute53(rendering, serving, caa);
}

/** Everybody is up but these. */
export function allUpBut(deadAddresses: ReadonlySet<string>): HealthView {
  return { isUp: (address) => !deadAddresses.has(address) };
}

const ACCOUNT_ID = "account";
const CLOUDFLARE_ZONE_ID = "zone";

async function deployCloudflare(
  rendering: CloudflareRendering,
  serving: Serving,
  caa: readonly string[],
): Promise<ZoneData> {
  const { zone, domain, records, pools, loadBalancers, monitor } = rendering;
  const store = new Store();
  const zones = [{ zoneId: CLOUDFLARE_ZONE_ID, accountId: ACCOUNT_ID, zone }];
  const dns = new CloudflareDns(store, zones);
  const balancing = new CloudflareBalancing(store, zones);
  for (const { record } of records) {
    const { name, type, ttlSeconds: ttl } = record;
    if (record.type !== "SRV") {
      await dns.create(CLOUDFLARE_ZONE_ID, { name, type, ttl, proxied: false, content: recordData(record) });
      continue;
    }
    const { priority, weight, port, target } = record;
    const data = { priority, weight, port, target };
    await dns.create(CLOUDFLARE_ZONE_ID, { name, type, ttl, proxied: false, priority, data });
  }
  for (const value of caa) {
    const data = { flags: 0, tag: "issue", value };
    const record = { name: domain, type: "CAA", ttl: ISSUANCE_TTL_SECONDS, proxied: false, data };
    await dns.create(CLOUDFLARE_ZONE_ID, record);
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

async function deployRoute53(
  rendering: Route53Rendering,
  serving: Serving,
  caa: readonly string[],
): Promise<ZoneData> {
  const stack = new Route53Stack(rendering.zone, serving);
  await stack.update(rendering);
  await stack.authorize(rendering.domain, caa);
  return stack.zone;
}
