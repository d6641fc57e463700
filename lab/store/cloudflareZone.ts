/** A zone as Cloudflare serves it: its records, and its DNS-only load balancers answered for each asker. */
import type { Asker, ServedSet, ZoneData } from "../dns/zoneData.ts";
import type { Locate } from "../geo/locate.ts";
import type { ProbeTarget } from "../health/healthChecks.ts";
import type { HealthView } from "../health/healthView.ts";
import type {
  CloudflareBalancing,
  LoadBalancerRow,
  PoolOriginRequest,
  PoolRow,
} from "./cloudflareBalancing.ts";
import type { CloudflareDns, DnsRecordRow } from "./cloudflareDns.ts";
import type { Store } from "./store.ts";
import { namesWithAncestors } from "./zoneNames.ts";

/** What `ttl: 1` (automatic) is served with. */
const AUTOMATIC_TTL_SECONDS = 300;

/** Default of an unproxied load balancer (documentation "DNS-only load balancing", read 2026-11-23). */
const LOAD_BALANCER_TTL_SECONDS = 30;

export interface CloudflareZoneOptions {
  readonly zoneId: string;
  readonly origin: string;
  readonly store: Store;
  readonly dns: CloudflareDns;
  readonly balancing: CloudflareBalancing;
  readonly health: HealthView;
  readonly locate: Locate;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

export class CloudflareZoneView implements ZoneData {
  readonly origin: string;
  readonly #options: CloudflareZoneOptions;
  #revision = -1;
  #records = new Map<string, DnsRecordRow[]>();
  #loadBalancers = new Map<string, LoadBalancerRow>();
  #names = new Set<string>();

  constructor(options: CloudflareZoneOptions) {
    this.origin = options.origin;
    this.#options = options;
  }

  exists(name: string): boolean {
    this.#refresh();
    return this.#names.has(name);
  }

  lookup(name: string, type: string, asker: Asker): ServedSet | undefined {
    this.#refresh();
    const loadBalancer = this.#loadBalancers.get(name);
    // An enabled load balancer stands before the address and alias records of its name, and before no other.
    if (loadBalancer !== undefined && ["A", "AAAA", "CNAME"].includes(type)) {
      return type === "A" ? this.#balanced(loadBalancer, asker) : undefined;
    }
    const rows = (this.#records.get(name) ?? []).filter((row) => row.type === type);
    const first = rows[0];
    if (first === undefined) return undefined;
    const ttlSeconds = first.ttl === 1 ? AUTOMATIC_TTL_SECONDS : first.ttl;
    return { name, type, ttlSeconds, data: rows.map(presentation) };
  }

  #refresh(): void {
    const { store, dns, balancing, zoneId } = this.#options;
    if (store.revision === this.#revision) return;
    this.#revision = store.revision;
    this.#records = Map.groupBy(dns.rows(zoneId), (row) => row.name);
    const enabled = balancing.loadBalancers(zoneId).filter((row) => row.enabled);
    this.#loadBalancers = new Map(enabled.map((row) => [row.name, row]));
    this.#names = namesWithAncestors([...this.#records.keys(), ...this.#loadBalancers.keys()], this.origin);
  }

  #balanced(row: LoadBalancerRow, asker: Asker): ServedSet | undefined {
    const pool = this.#poolFor(row, asker);
    const origin = pool && this.#originOf(pool.row, pool.ignoreHealth);
    if (origin === undefined) return undefined;
    const scope = row.steeringPolicy === "geo" ? asker.subnet?.prefixLength : undefined;
    return {
      name: row.name,
      type: "A",
      ttlSeconds: row.ttl ?? LOAD_BALANCER_TTL_SECONDS,
      data: [origin.address],
      ...(scope !== undefined && { scopePrefixLength: scope }),
    };
  }

  /** The first usable pool of those for the asker's place, else the fallback pool whatever its health. */
  #poolFor(row: LoadBalancerRow, asker: Asker): { row: PoolRow; ignoreHealth: boolean } | undefined {
    for (const id of this.#candidates(row, asker)) {
      const pool = this.#options.balancing.pool(id);
      if (pool?.enabled && this.#isHealthy(pool)) return { row: pool, ignoreHealth: false };
    }
    const fallback = this.#options.balancing.pool(row.fallbackPool);
    return fallback?.enabled ? { row: fallback, ignoreHealth: true } : undefined;
  }

  /**
   * The pools of the narrowest place that has some. Only a place without any gives way to the wider one: when all
   * of its pools are down, the fallback pool answers (documentation "Geo steering", failover; read 2026-11-23).
   */
  #candidates(row: LoadBalancerRow, asker: Asker): readonly string[] {
    if (row.steeringPolicy !== "geo") return row.defaultPools;
    // Cloudflare takes the region from the data center that is asked. The lab has one place only, so the
    // client network of the question stands for the data center too.
    const { country, cloudflareRegion } = this.#options.locate(asker);
    return row.countryPools?.[country ?? ""] ?? row.regionPools?.[cloudflareRegion ?? ""] ?? row.defaultPools;
  }

  #isHealthy(pool: PoolRow): boolean {
    const up = pool.origins.filter((origin) => origin.enabled && this.#isUp(pool, origin));
    return up.length >= Math.max(1, pool.minimumOrigins);
  }

  /** Without a monitor health is ignored; with one, an origin not probed yet is down. */
  #isUp(pool: PoolRow, origin: PoolOriginRequest): boolean {
    if (pool.monitor === undefined) return true;
    const probe = originProbe(this.#options.balancing, pool, origin);
    return probe !== undefined && this.#options.health.isUp(probe.address, probe.port, probe.http) === true;
  }

  #originOf(pool: PoolRow, ignoreHealth: boolean): PoolOriginRequest | undefined {
    const usable = pool.origins.filter(
      (origin) => origin.enabled && (ignoreHealth || this.#isUp(pool, origin)),
    );
    const total = usable.reduce((sum, origin) => sum + origin.weight, 0);
    let left = this.#options.random() * total;
    for (const origin of usable) {
      left -= origin.weight;
      if (left < 0) return origin;
    }
    return usable[0];
  }
}

/** How an origin is probed: on its own port, else the monitor's; undefined without a monitor. */
export function originProbe(
  balancing: CloudflareBalancing,
  pool: PoolRow,
  origin: PoolOriginRequest,
): ProbeTarget | undefined {
  const monitor = pool.monitor === undefined ? undefined : balancing.monitor(pool.monitor);
  if (monitor === undefined) return undefined;
  const { type, path, expectedCodes } = monitor;
  const { address } = origin;
  if (type !== "http" && type !== "https") {
    const port = origin.port || monitor.port;
    return port ? { address, port } : undefined;
  }
  const port = origin.port || monitor.port || (type === "http" ? 80 : 443);
  const codes = String(expectedCodes || "200");
  return { address, port, http: { scheme: type, path: String(path ?? "/"), codes } };
}

function presentation(row: DnsRecordRow): string {
  if (row.type === "SRV" || row.type === "MX") return `${row.priority ?? 0} ${row.content}`;
  return row.type === "TXT" && !row.content.startsWith('"') ? `"${row.content}"` : row.content;
}
