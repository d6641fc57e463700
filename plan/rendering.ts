/** What one platform needs so that it serves the tree: records, geo names, pools, health checks, certificates. */
import type { Fqdn } from "../dns/names.ts";
import type { DnsRecord } from "../dns/records.ts";
import type { CertificateOrder, TierKind } from "./tree.ts";

export const BACKENDS = ["cloudflare", "route53", "static"] as const;

export type Backend = (typeof BACKENDS)[number];

/** The node, POP, region or global name that caused a line, and the node it speaks of. */
export interface Cause {
  readonly tier: TierKind | "node";
  readonly key: string;
  /** The node whose presence put the line there; absent where a line speaks of the tier as a whole. */
  readonly slot?: string;
  /** Where a line serves the certificates for the names: it stands before them, and belongs to the issuance. */
  readonly purpose?: "challenge";
}

export interface PlannedRecord {
  readonly record: DnsRecord;
  readonly cause: Cause;
}

interface RenderingBase {
  readonly domain: Fqdn;
  readonly zone: Fqdn;
  /** Unsteered records, sorted. One SRV record per target. */
  readonly records: readonly PlannedRecord[];
  readonly certificates: readonly CertificateOrder[];
}

export interface StaticRendering extends RenderingBase {
  readonly backend: "static";
}

export interface CloudflareRendering extends RenderingBase {
  readonly backend: "cloudflare";
  readonly loadBalancers: readonly LoadBalancer[];
  readonly pools: readonly Pool[];
  /** Present when there is a pool. */
  readonly monitor?: Monitor;
}

export interface Route53Rendering extends RenderingBase {
  readonly backend: "route53";
  /** Alias sets: the published simple aliases and the routed groups behind them. Sorted by name, type, set. */
  readonly aliases: readonly AliasSet[];
  readonly healthChecks: readonly HealthCheck[];
}

export type Rendering = StaticRendering | CloudflareRendering | Route53Rendering;

/** A Cloudflare DNS-only load balancer: one host name answered from pools. */
export interface LoadBalancer {
  /** Identity: the tier's key and the form, for example `global-a`. */
  readonly key: string;
  readonly name: Fqdn;
  readonly ttlSeconds: number;
  /** Cloudflare region code to pool keys, in order of preference. */
  readonly regionPools: Readonly<Record<string, readonly string[]>>;
  /** ISO country code to pool keys, in order of preference. */
  readonly countryPools: Readonly<Record<string, readonly string[]>>;
  readonly defaultPools: readonly string[];
  readonly fallbackPool: string;
  readonly cause: Cause;
}

export interface Pool {
  /** Identity: site key and half, for example `euro-a`; also the pool's name at the platform, with a prefix. */
  readonly key: string;
  /** Sorted by slot; never empty. */
  readonly origins: readonly PoolOrigin[];
  readonly cause: Cause;
}

export interface PoolOrigin {
  readonly slot: string;
  readonly address: string;
  /** Share among the pool's origins: above 0, at most 1, in steps of 0.01. */
  readonly weight: number;
}

/** What a probe does: a connection to the port alone, or a GET there. */
export type ProbeRequest =
  | { readonly type: "tcp"; readonly port: number }
  | {
      readonly type: "http" | "https";
      readonly port: number;
      readonly path: string;
      /** Status codes of a healthy answer: `2xx`, or `200,302`. Route 53 cannot be told. */
      readonly expectedCodes: string;
    };

export type Monitor = ProbeRequest & {
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly retries: number;
};

export interface AliasSet {
  readonly name: Fqdn;
  readonly type: DnsRecord["type"];
  /** The set to answer from: a name in the same zone that holds this type. */
  readonly target: Fqdn;
  readonly routing: Routing;
  readonly cause: Cause;
}

export type Routing =
  | { readonly policy: "simple" }
  | {
      readonly policy: "geolocation";
      readonly setIdentifier: string;
      /** ISO codes, or the default location for callers nobody serves. */
      readonly location:
        | { readonly continent: string }
        | { readonly country: string; readonly subdivision?: string }
        | { readonly default: true };
    }
  | {
      readonly policy: "failover";
      readonly setIdentifier: string;
      readonly role: "PRIMARY" | "SECONDARY";
      /** Key of the health check that decides; the secondary has none. */
      readonly healthCheck?: string;
    };

/** A check of one node. */
interface NodeCheck {
  /** The node's slot. */
  readonly key: string;
  readonly address: string;
  readonly port: number;
  readonly intervalSeconds: 10 | 30;
  readonly failureThreshold: number;
  readonly cause: Cause;
}

export type HealthCheck =
  | ({ readonly kind: "tcp" } & NodeCheck)
  | ({ readonly kind: "http" | "https"; readonly path: string } & NodeCheck)
  | {
      readonly kind: "calculated";
      /** Region or POP key. */
      readonly key: string;
      /** Slots whose checks count; healthy while at least `threshold` of them are. */
      readonly children: readonly string[];
      readonly threshold: number;
      readonly cause: Cause;
    };
