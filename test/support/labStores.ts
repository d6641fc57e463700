/** Record stores in memory with the zone and the valid requests that the lab's tests start from. */
import { expect } from "vitest";
import {
  CloudflareBalancing,
  type LoadBalancerRequest,
  type PoolRequest,
} from "../../lab/store/cloudflareBalancing.ts";
import { CloudflareDns, type DnsRecordRequest } from "../../lab/store/cloudflareDns.ts";
import type { RecordSet } from "../../lab/store/route53Sets.ts";
import { Route53 } from "../../lab/store/route53Store.ts";
import { Store, type StoreOptions } from "../../lab/store/store.ts";

export const ZONE = "example.net";
export const CLOUDFLARE_ZONE = { zoneId: "z1", accountId: "acc1", zone: ZONE };
export const ROUTE53_ZONE = { zoneId: "Z1", zone: ZONE };

/** A clock that stands still. */
export const NOON = () => new Date("2026-11-23T12:00:00Z");

export function memoryCloudflare(options: StoreOptions = {}) {
  const store = new Store({ now: NOON, ...options });
  const zones = [CLOUDFLARE_ZONE];
  return { store, dns: new CloudflareDns(store, zones), balancing: new CloudflareBalancing(store, zones) };
}

export function memoryRoute53(options: StoreOptions = {}) {
  const store = new Store({ now: NOON, ...options });
  return { store, route53: new Route53(store, [ROUTE53_ZONE]) };
}

export const addressRecord: DnsRecordRequest = {
  name: "fra1.example.net",
  type: "A",
  content: "192.0.2.1",
  ttl: 60,
};

export const srvRecord: DnsRecordRequest = {
  name: "_sips._tcp.example.net",
  type: "SRV",
  ttl: 60,
  priority: 10,
  data: { priority: 10, weight: 50, port: 5061, target: "fra1.example.net" },
};

export const tcpMonitor = { type: "tcp", port: 5061, interval: 60, timeout: 5, retries: 2 };

export function pool(
  name: string,
  addresses: readonly string[],
  more: Partial<PoolRequest> = {},
): PoolRequest {
  const origins = addresses.map((address) => ({ name: `o${address}`, address, enabled: true, weight: 1 }));
  return { name, enabled: true, minimumOrigins: 1, origins, ...more };
}

export function loadBalancer(poolId: string, more: Partial<LoadBalancerRequest> = {}): LoadBalancerRequest {
  return {
    name: "geo-a.example.net",
    enabled: true,
    proxied: false,
    ttl: 30,
    defaultPools: [poolId],
    fallbackPool: poolId,
    steeringPolicy: "geo",
    ...more,
  };
}

export function addressSet(more: Partial<RecordSet> = {}): RecordSet {
  return {
    zoneId: "Z1",
    name: "fra1.example.net",
    type: "A",
    ttl: 60,
    values: ["192.0.2.1"],
    routing: { kind: "simple" },
    ...more,
  };
}

/** An alias set; `routing` and what it needs are given. */
export function aliasSet(name: string, target: string, more: Partial<RecordSet> = {}): RecordSet {
  const alias = { name: target, zoneId: "Z1", evaluateTargetHealth: true };
  return { zoneId: "Z1", name, type: "A", values: [], routing: { kind: "simple" }, alias, ...more };
}

/** That the request is refused with this code and text, and that the refusal is in the log. */
export async function expectRefusal(store: Store, attempt: Promise<unknown>, code: string, text: RegExp) {
  const before = store.revision;
  await expect(attempt).rejects.toMatchObject({ code, message: expect.stringMatching(text) });
  expect(store.revision).toBe(before);
  expect(store.operations.at(-1)?.error).toContain(code);
}
