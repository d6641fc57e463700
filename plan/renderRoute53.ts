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
import { healthyNodes, probeRequest } from "./probe.ts";
import type { AliasSet, Cause, HealthCheck, PlannedRecord, Route53Rendering } from "./rendering.ts";
import {
  memberNode,
  nodeRecords,
  nodesBySlot,
  serviceName,
  sortRecords,
  srvRecords,
  staticTier,
} from "./staticRecords.ts";
import type { GeoSite, GeoSteering, Service, Tier, Tree } from "./tree.ts";

/**
 * @throws Refusal when a steered area cannot be said in Route 53's locations.
 */
export function renderRoute53(tree: Tree): Route53Rendering {
  const tiers = [...tree.pops, ...tree.regions, tree.global];
  const steered = tiers.flatMap((tier) => (tier.geo === undefined ? [] : [{ tier, geo: tier.geo }]));
  refuseInexpressible(steered.flatMap(({ geo }) => geo.sites));
  const records = sortRecords([
    ...tree.nodes.flatMap((node) => nodeRecords(node, tree)),
    ...tiers.flatMap((tier) => [...staticTier(plainName(tier, tree), tier, tree), ...hiddenSrv(tier, tree)]),
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

/**
 * SRV sets of a region whose name has none, where the global name has: callers whom that sends to the region are
 * told the region's set, which then stands behind the names that people dial.
 */
function hiddenSrv(tier: Tier, tree: Tree): PlannedRecord[] {
  if (!isHidden(tier, "SRV", tree)) return [];
  return srvRecords(policyName(tierKey(tier), "all", tree.domain), tier.groups, tier, tree);
}

/** Whether the type is not published at the tier's name, and is asked for from above. */
function isHidden(tier: Tier, type: DnsRecord["type"], tree: Tree): boolean {
  const { geo, form } = tree.global;
  return (
    type === "SRV" &&
    tier.kind === "region" &&
    tier.form === "addresses" &&
    geo !== undefined &&
    form === "srv"
  );
}

/** The name at which the tier answers for the type, steered where the tier is. */
function answeringName(tier: Tier, type: DnsRecord["type"], tree: Tree): Fqdn {
  if (!isHidden(tier, type, tree)) return tier.name;
  return policyName(tierKey(tier), tier.geo === undefined ? "all" : "geo", tree.domain);
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
  const services = tier.form === "srv" || isHidden(tier, "SRV", tree) ? tree.services : [];
  const srv = services.map(
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
    ...(isHidden(tier, type, tree)
      ? []
      : [
          {
            name: ownedBy(tier.name),
            type,
            target: ownedBy(group),
            routing: { policy: "simple" as const },
            cause,
          },
        ]),
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

/**
 * Nodes that the site's set of this type lists: standby nodes and nodes beyond the set's size are in no address
 * set, and a check that counted them would call a dead answer healthy. Behind a steered name all are counted.
 */
function listedSlots(site: GeoSite, type: DnsRecord["type"], tree: Tree): string[] {
  const { groups, geo } = siteTier(site, tree);
  const standby = type === "SRV" ? site.standby : [];
  const members =
    geo === undefined
      ? (type === "SRV" ? groups : groups.slice(0, 1)).flatMap((group) => group.members)
      : [...site.halves.flat(), ...standby];
  return members.map(({ slot }) => slot).sort(compareText);
}

/** The site's check; addresses have one of their own where they list other nodes than the SRV set does. */
function siteCheckKey(site: GeoSite, type: DnsRecord["type"], tree: Tree): string {
  const same = listedSlots(site, type, tree).length === listedSlots(site, "SRV", tree).length;
  return same ? site.key : `${site.key}--addresses`;
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
      target: ownedBy(answeringName(own, type, tree)),
      routing: {
        policy: "failover",
        setIdentifier: "primary",
        role: "PRIMARY",
        healthCheck: siteCheckKey(site, type, tree),
      },
      cause,
    },
    {
      name,
      type,
      target: ownedBy(lastResort(standIn ?? tier, type, tree)),
      routing: { policy: "failover", setIdentifier: "secondary", role: "SECONDARY" },
      cause,
    },
  ];
}

/** The whole unsteered set of the tier. */
function lastResort(tier: Tier, type: DnsRecord["type"], tree: Tree): Fqdn {
  return isHidden(tier, type, tree) ? policyName(tierKey(tier), "all", tree.domain) : plainName(tier, tree);
}

/** A check per node behind a steered name, and a calculated one per site. */
function healthChecks(steered: readonly { geo: GeoSteering }[], tree: Tree): HealthCheck[] {
  const nodes = nodesBySlot(tree);
  const { intervalSeconds, failureThreshold } = tree.policy.probe;
  const sites = steered.flatMap(({ geo }) => geo.sites);
  if (sites.length === 0) return [];
  const request = probeRequest(tree);
  const checks = [...new Set(sites.flatMap((site) => listedSlots(site, "SRV", tree)))]
    .sort(compareText)
    .map((slot): HealthCheck => {
      const check = {
        key: slot,
        address: memberNode(nodes, slot).address,
        port: request.port,
        // Route 53 probes each 10 or each 30 seconds (API reference, HealthCheckConfig; read 2026-11).
        intervalSeconds: intervalSeconds <= 10 ? (10 as const) : (30 as const),
        failureThreshold,
        cause: { tier: "node" as const, key: slot, slot },
      };
      // Which codes are healthy cannot be told.
      return request.type === "tcp"
        ? { kind: request.type, ...check }
        : { kind: request.type, path: request.path, ...check };
    });
  const calculated = sortedBy(sites, ({ key }) => key).flatMap((site) => {
    const ofTypes = (["SRV", "A"] as const).map((type): HealthCheck => {
      const children = listedSlots(site, type, tree);
      return {
        kind: "calculated",
        key: siteCheckKey(site, type, tree),
        children,
        threshold: healthyNodes(children.length, tree.policy),
        cause: { tier: site.kind, key: site.key },
      };
    });
    return [...new Map(ofTypes.map((check) => [check.key, check])).values()];
  });
  return [...checks, ...calculated];
}
