/** Cloudflare's load balancing: monitors and pools of an account, load balancers of a zone. */
import { isIP } from "node:net";
import { isWithin } from "../../dns/names.ts";
import type { CloudflareZone } from "./cloudflareDns.ts";
import { CloudflareObjects, type ObjectRow } from "./cloudflareObjects.ts";
import { PlatformError } from "./platformError.ts";
import type { Store } from "./store.ts";

export interface MonitorRequest {
  readonly type: string;
  readonly port?: number;
  /** Seconds between probes. */
  readonly interval: number;
  /** Seconds until a probe counts as failed. */
  readonly timeout: number;
  readonly retries: number;
  readonly [setting: string]: unknown;
}

export interface PoolOriginRequest {
  readonly name: string;
  readonly address: string;
  readonly enabled: boolean;
  /** 0 to 1 in steps of 0.01. */
  readonly weight: number;
  /** 0: the monitor's port. */
  readonly port?: number;
  readonly [setting: string]: unknown;
}

export interface PoolRequest {
  readonly name: string;
  readonly enabled: boolean;
  readonly minimumOrigins: number;
  readonly monitor?: string;
  readonly origins: readonly PoolOriginRequest[];
  readonly checkRegions?: readonly string[];
  readonly [setting: string]: unknown;
}

/** Pool ids in order of preference. */
export type PoolsByPlace = Readonly<Record<string, readonly string[]>>;

export interface LoadBalancerRequest {
  readonly name: string;
  readonly enabled: boolean;
  readonly proxied: boolean;
  readonly ttl?: number;
  readonly defaultPools: readonly string[];
  readonly fallbackPool: string;
  readonly regionPools?: PoolsByPlace;
  readonly countryPools?: PoolsByPlace;
  readonly popPools?: PoolsByPlace;
  readonly steeringPolicy: string;
  readonly locationStrategy?: { readonly mode?: string; readonly preferEcs?: string };
  readonly [setting: string]: unknown;
}

export type MonitorRow = MonitorRequest & ObjectRow & { readonly accountId: string };
export type PoolRow = PoolRequest & ObjectRow & { readonly accountId: string };
export type LoadBalancerRow = LoadBalancerRequest & ObjectRow & { readonly zoneId: string };

/** Cloudflare's load balancing regions (documentation "Region mapping", read 2026-11-23). */
const REGION_CODES = new Set(
  ["EEU", "ENAM", "ME", "NAF", "NEAS", "NSAM", "OC", "SAF", "SAS", "SEAS", "SSAM", "WEU", "WNAM"], //
);

const STATUS_CODES = /^[1-5](xx|\d\d)(,[1-5](xx|\d\d))*$/;

const POOL_NAME = /^[A-Za-z0-9_-]+$/;

export class CloudflareBalancing {
  readonly #zones: readonly CloudflareZone[];
  readonly #monitors: CloudflareObjects<MonitorRequest, MonitorRow>;
  readonly #pools: CloudflareObjects<PoolRequest, PoolRow>;
  readonly #loadBalancers: CloudflareObjects<LoadBalancerRequest, LoadBalancerRow>;

