/**
 * Logical names of everything that is deployed, formed from the inventory's immutable keys alone: never from
 * an address, a priority, a weight or a place in a list. Parts are joined by a slash, which no key contains,
 * so that two resources never share a name. A released name changes only together with an alias.
 */

import type { DnsRecord } from "../dns/records.ts";
import { SERVICES, TRANSPORTS } from "../dns/services.ts";
import { GLOBAL_KEY } from "./labels.ts";
import type {
  AliasSet,
  Backend,
  Cause,
  HealthCheck,
  LoadBalancer,
  PlannedRecord,
  Pool,
} from "./rendering.ts";

/** Name of the component that stands before all certificates, and first part of what is below it: no key is like it. */
export const ISSUANCE_NAME = "_acme";

/** Name of the component that owns what `cause` put there. */
export function componentName(cause: Pick<Cause, "tier" | "key" | "purpose">): string {
  if (cause.purpose === "challenge") return ISSUANCE_NAME;
  return cause.tier === "global" ? GLOBAL_KEY : cause.key;
}

function join(cause: Cause, backend: Backend, ...parts: readonly string[]): string {
  return [componentName(cause), backend, ...parts].join("/");
}

/** `sips-tcp` of `_sips._tcp.euro.sip.example.net`, and the labels between that and the domain. */
function ownerParts(
  { name, type }: Pick<DnsRecord, "name" | "type">,
  domain: string,
): [kind: string, host: string] {
  const labels = name === domain ? [] : name.slice(0, -domain.length - 1).split(".");
  if (type !== "SRV") return [type.toLowerCase(), labels.join(".")];
  const transport = TRANSPORTS.find((key) => SERVICES[key].labels.every((label, i) => label === labels[i]));
  if (transport === undefined) throw new Error(`${name} is no service of the tree`);
  return [transport, labels.slice(2).join(".")];
}

/** The owner's own label is said by the component already; helper names are said in full. */
function ownerName(record: Pick<DnsRecord, "name" | "type">, cause: Cause, domain: string): string[] {
  const [kind, host] = ownerParts(record, domain);
  return host === "" || host === cause.key ? [kind] : [kind, host];
}

/** One record of a platform that has an object per record: keyed by the node it lists. */
export function recordName({ record, cause }: PlannedRecord, backend: Backend, domain: string): string {
  const owner = ownerName(record, cause, domain);
  if (cause.tier === "node" || record.type === "CNAME") return join(cause, backend, ...owner);
  const [targetLabel = ""] = record.type === "SRV" ? record.target.split(".") : [];
  return join(cause, backend, ...owner, cause.slot ?? targetLabel);
}

/** One set of a platform that has an object per owner name and type. */
export function setName({ record, cause }: PlannedRecord, backend: Backend, domain: string): string {
  return join(cause, backend, ...ownerName(record, cause, domain));
}

/** A published alias keeps the name of the plain set that it may replace, so that one update changes it in place. */
export function aliasName(alias: AliasSet, backend: Backend, domain: string): string {
  const owner = ownerName(alias, alias.cause, domain);
  const set = alias.routing.policy === "simple" ? [] : [alias.routing.setIdentifier];
  return join(alias.cause, backend, ...owner, ...set);
}

/** The CAA set of the domain; one value of it, by its key, at a platform that has an object per record. */
export function caaName(backend: Backend, ...key: readonly string[]): string {
  return [ISSUANCE_NAME, backend, "caa", ...key].join("/");
}

export function poolName({ key, cause }: Pool, backend: Backend): string {
  return join(cause, backend, "pool", key);
}

export function loadBalancerName({ key, cause }: LoadBalancer, backend: Backend): string {
  return join(cause, backend, "load-balancer", key);
}

export function healthCheckName({ kind, key, cause }: HealthCheck, backend: Backend): string {
  return join(cause, backend, "health-check", kind, ...(key === cause.key ? [] : [key]));
}
