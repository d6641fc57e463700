/**
 * The tree at Route 53, where SRV itself is steered: a published name is one simple alias, behind it stands
 * the group of routed aliases, and behind those the plain sets. A change of policy builds a new group and
 * moves the alias by one change, so that the published name is never without an answer.
 */
import type { Fqdn } from "../dns/names.ts";
import { type DnsRecord, setKey } from "../dns/records.ts";
import { Refusal } from "../inventory/problem.ts";
import { type Route53Location, route53Area } from "./areas.ts";
import { GLOBAL_KEY, policyName } from "./labels.ts";
import { compareText, sortedBy } from "./order.ts";
import type { AliasSet, Cause, HealthCheck, Route53Rendering } from "./rendering.ts";
import {
  memberNode,
  nodeRecords,
  nodesBySlot,
  serviceName,
  sortRecords,
  staticTier,
} from "./staticRecords.ts";
import type { GeoSite, GeoSteering, Service, Tier, Tree } from "./tree.ts";

/** Sites healthy while at least this many of their nodes are. */
const HEALTHY_NODES = 1;

/**
 * @throws Refusal when a steered area cannot be said in Route 53's locations.
 */
export function renderRoute53(tree: Tree): Route53Rendering {
  const tiers = [...tree.pops, ...tree.regions, tree.global];
  const steered = tiers.flatMap((tier) => (tier.geo === undefined ? [] : [{ tier, geo: tier.geo }]));
  refuseInexpressible(steered.flatMap(({ geo }) => geo.sites));
  const records = sortRecords([
    ...tree.nodes.flatMap((node) => nodeRecords(node, tree)),
    ...tiers.flatMap((tier) => staticTier(plainName(tier, tree), tier, tree)),
  ]);
  const held = new Set(records.map(({ record }) => setKey(record)));
  return {
    backend: "route53",
    domain: tree.domain,
    zone: tree.zone,
    records,
    aliases: steered
      .flatMap(({ tier, geo }) => aliases(tier, geo, tree, held))
      .sort((a, b) => compareText(aliasKey(a), aliasKey(b))),
    healthChecks: healthChecks(steered, tree),
    certificates: tree.certificates,
  };
}

function aliasKey({ name, type, routing }: AliasSet): string {
  return `${name} ${type} ${routing.policy === "simple" ? "" : routing.setIdentifier}`;
}

function tierKey(tier: Tier): string {
  return tier.kind === "global" ? GLOBAL_KEY : tier.key;
}

/** Where the tier's plain sets are owned: at the published name itself unless that name is steered. */
function plainName(tier: Tier, tree: Tree): Fqdn {
  return tier.geo === undefined ? tier.name : policyName(tierKey(tier), "all", tree.domain);
}

function refuseInexpressible(sites: readonly GeoSite[]): void {
  const problems = sites.flatMap((site) =>
    route53Area(site.serves).inexpressible.map((code) => ({
      place: "tree.json",
      key: `${site.kind} ${site.key}: serves.subdivisions`,
      value: code,
      rule: "route53-area",
      message: "Route 53 knows the states of the USA among subdivisions, and no others",
      remedy: "name the country instead, or serve the name unsteered",
    })),
  );
  if (problems.length > 0) throw new Refusal(problems);
}

/** What is steered: the SRV set of each service, and the addresses of the name itself. */
interface Question {
  readonly type: DnsRecord["type"];
  readonly ownedBy: (name: Fqdn) => Fqdn;
}

function questions(tier: Tier, tree: Tree, held: ReadonlySet<string>): Question[] {
  const srv = tree.services.map(
    (service: Service): Question => ({ type: "SRV", ownedBy: (name) => serviceName(service, name) }),
  );
  const addresses = (["A", "AAAA"] as const).filter((type) => answersEverywhere(tier, type, tree, held));
  return [...srv, ...addresses.map((type): Question => ({ type, ownedBy: (name) => name }))];
}

/**
 * Whether the name has addresses of the type wherever it is steered to, sites of its sites included. Otherwise
 * the type is not steered: a caller at a site without it would be sent to a far one, instead of using the other
 * address family nearby.
 */
function answersEverywhere(tier: Tier, type: "A" | "AAAA", tree: Tree, held: ReadonlySet<string>): boolean {
  return (
    held.has(setKey({ name: plainName(tier, tree), type })) &&
    (tier.geo?.sites ?? []).every((site) => answersEverywhere(siteTier(site, tree), type, tree, held))
  );
}

