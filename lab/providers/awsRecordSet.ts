/** Between the arguments of `aws.route53.Record` and Route 53's record sets. */
import { isWithin } from "../../dns/names.ts";
import { canonicalName, type RecordSet, type RoutingPolicy } from "../store/route53Sets.ts";
import { type Properties, pick } from "./provider.ts";

/** Upper-case record types that the provider's schema knows. */
export const AWS_RECORD_TYPES =
  "SOA A TXT NS CNAME MX NAPTR PTR SRV SPF AAAA CAA DS TLSA SSHFP SVCB HTTPS".split(" ");

/** Routing arguments that the lab does not serve, so it says so instead of serving something else. */
export const UNSERVED_ROUTING = ["latencyRoutingPolicies", "geoproximityRoutingPolicy", "cidrRoutingPolicy"];

export const SERVED_ROUTING = [
  "geolocationRoutingPolicies",
  "failoverRoutingPolicies",
  "weightedRoutingPolicies",
  "multivalueAnswerRoutingPolicy",
];

/** The set that the arguments describe; a name outside the zone is relative to it, as in the provider. */
export function toRecordSet(args: Properties, zone: string): RecordSet {
  const alias = first(args.aliases);
  const optional = pick(args, ["setIdentifier", "healthCheckId", "ttl"]);
  return {
    zoneId: String(args.zoneId),
    name: nameInZone(String(args.name), zone),
    type: String(args.type),
    routing: routingOf(args),
    values: Array.isArray(args.records) ? args.records.map(String) : [],
    ...optional,
    ...(alias && {
      alias: {
        name: canonicalName(String(alias.name)),
        zoneId: String(alias.zoneId),
        evaluateTargetHealth: alias.evaluateTargetHealth === true,
      },
    }),
  };
}

/** The arguments that a set stands for, as a refresh or an import reports them. */
export function fromRecordSet(set: RecordSet): Properties {
  const common = { zoneId: set.zoneId, name: set.name, type: set.type, fqdn: set.name };
  const content = set.alias === undefined ? { records: set.values } : { aliases: [set.alias] };
  return {
    ...common,
    ...content,
    ...pick(set as unknown as Properties, ["ttl", "setIdentifier", "healthCheckId"]),
    ...routingArgs(set),
  };
}

export function nameInZone(name: string, zone: string): string {
  const canonical = canonicalName(name);
  if (canonical === "") return zone;
  return isWithin(canonical, zone) ? canonical : `${canonical}.${zone}`;
}

function routingOf(args: Properties): RoutingPolicy {
  const geolocation = first(args.geolocationRoutingPolicies);
  if (geolocation)
    return { kind: "geolocation", location: pick(geolocation, ["continent", "country", "subdivision"]) };
  const failover = first(args.failoverRoutingPolicies);
  if (failover) return { kind: "failover", role: failover.type === "PRIMARY" ? "PRIMARY" : "SECONDARY" };
  const weighted = first(args.weightedRoutingPolicies);
  if (weighted) return { kind: "weighted", weight: Number(weighted.weight) };
  return { kind: args.multivalueAnswerRoutingPolicy === true ? "multivalue" : "simple" };
}

function routingArgs({ routing }: RecordSet): Properties {
  switch (routing.kind) {
    case "simple":
      return {};
    case "geolocation":
      return { geolocationRoutingPolicies: [routing.location] };
    case "failover":
      return { failoverRoutingPolicies: [{ type: routing.role }] };
    case "weighted":
      return { weightedRoutingPolicies: [{ weight: routing.weight }] };
    case "multivalue":
      return { multivalueAnswerRoutingPolicy: true };
  }
}

/** The one element of a block that the SDK writes as a list. */
function first(block: unknown): Properties | undefined {
  return Array.isArray(block) ? (block[0] as Properties | undefined) : undefined;
}
