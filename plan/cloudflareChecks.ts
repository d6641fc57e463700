/** What Cloudflare would refuse, or take without a word and never answer by. Its provider checks none of it. */
import { recordData, setKey } from "../dns/records.ts";
import { isCountry } from "../inventory/countries.ts";
import type { Problem } from "../inventory/problem.ts";
import type { Environment } from "../inventory/treeSchema.ts";
import { CLOUDFLARE_REGIONS } from "./areas.ts";
import { CLOUDFLARE_LIMITS, type CloudflarePlan, isInside, rangeText } from "./platformLimits.ts";
import { recordKey } from "./recordChecks.ts";
import type { CloudflareRendering, LoadBalancer, PlannedRecord, Pool } from "./rendering.ts";

const PLAN_KEY = "environment.accountPlan.cloudflare";

/** Characters of a pool's name: the API takes letters, digits, hyphen and underscore. */
const POOL_KEY = /^[a-z0-9_-]+$/;

export function cloudflareProblems(
  rendering: CloudflareRendering,
  environment: Pick<Environment, "accountPlan" | "zone">,
): Problem[] {
  const plan = environment.accountPlan.cloudflare;
  const { records, pools, loadBalancers } = rendering;
  return [
    ...subdomainZone(environment.zone, plan),
    ...ttls(records, plan),
    ...amount("recordsInZone", records.length, plan, "publish fewer transports or nodes"),
    ...amount("loadBalancers", loadBalancers.length, plan, "steer fewer names (policy.regions.<key>.geo)"),
    ...amount("pools", pools.length, plan, "steer fewer names, or let fewer POPs serve an area of their own"),
    ...amount("endpoints", pools.flatMap(({ origins }) => origins).length, plan, "steer over fewer nodes"),
    ...setSizes(records, plan),
    ...pools.flatMap((pool) => poolProblems(pool, plan)),
    ...keysTwice(pools),
    ...loadBalancers.flatMap(areaProblems),
    ...probe(rendering, plan),
  ];
}

/**
 * Below Enterprise a zone is a registered domain. Where registrations have three labels or more, as under some
 * country codes, nobody can tell without a list: only zones under other top-level domains are looked at.
 */
function subdomainZone(zone: string | undefined, plan: CloudflarePlan): Problem[] {
  const labels = zone?.split(".") ?? [];
  if (plan === "enterprise" || labels.length <= 2 || labels.at(-1)?.length === 2) return [];
  return [
    {
      place: "tree.json",
      key: "environment.zone",
      value: String(zone),
      rule: "cloudflare-zone",
      message: `is a zone inside another, which Cloudflare has on the enterprise plan only; the plan is ${plan}`,
      remedy: `use the zone ${labels.slice(-2).join(".")}, or set ${PLAN_KEY} to the plan that the account has`,
    },
  ];
}

function ttlKey({ record, cause }: PlannedRecord): string {
  if (record.type === "SRV") return "policy.ttlSeconds.srv";
  return cause.tier === "node" ? "policy.ttlSeconds.node" : "policy.ttlSeconds.address";
}

/** Each TTL of the policy once. What is allowed at a load balancer is published nowhere, so it is not checked. */
function ttls(records: readonly PlannedRecord[], plan: CloudflarePlan): Problem[] {
  const range = CLOUDFLARE_LIMITS.ttlSeconds.range[plan];
  const byPolicy = records.filter(({ cause }) => cause.purpose === undefined);
  const byKey = new Map(byPolicy.map((line) => [ttlKey(line), line.record.ttlSeconds]));
  return [...byKey].flatMap(([key, ttlSeconds]): Problem[] => {
    if (Number.isInteger(ttlSeconds) && isInside(ttlSeconds, range)) return [];
    return [
      {
        place: "tree.json",
        key,
        value: String(ttlSeconds),
        rule: "cloudflare-ttl",
        message: `Cloudflare takes ${rangeText(range)} seconds on the ${plan} plan`,
        remedy: `set it to ${range.least} or more, or ${PLAN_KEY} to the plan that the account has`,
      },
    ];
  });
}

function amount(
  subject: "recordsInZone" | "loadBalancers" | "pools" | "endpoints",
  figure: number,
  plan: CloudflarePlan,
  relief: string,
): Problem[] {
  const limit = CLOUDFLARE_LIMITS[subject];
  if (isInside(figure, limit.range[plan])) return [];
  return [
    {
      place: "tree.json",
      key: PLAN_KEY,
      value: plan,
      rule: "cloudflare-amount",
      message: `the tree needs ${figure} ${limit.subject}, the plan allows ${rangeText(limit.range[plan])}`,
      remedy: `${relief}, or take a larger plan and say so here`,
    },
  ];
}

