/**
 * What Route 53 refuses in a change batch, as its own messages put it. Quotas and rules: Developer Guide
 * "Quotas" and API reference "ResourceRecordSet", read 2026-11-23.
 */
import { isIPv4, isIPv6 } from "node:net";
import { parseCaaData } from "../../dns/caa.ts";
import { isWithin } from "../../dns/names.ts";
import { PlatformError } from "./platformError.ts";
import { locationKey, type RecordSet } from "./route53Sets.ts";

const MAX_VALUES = 400;
const MAX_VALUE_CHARACTERS = 4000;
const MAX_TTL_SECONDS = 2_147_483_647;
const MAX_SETS_OF_ONE_NAME = 100;

const TYPES_WITHOUT_ALIAS = new Set(["NS", "SOA"]);

const SRV_VALUE = /^(\d{1,5}) (\d{1,5}) (\d{1,5}) (\S+)$/;

const CONTINENTS = new Set(["AF", "AN", "AS", "EU", "NA", "OC", "SA"]);

/** @throws PlatformError InvalidChangeBatch with every fault of the set itself. */
export function checkSet(set: RecordSet, zone: string): void {
  const faults: string[] = [];
  if (!isWithin(set.name, zone)) {
    faults.push(`RRSet with DNS name ${set.name}. is not permitted in zone ${zone}.`);
  }
  if (set.alias === undefined) faults.push(...valueFaults(set));
  else if (set.values.length > 0 || set.ttl !== undefined) {
    faults.push(`${title(set)} with an alias target cannot have a TTL or resource records`);
  } else if (TYPES_WITHOUT_ALIAS.has(set.type)) {
    faults.push(`${title(set)} cannot be an alias`);
  }
  faults.push(...routingFaults(set));
  refuse(faults);
}

function valueFaults(set: RecordSet): string[] {
  const faults: string[] = [];
  if (set.values.length === 0) faults.push(`${title(set)} has no resource records`);
  if (set.values.length > MAX_VALUES) {
    faults.push(`Number of records limit of ${MAX_VALUES} exceeded: ${title(set)} has ${set.values.length}`);
  }
  if (set.ttl === undefined || !Number.isInteger(set.ttl) || set.ttl < 0 || set.ttl > MAX_TTL_SECONDS) {
    faults.push(`${title(set)} needs a TTL between 0 and ${MAX_TTL_SECONDS}`);
  }
  const seen = new Set<string>();
  for (const value of set.values) {
    if (seen.has(value)) faults.push(`Duplicate Resource Record: '${value}'`);
    seen.add(value);
    const fault = valueFault(set.type, value);
    if (fault !== undefined) faults.push(`Invalid Resource Record: '${fault} encountered with '${value}''`);
  }
  return faults;
}

function valueFault(type: string, value: string): string | undefined {
  if (value.length > MAX_VALUE_CHARACTERS) return "FATAL problem: CharacterStringTooLong";
  if (type === "A") return isIPv4(value) ? undefined : "FATAL problem: ARRDATAIllegalIPv4Address";
  if (type === "AAAA") return isIPv6(value) ? undefined : "FATAL problem: AAAARRDATAIllegalIPv6Address";
  if (type === "TXT") return /^(".*" ?)+$/.test(value) ? undefined : "FATAL problem: InvalidCharacterString";
  if (type === "CAA")
    return parseCaaData(value) === undefined ? "FATAL problem: InvalidCAARecord" : undefined;
  if (type !== "SRV") return undefined;
  const numbers = SRV_VALUE.exec(value)?.slice(1, 4).map(Number);
  return numbers?.every((number) => number <= 65535) ? undefined : "FATAL problem: SRVRRDATANotFourFields";
}

