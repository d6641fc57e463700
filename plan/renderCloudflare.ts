/**
 * The tree at Cloudflare below Enterprise: SRV sets are static. A steered name lists two load-balanced host names
 * over disjoint halves with a static net of nodes behind them, or has no SRV set and is a load balancer itself.
 */
import { Refusal } from "../inventory/problem.ts";
import type { GeoForm } from "../inventory/treeSchema.ts";
import { cloudflareArea } from "./areas.ts";
import { challengeRecords } from "./certificates/challengeRecords.ts";
import {
  countrySites,
  type PoolSite,
  type PreferredPart,
  poolSites,
  regionClaimants,
  renderPools,
  siteOrders,
  sitePools,
} from "./cloudflarePools.ts";
import { GLOBAL_KEY, geoHostName } from "./labels.ts";
import { sortedBy } from "./order.ts";
import { probeRequest } from "./probe.ts";
import type { Cause, CloudflareRendering, LoadBalancer, PlannedRecord } from "./rendering.ts";
import { PRIMARY_PRIORITY, STANDBY_PRIORITY } from "./sets.ts";
import { nodeRecords, serviceName, sortRecords, srvRecords, staticTier } from "./staticRecords.ts";
import type { GeoSite, GeoSteering, Tier, Tree } from "./tree.ts";

/** Weight of each half's host name: equal, and above the values at which RFC 2782's draw is uneven. */
const HALF_WEIGHT = 100;

/**
 * @throws Refusal when a steered area cannot be said in Cloudflare's regions and countries.
 */
export function renderCloudflare(tree: Tree): CloudflareRendering {
  const tiers = [...tree.pops, ...tree.regions, tree.global];
  const steered = tiers.flatMap((tier): Steered[] =>
    tier.geo === undefined
      ? []
      : [{ tier, form: tier.form, geo: tier.geo, sites: poolSites(tier, tier.geo, tree), tree }],
  );
  refuseInexpressible(steered.flatMap(({ geo }) => geo.sites));
  const pools = renderPools(steered, tree);
  const { intervalSeconds, timeoutSeconds, retries } = tree.policy.probe;
  return {
    backend: "cloudflare",
    domain: tree.domain,
    zone: tree.zone,
    records: sortRecords([
      ...tree.nodes.flatMap((node) => nodeRecords(node, tree)),
      ...tiers.flatMap((tier) =>
        tier.geo === undefined ? staticTier(tier.name, tier, tree) : steeredSrv(tier, tier.geo, tree),
      ),
      ...challengeRecords(tree),
    ]),
    loadBalancers: sortedBy(steered.flatMap(loadBalancers), (balancer) => balancer.key),
    pools,
    ...(pools.length === 0
      ? {}
      : { monitor: { ...probeRequest(tree), intervalSeconds, timeoutSeconds, retries } }),
    certificates: tree.certificates,
  };
}

function refuseInexpressible(sites: readonly GeoSite[]): void {
  const problems = sites.flatMap((site) =>
    cloudflareArea(site.serves).inexpressible.map((code) => ({
      place: "tree.json",
      key: `${site.kind} ${site.key}: serves.subdivisions`,
      value: code,
      rule: "cloudflare-area",
      message:
        "Cloudflare steers by its own regions and by country; of subdivisions it tells those of the USA and Canada",
      remedy: "name the country instead, or serve the name unsteered",
    })),
  );
  if (problems.length > 0) throw new Refusal(problems);
}

/** SRV rows of a steered name: both halves' host names first, the static net behind them; none in the other form. */
function steeredSrv(tier: Tier, geo: GeoSteering, tree: Tree): PlannedRecord[] {
  if (tier.form === "addresses") return [];
  const cause: Cause = { tier: tier.kind, key: tier.key };
  const halves = tree.services.flatMap((service) =>
    (["a", "b"] as const).map(
      (half): PlannedRecord => ({
        record: {
          name: serviceName(service, tier.name),
          type: "SRV",
          ttlSeconds: tree.policy.ttlSeconds.srv,
          priority: PRIMARY_PRIORITY,
          weight: HALF_WEIGHT,
          port: service.port,
          target: geoHostName(hostKey(tier), half, tree.domain),
        },
        cause,
      }),
    ),
  );
  // A lone record behind a group would be invisible to Linphone (belle-sip), so a net is two nodes or none.
  if (geo.net.length < 2) return halves;
  const net = geo.net.map(({ slot }) => ({ slot, weight: HALF_WEIGHT }));
  return [...halves, ...srvRecords(tier.name, [{ priority: STANDBY_PRIORITY, members: net }], tier, tree)];
}

function hostKey(tier: Tier): string {
  return tier.kind === "global" ? GLOBAL_KEY : tier.key;
}

interface Steered {
  readonly tier: Tier;
  readonly form: GeoForm;
  readonly geo: GeoSteering;
  readonly sites: readonly PoolSite[];
  readonly tree: Tree;
}

/** Both halves' balancers, and one at the name itself for clients that know no SRV; or the one at the name alone. */
function loadBalancers(steered: Steered): LoadBalancer[] {
  const { tier, form, tree } = steered;
  const key = hostKey(tier);
  if (form === "addresses") return [loadBalancer(key, tier.name, "all", steered)];
  const balancers = (["a", "b"] as const).map((half) =>
    loadBalancer(`${key}-${half}`, geoHostName(key, half, tree.domain), half, steered),
  );
  if (!tree.policy.tierAddresses) return balancers;
  return [...balancers, loadBalancer(key, tier.name, "a", steered)];
}

function loadBalancer(
  key: string,
  name: LoadBalancer["name"],
  preferred: PreferredPart,
  { tier, geo, tree, sites }: Steered,
): LoadBalancer {
  const orderFrom = siteOrders(sites, geo);
  const listFor: ListFor = (first) =>
    orderFrom(first).flatMap((site) => sitePools(site, preferred).map((pool) => pool.key));
  const defaultPools = listFor([]);
  const [fallbackPool] = defaultPools;
  if (fallbackPool === undefined) throw new Error(`${tier.kind} ${tier.key} is steered to no pool`);
  return {
    key,
    name,
    ttlSeconds: tree.policy.ttlSeconds.geo,
    regionPools: Object.fromEntries(
      [...regionClaimants(sites)].map(([code, claimants]) => [code, listFor(claimants)]),
    ),
    countryPools: countryPools(geo, sites, listFor),
    defaultPools,
    fallbackPool,
    cause: { tier: tier.kind, key: tier.key },
  };
}

/**
 * Pools of the sites, then of those that stand in for them, then all others, each once. The list of a place is final:
 * when all of it is down, Cloudflare goes on with the fallback pool, be it up or not, and never with the default
 * pools (documentation "Geo steering", failover; read 2026-11).
 */
type ListFor = (first: readonly PoolSite[]) => string[];

/** A country that is told for its continent alone is left out where the default says the same. */
function countryPools(
  geo: GeoSteering,
  sites: readonly PoolSite[],
  listFor: ListFor,
): Record<string, string[]> {
  const byDefault = String(listFor([]));
  return Object.fromEntries(
    countrySites(geo, sites)
      .map(({ country, first, isNamed }) => ({ country, isNamed, pools: listFor(first) }))
      .filter(({ isNamed, pools }) => isNamed || String(pools) !== byDefault)
      .map(({ country, pools }) => [country, pools]),
  );
}
