/**
 * Route 53's part of a stack without the engine: each update is written through the store's own requests, which refuse
 * what the service refuses, in one of the orders that the engine may take.
 */
import { caaData, ISSUANCE_TTL_SECONDS } from "../../dns/caa.ts";
import { recordData, setKey } from "../../dns/records.ts";
import type { ZoneData } from "../../lab/dns/zoneData.ts";
import { type RecordSet, type RoutingPolicy, recordSetId } from "../../lab/store/route53Sets.ts";
import { type HealthCheckRequest, Route53 } from "../../lab/store/route53Store.ts";
import { Route53ZoneView } from "../../lab/store/route53Zone.ts";
import { Store } from "../../lab/store/store.ts";
import { aliasName, healthCheckName, setName } from "../../plan/logicalNames.ts";
import type {
  AliasSet,
  HealthCheck,
  PlannedRecord,
  Route53Rendering,
  Routing,
} from "../../plan/rendering.ts";
import type { Serving } from "./deployRendering.ts";

const ZONE_ID = "Z1";

/** Ids of the health checks, by `node <slot>` and `site <key>`. */
type CheckIds = ReadonlyMap<string, string>;

/** What the stack program registers: under its logical name, with the logical names that it waits for. */
type Resource = { readonly name: string; readonly dependsOn: readonly string[] } & (
  | { readonly check: HealthCheck }
  | { readonly set: (ids: CheckIds) => RecordSet }
);

interface Deployed {
  readonly dependsOn: readonly string[];
  readonly id: string;
  /** As it was sent. */
  readonly text: string;
  readonly checkKey?: string;
}

export interface UpdateOptions {
  /** Which of `count` operations that may come next does, from 0; the first unless told. */
  readonly pick?: (count: number) => number;
  /** Called after each operation with what it was. */
  readonly afterEach?: (operation: string) => void;
}

export class Route53Stack {
  readonly zone: ZoneData;
  readonly #route53: Route53;
  readonly #deployed = new Map<string, Deployed>();

  constructor(zone: string, serving: Serving) {
    const store = new Store();
    this.#route53 = new Route53(store, [{ zoneId: ZONE_ID, zone }]);
    this.zone = new Route53ZoneView({
      ...serving,
      store,
      route53: this.#route53,
      zoneId: ZONE_ID,
      origin: zone,
    });
  }

  /** Writes the CAA set of the domain; none without values. */
  async authorize(name: string, values: readonly string[]): Promise<void> {
    if (values.length === 0) return;
    await this.#route53.createSet({
      zoneId: ZONE_ID,
      name,
      type: "CAA",
      ttl: ISSUANCE_TTL_SECONDS,
      values: values.map((value) => caaData({ flags: 0, tag: "issue", value })),
      routing: { kind: "simple" },
    });
  }

  /**
   * Brings the zone to the rendering, as the engine does: a resource after all that it waits for, and whatever goes
   * last, each after all that waited for it.
   * @throws PlatformError where the platform refuses a step.
   */
  async update(
    rendering: Route53Rendering,
    { pick = () => 0, afterEach = () => {} }: UpdateOptions = {},
  ): Promise<void> {
    const resources = resourcesOf(rendering);
    const waiting = new Map(resources.map((resource) => [resource.name, resource]));
    const next = <T>(ready: readonly T[]): T => {
      const chosen = ready[pick(ready.length)];
      if (chosen === undefined) throw new Error("an update waits for itself");
      return chosen;
    };
    while (waiting.size > 0) {
      const resource = next(
        [...waiting.values()].filter(({ dependsOn }) => !dependsOn.some((name) => waiting.has(name))),
      );
      waiting.delete(resource.name);
      if (await this.#write(resource)) afterEach(`write ${resource.name}`);
    }
    const kept = new Set(resources.map(({ name }) => name));
    const going = new Map([...this.#deployed].filter(([name]) => !kept.has(name)));
    while (going.size > 0) {
      const waitedFor = new Set([...going.values()].flatMap(({ dependsOn }) => dependsOn));
      const name = next([...going.keys()].filter((candidate) => !waitedFor.has(candidate)));
      await this.#remove(name);
      going.delete(name);
      afterEach(`delete ${name}`);
    }
  }

  /** Whether there was anything to write. */
  async #write(resource: Resource): Promise<boolean> {
    const { name, dependsOn } = resource;
    const before = this.#deployed.get(name);
    const ids = new Map(
      [...this.#deployed.values()].flatMap(({ checkKey, id }): [string, string][] =>
        checkKey === undefined ? [] : [[checkKey, id]],
      ),
    );
    const sent = "check" in resource ? checkRequest(resource.check, ids) : resource.set(ids);
    const text = JSON.stringify(sent);
    if (before?.text === text) {
      this.#deployed.set(name, { ...before, dependsOn });
      return false;
    }
    if ("check" in resource) {
      const request = sent as HealthCheckRequest;
      const { id } =
        before === undefined
          ? await this.#route53.createHealthCheck(request)
          : await this.#route53.updateHealthCheck(before.id, request);
      this.#deployed.set(name, { dependsOn, id, text, checkKey: checkKey(resource.check) });
      return true;
    }
    const set = sent as RecordSet;
    if (before === undefined) await this.#route53.createSet(set);
    else await this.#route53.changeSet(before.id, set);
    this.#deployed.set(name, { dependsOn, id: recordSetId(set), text });
    return true;
  }

  async #remove(name: string): Promise<void> {
    const deployed = this.#deployed.get(name);
    if (deployed === undefined) throw new Error(`${name} is not deployed`);
    if (deployed.checkKey === undefined) await this.#route53.deleteSet(deployed.id);
    else await this.#route53.deleteHealthCheck(deployed.id);
    this.#deployed.delete(name);
  }
}

