/** Inventory to tree: who answers at every name. Pure and deterministic. */
import { child, type Fqdn } from "../dns/names.ts";
import { TRANSPORTS } from "../dns/services.ts";
import type { Inventory } from "../inventory/inventory.ts";
import type { Node } from "../inventory/nodeSchema.ts";
import type { Area, GeoForm, Policy } from "../inventory/treeSchema.ts";
import { orderCertificates } from "./certificates.ts";
import { type SiteCandidate, steer } from "./geo.ts";
import { GLOBAL_KEY } from "./labels.ts";
import { compareSlots } from "./order.ts";
import { longestTarget, type SetRoom, setRoom } from "./setRoom.ts";
import { groupsOf, toMember } from "./sets.ts";
import type { GeoSteering, Service, Tier, TierKind, Tree, TreeNode } from "./tree.ts";

const GLOBAL: Identity = { kind: "global", key: GLOBAL_KEY };

/** The published nodes, sorted by slot, and where they are. */
interface Fleet {
  readonly nodes: readonly TreeNode[];
  readonly byRegion: ReadonlyMap<string, readonly TreeNode[]>;
  readonly byPop: ReadonlyMap<string, readonly TreeNode[]>;
  /** The longest host name that a set can list. */
  readonly longestTarget: string;
}

/**
 * Plans the tree of a checked inventory.
 * @throws Error when a name would have no answer: the inventory's own rules refuse that before.
 */
export function planTree(inventory: Inventory): Tree {
  const { domain, zone, policy } = inventory;
  const nodes = inventory.nodes
    .filter(isPublished)
    .map((node) => toTreeNode(node, inventory))
    .sort((a, b) => compareSlots(a.slot, b.slot));
  const fleet: Fleet = {
    nodes,
    byRegion: Map.groupBy(nodes, (node) => node.region),
    byPop: Map.groupBy(nodes, (node) => node.pop),
    longestTarget: longestTarget(inventory),
  };
  const regions = planRegions(inventory, fleet);
  const pops = planPops(inventory, fleet, regions);
  const global = planGlobal(inventory, fleet, regions);
  const certificates = orderCertificates(inventory, nodes, {
    domain,
    pops,
    regions,
    global,
    standIns: new Map(regions.map((region) => [region.key, standIns(region.key, inventory)])),
  });
  return {
    domain,
    zone,
    services: services(inventory),
    nodes,
    pops,
    regions,
    global,
    certificates,
    policy,
  };
}

function isPublished(node: Node): node is Node & { status: TreeNode["status"] } {
  return node.status !== "retired";
}

function toTreeNode(node: Node & { status: TreeNode["status"] }, { domain }: Inventory): TreeNode {
  return {
    slot: node.slot,
    name: child(node.slot, domain),
    region: node.region,
    pop: node.pop,
    address: node.ip,
    ...(node.ip6 === undefined ? {} : { address6: node.ip6 }),
    weight: node.weight,
    role: node.role,
    status: node.status,
  };
}

function services({ policy }: Inventory): Service[] {
  return TRANSPORTS.flatMap((transport) => {
    const port = policy.transports[transport];
    return port === undefined ? [] : [{ transport, port }];
  });
}

/** Every region that a node or the policy names, sorted. */
function regionKeys(inventory: Inventory): string[] {
  const named = [
    ...inventory.nodes.map((node) => node.region),
    ...Object.values(inventory.environment.pops).flatMap((pop) => pop.region ?? []),
    ...Object.keys(inventory.policy.regions),
  ];
  return [...new Set(named)].sort();
}

function fallbacks(region: string, inventory: Inventory): readonly string[] {
  return inventory.policy.regions[region]?.fallback ?? [];
}

/** The region and every region down its chain of fallbacks. */
function standIns(region: string, inventory: Inventory, seen = new Set<string>()): Set<string> {
  if (!seen.has(region)) {
    seen.add(region);
    for (const next of fallbacks(region, inventory)) standIns(next, inventory, seen);
  }
  return seen;
}

function active(nodes: readonly TreeNode[] | undefined): TreeNode[] {
  return (nodes ?? []).filter((node) => node.status === "active");
}

function activeIn(fleet: Fleet, region: string): TreeNode[] {
  return active(fleet.byRegion.get(region));
}

/** The region whose nodes answer for `region`: itself, else the first fallback that has an answer. */
function answeringRegion(
  region: string,
  fleet: Fleet,
  inventory: Inventory,
  visited: readonly string[] = [],
): string | undefined {
  if (activeIn(fleet, region).length > 0) return region;
  if (visited.includes(region)) return undefined;
  for (const next of fallbacks(region, inventory)) {
    const answer = answeringRegion(next, fleet, inventory, [...visited, region]);
    if (answer !== undefined) return answer;
  }
  return undefined;
}

interface Identity {
  readonly kind: TierKind;
  readonly key: string;
}

function tierName({ kind, key }: Identity, { domain }: Inventory): Fqdn {
  return kind === "global" ? domain : child(key, domain);
}

/** By the policy, not by whether the name is steered now: a drain must not make an SRV set appear. */
function tierForm({ kind, key }: Identity, { globalGeo, globalGeoForm, regions }: Policy): GeoForm {
  if (kind === "global") return globalGeo ? globalGeoForm : "srv";
  const region = kind === "region" ? regions[key] : undefined;
  return region?.geo ? region.geoForm : "srv";
}

