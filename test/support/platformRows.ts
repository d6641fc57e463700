/** What the platforms hold, as one line per object: planned from a rendering, and as the lab's stores have it. */
import { recordData, setKey } from "../../dns/records.ts";
import type { MonitorRow, PoolRow } from "../../lab/store/cloudflareBalancing.ts";
import type { DnsRecordRow } from "../../lab/store/cloudflareDns.ts";
import type { Operation } from "../../lab/store/operationLog.ts";
import type { RecordSet } from "../../lab/store/route53Sets.ts";
import type { HealthCheckRow } from "../../lab/store/route53Store.ts";
import type { CloudflareRendering, LoadBalancer, Rendering, Route53Rendering } from "../../plan/rendering.ts";

/** Identity of a planned object, stable over its changes, to its line. */
export type Rows = ReadonlyMap<string, string>;

/** Everything that the renderings want at their platforms, certificates included where `acme`. */
export function plannedRows(renderings: readonly Rendering[], acme: boolean): Rows {
  const rows = renderings.flatMap((rendering) => {
    if (rendering.backend === "cloudflare") return cloudflareRows(rendering);
    return rendering.backend === "route53" ? route53Rows(rendering) : [];
  });
  const certificates = (acme ? (renderings[0]?.certificates ?? []) : []).map(
    ({ slot, profile, names }) => [`acme ${slot} ${profile}`, certificateLine(names)] as const,
  );
  return new Map([...rows, ...certificates]);
}

/**
 * The operations that lead from one plan to the next, sorted: each object is created, changed in place, or deleted.
 * A certificate with other names is a new one, and one that is no longer wanted stays what it is.
 */
export function plannedOperations(before: Rows, after: Rows): string[] {
  const identities = new Set([...before.keys(), ...after.keys()]);
  return [...identities]
    .flatMap((identity) => {
      const [old, wanted] = [before.get(identity), after.get(identity)];
      if (!identity.startsWith("acme ")) return change(old, wanted);
      return wanted === undefined || wanted === old ? [] : [`create ${wanted}`];
    })
    .sort();
}

/** What an authority notes beside its certificates. */
const BESIDE_CERTIFICATES: ReadonlySet<string> = new Set(["account", "order", "authorization"]);

/**
 * The operations of a log in the same words, sorted, without what comes beside certificates: the account, orders and
 * challenges. `whole` is the log from its start: it tells what ids stand for.
 */
export function loggedOperations(log: readonly Operation[], whole: readonly Operation[]): string[] {
  const names = namesById(whole);
  return log
    .filter((operation) => !isChallenge(operation) && !BESIDE_CERTIFICATES.has(operation.kind))
    .flatMap((operation) => {
      if (operation.error !== undefined)
        return [`refused ${operation.kind} ${operation.name}: ${operation.error}`];
      const line = (row: object | undefined) =>
        row === undefined ? undefined : rowLine(operation, row, names);
      return change(line(operation.before), line(operation.after));
    })
    .sort();
}

export function isChallenge({ name }: Operation): boolean {
  return name.startsWith("_acme-challenge.");
}

function change(before: string | undefined, after: string | undefined): string[] {
  if (before === undefined) return after === undefined ? [] : [`create ${after}`];
  if (after === undefined) return [`delete ${before}`];
  return before === after ? [] : [`update ${before} => ${after}`];
}

function cloudflareRows(rendering: CloudflareRendering): [string, string][] {
  const { records, pools, loadBalancers, monitor } = rendering;
  return [
    ...records.map(({ record, cause }): [string, string] => {
      const listed = cause.slot ?? (record.type === "SRV" ? record.target : "");
      return [
        `cloudflare ${setKey(record)} ${listed}`,
        `cloudflare ${record.name} ${record.ttlSeconds} ${record.type} ${recordData(record)}`,
      ];
    }),
    ...pools.map(({ key, origins }): [string, string] => [`cloudflare pool ${key}`, poolLine(key, origins)]),
    ...loadBalancers.map((balancer): [string, string] => [
      `cloudflare load balancer ${balancer.key}`,
      loadBalancerLine(balancer),
    ]),
    ...(monitor === undefined
      ? []
      : [
          ["cloudflare monitor", `cloudflare monitor tcp ${monitor.port} ${monitor.intervalSeconds}s`] as [
            string,
            string,
          ],
        ]),
  ];
}

