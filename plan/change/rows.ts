/** What a change does to the rows of one platform: which are added, changed and removed, and what of them. */
import { recordData } from "../../dns/records.ts";
import {
  aliasName,
  healthCheckName,
  loadBalancerName,
  poolName,
  recordName,
  setName,
} from "../logicalNames.ts";
import { compareText } from "../order.ts";
import { causeText } from "../render.ts";
import type {
  AliasSet,
  Backend,
  HealthCheck,
  LoadBalancer,
  Monitor,
  Rendering,
  Routing,
} from "../rendering.ts";
import type { CertificateOrder } from "../tree.ts";

export const ROW_KINDS = [
  "record",
  "alias",
  "load balancer",
  "pool",
  "health check",
  "monitor",
  "certificate",
] as const;

export type RowKind = (typeof ROW_KINDS)[number];

/** One row as it is published. */
export interface Row {
  readonly kind: RowKind;
  /** Identity: the same row before and after a change. */
  readonly key: string;
  /** Logical name of the resource that holds it; several rows of a set share one. */
  readonly resource: string;
  /** How people call it: an owner name and type, a pool, a node's certificate. */
  readonly title: string;
  /** Everything that can differ, as text. */
  readonly fields: Readonly<Record<string, string>>;
  /** Why it is there. */
  readonly why: string;
}

export interface FieldChange {
  readonly field: string;
  readonly before?: string;
  readonly after?: string;
}

export type RowChange = { readonly row: Row } & (
  | { readonly change: "added" | "removed" }
  | { readonly change: "changed"; readonly fields: readonly FieldChange[] }
);

/** Rows that differ between two renderings for one platform, in the order of the kinds and of their keys. */
export function compareRows(before: Rendering, after: Rendering): RowChange[] {
  return changesBetween(rowsOf(before), rowsOf(after));
}

/** Certificates to order anew, to order with other names, and to let go: they belong to no platform. */
export function compareCertificates(
  before: readonly CertificateOrder[],
  after: readonly CertificateOrder[],
): RowChange[] {
  return changesBetween(before.map(certificateRow), after.map(certificateRow));
}

function changesBetween(before: readonly Row[], after: readonly Row[]): RowChange[] {
  const old = new Map(before.map((row) => [row.key, row]));
  const now = new Map(after.map((row) => [row.key, row]));
  const changes = [
    ...after.flatMap((row): RowChange[] => {
      const was = old.get(row.key);
      if (was === undefined) return [{ change: "added", row }];
      const fields = fieldChanges(was.fields, row.fields);
      return fields.length === 0 ? [] : [{ change: "changed", row, fields }];
    }),
    ...before.filter(({ key }) => !now.has(key)).map((row): RowChange => ({ change: "removed", row })),
  ];
  return changes.sort(
    (a, b) =>
      ROW_KINDS.indexOf(a.row.kind) - ROW_KINDS.indexOf(b.row.kind) ||
      compareText(a.row.title, b.row.title) ||
      compareText(a.row.key, b.row.key),
  );
}

function fieldChanges(before: Row["fields"], after: Row["fields"]): FieldChange[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((field) => before[field] !== after[field])
    .map((field) => ({
      field,
      ...(before[field] === undefined ? {} : { before: before[field] }),
      ...(after[field] === undefined ? {} : { after: after[field] }),
    }));
}

function rowsOf(rendering: Rendering): Row[] {
  const { backend, domain } = rendering;
  const records = rendering.records.map((planned): Row => {
    const { record, cause } = planned;
    const name = recordName(planned, backend, domain);
    return {
      kind: "record",
      key: `record ${name}`,
      // At Route 53 a set is one resource, elsewhere each record is.
      resource: backend === "route53" ? setName(planned, backend, domain) : name,
      title: `${record.name} ${record.type}`,
      fields: { data: recordData(record), ttl: String(record.ttlSeconds) },
      why: causeText(cause),
    };
  });
  switch (rendering.backend) {
    case "static":
      return records;
    case "cloudflare":
      return [
        ...records,
        ...rendering.loadBalancers.map((balancer) => loadBalancerRow(balancer, backend)),
        ...rendering.pools.map((pool): Row => {
          const name = poolName(pool, backend);
          const origins = pool.origins.map(({ slot, address, weight }) => `${slot} ${address} ${weight}`);
          return {
            kind: "pool",
            key: `pool ${name}`,
            resource: name,
            title: pool.key,
            fields: { origins: origins.join(", ") },
            why: causeText(pool.cause),
          };
        }),
        ...(rendering.monitor === undefined ? [] : [monitorRow(rendering.monitor)]),
      ];
    case "route53":
      return [
        ...records,
        ...rendering.aliases.map((alias) => aliasRow(alias, rendering)),
        ...rendering.healthChecks.map((check) => healthCheckRow(check, backend)),
      ];
  }
}

function loadBalancerRow(balancer: LoadBalancer, backend: Backend): Row {
  const name = loadBalancerName(balancer, backend);
  const places = Object.entries({ ...balancer.regionPools, ...balancer.countryPools });
  return {
    kind: "load balancer",
    key: `load balancer ${name}`,
    resource: name,
    title: balancer.name,
    fields: {
      default: balancer.defaultPools.join(" "),
      fallback: balancer.fallbackPool,
      ...Object.fromEntries(places.map(([code, pools]) => [code, pools.join(" ")])),
      ttl: String(balancer.ttlSeconds),
    },
    why: causeText(balancer.cause),
  };
}

/** There is one at most, whatever it asks. */
function monitorRow(monitor: Monitor): Row {
  const fields = Object.entries(monitor).map(([field, value]) => [field, String(value)]);
  const name = "monitor";
  return {
    kind: name,
    key: name,
    resource: name,
    title: name,
    fields: Object.fromEntries(fields),
    why: "pools",
  };
}

function aliasRow(alias: AliasSet, { backend, domain }: Rendering): Row {
  const name = aliasName(alias, backend, domain);
  return {
    kind: "alias",
    key: `alias ${name}`,
    resource: name,
    title: `${alias.name} ${alias.type}`,
    fields: { target: alias.target, routing: routingText(alias.routing) },
    why: causeText(alias.cause),
  };
}

function routingText(routing: Routing): string {
  switch (routing.policy) {
    case "simple":
      return "alias";
    case "geolocation":
      return routing.setIdentifier;
    case "failover":
      return [routing.setIdentifier, routing.healthCheck]
        .filter((part) => part !== undefined)
        .join(", while healthy: ");
  }
}

function healthCheckRow(check: HealthCheck, backend: Backend): Row {
  const name = healthCheckName(check, backend);
  const base = {
    kind: "health check",
    key: `health check ${name}`,
    resource: name,
    why: causeText(check.cause),
  } as const;
  if (check.kind === "calculated") {
    const fields = { children: check.children.join(" "), threshold: String(check.threshold) };
    return { ...base, title: `${check.key}, calculated`, fields };
  }
  const { kind, address, port, intervalSeconds, failureThreshold } = check;
  const path = kind === "tcp" ? "" : check.path;
  const probe = `${kind} ${address.includes(":") ? `[${address}]` : address}:${port}${path}`;
  return {
    ...base,
    title: check.key,
    fields: { probe, interval: String(intervalSeconds), threshold: String(failureThreshold) },
  };
}

function certificateRow({ slot, profile, names, csr }: CertificateOrder): Row {
  const name = `${slot} ${profile}`;
  return {
    kind: "certificate",
    key: name,
    resource: name,
    title: name,
    fields: { names: names.join(" "), ...(csr === undefined ? {} : { csr }) },
    why: `node ${slot}`,
  };
}
