/** A Route 53 hosted zone: one Record per owner name and type, routed alias sets, health checks. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { caaData, ISSUANCE_TTL_SECONDS } from "../dns/caa.ts";
import { type RecordType, recordData, setKey } from "../dns/records.ts";
import { targetsFirst } from "../plan/aliasOrder.ts";
import { aliasName, caaName, healthCheckName, setName } from "../plan/logicalNames.ts";
import type { AliasSet, HealthCheck, PlannedRecord, Route53Rendering, Routing } from "../plan/rendering.ts";
import { byOwner, type CaaValue, type DnsBackend, type Owner, ownerKey, type Placement } from "./backend.ts";

export interface Route53Zone {
  readonly zoneId: string;
  readonly provider: aws.Provider;
}

/**
 * `allowOverwrite` stays unset: a record that is there already is refused either way, and where `false` is stated an
 * imported or refreshed record shows a change.
 */
export class Route53Backend implements DnsBackend {
  readonly name = "route53";
  readonly resources: pulumi.CustomResource[] = [];
  readonly #zone: Route53Zone;
  readonly #rendering: Route53Rendering;
  readonly #records: ReadonlyMap<string, readonly PlannedRecord[]>;
  readonly #aliases: ReadonlyMap<string, readonly AliasSet[]>;
  readonly #healthChecks: ReadonlyMap<string, readonly HealthCheck[]>;
  /** What stands at an owner name and type: SRV sets wait for their targets, aliases for theirs. */
  readonly #sets = new Map<string, pulumi.CustomResource[]>();
  readonly #checkIds = new Map<string, pulumi.Output<string>>();

  constructor(zone: Route53Zone, rendering: Route53Rendering) {
    this.#zone = zone;
    this.#rendering = rendering;
    this.#records = byOwner(rendering.records);
    this.#aliases = byOwner(rendering.aliases);
    this.#healthChecks = byOwner(rendering.healthChecks);
  }