function route53Rows({ records, aliases, healthChecks, domain }: Route53Rendering): [string, string][] {
  const sets = [...Map.groupBy(records, ({ record }) => setKey(record))].map(
    ([key, lines]): [string, string] => {
      const [first] = lines;
      const data = lines.map(({ record }) => recordData(record)).sort();
      return [`route53 ${key}`, `route53 ${key} ${first?.record.ttlSeconds}: ${data.join(", ")}`];
    },
  );
  const routed = aliases.map(({ name, type, target, routing }): [string, string] => {
    const set = routing.policy === "simple" ? "" : ` ${routing.setIdentifier}`;
    return [
      `route53 ${name} ${type}${set}`,
      `route53 ${name} ${type}${set} ${routing.policy}: alias ${target}`,
    ];
  });
  const checks = healthChecks.map((check): [string, string] => {
    const name = `${check.key}.${domain}`;
    const what =
      check.kind !== "calculated"
        ? `${check.address}:${check.port} ${check.intervalSeconds}s`
        : `${check.threshold} of ${check.children
            .map((slot) => `${slot}.${domain}`)
            .sort()
            .join(", ")}`;
    return [`route53 health check ${check.kind} ${check.key}`, `route53 health check ${name} ${what}`];
  });
  return [...sets, ...routed, ...checks];
}

function poolLine(key: string, origins: readonly { address: string; weight: number }[]): string {
  return `cloudflare pool ${key} ${origins.map(({ address, weight }) => `${address}*${weight}`).join(" ")}`;
}

type Places = Readonly<Record<string, readonly string[]>>;

function loadBalancerLine(balancer: Omit<LoadBalancer, "key" | "cause">): string {
  const places = (pools: Places) =>
    Object.entries(pools)
      .map(([code, keys]) => `${code}:${keys.join("+")}`)
      .sort()
      .join(" ");
  const { name, ttlSeconds, defaultPools, fallbackPool, regionPools, countryPools } = balancer;
  return `cloudflare load balancer ${name} ${ttlSeconds} ${defaultPools.join("+")} else ${fallbackPool} ${places(regionPools)} ${places(countryPools)}`;
}

function certificateLine(names: readonly string[]): string {
  return `acme certificate ${names.toSorted().join(" ")}`;
}

/** Pools by their key and health checks by their name: a log entry refers to them by id. */
function namesById(log: readonly Operation[]): ReadonlyMap<string, string> {
  return new Map(
    log.flatMap(({ kind, id, after }): [string, string][] => {
      if (after === undefined) return [];
      if (kind === "pool") return [[id, poolKeyOf(after as PoolRow)]];
      return kind === "healthCheck" ? [[id, checkName(after as HealthCheckRow)]] : [];
    }),
  );
}

/** `euro-a` of a pool's name at the platform, which says the domain before it. */
function poolKeyOf({ name }: PoolRow): string {
  return /[^-]+-(a|b|standby)$/.exec(name)?.[0] ?? name;
}

function checkName({ tags }: HealthCheckRow): string {
  return (tags as { Name?: string } | undefined)?.Name ?? "";
}

function rowLine(operation: Operation, row: object, names: ReadonlyMap<string, string>): string {
  const named = (ids: readonly string[]) => ids.map((id) => names.get(id) ?? id);
  const places = (pools: Places = {}) =>
    Object.fromEntries(Object.entries(pools).map(([code, ids]) => [code, named(ids)]));
  switch (operation.kind) {
    case "dnsRecord": {
      const { name, ttl, type, content, priority } = row as DnsRecordRow;
      return `cloudflare ${name} ${ttl} ${type} ${type === "SRV" ? `${priority} ${content}` : content}`;
    }
    case "pool":
      return poolLine(poolKeyOf(row as PoolRow), (row as PoolRow).origins);
    case "loadBalancer": {
      const { name, ttl, defaultPools, fallbackPool, regionPools, countryPools } = row as LoadBalancerFields;
      return loadBalancerLine({
        name: name as LoadBalancer["name"],
        ttlSeconds: ttl,
        defaultPools: named(defaultPools),
        fallbackPool: named([fallbackPool]).join(),
        regionPools: places(regionPools),
        countryPools: places(countryPools),
      });
    }
    case "monitor": {
      const { type, port, interval } = row as MonitorRow;
      return `cloudflare monitor ${type} ${port} ${interval}s`;
    }
    case "recordSet": {
      const { name, type, ttl, values, alias, setIdentifier, routing } = row as RecordSet;
      if (alias === undefined) return `route53 ${name} ${type} ${ttl}: ${values.toSorted().join(", ")}`;
      const set = setIdentifier === undefined ? "" : ` ${setIdentifier}`;
      return `route53 ${name} ${type}${set} ${routing.kind}: alias ${alias.name}`;
    }
    case "healthCheck": {
      const check = row as HealthCheckRow;
      const what =
        check.type === "TCP"
          ? `${check.ipAddress}:${check.port} ${check.requestInterval}s`
          : `${check.childHealthThreshold} of ${named(check.childHealthchecks ?? [])
              .sort()
              .join(", ")}`;
      return `route53 health check ${checkName(check)} ${what}`;
    }
    case "certificate":
      return certificateLine((row as { names: readonly string[] }).names);
    default:
      return `${operation.platform} ${operation.kind} ${operation.name}`;
  }
}

interface LoadBalancerFields {
  readonly name: string;
  readonly ttl: number;
  readonly defaultPools: readonly string[];
  readonly fallbackPool: string;
  readonly regionPools?: Places;
  readonly countryPools?: Places;
}
