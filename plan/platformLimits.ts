/**
 * What the platforms allow, as data: figures that their providers do not check and their services refuse halfway
 * through a deployment. Only figures that are certain stand here; what is not is in backends/*.limits.ts.
 */
import type { Environment } from "../inventory/treeSchema.ts";

export type CloudflarePlan = Environment["accountPlan"]["cloudflare"];

/** Both ends included; an end that is absent is not limited, or only by contract. */
export interface Range {
  readonly least?: number;
  readonly most?: number;
}

export interface Limit {
  readonly subject: string;
  /** What a reader of the figure should know. */
  readonly note?: string;
  readonly source: string;
  /** Month in which the source was read. */
  readonly verified: "2026-11";
}

export interface PlanLimit extends Limit {
  readonly range: Readonly<Record<CloudflarePlan, Range>>;
}

export interface PlainLimit extends Limit {
  readonly range: Range;
}

function everyPlan(range: Range): PlanLimit["range"] {
  return { free: range, pro: range, business: range, enterprise: range };
}

function belowEnterprise(range: Range, enterprise: Range): PlanLimit["range"] {
  return { free: range, pro: range, business: range, enterprise };
}

export const CLOUDFLARE_LIMITS = {
  ttlSeconds: {
    subject: "TTL of a record, in seconds",
    range: belowEnterprise({ least: 60, most: 86_400 }, { least: 30, most: 86_400 }),
    source: "@pulumi/cloudflare 6.22.1, DnsRecord.ttl",
    verified: "2026-11",
  },
  recordsInZone: {
    subject: "records in one zone",
    note: "Free: 1,000 where the zone is older than September 2024; Enterprise: 3,500, which a contract can raise",
    range: {
      free: { most: 200 },
      pro: { most: 3500 },
      business: { most: 3500 },
      enterprise: {},
    },
    source: "Cloudflare DNS documentation, record quotas by plan",
    verified: "2026-11",
  },
  charactersInSet: {
    subject: "characters of all records of one name and type",
    range: everyPlan({ most: 8192 }),
    source: "Cloudflare DNS documentation, record types",
    verified: "2026-11",
  },
  loadBalancers: {
    subject: "load balancers",
    range: belowEnterprise({ most: 20 }, {}),
    source: "Cloudflare load balancing documentation, limitations",
    verified: "2026-11",
  },
  pools: {
    subject: "pools",
    range: belowEnterprise({ most: 20 }, {}),
    source: "Cloudflare load balancing documentation, limitations",
    verified: "2026-11",
  },
  endpoints: {
    subject: "endpoints of pools",
    note: "counted once for each pool",
    range: belowEnterprise({ most: 20 }, {}),
    source: "Cloudflare load balancing documentation, limitations",
    verified: "2026-11",
  },
  endpointWeight: {
    subject: "weight of an endpoint",
    note: "in steps of 0.01; 0 would take it out",
    range: everyPlan({ least: 0.01, most: 1 }),
    source: "Cloudflare load balancing documentation, endpoint steering",
    verified: "2026-11",
  },
  probeIntervalSeconds: {
    subject: "interval of a monitor, in seconds",
    note: "another page of the manual says 60 for Pro; 60 is safe everywhere",
    range: belowEnterprise({ least: 15 }, { least: 10 }),
    source: "Cloudflare load balancing documentation, limitations",
    verified: "2026-11",
  },
} as const satisfies Record<string, PlanLimit>;

export const ROUTE53_LIMITS = {
  ttlSeconds: {
    subject: "TTL of a set, in seconds",
    range: { least: 0, most: 2_147_483_647 },
    source: "Route 53 API reference, ResourceRecordSet",
    verified: "2026-11",
  },
  setsInZone: {
    subject: "record sets in one hosted zone",
    note: "can be raised, at a price",
    range: { most: 10_000 },
    source: "Route 53 Developer Guide, Quotas",
    verified: "2026-11",
  },
  valuesInSet: {
    subject: "values of one record set",
    range: { most: 400 },
    source: "Route 53 Developer Guide, Quotas",
    verified: "2026-11",
  },
  charactersInValue: {
    subject: "characters of one value",
    range: { most: 4000 },
    source: "Route 53 Developer Guide, Quotas",
    verified: "2026-11",
  },
  setsOfOneName: {
    subject: "geolocation sets of one name and type",
    range: { most: 100 },
    source: "Route 53 Developer Guide, Quotas",
    verified: "2026-11",
  },
  healthChecks: {
    subject: "health checks in the account",
    range: { most: 200 },
    source: "Route 53 Developer Guide, Quotas",
    verified: "2026-11",
  },
  childrenOfCheck: {
    subject: "children of one calculated health check",
    range: { most: 255 },
    source: "Route 53 Developer Guide, Quotas",
    verified: "2026-11",
  },
  failureThreshold: {
    subject: "failed probes in a row that take a node out",
    range: { least: 1, most: 10 },
    source: "Route 53 API reference, HealthCheckConfig",
    verified: "2026-11",
  },
} as const satisfies Record<string, PlainLimit>;

/** Priority, weight and port of SRV at every platform (RFC 2782). A weight of 0 is refused: it is no drain. */
export const SRV_RANGES = {
  priority: { least: 0, most: 65_535 },
  weight: { least: 1, most: 65_535 },
  port: { least: 1, most: 65_535 },
} as const satisfies Record<string, Range>;

export function isInside(value: number, { least = -Infinity, most = Infinity }: Range): boolean {
  return value >= least && value <= most;
}

/** `60 to 86400`, `at most 20`, `at least 15`. */
export function rangeText({ least, most }: Range): string {
  if (least === undefined) return most === undefined ? "not limited, or by contract" : `at most ${most}`;
  return most === undefined ? `at least ${least}` : `${least} to ${most}`;
}