  publish(owner: Owner, placement: Placement): void {
    const key = ownerKey(owner);
    for (const check of this.#healthChecks.get(key) ?? []) this.#publishHealthCheck(check, placement);
    const sets = [...Map.groupBy(this.#records.get(key) ?? [], ({ record }) => setKey(record)).values()];
    const holdsSrv = ([line]: PlannedRecord[]) => line?.record.type === "SRV";
    for (const lines of sets) if (!holdsSrv(lines)) this.#publishSet(lines, placement);
    for (const lines of sets) if (holdsSrv(lines)) this.#publishSet(lines, placement);
    for (const alias of targetsFirst(this.#aliases.get(key) ?? [])) this.#publishAlias(alias, placement);
  }

  authorize(values: readonly CaaValue[], parent: pulumi.ComponentResource): void {
    const name = this.#rendering.domain;
    const resource = new aws.route53.Record(
      caaName(this.name),
      {
        zoneId: this.#zone.zoneId,
        name,
        type: "CAA",
        ttl: ISSUANCE_TTL_SECONDS,
        records: values.map(({ value }) =>
          pulumi.output(value).apply((text) => caaData({ flags: 0, tag: "issue", value: text })),
        ),
      },
      this.#options(parent, []),
    );
    this.#stand(resource, { name, type: "CAA" });
  }

  at(name: string, type: RecordType): readonly pulumi.CustomResource[] {
    return this.#sets.get(setKey({ name, type })) ?? [];
  }

  #publishSet(lines: readonly PlannedRecord[], { parent, beforeListing }: Placement): void {
    const [first] = lines;
    if (first === undefined) throw new Error("an empty set is published");
    const { name, type, ttlSeconds } = first.record;
    const targets = lines.flatMap(({ record }) =>
      record.type === "SRV" ? [...this.at(record.target, "A"), ...this.at(record.target, "AAAA")] : [],
    );
    const listed = lines.flatMap(({ cause }) =>
      cause.tier !== "node" && cause.slot !== undefined ? beforeListing(cause.slot) : [],
    );
    const resource = new aws.route53.Record(
      setName(first, this.name, this.#rendering.domain),
      {
        zoneId: this.#zone.zoneId,
        name,
        type,
        ttl: ttlSeconds,
        records: lines.map(({ record }) => recordData(record)),
      },
      this.#options(parent, [...targets, ...listed]),
    );
    this.#stand(resource, { name, type });
  }

  #publishAlias(alias: AliasSet, { parent }: Placement): void {
    const { name, type, target, routing } = alias;
    const resource = new aws.route53.Record(
      aliasName(alias, this.name, this.#rendering.domain),
      {
        zoneId: this.#zone.zoneId,
        name,
        type,
        // A published alias has one target and nothing to choose; health decides in the groups behind it.
        aliases: [
          { name: target, zoneId: this.#zone.zoneId, evaluateTargetHealth: routing.policy !== "simple" },
        ],
        ...this.#routingArgs(routing),
      },
      // The provider takes the target as text and knows no order of its own.
      this.#options(parent, this.at(target, type)),
    );
    this.#stand(resource, { name, type });
  }

  #routingArgs(routing: Routing): Partial<aws.route53.RecordArgs> {
    switch (routing.policy) {
      case "simple":
        return {};
      case "geolocation": {
        const { setIdentifier, location } = routing;
        return { setIdentifier, geolocationRoutingPolicies: [geolocation(location)] };
      }
      case "failover": {
        const { setIdentifier, role, healthCheck } = routing;
        const healthCheckId =
          healthCheck === undefined ? {} : { healthCheckId: this.#checkId("site", healthCheck) };
        return { setIdentifier, failoverRoutingPolicies: [{ type: role }], ...healthCheckId };
      }
    }
  }

  #publishHealthCheck(check: HealthCheck, { parent }: Placement): void {
    const resource = new aws.route53.HealthCheck(
      healthCheckName(check, this.name),
      { ...this.#healthCheckArgs(check), tags: { Name: `${check.key}.${this.#rendering.domain}` } },
      this.#options(parent, []),
    );
    this.resources.push(resource);
    this.#checkIds.set(`${check.kind === "calculated" ? "site" : "node"} ${check.key}`, resource.id);
  }

  #healthCheckArgs(check: HealthCheck): aws.route53.HealthCheckArgs {
    if (check.kind === "calculated") {
      return {
        type: "CALCULATED",
        childHealthThreshold: check.threshold,
        childHealthchecks: check.children.map((slot) => this.#checkId("node", slot)),
      };
    }
    return {
      ...requestArgs(check),
      // The address alone says what is probed. With a name Route 53 would look an address up, and a check of the
      // name that it decides over is unpredictable (API reference, HealthCheckConfig; read 2026-11).
      ipAddress: check.address,
      port: check.port,
      requestInterval: check.intervalSeconds,
      failureThreshold: check.failureThreshold,
    };
  }

  #checkId(of: "node" | "site", key: string): pulumi.Output<string> {
    const id = this.#checkIds.get(`${of} ${key}`);
    if (id === undefined) throw new Error(`the health check of ${of} ${key} is used before it is published`);
    return id;
  }

  #stand(resource: pulumi.CustomResource, { name, type }: { name: string; type: RecordType }): void {
    this.resources.push(resource);
    this.#sets.set(setKey({ name, type }), [...this.at(name, type), resource]);
  }

  #options(parent: pulumi.Resource, dependsOn: readonly pulumi.Resource[]): pulumi.CustomResourceOptions {
    return { parent, dependsOn: [...dependsOn], provider: this.#zone.provider };
  }
}

/** Certificates are not verified, and without a name there is none to send in the handshake. */
function requestArgs(
  check: Exclude<HealthCheck, { kind: "calculated" }>,
): Pick<aws.route53.HealthCheckArgs, "resourcePath" | "enableSni"> & { readonly type: string } {
  switch (check.kind) {
    case "tcp":
      return { type: "TCP" };
    case "http":
      return { type: "HTTP", resourcePath: check.path };
    case "https":
      return { type: "HTTPS", resourcePath: check.path, enableSni: false };
  }
}

type Location = Extract<Routing, { policy: "geolocation" }>["location"];

function geolocation(location: Location): { continent?: string; country?: string; subdivision?: string } {
  return "default" in location ? { country: "*" } : location;
}
