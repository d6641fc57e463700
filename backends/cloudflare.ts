/** A Cloudflare zone: one DnsRecord per record, DNS-only load balancers, pools and their monitor. */
import * as cloudflare from "@pulumi/cloudflare";
import type * as pulumi from "@pulumi/pulumi";
import { ISSUANCE_TTL_SECONDS } from "../dns/caa.ts";
import { type DnsRecord, type RecordType, setKey } from "../dns/records.ts";
import { caaName, loadBalancerName, poolName, recordName } from "../plan/logicalNames.ts";
import type {
  CloudflareRendering,
  LoadBalancer,
  PlannedRecord,
  Pool,
  ProbeRequest,
} from "../plan/rendering.ts";
import { byOwner, type CaaValue, type DnsBackend, type Owner, ownerKey, type Placement } from "./backend.ts";

export interface CloudflareZone {
  readonly accountId: string;
  readonly zoneId: string;
}

export class CloudflareBackend implements DnsBackend {
  readonly name = "cloudflare";
  readonly resources: pulumi.CustomResource[] = [];
  readonly #zone: CloudflareZone;
  readonly #rendering: CloudflareRendering;
  readonly #records: ReadonlyMap<string, readonly PlannedRecord[]>;
  readonly #pools: ReadonlyMap<string, readonly Pool[]>;
  readonly #loadBalancers: ReadonlyMap<string, readonly LoadBalancer[]>;
  /** What stands at an owner name and type: SRV rows wait for the records or load balancers of their targets. */
  readonly #sets = new Map<string, pulumi.CustomResource[]>();
  readonly #poolIds = new Map<string, pulumi.Output<string>>();
  #monitor: cloudflare.LoadBalancerMonitor | undefined;

  constructor(zone: CloudflareZone, rendering: CloudflareRendering) {
    this.#zone = zone;
    this.#rendering = rendering;
    this.#records = byOwner(rendering.records);
    this.#pools = byOwner(rendering.pools);
    this.#loadBalancers = byOwner(rendering.loadBalancers);
  }

