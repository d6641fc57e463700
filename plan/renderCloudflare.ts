/**
 * The tree at Cloudflare below Enterprise: SRV sets are static, and a steered name lists two load-balanced
 * host names over disjoint halves, with a static net of nodes behind them.
 */
import { Refusal } from "../inventory/problem.ts";
import { CLOUDFLARE_REGIONS, cloudflareArea } from "./areas.ts";
import { type PoolSite, poolSites, renderPools, sitePoolKeys } from "./cloudflarePools.ts";
import { type GeoHalf, GLOBAL_KEY, geoHostName } from "./labels.ts";
import { sortedBy } from "./order.ts";
import type { Cause, CloudflareRendering, LoadBalancer, PlannedRecord } from "./rendering.ts";
import { PRIMARY_PRIORITY, STANDBY_PRIORITY } from "./sets.ts";
import { nodeRecords, serviceName, sortRecords, srvRecords, staticTier } from "./staticRecords.ts";
import type { GeoSteering, Tier, Tree } from "./tree.ts";

/** Weight of each half's host name: equal, and above the values at which RFC 2782's draw is uneven. */
const HALF_WEIGHT = 100;

/**
 * @throws Refusal when a steered area cannot be said in Cloudflare's regions and countries.
 */
export function renderCloudflare(tree: Tree): CloudflareRendering {
  const tiers = [...tree.pops, ...tree.regions, tree.global];
  const steered = tiers.flatMap((tier) => (tier.geo === undefined ? [] : [{ tier, geo: tier.geo }]));
  refuseInexpressible(steered.flatMap(({ tier, geo }) => poolSites(tier, geo, tree)));
  const sites = steered.flatMap(({ tier, geo }) => poolSites(tier, geo, tree));
  const pools = renderPools(sites, tree);
  const port =
    tree.services.find((service) => service.transport === "sips-tcp")?.port ?? tree.services[0]?.port;
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
    ]),
    loadBalancers: sortedBy(
      steered.flatMap(({ tier, geo }) => loadBalancers(tier, geo, tree)),
      (balancer) => balancer.key,
    ),
    pools,
    ...(pools.length === 0 || port === undefined
      ? {}
      : { monitor: { port, intervalSeconds, timeoutSeconds, retries } }),
    certificates: tree.certificates,
  };
}

function refuseInexpressible(sites: readonly PoolSite[]): void {
  const problems = sites.flatMap((site) =>
    cloudflareArea(site.serves).inexpressible.map((code) => ({
      place: "tree.json",
      key: `${site.kind} ${site.key}: serves.subdivisions`,
      value: code,
      rule: "cloudflare-area",
      message:
        "Cloudflare steers by its own regions and by country, and among subdivisions knows the USA's states only",
      remedy: "name the country instead, or serve the name unsteered",
    })),
  );
  if (problems.length > 0) throw new Refusal(problems);
}

/** SRV rows of a steered name: both halves' host names first, the static net behind them. */
function steeredSrv(tier: Tier, geo: GeoSteering, tree: Tree): PlannedRecord[] {
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

/** Both halves' balancers, and one at the name itself for clients that know no SRV. */
function loadBalancers(tier: Tier, geo: GeoSteering, tree: Tree): LoadBalancer[] {
  const key = hostKey(tier);
  const sites = poolSites(tier, geo, tree);
  const balancers = (["a", "b"] as const).map((half) =>
    loadBalancer(`${key}-${half}`, geoHostName(key, half, tree.domain), half, { tier, geo, tree, sites }),
  );
  if (!tree.policy.tierAddresses) return balancers;
  return [...balancers, loadBalancer(key, tier.name, "a", { tier, geo, tree, sites })];
}

interface Steered {
  readonly tier: Tier;
  readonly geo: GeoSteering;
  readonly tree: Tree;
  readonly sites: readonly PoolSite[];
}

function loadBalancer(
  key: string,
  name: LoadBalancer["name"],
  half: GeoHalf,
  steered: Steered,
): LoadBalancer {
  const { tier, geo, tree, sites } = steered;
  const inDefault = sites.filter((site) => site.key === geo.defaultSite || site.region === geo.defaultSite);
  const defaultOrder = [...inDefault, ...sites.filter((site) => !inDefault.includes(site))];
  const defaultPools = defaultOrder.flatMap((site) => sitePoolKeys(site, half));
  const [fallbackPool] = defaultPools;
  if (fallbackPool === undefined) throw new Error(`${tier.kind} ${tier.key} is steered to no pool`);
  return {
    key,
    name,
    ttlSeconds: tree.policy.ttlSeconds.geo,
    regionPools: regionPools(sites, half),
    countryPools: countryPools(geo, sites, half),
    defaultPools,
    fallbackPool,
    cause: { tier: tier.kind, key: tier.key },
  };
}

type SitesByName = ReadonlyMap<string, readonly PoolSite[]>;

/** Sites by their own key, and by that of the region they lie in. */
function byName(sites: readonly PoolSite[]): SitesByName {
  const regions = Map.groupBy(sites, ({ region }) => region);
  return new Map([...regions, ...sites.map((site): [string, PoolSite[]] => [site.key, [site]])]);
}

/** Pools of the sites and then of those that stand in for them, each once. */
function poolsFrom(first: readonly PoolSite[], named: SitesByName, half: GeoHalf): string[] {
  const standIns = first.flatMap(({ fallback }) => fallback.flatMap((key) => named.get(key) ?? []));
  return [...new Set([...first, ...standIns].flatMap((site) => sitePoolKeys(site, half)))];
}

/**
 * Pools per Cloudflare region. Of several sites in one region, the one that claims it with the most area
 * codes comes first; a wide region's POPs come in that order wherever its continent is served.
 */
function regionPools(sites: readonly PoolSite[], half: GeoHalf): Record<string, string[]> {
  const named = byName(sites);
  const claims = sites.map((site) => ({
    site,
    served: cloudflareArea(site.regionServes).regions,
    own: cloudflareArea(site.serves).regions,
  }));
  const pools: Record<string, string[]> = {};
  for (const code of CLOUDFLARE_REGIONS) {
    const claimants = claims
      .filter(({ served }) => served.has(code))
      .sort((a, b) => (b.own.get(code) ?? 0) - (a.own.get(code) ?? 0))
      .map(({ site }) => site);
    if (claimants.length > 0) pools[code] = poolsFrom(claimants, named, half);
  }
  return pools;
}

/**
 * Pools per country that a site names. The place that the name steers the country to decides, and inside a wide
 * region the POP that names it.
 */
function countryPools(geo: GeoSteering, sites: readonly PoolSite[], half: GeoHalf): Record<string, string[]> {
  const named = byName(sites);
  const pools: Record<string, string[]> = {};
  for (const place of geo.sites) {
    const inside = named.get(place.key) ?? [];
    for (const country of place.serves.countries) {
      const naming = inside.filter(({ serves }) => serves.countries.includes(country));
      pools[country] = poolsFrom(naming.length > 0 ? naming : inside, named, half);
    }
  }
  for (const site of sites) {
    for (const country of site.serves.countries) pools[country] ??= poolsFrom([site], named, half);
  }
  return Object.fromEntries(Object.entries(pools).sort(([a], [b]) => (a < b ? -1 : 1)));
}