/** What backends/route53.ts registers, with what each resource waits for. */
function resourcesOf({ domain, records, aliases, healthChecks }: Route53Rendering): Resource[] {
  const sets = [...Map.groupBy(records, ({ record }) => setKey(record))];
  const nameOfAlias = (alias: AliasSet) => aliasName(alias, "route53", domain);
  const standing = new Map<string, string[]>();
  for (const [key, [first]] of sets) {
    if (first !== undefined) standing.set(key, [setName(first, "route53", domain)]);
  }
  for (const [key, group] of Map.groupBy(aliases, setKey)) standing.set(key, group.map(nameOfAlias));
  const at = (name: string, type: string) => standing.get(`${name} ${type}`) ?? [];
  const checkNames = new Map(
    healthChecks.map((check) => [checkKey(check), healthCheckName(check, "route53")]),
  );
  const checkName = (key: string) => checkNames.get(key) ?? `no check of ${key}`;
  return [
    ...healthChecks.map((check): Resource => {
      const children = check.kind === "calculated" ? check.children : [];
      return {
        name: checkName(checkKey(check)),
        dependsOn: children.map((slot) => checkName(`node ${slot}`)),
        check,
      };
    }),
    ...sets.flatMap(([, lines]): Resource[] => {
      const [first] = lines;
      if (first === undefined) return [];
      const targets = lines.flatMap(({ record }) => (record.type === "SRV" ? [record.target] : []));
      return [
        {
          name: setName(first, "route53", domain),
          dependsOn: targets.flatMap((target) => [...at(target, "A"), ...at(target, "AAAA")]),
          set: () => plainSet(first, lines),
        },
      ];
    }),
    ...aliases.map((alias): Resource => {
      const { routing, target, type } = alias;
      const check =
        "healthCheck" in routing && routing.healthCheck !== undefined ? [routing.healthCheck] : [];
      return {
        name: nameOfAlias(alias),
        dependsOn: [...at(target, type), ...check.map((key) => checkName(`site ${key}`))],
        set: (ids) => aliasSet(alias, ids),
      };
    }),
  ];
}

function checkKey({ kind, key }: HealthCheck): string {
  return `${kind === "calculated" ? "site" : "node"} ${key}`;
}

function checkRequest(check: HealthCheck, ids: CheckIds): HealthCheckRequest {
  if (check.kind === "calculated") {
    const childHealthchecks = check.children.map((slot) => ids.get(`node ${slot}`) ?? `no check of ${slot}`);
    return { type: "CALCULATED", childHealthchecks, childHealthThreshold: check.threshold };
  }
  const { address: ipAddress, port, intervalSeconds: requestInterval, failureThreshold } = check;
  return {
    type: check.kind.toUpperCase(),
    ipAddress,
    port,
    requestInterval,
    failureThreshold,
    ...(check.kind === "tcp" ? {} : { resourcePath: check.path }),
  };
}

function plainSet({ record }: PlannedRecord, lines: readonly PlannedRecord[]): RecordSet {
  return {
    zoneId: ZONE_ID,
    name: record.name,
    type: record.type,
    ttl: record.ttlSeconds,
    values: lines.map((line) => recordData(line.record)),
    routing: { kind: "simple" },
  };
}

function aliasSet(alias: AliasSet, checkIds: CheckIds): RecordSet {
  const { name, type, target, routing } = alias;
  const base = {
    zoneId: ZONE_ID,
    name,
    type,
    values: [],
    alias: { name: target, zoneId: ZONE_ID, evaluateTargetHealth: routing.policy !== "simple" },
  };
  if (routing.policy === "simple") return { ...base, routing: { kind: "simple" } };
  const check = routing.policy === "failover" ? routing.healthCheck : undefined;
  return {
    ...base,
    setIdentifier: routing.setIdentifier,
    routing: routedBy(routing),
    ...(check === undefined
      ? {}
      : { healthCheckId: checkIds.get(`site ${check}`) ?? `no check of ${check}` }),
  };
}

function routedBy(routing: Exclude<Routing, { policy: "simple" }>): RoutingPolicy {
  if (routing.policy === "failover") return { kind: "failover", role: routing.role };
  const { location } = routing;
  return { kind: "geolocation", location: "default" in location ? { country: "*" } : location };
}
