/** `aws.route53.Record` and the listing of a zone, behaving as the real provider does. */
import { canonicalName, type RecordSet, recordSetId } from "../store/route53Sets.ts";
import type { Route53 } from "../store/route53Store.ts";
import { type AwsCall, isRefusal } from "./awsCall.ts";
import {
  AWS_RECORD_TYPES,
  fromRecordSet,
  SERVED_ROUTING,
  toRecordSet,
  UNSERVED_ROUTING,
} from "./awsRecordSet.ts";
import { type CheckFailure, type Invoke, type Properties, pick, type ResourceType } from "./provider.ts";

export function record(route53: Route53, call: AwsCall): ResourceType {
  const zoneOf = (zoneId: unknown) => route53.zones.find((zone) => zone.zoneId === zoneId)?.zone ?? "";
  const setOf = (args: Properties) => toRecordSet(args, zoneOf(args.zoneId));
  return {
    properties: {
      zoneId: { required: true, replaces: true },
      name: { required: true, replaces: true, canonical: (name) => canonicalName(String(name)) },
      type: { required: true },
      ttl: {},
      records: { canonical: asSet },
      aliases: { canonical: withCanonicalNames },
      setIdentifier: {},
      healthCheckId: {},
      allowOverwrite: { computed: true },
      ...Object.fromEntries([...SERVED_ROUTING, ...UNSERVED_ROUTING].map((key) => [key, {}])),
    },
    check: checkRecord,
    async create(inputs) {
      const set = setOf(inputs);
      const overwrite = inputs.allowOverwrite === true;
      const doing = `creating Route53 Record`;
      await call(doing, "ChangeResourceRecordSets", () =>
        overwrite ? route53.changeSet(recordSetId(set), set) : route53.createSet(set),
      );
      return { id: recordSetId(set), outputs: outputsOf(inputs, set) };
    },
    async read(id, outputs) {
      const key = outputs.zoneId === undefined ? importedId(id) : recordSetId(setOf(outputs));
      const set = await call("reading Route 53 Record", "ListResourceRecordSets", () => route53.readSet(key));
      return set && { id, outputs: fromRecordSet(set) };
    },
    async update(_id, outputs, inputs) {
      // A change of type or set identifier is one batch of DELETE and CREATE; anything else is one UPSERT.
      const set = setOf(inputs);
      await call("updating Route53 Record", "ChangeResourceRecordSets", () =>
        route53.changeSet(recordSetId(setOf(outputs)), set),
      );
      return outputsOf(inputs, set);
    },
    async delete(_id, outputs) {
      try {
        await call("deleting Route53 Record", "ChangeResourceRecordSets", () =>
          route53.deleteSet(recordSetId(setOf(outputs))),
        );
      } catch (error) {
        // The real provider takes a refused delete for a success: the record may stay, out of state.
        if (!isRefusal(error, "InvalidChangeBatch")) throw error;
      }
    },
    importInputs: (outputs) =>
      pick(
        outputs,
        Object.keys(outputs).filter((key) => key !== "fqdn"),
      ),
  };
}

/** `aws.route53.getRecords`: every set of the zone, or those whose name matches `nameRegex`. */
export function getRecords(route53: Route53, call: AwsCall): Invoke {
  return async (args) => {
    const sets = await call("reading Route 53 Records", "ListResourceRecordSets", () =>
      route53.listSets(String(args.zoneId)),
    );
    const wanted = typeof args.nameRegex === "string" ? new RegExp(args.nameRegex) : /(?:)/;
    const resourceRecordSets = sets.map(listed).filter((set) => wanted.test(set.name));
    return { ...args, resourceRecordSets };
  };
}

/** A set as the API lists it: names with the final dot, absent parts left out. */
function listed(set: RecordSet) {
  const { routing, alias } = set;
  return {
    name: `${set.name}.`,
    type: set.type,
    resourceRecords: set.values.map((value) => ({ value })),
    ...pick(set as unknown as Properties, ["ttl", "setIdentifier", "healthCheckId"]),
    ...(alias && {
      aliasTarget: {
        dnsName: `${alias.name}.`,
        hostedZoneId: alias.zoneId,
        evaluateTargetHealth: alias.evaluateTargetHealth,
      },
    }),
    ...(routing.kind === "geolocation" && {
      geolocation: {
        continentCode: routing.location.continent,
        countryCode: routing.location.country,
        subdivisionCode: routing.location.subdivision,
      },
    }),
    ...(routing.kind === "failover" && { failover: routing.role }),
    ...(routing.kind === "weighted" && { weight: routing.weight }),
    ...(routing.kind === "multivalue" && { multiValueAnswer: true }),
  };
}