function roomOf(identity: Identity, fleet: Fleet, inventory: Inventory): SetRoom {
  return setRoom(identity.key, tierName(identity, inventory), fleet.longestTarget, inventory);
}

function planTier(
  identity: Identity,
  fleet: Fleet,
  inventory: Inventory,
  answering: readonly TreeNode[],
  answeredBy: Tier["answeredBy"],
  geo?: GeoSteering,
): Tier {
  const { standbyTargets } = inventory.policy.setSize;
  const { maxTargets } = roomOf(identity, fleet, inventory);
  const primaries = answering.filter((node) => node.role === "primary");
  const standby = answering.filter((node) => node.role === "standby");
  const groups = groupsOf(primaries, standby, { maxTargets, standbyTargets });
  if (groups.length === 0) throw new Error(`${identity.kind} ${identity.key} has no node that answers`);
  return {
    ...identity,
    name: tierName(identity, inventory),
    form: tierForm(identity, inventory.policy),
    groups,
    members: (primaries.length > 0 ? primaries : standby).map(toMember),
    standby: primaries.length > 0 ? standby.map(toMember) : [],
    answeredBy,
    ...(geo === undefined ? {} : { geo }),
  };
}

function planRegions(inventory: Inventory, fleet: Fleet): Tier[] {
  return regionKeys(inventory).map((key) => {
    const answering = answeringRegion(key, fleet, inventory);
    if (answering === undefined) throw new Error(`region ${key} has no active node and no fallback with one`);
    const own = answering === key;
    const geo = own && inventory.policy.regions[key]?.geo ? steerRegion(key, inventory, fleet) : undefined;
    return planTier(
      { kind: "region", key },
      fleet,
      inventory,
      activeIn(fleet, answering),
      own ? { kind: "own" } : { kind: "region", region: answering },
      geo,
    );
  });
}

/** A wide region steers over those of its POPs that have an area; every POP stands in for every other. */
function steerRegion(region: string, inventory: Inventory, fleet: Fleet): GeoSteering | undefined {
  const own = fleet.byRegion.get(region) ?? [];
  const keys = [...new Set(own.map((node) => node.pop))].sort();
  const candidates = keys.map((key): SiteCandidate => {
    const serves = inventory.environment.pops[key]?.serves;
    return {
      key,
      kind: "pop",
      areas: serves === undefined ? [] : [serves],
      nodes: own.filter((node) => node.pop === key),
    };
  });
  const { netTargets } = roomOf({ kind: "region", key: region }, fleet, inventory);
  return steer(candidates, () => keys, active(own), netTargets);
}

function planPops(
  inventory: Inventory,
  fleet: Fleet,
  regions: readonly Tier[],
): (Tier & { readonly region: string })[] {
  // Retired nodes still tell that their POP exists: a name that a customer dials outlives the hardware.
  const regionOfPop = new Map<string, string>();
  for (const [key, pop] of Object.entries(inventory.environment.pops)) {
    if (pop.region !== undefined) regionOfPop.set(key, pop.region);
  }
  for (const node of inventory.nodes) regionOfPop.set(node.pop, node.region);
  return [...regionOfPop].sort().map(([key, region]) => {
    const own = active(fleet.byPop.get(key));
    if (own.length > 0) {
      return { ...planTier({ kind: "pop", key }, fleet, inventory, own, { kind: "own" }), region };
    }
    const answering = regions.find((tier) => tier.key === region)?.answeredBy;
    const standIn = answering?.kind === "region" ? answering.region : region;
    const tier = planTier({ kind: "pop", key }, fleet, inventory, activeIn(fleet, standIn), {
      kind: "region",
      region: standIn,
    });
    return { ...tier, region };
  });
}

function planGlobal(inventory: Inventory, fleet: Fleet, regions: readonly Tier[]): Tier {
  const answering = active(fleet.nodes);
  const geo = inventory.policy.globalGeo ? steerGlobal(inventory, fleet, regions) : undefined;
  return planTier(GLOBAL, fleet, inventory, answering, { kind: "own" }, geo);
}

/** The global name steers over the regions that have nodes; each also serves the areas it answers for. */
function steerGlobal(inventory: Inventory, fleet: Fleet, regions: readonly Tier[]): GeoSteering | undefined {
  const candidates = regions
    .filter((tier) => tier.answeredBy.kind === "own")
    .map((tier): SiteCandidate => {
      const answeredHere = regions.filter(
        ({ key, answeredBy }) =>
          key === tier.key || (answeredBy.kind === "region" && answeredBy.region === tier.key),
      );
      return {
        key: tier.key,
        kind: "region",
        areas: answeredHere.flatMap(({ key }): Area[] => {
          const serves = inventory.policy.regions[key]?.serves;
          return serves === undefined ? [] : [serves];
        }),
        nodes: fleet.byRegion.get(tier.key) ?? [],
      };
    });
  const { netTargets } = roomOf(GLOBAL, fleet, inventory);
  const standIns = (key: string) => fallbacks(key, inventory);
  return steer(candidates, standIns, active(fleet.nodes), netTargets, inventory.policy.defaultRegion);
}