function routingFaults(set: RecordSet): string[] {
  const { routing } = set;
  if (routing.kind === "simple") {
    return set.setIdentifier ? [`${title(set)} has a SetIdentifier and no routing policy`] : [];
  }
  const faults: string[] = [];
  if (!set.setIdentifier) faults.push(`${title(set)} with ${routing.kind} routing needs a SetIdentifier`);
  if (routing.kind === "multivalue" && set.alias)
    faults.push(`${title(set)}: a multivalue set cannot be an alias`);
  if (routing.kind === "weighted" && !(routing.weight >= 0 && routing.weight <= 255)) {
    faults.push(`${title(set)}: weight must be between 0 and 255`);
  }
  if (routing.kind === "geolocation") {
    const { continent, country, subdivision } = routing.location;
    if ((continent === undefined) === (country === undefined)) {
      faults.push(`${title(set)} must have exactly one of ContinentCode and CountryCode`);
    }
    if (continent !== undefined && !CONTINENTS.has(continent)) {
      faults.push(`${title(set)}: ${continent} is no continent code`);
    }
    if (country !== undefined && !/^([A-Z]{2}|\*)$/.test(country)) {
      faults.push(`${title(set)}: ${country} is no country code`);
    }
    if (subdivision !== undefined && country === undefined) {
      faults.push(`${title(set)}: a subdivision needs its country`);
    }
  }
  return faults;
}

/** @throws PlatformError InvalidChangeBatch with every fault between the set and the others of its zone. */
export function checkAmong(set: RecordSet, others: readonly RecordSet[]): void {
  const faults: string[] = [];
  const sameName = others.filter((other) => other.name === set.name);
  const group = sameName.filter((other) => other.type === set.type);
  if (sameName.some((other) => (other.type === "CNAME") !== (set.type === "CNAME"))) {
    faults.push(
      `RRSet of type ${set.type} with DNS name ${set.name}. is not permitted as it conflicts with other records with the same DNS name in zone ${set.zoneId}`,
    );
  }
  if (group.some((other) => other.routing.kind !== set.routing.kind)) {
    faults.push(`${title(set)} cannot be created as other RRSets exist with the same name and type.`);
  } else if (group.some((other) => clashes(set, other))) {
    faults.push(
      `${title(set)} cannot be created as another RRSet has the same routing with the same name and type.`,
    );
  } else if (set.routing.kind === "weighted" && group.some((other) => other.ttl !== set.ttl)) {
    faults.push(`${title(set)}: weighted sets of one name and type must have the same TTL`);
  }
  if (group.length >= MAX_SETS_OF_ONE_NAME)
    faults.push(`more than ${MAX_SETS_OF_ONE_NAME} sets of ${set.name}.`);
  faults.push(...aliasFaults(set, others));
  refuse(faults);
}

function clashes(set: RecordSet, other: RecordSet): boolean {
  if (set.routing.kind === "geolocation" && other.routing.kind === "geolocation") {
    return locationKey(set.routing.location) === locationKey(other.routing.location);
  }
  if (set.routing.kind === "failover" && other.routing.kind === "failover") {
    return set.routing.role === other.routing.role;
  }
  return false;
}

function aliasFaults(set: RecordSet, others: readonly RecordSet[]): string[] {
  if (set.alias === undefined) return [];
  const target = `${set.alias.name}., type ${set.type} in zone ${set.alias.zoneId}`;
  if (set.alias.zoneId !== set.zoneId) {
    return [
      `Tried to create an alias that targets ${target}, but the alias target name does not lie within the target zone`,
    ];
  }
  const found = others.some((other) => other.name === set.alias?.name && other.type === set.type);
  return found ? [] : [`Tried to create an alias that targets ${target}, but that target was not found`];
}

function title(set: RecordSet): string {
  const identifier = set.setIdentifier ? `, SetIdentifier ${set.setIdentifier}` : "";
  return `RRSet with DNS name ${set.name}., type ${set.type}${identifier}`;
}

function refuse(faults: readonly string[]): void {
  if (faults.length > 0) throw invalidChangeBatch(faults.join(", "));
}

export function invalidChangeBatch(text: string): PlatformError {
  return new PlatformError(400, "InvalidChangeBatch", `[${text}]`);
}
