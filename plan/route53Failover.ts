/**
 * Who answers at Route 53 when a site is down: behind each site a chain of failover groups. The first has the site's
 * own answer while its check is up, each next one that of a stand-in, and the last leads to the whole unsteered set,
 * which hangs on no check: whatever is down, there is an answer.
 */
import { child, type Fqdn, MAX_LABEL_OCTETS, MAX_NAME_CHARACTERS } from "../dns/names.ts";
import { SERVICES } from "../dns/services.ts";
import { type Problem, Refusal } from "../inventory/problem.ts";
import { policyLabel, policyName, standInLabel } from "./labels.ts";
import type { AliasSet, Cause, PlannedRecord } from "./rendering.ts";
import { addressCheckKey, siteCheckKey } from "./route53Health.ts";
import { answeringName, type Behind, hasStandbySet, type Question, tierKey } from "./route53Names.ts";
import { siteTier } from "./siteTier.ts";
import { groupAddresses } from "./staticRecords.ts";
import type { GeoSite, GeoSteering, Tier, Tree } from "./tree.ts";

/** A failover group: the site's answer while the site is up, else what stands at `next`. */
interface Link {
  readonly label: string;
  readonly site: GeoSite;
  readonly next: string;
}

/**
 * The groups of a steered name: for each region a chain of its own, over its stand-ins, and behind all chains one line
 * of the sites, the default site first. The line is the same for everybody, since a site that is down is passed there
 * by its own check; POPs, which stand in for each other in the order of the line, need nothing before it. A group is
 * named by whose callers come and who answers, and a chain always ends at the head of the line: a stand-in that comes
 * or goes is one group and one pointer, and nobody else's callers go another way meanwhile.
 */
function links(key: string, { sites, defaultSite }: GeoSteering): Link[] {
  const siteAt = new Map(sites.map((site) => [site.key, site]));
  const line = linked(
    sites.toSorted((a, b) => Number(b.key === defaultSite) - Number(a.key === defaultSite)),
    (site) => standInLabel(key, site.key),
    policyLabel(key, "all"),
  );
  const chains = sites.flatMap((own) => {
    const standIns = own.kind === "region" ? own.fallback.flatMap((other) => siteAt.get(other) ?? []) : [];
    const label = (site: GeoSite) =>
      site === own ? policyLabel(own.key, "failover") : standInLabel(own.key, site.key);
    return linked([own, ...standIns], label, line[0]?.label ?? policyLabel(key, "all"));
  });
  return [...chains, ...line];
}

/** Each site's answer, else that of the next one, else what stands at `end`. */
function linked(sites: readonly GeoSite[], label: (site: GeoSite) => string, end: string): Link[] {
  return sites.map((site, i) => {
    const next = sites[i + 1];
    return { label: label(site), site, next: next === undefined ? end : label(next) };
  });
}

interface Answer {
  readonly target: Fqdn;
  /** Key of the check that tells whether somebody there is up. */
  readonly healthCheck: string;
}

/** The groups behind the sites of a steered name, for one question. */
export function failoverAliases(
  tier: Tier,
  geo: GeoSteering,
  question: Question,
  behind: Behind,
): AliasSet[] {
  const { type, ownedBy } = question;
  const cause: Cause = { tier: tier.kind, key: tier.key };
  const at = (label: string) => ownedBy(child(label, behind.tree.domain));
  const pair = (label: string, { target, healthCheck }: Answer, next: string): AliasSet[] => {
    const set = (to: Fqdn, routing: AliasSet["routing"]) => ({
      name: at(label),
      type,
      target: to,
      routing,
      cause,
    });
    return [
      set(target, { policy: "failover", setIdentifier: "primary", role: "PRIMARY", healthCheck }),
      set(at(next), { policy: "failover", setIdentifier: "secondary", role: "SECONDARY" }),
    ];
  };
  const chains = links(tierKey(tier), geo).flatMap(({ label, site, next }) => {
    const target = hasStandbySet(site, type, behind)
      ? at(policyLabel(site.key, "own"))
      : publishedSet(site, question, behind);
    return pair(label, { target, healthCheck: siteCheckKey(site, type, behind) }, next);
  });
  const withStandby = geo.sites
    .filter((site) => hasStandbySet(site, type, behind))
    .flatMap((site) => {
      const primaries = { target: publishedSet(site, question, behind), healthCheck: addressCheckKey(site) };
      return pair(policyLabel(site.key, "own"), primaries, policyLabel(site.key, "standby"));
    });
  return [...chains, ...withStandby];
}

/** The site's set as it is published; that of a steered site leads on to its own sites. */
function publishedSet(site: GeoSite, { type, ownedBy }: Question, { tree }: Behind): Fqdn {
  return ownedBy(answeringName(siteTier(site, tree), type, tree));
}

/**
 * Addresses of the sites' standby nodes, at names of their own: no address set lists them beside primaries (RFC 2782,
 * "Usage rules"), and a caller by address gets them when all primaries of the site are down, as one by SRV does.
 */
export function standbyAddresses(
  { sites }: GeoSteering,
  questions: readonly Question[],
  tree: Tree,
): PlannedRecord[] {
  const types = new Set(questions.map(({ type }) => type));
  return sites.flatMap((site) => {
    const { geo, groups, ...tier } = siteTier(site, tree);
    const [, standby] = groups;
    if (geo !== undefined || standby === undefined) return [];
    const records = groupAddresses(policyName(site.key, "standby", tree.domain), standby, tier, tree);
    return records.filter(({ record }) => types.has(record.type));
  });
}

/** @throws Refusal when two keys are too long to be one label. */
export function refuseLongLabels(steered: readonly { tier: Tier; geo: GeoSteering }[], tree: Tree): void {
  const services = tree.services.map(({ transport }) => SERVICES[transport].labels.join(".").length + 1);
  const room = MAX_NAME_CHARACTERS - Math.max(0, ...services) - tree.domain.length - 1;
  const limit = Math.min(MAX_LABEL_OCTETS, room);
  const labels = steered.flatMap(({ tier, geo }) => links(tierKey(tier), geo).map(({ label }) => label));
  const problems = labels
    .filter((label) => label.length > limit)
    .map(
      (label): Problem => ({
        place: "tree.json",
        key: "policy.regions",
        value: label,
        rule: "route53-label",
        message: `is a label behind a steered name and has ${label.length} characters, of which Route 53 has room for ${limit}`,
        remedy: "shorten the keys that it is made of",
      }),
    );
  if (problems.length > 0) throw new Refusal(problems);
}