/** What the lab says it has assigned: four, in four domains, as the service does. */
const NAME_SERVERS = ["com", "net", "org", "uk"].map((domain, i) => `ns-${i + 1}.awsdns-${domain}.test`);

/** `aws.route53.getZone`, by id or by name. */
export function getZone(route53: Route53): Invoke {
  return async (args) => {
    const name = typeof args.name === "string" ? canonicalName(args.name) : undefined;
    const zone = route53.zones.find(
      (candidate) => candidate.zoneId === args.zoneId || candidate.zone === name,
    );
    if (zone === undefined) throw new Error("no matching Route 53 Hosted Zone found");
    return {
      id: zone.zoneId,
      zoneId: zone.zoneId,
      arn: `arn:aws:route53:::hostedzone/${zone.zoneId}`,
      name: zone.zone,
      callerReference: "lab",
      comment: "",
      nameServers: NAME_SERVERS,
      primaryNameServer: NAME_SERVERS[0],
      privateZone: false,
      resourceRecordSetCount: route53.sets(zone.zoneId).length,
      tags: {},
      linkedServiceDescription: "",
      linkedServicePrincipal: "",
    };
  };
}

function checkRecord(inputs: Properties): readonly CheckFailure[] {
  const failures: CheckFailure[] = [];
  if (typeof inputs.type === "string" && !AWS_RECORD_TYPES.includes(inputs.type)) {
    const reason = `expected type to be one of ${JSON.stringify(AWS_RECORD_TYPES)}, got ${inputs.type}`;
    failures.push({ property: "type", reason });
  }
  const clash = (property: string, other: string) => {
    failures.push({
      property,
      reason: `Conflicting configuration arguments: "${property}" conflicts with ${other}`,
    });
  };
  if (inputs.aliases !== undefined && inputs.records !== undefined) clash("aliases", "records");
  if (inputs.aliases !== undefined && inputs.ttl !== undefined) clash("aliases", "ttl");
  if (inputs.aliases === undefined && inputs.records === undefined) {
    failures.push({ property: "records", reason: "one of `alias,records` must be specified" });
  }
  if (inputs.records !== undefined && inputs.ttl === undefined) {
    failures.push({ property: "records", reason: "all of `records,ttl` must be specified" });
  }
  const routed = SERVED_ROUTING.filter((key) => inputs[key] !== undefined && inputs[key] !== false);
  if (routed.length > 1) clash(String(routed[0]), String(routed[1]));
  if (routed[0] !== undefined && inputs.setIdentifier === undefined) {
    failures.push({
      property: routed[0],
      reason: `all of \`${routed[0]},set_identifier\` must be specified`,
    });
  }
  for (const key of UNSERVED_ROUTING.filter((unserved) => inputs[unserved] !== undefined)) {
    failures.push({ property: key, reason: "the lab does not serve this routing policy" });
  }
  return failures;
}

function outputsOf(inputs: Properties, set: RecordSet): Properties {
  return { ...inputs, name: canonicalName(String(inputs.name)), fqdn: set.name };
}

/**
 * The set of an import id, `<zone>_<name>_<TYPE>[_<set>]`. A name may begin with an underscore, so the type
 * is the first token that is one.
 */
function importedId(id: string): string {
  const tokens = id.split("_");
  const typeAt = tokens.findIndex((token) => AWS_RECORD_TYPES.includes(token));
  if (typeAt < 0) throw new Error(`import "${id}": expected ZONEID_RECORDNAME_TYPE[_SET-IDENTIFIER]`);
  const identifier = tokens.slice(typeAt + 1).join("_");
  return recordSetId({
    zoneId: String(tokens[0]),
    name: canonicalName(tokens.slice(1, typeAt).join("_")),
    type: String(tokens[typeAt]),
    ...(identifier !== "" && { setIdentifier: identifier }),
  });
}

function asSet(values: unknown): unknown {
  return Array.isArray(values) ? values.map(String).sort() : values;
}

function withCanonicalNames(aliases: unknown): unknown {
  if (!Array.isArray(aliases)) return aliases;
  return aliases.map((alias: Properties) => ({ ...alias, name: canonicalName(String(alias.name)) }));
}