function siteTier(site: GeoSite, tree: Tree): Tier {
  const tiers = site.kind === "pop" ? tree.pops : tree.regions;
  const tier = tiers.find(({ key }) => key === site.key);
  if (tier === undefined) throw new Error(`no ${site.kind} ${site.key} in the tree`);
  return tier;
}

function aliases(tier: Tier, geo: GeoSteering, tree: Tree, held: ReadonlySet<string>): AliasSet[] {
  const key = tierKey(tier);
  const group = policyName(key, "geo", tree.domain);
  const cause: Cause = { tier: tier.kind, key: tier.key };
  return questions(tier, tree, held).flatMap(({ type, ownedBy }) => [
    {
      name: ownedBy(tier.name),
      type,
      target: ownedBy(group),
      routing: { policy: "simple" as const },
      cause,
    },
    ...geo.sites.flatMap((site) => geolocation(site, { type, ownedBy }, group, geo, tree, cause)),
    ...geo.sites.flatMap((site) => failover(site, { type, ownedBy }, tier, tree, cause)),
  ]);
}

/** The routed aliases by location; the default location makes sure that every resolver gets an answer. */
function geolocation(
  site: GeoSite,
  { type, ownedBy }: Question,
  group: Fqdn,
  geo: GeoSteering,
  tree: Tree,
  cause: Cause,
): AliasSet[] {
  const target = ownedBy(policyName(site.key, "failover", tree.domain));
  const alias = (location: Route53Location | { readonly default: true }, code: string): AliasSet => ({
    name: ownedBy(group),
    type,
    target,
    // By the location alone: Route 53 holds each location once, and one that changes hands is changed in place.
    routing: { policy: "geolocation", setIdentifier: code, location },
    cause,
  });
  const located = route53Area(site.serves).locations.map((location) =>
    alias(location, locationCode(location)),
  );
  return site.key === geo.defaultSite ? [...located, alias({ default: true }, "default")] : located;
}

function locationCode(location: Route53Location): string {
  if ("continent" in location) return `continent-${location.continent}`;
  return location.subdivision === undefined
    ? `country-${location.country}`
    : `subdivision-${location.country}-${location.subdivision}`;
}

/** A site's own answer while it is healthy, else its first stand-in's, else the name's whole unsteered set. */
function failover(
  site: GeoSite,
  { type, ownedBy }: Question,
  tier: Tier,
  tree: Tree,
  cause: Cause,
): AliasSet[] {
  const name = ownedBy(policyName(site.key, "failover", tree.domain));
  const own = siteTier(site, tree);
  const standIn =
    tier.kind === "global" ? tree.regions.find(({ key }) => key === site.fallback[0]) : undefined;
  return [
    {
      name,
      type,
      target: ownedBy(own.name),
      routing: { policy: "failover", setIdentifier: "primary", role: "PRIMARY", healthCheck: site.key },
      cause,
    },
    {
      name,
      type,
      target: ownedBy(standIn === undefined ? plainName(tier, tree) : plainName(standIn, tree)),
      routing: { policy: "failover", setIdentifier: "secondary", role: "SECONDARY" },
      cause,
    },
  ];
}

/** A TCP check per node behind a steered name, and a calculated one per site. */
function healthChecks(steered: readonly { geo: GeoSteering }[], tree: Tree): HealthCheck[] {
  const nodes = nodesBySlot(tree);
  const { intervalSeconds, failureThreshold } = tree.policy.probe;
  const port =
    tree.services.find((service) => service.transport === "sips-tcp")?.port ?? tree.services[0]?.port;
  if (port === undefined) return [];
  const sites = steered.flatMap(({ geo }) => geo.sites);
  const slots = (site: GeoSite) =>
    [...site.halves.flat(), ...site.standby].map(({ slot }) => slot).sort(compareText);
  const tcp = [...new Set(sites.flatMap(slots))].sort(compareText).map(
    (slot): HealthCheck => ({
      kind: "tcp",
      key: slot,
      address: memberNode(nodes, slot).address,
      port,
      // Route 53 probes each 10 or each 30 seconds (API reference, HealthCheckConfig; read 2026-11).
      intervalSeconds: intervalSeconds <= 10 ? 10 : 30,
      failureThreshold,
      cause: { tier: "node", key: slot, slot },
    }),
  );
  const calculated = sortedBy(sites, ({ key }) => key).map(
    (site): HealthCheck => ({
      kind: "calculated",
      key: site.key,
      children: slots(site),
      threshold: HEALTHY_NODES,
      cause: { tier: site.kind, key: site.key },
    }),
  );
  return [...tcp, ...calculated];
}
