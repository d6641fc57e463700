/** Random inventories that keep every rule: of one node up to five steered regions on two stacks of addresses. */
import fc from "fast-check";
import { TRANSPORTS } from "../../dns/services.ts";
import { STATUSES } from "../../inventory/nodeSchema.ts";
import { type Area, GEO_FORMS } from "../../inventory/treeSchema.ts";
import type { InventorySketch, NodeEntry } from "./inventories.ts";

/** Keys as people choose them, and some that only just are labels. */
const POPS_OF_REGION: Readonly<Record<string, readonly string[]>> = {
  euro: ["fra", "lhr", "ams"],
  noam: ["iad", "ord", "lax"],
  apac: ["sin", "nrt", "x-1"],
  l: ["gru", "b"],
  "af-1": ["jnb", "cpt2"],
};

const REGIONS = Object.keys(POPS_OF_REGION);

interface Place {
  readonly region: string;
  readonly pop: string;
  readonly index: number;
}

const PLACES: readonly Place[] = Object.entries(POPS_OF_REGION)
  .flatMap(([region, pops]) => pops.map((pop) => ({ region, pop })))
  .map((place, index) => ({ ...place, index }));

const AREA_CODES: readonly (readonly [list: keyof Area, code: string])[] = [
  ...["AF", "AN", "AS", "EU", "NA", "OC", "SA"].map((code) => ["continents", code] as const),
  ...["AU", "BR", "CA", "DE", "JP", "MX", "SA", "ZA"].map((code) => ["countries", code] as const),
  ...["US-CA", "US-FL", "US-NY", "US-TX", "US-WA"].map((code) => ["subdivisions", code] as const),
];

/** Ports of which TLS and plain TCP share none. */
const PORTS = { "sips-tcp": 5061, "sip-tcp": 5060, "sip-udp": 5060, "sip-tls": 5061 } as const;

const status = fc.oneof(
  { weight: 3, arbitrary: fc.constant("active" as const) },
  { weight: 2, arbitrary: fc.constantFrom(...STATUSES) },
);

const nodeDraw = (places: readonly Place[]) =>
  fc.record({
    place: fc.constantFrom(...places),
    number: fc.integer({ min: 1, max: 12 }),
    status,
    role: fc.constantFrom("primary", "primary", "standby"),
    weight: fc.oneof(fc.constant(100), fc.integer({ min: 1, max: 65535 })),
    dualStack: fc.boolean(),
  });

/** To whom each area code belongs: 0 for nobody. */
const shares = fc.array(fc.nat(5), { minLength: AREA_CODES.length, maxLength: AREA_CODES.length });

const seconds = fc.constantFrom(30, 60, 300);

const policyDraw = fc.record({
  ttlSeconds: fc.record({ node: seconds, srv: seconds, address: seconds, geo: seconds }),
  transports: fc.subarray([...TRANSPORTS], { minLength: 1 }),
  tierAddresses: fc.boolean(),
  globalGeo: fc.boolean(),
  globalGeoForm: fc.constantFrom(...GEO_FORMS),
  defaultRegion: fc.option(fc.nat()),
  maxTargets: fc.integer({ min: 2, max: 12 }),
  standbyShare: fc.double({ min: 0, max: 1, noNaN: true }),
  geoNetTargets: fc.integer({ min: 2, max: 6 }),
  maxAnswerOctets: fc.constantFrom(512, 1232),
  probe: fc.constantFrom(
    {},
    { type: "https" as const, path: "/health", healthyNodes: 3 },
    { intervalSeconds: 10, timeoutSeconds: 2, retries: 1, failureThreshold: 2 },
  ),
  profiles: fc.subarray(["wildcard", "exact"] as const, { minLength: 1 }),
});

const draws = fc.integer({ min: 1, max: REGIONS.length }).chain((regionCount) => {
  const places = PLACES.filter(({ region }) => REGIONS.indexOf(region) < regionCount);
  return fc.record({
    regions: fc.constant(REGIONS.slice(0, regionCount)),
    nodes: fc.uniqueArray(nodeDraw(places), {
      minLength: 1,
      maxLength: 30,
      selector: ({ place, number }) => `${place.pop} ${number}`,
    }),
    emptyPops: fc.subarray(places),
    emptyRegions: fc.subarray(REGIONS.slice(0, regionCount)),
    regionOrder: fc.shuffledSubarray(REGIONS.slice(0, regionCount), { minLength: regionCount }),
    fallbackMasks: fc.array(fc.nat(31), { minLength: regionCount, maxLength: regionCount }),
    regionShares: shares,
    popShares: shares,
    wide: fc.subarray(REGIONS),
    withoutSrv: fc.subarray(REGIONS),
    challengeZone: fc.option(fc.constant("challenges.example.org"), { nil: undefined }),
    policy: policyDraw,
  });
});

type Draws = typeof draws extends fc.Arbitrary<infer T> ? T : never;

/** What `owner` of `owners` gets of the area codes; undefined for nothing. */
function areaOf(owner: string, owners: readonly string[], shared: readonly number[]): Area | undefined {
  const area: Record<keyof Area, string[]> = { continents: [], countries: [], subdivisions: [] };
  for (const [i, [list, code]] of AREA_CODES.entries()) {
    const share = shared[i] ?? 0;
    if (share > 0 && owners[(share - 1) % owners.length] === owner) area[list].push(code);
  }
  return Object.values(area).some((codes) => codes.length > 0) ? (area as Area) : undefined;
}