function setSizes(records: readonly PlannedRecord[], plan: CloudflarePlan): Problem[] {
  const range = CLOUDFLARE_LIMITS.charactersInSet.range[plan];
  const sets = Map.groupBy(
    records.map(({ record }) => record),
    setKey,
  );
  return [...sets.values()].flatMap((set): Problem[] => {
    const [first] = set;
    const characters = set.reduce((sum, record) => sum + recordData(record).length, 0);
    if (first === undefined || isInside(characters, range)) return [];
    return [
      {
        place: "tree.json",
        key: recordKey(first),
        value: `${set.length} records`,
        rule: "cloudflare-set",
        message: `has ${characters} characters, and Cloudflare takes ${rangeText(range)} for one name and type`,
        remedy: "lower policy.setSize.maxTargets, or use shorter names",
      },
    ];
  });
}

function poolProblems({ key, origins }: Pool, plan: CloudflarePlan): Problem[] {
  const problem = (field: string, value: string, message: string, remedy: string): Problem => {
    return {
      place: "nodes.json",
      key: `pool ${key}${field}`,
      value,
      rule: "cloudflare-pool",
      message,
      remedy,
    };
  };
  const named = POOL_KEY.test(key)
    ? []
    : [problem("", key, "is no name for a pool", "use letters, digits and hyphens in POP and region keys")];
  const filled =
    origins.length > 0 ? [] : [problem("", "no origin", "is empty", "give the site an active node")];
  const range = CLOUDFLARE_LIMITS.endpointWeight.range[plan];
  const weights = origins
    .filter(
      ({ weight }) => !isInside(weight, range) || Math.abs(weight * 100 - Math.round(weight * 100)) > 1e-9,
    )
    .map(({ slot, weight }) => {
      const message = `Cloudflare takes ${rangeText(range)} in steps of 0.01`;
      return problem(
        `: ${slot}: weight`,
        String(weight),
        message,
        "give the nodes of a site weights closer together",
      );
    });
  const seen = new Set<string>();
  const addresses = origins
    .filter(({ address }) => seen.has(address) || !seen.add(address))
    .map(({ slot, address }) => {
      const message = "stands in the pool already, and a port tells no two endpoints apart";
      return problem(`: ${slot}: address`, address, message, "give every node an address of its own");
    });
  return [...named, ...filled, ...weights, ...addresses];
}

function keysTwice(pools: readonly Pool[]): Problem[] {
  const byKey = Map.groupBy(pools, ({ key }) => key);
  return [...byKey].flatMap(([key, { length }]): Problem[] => {
    if (length === 1) return [];
    const message = `names ${length} pools; an account has every name once`;
    const remedy = "give POPs and regions keys of their own";
    return [{ place: "nodes.json", key: `pool ${key}`, rule: "cloudflare-pool", message, remedy }];
  });
}

/** An unknown code is taken without a word, and its callers get the default pools. */
function areaProblems({ key, regionPools, countryPools }: LoadBalancer): Problem[] {
  const known: readonly string[] = CLOUDFLARE_REGIONS;
  const problem = (value: string, message: string, remedy: string): Problem => {
    return {
      place: "tree.json",
      key: `load balancer ${key}`,
      value,
      rule: "cloudflare-area",
      message,
      remedy,
    };
  };
  const regions = Object.keys(regionPools)
    .filter((code) => !known.includes(code))
    .map((code) => {
      return problem(
        code,
        `is none of Cloudflare's regions: ${known.join(", ")}`,
        "correct what the sites serve",
      );
    });
  const countries = Object.keys(countryPools)
    .filter((code) => !isCountry(code))
    .map((code) => problem(code, "is no country (ISO 3166-1 alpha-2)", "write two letters, for example GB"));
  return [...regions, ...countries];
}

function probe({ monitor }: CloudflareRendering, plan: CloudflarePlan): Problem[] {
  const range = CLOUDFLARE_LIMITS.probeIntervalSeconds.range[plan];
  if (monitor === undefined || isInside(monitor.intervalSeconds, range)) return [];
  return [
    {
      place: "tree.json",
      key: "policy.probe.intervalSeconds",
      value: String(monitor.intervalSeconds),
      rule: "cloudflare-probe",
      message: `a monitor's interval is ${rangeText(range)} seconds on the ${plan} plan`,
      remedy: "set it to 60, which every plan takes",
    },
  ];
}
