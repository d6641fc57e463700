/** A rendering with every steered name replaced by what a caller of no known location is told. */
import { compareRecords, type DnsRecord, setKey } from "../dns/records.ts";
import type { CloudflareRendering, Rendering, Route53Rendering } from "./rendering.ts";

/** All records as plain ones, sorted: the unsteered as they are, the steered by their default answer. */
export function defaultAnswers(rendering: Rendering): DnsRecord[] {
  const plain = rendering.records.map(({ record }) => record);
  return [...plain, ...steered(rendering, plain)].sort(compareRecords);
}

function steered(rendering: Rendering, plain: readonly DnsRecord[]): DnsRecord[] {
  switch (rendering.backend) {
    case "static":
      return [];
    case "cloudflare":
      return balancerAddresses(rendering);
    case "route53":
      return aliasAnswers(rendering, plain);
  }
}

function balancerAddresses({ loadBalancers, pools }: CloudflareRendering): DnsRecord[] {
  const origins = new Map(pools.map((pool) => [pool.key, pool.origins]));
  return loadBalancers.flatMap(({ name, ttlSeconds, defaultPools }) =>
    (origins.get(defaultPools[0] ?? "") ?? []).map(
      ({ address }): DnsRecord => ({ name, type: "A", ttlSeconds, address }),
    ),
  );
}

/** Follows each published alias by its default location and its primary to the plain set behind. */
function aliasAnswers({ aliases }: Route53Rendering, plain: readonly DnsRecord[]): DnsRecord[] {
  const sets = Map.groupBy(plain, setKey);
  const targets = new Map<string, string>();
  for (const { name, type, target, routing } of aliases) {
    const taken =
      routing.policy === "simple" ||
      (routing.policy === "geolocation" && "default" in routing.location) ||
      (routing.policy === "failover" && routing.role === "PRIMARY");
    if (taken) targets.set(setKey({ name, type }), target);
  }
  return aliases
    .filter(({ routing }) => routing.policy === "simple")
    .flatMap(({ name, type }) => {
      let key = setKey({ name, type });
      for (let target = targets.get(key); target !== undefined; target = targets.get(key)) {
        key = setKey({ name: target, type });
      }
      return (sets.get(key) ?? []).map((record) => ({ ...record, name }));
    });
}