function toNodes({ nodes }: Draws): NodeEntry[] {
  return nodes.map(({ place, number, dualStack, role, status, weight }, i): NodeEntry => {
    const entry: NodeEntry = {
      slot: `${place.pop}${number}`,
      region: place.region,
      pop: place.pop,
      ip: `127.0.${place.index}.${number}`,
      weight,
      // Some node has to answer, or the inventory is refused.
      status: i === 0 ? "active" : status,
      role: role as "primary" | "standby",
    };
    return dualStack ? { ...entry, ip6: `2001:db8::${(place.index + 1).toString(16)}:${number}` } : entry;
  });
}

/** Each region's stand-ins stand before it in one order, so that no circle can be; the first one has a node. */
function toFallbacks({ regionOrder, fallbackMasks }: Draws, nodes: readonly NodeEntry[]) {
  const active = new Set(nodes.filter((node) => node.status === "active").map(({ region }) => region));
  const head = nodes[0]?.region ?? "";
  const order = [head, ...regionOrder.filter((region) => region !== head)];
  const answered = new Set([head]);
  const fallbacks = new Map<string, string[]>();
  for (const [i, region] of order.entries()) {
    const drawn = order.slice(0, i).filter((_, bit) => ((fallbackMasks[i] ?? 0) >> bit) % 2 === 1);
    const isAnswered = active.has(region) || drawn.some((other) => answered.has(other));
    fallbacks.set(region, isAnswered ? drawn : [...drawn, head]);
    answered.add(region);
  }
  return fallbacks;
}

function toSketch(draw: Draws): InventorySketch {
  const nodes = toNodes(draw);
  const fallbacks = toFallbacks(draw, nodes);
  const { policy } = draw;
  const published = nodes.filter((node) => node.status !== "retired");
  const pops = PLACES.filter(
    (place) => nodes.some((node) => node.pop === place.pop) || draw.emptyPops.includes(place),
  ).map(({ pop, region }) => {
    const siblings = POPS_OF_REGION[region] ?? [];
    const serves = areaOf(pop, siblings, draw.popShares);
    const isStaffed = published.some((node) => node.pop === pop);
    return { pop, region, isStaffed, facts: serves === undefined ? { region } : { region, serves } };
  });
  const named = draw.regions.filter(
    (region) => draw.emptyRegions.includes(region) || pops.some((pop) => pop.region === region),
  );
  // A set grows while it is walked: a stand-in is named too, and so are its own stand-ins.
  const known = new Set(named);
  for (const region of known) for (const next of fallbacks.get(region) ?? []) known.add(next);
  const regions = draw.regions
    .filter((region) => known.has(region))
    .map((region) => {
      const serves = areaOf(region, draw.regions, draw.regionShares);
      const steerable = pops.filter((pop) => pop.region === region && pop.isStaffed && "serves" in pop.facts);
      const facts = {
        fallback: fallbacks.get(region) ?? [],
        geo: draw.wide.includes(region) && steerable.length >= 2,
        geoForm:
          draw.withoutSrv.includes(region) && policy.tierAddresses
            ? ("addresses" as const)
            : ("srv" as const),
        ...(serves === undefined ? {} : { serves }),
      };
      return [region, facts] as const;
    });
  const serving = regions.filter(([, facts]) => "serves" in facts);
  const defaultRegion =
    policy.defaultRegion === null ? undefined : regions[policy.defaultRegion % regions.length]?.[0];
  return {
    nodes,
    environment: {
      pops: Object.fromEntries(pops.map(({ pop, facts }) => [pop, facts])),
      ...(draw.challengeZone === undefined ? {} : { challengeZone: draw.challengeZone }),
    },
    policy: {
      ttlSeconds: policy.ttlSeconds,
      transports: Object.fromEntries(policy.transports.map((transport) => [transport, PORTS[transport]])),
      tierAddresses: policy.tierAddresses,
      globalGeo: policy.globalGeo && serving.length >= 2,
      globalGeoForm: policy.tierAddresses ? policy.globalGeoForm : ("srv" as const),
      ...(defaultRegion === undefined ? {} : { defaultRegion }),
      regions: Object.fromEntries(regions),
      setSize: {
        maxTargets: policy.maxTargets,
        standbyTargets: Math.floor(policy.standbyShare * (policy.maxTargets - 1)),
        geoNetTargets: policy.geoNetTargets,
        maxAnswerOctets: policy.maxAnswerOctets,
      },
      probe: policy.probe,
      certificates: { profiles: policy.profiles },
    },
  };
}

/** Sketches that `inventoryOf` accepts. */
export const arbitrarySketch: fc.Arbitrary<InventorySketch> = draws.map(toSketch);

/**
 * The same sketch written in another order: nodes, keys, and the lists in which order means nothing.
 * @param salt which other order
 */
export function reordered(sketch: InventorySketch, salt: number): InventorySketch {
  const rotate = <T>(items: readonly T[]): T[] => {
    const cut = items.length === 0 ? 0 : salt % items.length;
    return [...items.slice(cut), ...items.slice(0, cut)].reverse();
  };
  const mixed = (value: unknown, key: string): unknown => {
    if (value === null || typeof value !== "object") return value;
    // Stand-ins are tried in the order in which they are written.
    if (Array.isArray(value)) return key === "fallback" ? value : rotate(value);
    return Object.fromEntries(
      rotate(Object.entries(value)).map(([name, below]) => [name, mixed(below, name)]),
    );
  };
  return {
    nodes: rotate(sketch.nodes.map((node) => mixed(node, "") as NodeEntry)),
    environment: mixed(sketch.environment ?? {}, "") as NonNullable<InventorySketch["environment"]>,
    policy: mixed(sketch.policy ?? {}, "") as NonNullable<InventorySketch["policy"]>,
  };
}
