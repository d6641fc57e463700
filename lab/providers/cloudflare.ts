/** The Cloudflare provider of the lab: the tokens of `@pulumi/cloudflare` that this project uses. */
import type { CloudflareBalancing } from "../store/cloudflareBalancing.ts";
import type { CloudflareDns } from "../store/cloudflareDns.ts";
import {
  getLoadBalancerPools,
  loadBalancer,
  loadBalancerMonitor,
  loadBalancerPool,
} from "./cloudflareBalancing.ts";
import { cloudflareCall } from "./cloudflareCall.ts";
import { dnsRecord, getDnsRecords, getZone } from "./cloudflareRecord.ts";
import type { ProviderDefinition } from "./provider.ts";
import { LAB_REPEAT, type RepeatPolicy } from "./repeat.ts";
import { sdkVersion } from "./sdkVersion.ts";

export function cloudflareProvider(
  dns: CloudflareDns,
  balancing: CloudflareBalancing,
  policy: RepeatPolicy = LAB_REPEAT,
): ProviderDefinition {
  const call = cloudflareCall(policy);
  return {
    name: "cloudflare",
    version: sdkVersion("@pulumi/cloudflare"),
    resources: {
      "cloudflare:index/dnsRecord:DnsRecord": dnsRecord(dns, call),
      "cloudflare:index/loadBalancer:LoadBalancer": loadBalancer(balancing, call),
      "cloudflare:index/loadBalancerPool:LoadBalancerPool": loadBalancerPool(balancing, call),
      "cloudflare:index/loadBalancerMonitor:LoadBalancerMonitor": loadBalancerMonitor(balancing, call),
    },
    functions: {
      "cloudflare:index/getDnsRecords:getDnsRecords": getDnsRecords(dns, call),
      "cloudflare:index/getZone:getZone": getZone(dns),
      "cloudflare:index/getLoadBalancerPools:getLoadBalancerPools": getLoadBalancerPools(balancing, call),
    },
  };
}
