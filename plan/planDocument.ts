/** The plan as a document that other programs read: `dialtree plan --json`. */
import type { Fqdn } from "../dns/names.ts";
import { recordData } from "../dns/records.ts";
import type { CertificateProfile } from "../inventory/certificateKinds.ts";
import { causeText } from "./render.ts";
import type { Backend, Cause, HealthCheck, LoadBalancer, Pool, Rendering, Routing } from "./rendering.ts";

export interface PlanDocument {
  readonly domain: Fqdn;
  readonly zone: Fqdn;
  readonly backend: Backend;
  /** Unsteered records, sorted by owner name from the domain down, then type and data. */
  readonly records: readonly PlanLine[];
  /** Steered names: load balancers at Cloudflare, alias sets at Route 53. */
  readonly geo: readonly GeoLine[];
  readonly pools: readonly Explained<Pool>[];
  readonly healthChecks: readonly Explained<HealthCheck>[];
  readonly certificates: readonly CertificateLine[];
}

interface Why {
  /** The cause in words. */
  readonly why: string;
  readonly cause: Cause;
}

/** The value with its cause said in words; distributes over unions. */
type Explained<T> = T extends unknown ? Omit<T, "cause"> & Why : never;

export interface PlanLine extends Why {
  /** Fully qualified, without trailing dot. */
  readonly name: string;
  readonly type: string;
  /** Seconds. */
  readonly ttl: number;
  /** Presentation form; targets without trailing dot. */
  readonly data: string;
}

export type GeoLine = Why & { readonly name: string } & (
    | ({ readonly type: "A"; readonly ttl: number } & Omit<LoadBalancer, "cause" | "name" | "ttlSeconds">)
    | { readonly type: string; readonly target: string; readonly routing: Routing }
  );

export interface CertificateLine {
  readonly node: string;
  readonly profile: CertificateProfile;
  readonly names: readonly string[];
}

function explained<T extends { readonly cause: Cause }>(value: T): T & Why {
  return { ...value, why: causeText(value.cause) };
}

export function planDocument(rendering: Rendering): PlanDocument {
  return {
    domain: rendering.domain,
    zone: rendering.zone,
    backend: rendering.backend,
    records: rendering.records.map(({ record, cause }) => ({
      name: record.name,
      type: record.type,
      ttl: record.ttlSeconds,
      data: recordData(record),
      why: causeText(cause),
      cause,
    })),
    geo: geoLines(rendering),
    pools: rendering.backend === "cloudflare" ? rendering.pools.map(explained) : [],
    healthChecks: rendering.backend === "route53" ? rendering.healthChecks.map(explained) : [],
    certificates: rendering.certificates.map(({ slot, profile, names }) => ({ node: slot, profile, names })),
  };
}

function geoLines(rendering: Rendering): GeoLine[] {
  switch (rendering.backend) {
    case "static":
      return [];
    case "cloudflare":
      return rendering.loadBalancers.map(({ ttlSeconds, ...balancer }) => ({
        ...explained(balancer),
        type: "A",
        ttl: ttlSeconds,
      }));
    case "route53":
      return rendering.aliases.map(explained);
  }
}