  publish(owner: Owner, placement: Placement): void {
    const key = ownerKey(owner);
    const records = this.#records.get(key) ?? [];
    for (const pool of this.#pools.get(key) ?? []) this.#publishPool(pool, placement);
    for (const balancer of this.#loadBalancers.get(key) ?? []) this.#publishLoadBalancer(balancer, placement);
    for (const line of records) if (line.record.type !== "SRV") this.#publishRecord(line, placement);
    for (const line of records) if (line.record.type === "SRV") this.#publishRecord(line, placement);
  }

  #publishRecord(line: PlannedRecord, { parent, beforeListing }: Placement): void {
    const { record, cause } = line;
    // A node's own address waits for nothing; a name that lists the node waits for its certificate.
    const listed = cause.tier !== "node" && cause.slot !== undefined ? beforeListing(cause.slot) : [];
    const held =
      record.type === "SRV" ? [...this.at(record.target, "A"), ...this.at(record.target, "AAAA")] : [];
    const resource = new cloudflare.DnsRecord(
      recordName(line, this.name, this.#rendering.domain),
      { zoneId: this.#zone.zoneId, ...recordArgs(record) },
      { parent, dependsOn: [...held, ...listed] },
    );
    this.#stand(resource, record);
  }

  /** A record per value. Those of others wait for the first: alone they would shut the stack's own account out. */
  authorize(values: readonly CaaValue[], parent: pulumi.ComponentResource): void {
    const name = this.#rendering.domain;
    for (const { key, value } of values) {
      const [own] = this.at(name, "CAA");
      const resource = new cloudflare.DnsRecord(
        caaName(this.name, key),
        {
          zoneId: this.#zone.zoneId,
          name,
          type: "CAA",
          ttl: ISSUANCE_TTL_SECONDS,
          proxied: false,
          data: { flags: 0, tag: "issue", value },
        },
        { parent, dependsOn: own === undefined ? [] : [own] },
      );
      this.#stand(resource, { name, type: "CAA" });
    }
  }

  at(name: string, type: RecordType): readonly pulumi.CustomResource[] {
    return this.#sets.get(setKey({ name, type })) ?? [];
  }

  #publishPool(pool: Pool, { parent, beforeListing }: Placement): void {
    const resource = new cloudflare.LoadBalancerPool(
      poolName(pool, this.name),
      {
        accountId: this.#zone.accountId,
        name: `dialtree-${this.#rendering.domain.replaceAll(".", "-")}-${pool.key}`,
        enabled: true,
        minimumOrigins: 1,
        monitor: this.#publishMonitor().id,
        // The API keeps a list: one order, and every field stated, or the next preview shows a change.
        origins: pool.origins.map(({ slot, address, weight }) => ({
          name: slot,
          address,
          weight,
          enabled: true,
        })),
      },
      { parent, dependsOn: pool.origins.flatMap(({ slot }) => beforeListing(slot)) },
    );
    this.resources.push(resource);
    this.#poolIds.set(pool.key, resource.id);
  }

  #publishLoadBalancer(balancer: LoadBalancer, { parent }: Placement): void {
    const resource = new cloudflare.LoadBalancer(
      loadBalancerName(balancer, this.name),
      {
        zoneId: this.#zone.zoneId,
        name: balancer.name,
        proxied: false,
        enabled: true,
        ttl: balancer.ttlSeconds,
        steeringPolicy: "geo",
        // Country pools follow the caller's network where the resolver passes it on. Region pools always follow
        // the data centre that answers (load balancing documentation, read 2026-11).
        locationStrategy: { mode: "resolver_ip", preferEcs: "always" },
        sessionAffinity: "none",
        defaultPools: balancer.defaultPools.map((key) => this.#poolId(key)),
        fallbackPool: this.#poolId(balancer.fallbackPool),
        ...this.#poolMap("regionPools", balancer.regionPools),
        ...this.#poolMap("countryPools", balancer.countryPools),
      },
      { parent },
    );
    this.#stand(resource, { name: balancer.name, type: "A" });
  }

  /** An empty map would come back as a difference on every preview, so it is left out. */
  #poolMap(argument: "regionPools" | "countryPools", pools: Readonly<Record<string, readonly string[]>>) {
    const entries = Object.entries(pools).map(
      ([code, keys]) => [code, keys.map((key) => this.#poolId(key))] as const,
    );
    return entries.length === 0 ? {} : { [argument]: Object.fromEntries(entries) };
  }

  #poolId(key: string): pulumi.Output<string> {
    const id = this.#poolIds.get(key);
    if (id === undefined) throw new Error(`pool ${key} is used before it is published`);
    return id;
  }

  #stand(resource: pulumi.CustomResource, { name, type }: { name: string; type: RecordType }): void {
    this.resources.push(resource);
    this.#sets.set(setKey({ name, type }), [...this.at(name, type), resource]);
  }

  #publishMonitor(): cloudflare.LoadBalancerMonitor {
    const monitor = this.#rendering.monitor;
    if (monitor === undefined) throw new Error("a pool is rendered without a monitor");
    if (this.#monitor === undefined) {
      this.#monitor = new cloudflare.LoadBalancerMonitor("cloudflare/monitor", {
        accountId: this.#zone.accountId,
        description: `dialtree ${this.#rendering.domain}`,
        ...monitorArgs(monitor),
        interval: monitor.intervalSeconds,
        timeout: monitor.timeoutSeconds,
        retries: monitor.retries,
      });
      this.resources.push(this.#monitor);
    }
    return this.#monitor;
  }
}

/** A node-local endpoint has a certificate for names, and is asked by address: it is not verified. */
function monitorArgs(
  request: ProbeRequest,
): Pick<
  cloudflare.LoadBalancerMonitorArgs,
  "type" | "method" | "port" | "path" | "expectedCodes" | "allowInsecure" | "followRedirects"
> {
  const { type, port } = request;
  if (type === "tcp") return { type, method: "connection_established", port };
  const { path, expectedCodes } = request;
  return { type, method: "GET", port, path, expectedCodes, allowInsecure: true, followRedirects: false };
}

/** Arguments that state what the provider would otherwise fill in, and so report as changed later. */
function recordArgs(record: DnsRecord): Omit<cloudflare.DnsRecordArgs, "zoneId"> {
  const base = { name: record.name, type: record.type, ttl: record.ttlSeconds, proxied: false };
  switch (record.type) {
    case "A":
    case "AAAA":
      return { ...base, content: record.address };
    case "CNAME":
      return { ...base, content: record.target };
    case "SRV": {
      const { priority, weight, port, target } = record;
      // Both priorities: without the outer one every run after a refresh shows an update (seen 2026-11).
      return { ...base, priority, data: { priority, weight, port, target } };
    }
  }
}