  constructor(store: Store, zones: readonly CloudflareZone[]) {
    this.#zones = zones;
    this.#monitors = new CloudflareObjects(
      store,
      "monitor",
      (sent) => `${sent.type}/${sent.port ?? "default"}`,
    );
    this.#pools = new CloudflareObjects(store, "pool", (sent) => sent.name);
    this.#loadBalancers = new CloudflareObjects(store, "loadBalancer", (sent) => sent.name);
  }

  monitor(id: string): MonitorRow | undefined {
    return this.#monitors.get(id);
  }

  pool(id: string): PoolRow | undefined {
    return this.#pools.get(id);
  }

  pools(): readonly PoolRow[] {
    return this.#pools.all();
  }

  loadBalancers(zoneId: string): readonly LoadBalancerRow[] {
    return this.#loadBalancers.all().filter((row) => row.zoneId === zoneId);
  }

  async readMonitor(id: string): Promise<MonitorRow> {
    return this.#monitors.read(id);
  }

  async createMonitor(accountId: string, sent: MonitorRequest): Promise<MonitorRow> {
    return this.#monitors.create(sent, { accountId }, () => this.#checkMonitor(accountId, sent));
  }

  async updateMonitor(accountId: string, id: string, sent: MonitorRequest): Promise<MonitorRow> {
    return this.#monitors.update(id, sent, { accountId }, () => this.#checkMonitor(accountId, sent));
  }

  async deleteMonitor(id: string): Promise<void> {
    return this.#monitors.delete(id, () => {
      const users = this.#pools.all().filter((pool) => pool.monitor === id);
      if (users.length > 0) throw inUse("monitor", users);
    });
  }

  async listPools(accountId: string): Promise<readonly PoolRow[]> {
    return (await this.#pools.list()).filter((pool) => pool.accountId === accountId);
  }

  async readPool(id: string): Promise<PoolRow> {
    return this.#pools.read(id);
  }

  async createPool(accountId: string, sent: PoolRequest): Promise<PoolRow> {
    return this.#pools.create(sent, { accountId }, (id) => this.#checkPool(accountId, id, sent));
  }

  async updatePool(accountId: string, id: string, sent: PoolRequest): Promise<PoolRow> {
    return this.#pools.update(id, sent, { accountId }, () => this.#checkPool(accountId, id, sent));
  }

  async deletePool(id: string): Promise<void> {
    return this.#pools.delete(id, () => {
      const users = this.#loadBalancers.all().filter((row) => poolsOf(row).includes(id));
      if (users.length > 0) throw inUse("pool", users);
    });
  }

  async readLoadBalancer(id: string): Promise<LoadBalancerRow> {
    return this.#loadBalancers.read(id);
  }

  async createLoadBalancer(zoneId: string, sent: LoadBalancerRequest): Promise<LoadBalancerRow> {
    return this.#loadBalancers.create(sent, { zoneId }, (id) => this.#checkLoadBalancer(zoneId, id, sent));
  }

  async updateLoadBalancer(zoneId: string, id: string, sent: LoadBalancerRequest): Promise<LoadBalancerRow> {
    return this.#loadBalancers.update(id, sent, { zoneId }, () => this.#checkLoadBalancer(zoneId, id, sent));
  }

  async deleteLoadBalancer(id: string): Promise<void> {
    return this.#loadBalancers.delete(id, () => {});
  }

  #checkAccount(accountId: string): void {
    if (!this.#zones.some((zone) => zone.accountId === accountId)) {
      const text = `Could not route to /accounts/${accountId}, perhaps your object identifier is invalid?`;
      throw new PlatformError(404, "7003", text);
    }
  }

  #checkMonitor(accountId: string, sent: MonitorRequest): void {
    this.#checkAccount(accountId);
    const portNeeded = sent.type === "tcp";
    const port = sent.port ?? 0;
    if (!Number.isInteger(port) || port < (portNeeded ? 1 : 0) || port > 65535) {
      throw invalid("port: must be between 1 and 65535 for a tcp monitor");
    }
    if (sent.type === "http" || sent.type === "https") {
      if (!String(sent.path ?? "").startsWith("/"))
        throw invalid("path: must begin with / for an http monitor");
      if (!STATUS_CODES.test(String(sent.expectedCodes ?? ""))) {
        throw invalid("expected_codes: must be a list of codes such as 2xx or 200 for an http monitor");
      }
    }
    if (sent.interval < 10) throw invalid("interval: must be at least 10 seconds");
    if (sent.timeout >= sent.interval) throw invalid("timeout: must be less than the interval");
  }

  #checkPool(accountId: string, id: string, sent: PoolRequest): void {
    this.#checkAccount(accountId);
    if (!POOL_NAME.test(sent.name)) throw invalid("name: only letters, digits, hyphens and underscores");
    if (this.#pools.all().some((pool) => pool.id !== id && pool.name === sent.name))
      throw notUnique("name", sent.name);
    if (sent.origins.length === 0) throw invalid("origins: at least one origin is required");
    for (const { name, address, weight } of sent.origins) {
      if (isIP(address) === 0) throw invalid(`origins: the lab wants IP addresses, "${address}" is none`);
      if (!(weight >= 0 && weight <= 1)) throw invalid(`origins: weight of ${name} must be between 0 and 1`);
    }
    const addresses = sent.origins.map((origin) => origin.address);
    const twice = addresses.find((address, index) => addresses.indexOf(address) !== index);
    if (twice !== undefined) throw notUnique("origins.address", twice);
    if (sent.monitor !== undefined && this.#monitors.get(sent.monitor) === undefined) {
      throw invalid(`monitor: ${sent.monitor} does not exist`);
    }
    for (const code of sent.checkRegions ?? []) {
      if (!REGION_CODES.has(code) && code !== "ALL_REGIONS")
        throw invalid(`check_regions: unknown region ${code}`);
    }
  }

  #checkLoadBalancer(zoneId: string, id: string, sent: LoadBalancerRequest): void {
    const zone = this.#zones.find((candidate) => candidate.zoneId === zoneId);
    if (zone === undefined) {
      const text = `Could not route to /zones/${zoneId}, perhaps your object identifier is invalid?`;
      throw new PlatformError(404, "7003", text);
    }
    if (!isWithin(sent.name, zone.zone)) throw invalid(`name: ${sent.name} is not in the zone ${zone.zone}`);
    if (this.loadBalancers(zoneId).some((row) => row.id !== id && row.name === sent.name)) {
      throw notUnique("name", sent.name);
    }
    if (sent.defaultPools.length === 0) throw invalid("default_pools: at least one pool is required");
    for (const pool of poolsOf(sent)) {
      if (this.#pools.get(pool) === undefined) throw invalid(`pool ${pool} does not exist`);
    }
    for (const code of Object.keys(sent.regionPools ?? {})) {
      if (!REGION_CODES.has(code)) throw invalid(`region_pools: unknown region ${code}`);
    }
    for (const code of Object.keys(sent.countryPools ?? {})) {
      if (!/^[A-Z]{2}$/.test(code)) throw invalid(`country_pools: unknown country ${code}`);
    }
  }
}

/** Every pool that the load balancer names: a pool counts as used wherever it stands, steering or not. */
function poolsOf(sent: LoadBalancerRequest): readonly string[] {
  const maps = [sent.regionPools, sent.countryPools, sent.popPools];
  return [sent.fallbackPool, ...sent.defaultPools, ...maps.flatMap((map) => Object.values(map ?? {}).flat())];
}

function invalid(text: string): PlatformError {
  return new PlatformError(400, "1002", `${text}: validation failed`);
}

function notUnique(field: string, value: string): PlatformError {
  return new PlatformError(400, "1003", `${field}: ${value}: value not unique`);
}

function inUse(what: string, users: readonly { readonly id: string }[]): PlatformError {
  const ids = users.map((user) => user.id).join(", ");
  return new PlatformError(412, "1005", `the ${what} is referenced by other objects: ${ids}`);
}
