/** What Route 53 probes: each node behind a steered name, and by their nodes the sites between which it decides. */
import type { DnsRecord } from "../dns/records.ts";
import { compareText, sortedBy } from "./order.ts";
import { healthyNodes, probeRequest } from "./probe.ts";
import type { AliasSet, HealthCheck } from "./rendering.ts";
import { type Behind, hasStandbySet } from "./route53Names.ts";
import { siteTier } from "./siteTier.ts";
import { memberNode, nodesBySlot } from "./staticRecords.ts";
import type { GeoSite, Group, Tree } from "./tree.ts";

/**
 * Nodes that callers of the site can be told: nodes beyond a set's size are in none, standby nodes in the SRV set, and
 * in an address set of their own where the type has one. A check that counted others would call a dead answer healthy.
 */
function answeringSlots(site: GeoSite, type: DnsRecord["type"], behind: Behind): string[] {
  const { groups, geo } = siteTier(site, behind.tree);
  if (geo !== undefined) return geo.sites.flatMap((inner) => answeringSlots(inner, type, behind));
  return type === "SRV" || hasStandbySet(site, type, behind) ? slotsOf(groups) : slotsOf(groups.slice(0, 1));
}

function slotsOf(groups: readonly Group[]): string[] {
  return groups.flatMap(({ members }) => members.map(({ slot }) => slot));
}

/** The check of the nodes in the site's own address sets, where these are not all that its SRV set lists. */
export function addressCheckKey(site: GeoSite): string {
  return `${site.key}--addresses`;
}

/** The site's check; for a type whose sets lead to fewer nodes than the SRV set, that of its addresses. */
export function siteCheckKey(site: GeoSite, type: DnsRecord["type"], behind: Behind): string {
  const same = answeringSlots(site, type, behind).length === answeringSlots(site, "SRV", behind).length;
  return same ? site.key : addressCheckKey(site);
}

/** A calculated check for each site and kind of set that an alias asks for, and the checks of their nodes. */
export function healthChecks(
  sites: readonly GeoSite[],
  aliases: readonly AliasSet[],
  behind: Behind,
): HealthCheck[] {
  const asked = new Set(aliases.map(({ routing }) => ("healthCheck" in routing ? routing.healthCheck : "")));
  const calculated = sortedBy(sites, ({ key }) => key).flatMap((site) => {
    const { groups, geo } = siteTier(site, behind.tree);
    const addresses = geo === undefined ? slotsOf(groups.slice(0, 1)) : answeringSlots(site, "AAAA", behind);
    return [
      calculatedCheck(site.key, answeringSlots(site, "SRV", behind), site, behind.tree),
      calculatedCheck(addressCheckKey(site), addresses, site, behind.tree),
    ].filter(({ key }) => asked.has(key));
  });
  return [...nodeChecks(calculated, behind.tree), ...calculated];
}

type CalculatedCheck = Extract<HealthCheck, { kind: "calculated" }>;

function calculatedCheck(key: string, slots: readonly string[], site: GeoSite, tree: Tree): CalculatedCheck {
  const children = [...slots].sort(compareText);
  const threshold = healthyNodes(children.length, tree.policy);
  return { kind: "calculated", key, children, threshold, cause: { tier: site.kind, key: site.key } };
}

function nodeChecks(calculated: readonly CalculatedCheck[], tree: Tree): HealthCheck[] {
  if (calculated.length === 0) return [];
  const nodes = nodesBySlot(tree);
  const { intervalSeconds, failureThreshold } = tree.policy.probe;
  const request = probeRequest(tree);
  return [...new Set(calculated.flatMap(({ children }) => children))]
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
}
