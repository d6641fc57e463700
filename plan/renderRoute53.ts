/**
 * The tree at Route 53, where SRV itself is steered: a published name is one simple alias, behind it stands the group
 * of routed aliases, behind that a chain of failover groups for each site, and behind those the plain sets. A change
 * of policy builds a new group and moves the alias by one change, so that the published name is never without an
 * answer.
 */
import { setKey } from "../dns/records.ts";
import { Refusal } from "../inventory/problem.ts";
import { type Route53Location, route53Area } from "./areas.ts";
import { challengeRecords } from "./certificates/challengeRecords.ts";
import { policyName } from "./labels.ts";
import { compareText } from "./order.ts";
import type { AliasSet, Cause, PlannedRecord, Route53Rendering } from "./rendering.ts";
import { failoverAliases, refuseLongLabels, standbyAddresses } from "./route53Failover.ts";
import { healthChecks } from "./route53Health.ts";
import { isHidden, plainName, type Question, tierKey } from "./route53Names.ts";
import { siteTier } from "./siteTier.ts";
import { nodeRecords, serviceName, sortRecords, srvRecords, staticTier } from "./staticRecords.ts";
import type { GeoSite, GeoSteering, Service, Tier, Tree } from "./tree.ts";

interface Steered {
  readonly tier: Tier;
  readonly geo: GeoSteering;
}

/**
 * @throws Refusal when a steered area cannot be said in Route 53's locations, or two keys are too long for one label.
 */
export function renderRoute53(tree: Tree): Route53Rendering {
  const tiers = [...tree.pops, ...tree.regions, tree.global];
  const steered = tiers.flatMap((tier): Steered[] =>
    tier.geo === undefined ? [] : [{ tier, geo: tier.geo }],
  );
  const sites = steered.flatMap(({ geo }) => geo.sites);
  refuseInexpressible(sites);
  refuseLongLabels(steered, tree);
  const published = [
    ...tree.nodes.flatMap((node) => nodeRecords(node, tree)),
    ...tiers.flatMap((tier) => [...staticTier(plainName(tier, tree), tier, tree), ...hiddenSrv(tier, tree)]),
    ...challengeRecords(tree),
  ];
  const held = setKeys(published);
  const asked = steered.map((each) => ({ ...each, questions: questions(each.tier, tree, held) }));
  const standby = asked.flatMap(({ geo, questions }) => standbyAddresses(geo, questions, tree));
  const behind = { tree, standbySets: setKeys(standby) };
  const aliases = asked
    .flatMap(({ tier, geo, questions }) =>
      questions.flatMap((question) => [
        ...steering(tier, geo, question, tree),
        ...failoverAliases(tier, geo, question, behind),
      ]),
    )
    .sort((a, b) => compareText(aliasKey(a), aliasKey(b)));
  return {
    backend: "route53",
    domain: tree.domain,
    zone: tree.zone,
    records: sortRecords([...published, ...standby]),
    aliases,
    healthChecks: healthChecks(sites, aliases, behind),
    certificates: tree.certificates,
  };
}

function setKeys(records: readonly PlannedRecord[]): ReadonlySet<string> {
  return new Set(records.map(({ record }) => setKey(record)));
}

function aliasKey({ name, type, routing }: AliasSet): string {
  return `${name} ${type} ${routing.policy === "simple" ? "" : routing.setIdentifier}`;
}

/**
 * SRV sets of a region whose name has none, where the global name has: callers whom that sends to the region are
 * told the region's set, which then stands behind the names that people dial.
 */
function hiddenSrv(tier: Tier, tree: Tree): PlannedRecord[] {
  if (!isHidden(tier, "SRV", tree)) return [];
  return srvRecords(policyName(tierKey(tier), "all", tree.domain), tier.groups, tier, tree);
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

/** The published alias and the group of locations behind it. */
function steering(tier: Tier, geo: GeoSteering, question: Question, tree: Tree): AliasSet[] {
  const { type, ownedBy } = question;
  const group = ownedBy(policyName(tierKey(tier), "geo", tree.domain));
  const cause: Cause = { tier: tier.kind, key: tier.key };
  const published: AliasSet = {
    name: ownedBy(tier.name),
    type,
    target: group,
    routing: { policy: "simple" },
    cause,
  };
  const located = geo.sites.flatMap((site) =>
    locations(site, geo).map(([setIdentifier, location]): AliasSet => {
      const target = ownedBy(policyName(site.key, "failover", tree.domain));
      return {
        name: group,
        type,
        target,
        routing: { policy: "geolocation", setIdentifier, location },
        cause,
      };
    }),
  );
  return isHidden(tier, type, tree) ? located : [published, ...located];
}

/**
 * The site's locations with the identifiers of their sets: by the location alone, because Route 53 holds each once,
 * and one that changes hands is changed in place. The default location makes sure that every resolver gets an answer.
 */
function locations(
  { key, serves }: GeoSite,
  { defaultSite }: GeoSteering,
): [identifier: string, location: Route53Location | { readonly default: true }][] {
  const served = route53Area(serves).locations.map((location): [string, Route53Location] => [
    locationCode(location),
    location,
  ]);
  return key === defaultSite ? [...served, ["default", { default: true }]] : served;
}

function locationCode(location: Route53Location): string {
  if ("continent" in location) return `continent-${location.continent}`;
  return location.subdivision === undefined
    ? `country-${location.country}`
    : `subdivision-${location.country}-${location.subdivision}`;
}
