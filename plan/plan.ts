/** Inventory to tree: who answers at every name. Pure and deterministic. */
import { child, type Fqdn, fqdn } from "../dns/names.ts";
import { TRANSPORTS } from "../dns/services.ts";
import type { Inventory } from "../inventory/inventory.ts";
import type { Node } from "../inventory/nodeSchema.ts";
import { Refusal } from "../inventory/problem.ts";
import type { Area, GeoForm, Policy } from "../inventory/treeSchema.ts";
import type { MayList } from "./certificates/coverage.ts";
import { orderCertificates } from "./certificates/orders.ts";
import { type SiteCandidate, steer } from "./geo.ts";
import { GLOBAL_KEY, geoHostName } from "./labels.ts";
import { compareSlots } from "./order.ts";
import { fallbacks, regionByPop, regionKeys, standIns } from "./places.ts";
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
  readonly mayList: MayList;
}

/**
 * Plans the tree of a checked inventory.
 * @param mayList holds active nodes back from names that their certificates do not speak for yet. A POP or region
 *   without any other answer is then not in the tree, and a name without two places left is not steered.
 * @throws Error when a name would have no answer although nobody is held back: the inventory's own rules refuse
 *   that before.
 * @throws Refusal when the global name would have none because everybody is.
 */
export function planTree(inventory: Inventory, mayList: MayList = () => true): Tree {
  const { domain, zone, policy } = inventory;
  const { challengeZone } = inventory.environment;
  const nodes = inventory.nodes
    .filter(isPublished)
    .map((node) => toTreeNode(node, inventory))
    .sort((a, b) => compareSlots(a.slot, b.slot));
  const fleet: Fleet = {
    nodes,
    byRegion: Map.groupBy(nodes, (node) => node.region),
    byPop: Map.groupBy(nodes, (node) => node.pop),
    longestTarget: longestTarget(inventory),
    mayList,
  };
  const regions = planRegions(inventory, fleet);
  const pops = planPops(inventory, fleet);
  const global = planGlobal(inventory, fleet, regions);
  const certificates = orderCertificates(inventory, nodes);
  return {
    domain,
    zone,
    ...(challengeZone === undefined ? {} : { challengeZone: fqdn(challengeZone) }),
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

/** The nodes that the name may list: the active ones, save those that are held back from it. */
function listable(nodes: readonly TreeNode[] | undefined, name: Fqdn, { mayList }: Fleet): TreeNode[] {
  return (nodes ?? []).filter((node) => node.status === "active" && mayList(node.slot, [name]));
}

/** The region whose nodes answer at `name`: `region` itself, else the first fallback that has an answer. */
function answeringRegion(
  region: string,
  name: Fqdn,
  fleet: Fleet,
  inventory: Inventory,
  visited: readonly string[] = [],
): string | undefined {
  if (listable(fleet.byRegion.get(region), name, fleet).length > 0) return region;
  if (visited.includes(region)) return undefined;
  for (const next of fallbacks(region, inventory)) {
    const answer = answeringRegion(next, name, fleet, inventory, [...visited, region]);
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
  return regionKeys(inventory).flatMap((key) => {
    const identity: Identity = { kind: "region", key };
    const name = tierName(identity, inventory);
    const answering = answeringRegion(key, name, fleet, inventory);
    if (answering === undefined) return heldBack(identity, key, fleet, inventory);
    const own = answering === key;
    const geo = own && inventory.policy.regions[key]?.geo ? steerRegion(key, inventory, fleet) : undefined;
    return planTier(
      identity,
      fleet,
      inventory,
      listable(fleet.byRegion.get(answering), name, fleet),
      own ? { kind: "own" } : { kind: "region", region: answering },
      geo,
    );
  });
}

/**
 * Nothing in place of a POP or region all of whose nodes are held back.
 * @throws Error where there is no node to hold back.
 */
function heldBack({ kind, key }: Identity, region: string, fleet: Fleet, inventory: Inventory): [] {
  const nodes = [...standIns(region, inventory)].flatMap((standIn) => fleet.byRegion.get(standIn) ?? []);
  if (nodes.some((node) => node.status === "active")) return [];
  throw new Error(`${kind} ${key} has no active node and no fallback with one`);
}

/** A wide region steers over those of its POPs that have an area; every POP stands in for every other. */
function steerRegion(region: string, inventory: Inventory, fleet: Fleet): GeoSteering | undefined {
  const identity: Identity = { kind: "region", key: region };
  const own = fleet.byRegion.get(region) ?? [];
  const keys = [...new Set(own.map((node) => node.pop))].sort();
  const candidates = keys.map((key): SiteCandidate => {
    const serves = inventory.environment.pops[key]?.serves;
    return {
      key,
      kind: "pop",
      areas: serves === undefined ? [] : [serves],
      // The caller who is sent to the POP is told its set: a node is steered to where both names may list it.
      nodes: asHeld(
        [tierName(identity, inventory), child(key, inventory.domain)],
        own.filter((node) => node.pop === key),
        fleet,
      ),
    };
  });
  const { netTargets } = roomOf(identity, fleet, inventory);
  const listed = listable(own, tierName(identity, inventory), fleet);
  if (!maySteer(identity, listed, fleet, inventory)) return undefined;
  return steer(candidates, () => keys, listed, netTargets);
}

/** The nodes, those that are held back from one of the names as if they were planned. */
function asHeld(names: readonly Fqdn[], nodes: readonly TreeNode[], { mayList }: Fleet): TreeNode[] {
  return nodes.map((node) => (mayList(node.slot, names) ? node : { ...node, status: "planned" }));
}

/**
 * Whether everybody who may be listed at the name may be so at the host names of its halves too. Before, a name whose
 * steering is new would lead to those few alone whose certificates came first.
 */
function maySteer(
  { key }: Identity,
  listed: readonly TreeNode[],
  { mayList }: Fleet,
  { domain }: Inventory,
): boolean {
  const hosts = (["a", "b"] as const).map((half) => geoHostName(key, half, domain));
  return listed.every(({ slot }) => mayList(slot, hosts));
}

function planPops(inventory: Inventory, fleet: Fleet): (Tier & { readonly region: string })[] {
  return [...regionByPop(inventory)].flatMap(([key, region]) => {
    const identity: Identity = { kind: "pop", key };
    const name = tierName(identity, inventory);
    const own = listable(fleet.byPop.get(key), name, fleet);
    if (own.length > 0) return { ...planTier(identity, fleet, inventory, own, { kind: "own" }), region };
    const standIn = answeringRegion(region, name, fleet, inventory);
    if (standIn === undefined) return heldBack(identity, region, fleet, inventory);
    const answering = listable(fleet.byRegion.get(standIn), name, fleet);
    return {
      ...planTier(identity, fleet, inventory, answering, { kind: "region", region: standIn }),
      region,
    };
  });
}

function planGlobal(inventory: Inventory, fleet: Fleet, regions: readonly Tier[]): Tier {
  const answering = listable(fleet.nodes, inventory.domain, fleet);
  if (answering.length === 0) refuseNobody(inventory, fleet);
  const geo = inventory.policy.globalGeo ? steerGlobal(inventory, fleet, regions) : undefined;
  return planTier(GLOBAL, fleet, inventory, answering, { kind: "own" }, geo);
}

/** Rule `certificate-order`: nobody may be listed at the name that has to answer always. */
function refuseNobody({ domain }: Inventory, { nodes }: Fleet): never {
  const active = nodes.filter((node) => node.status === "active").map(({ slot }) => slot);
  if (active.length === 0) throw new Error("no node is active");
  throw new Refusal([
    {
      place: "nodes.json",
      key: "status",
      value: active.join(", "),
      rule: "certificate-order",
      message: `none of the active nodes holds a certificate for ${domain} that an earlier update has issued`,
      remedy: "keep a node active that holds one until the others have theirs installed",
    },
  ]);
}

/** The global name steers over the regions that have nodes; each also serves the areas it answers for. */
function steerGlobal(inventory: Inventory, fleet: Fleet, regions: readonly Tier[]): GeoSteering | undefined {
  const listed = listable(fleet.nodes, inventory.domain, fleet);
  if (!maySteer(GLOBAL, listed, fleet, inventory)) return undefined;
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
        nodes: asHeld([inventory.domain, tier.name], fleet.byRegion.get(tier.key) ?? [], fleet),
      };
    });
  const { netTargets } = roomOf(GLOBAL, fleet, inventory);
  const standIns = (key: string) => fallbacks(key, inventory);
  return steer(candidates, standIns, listed, netTargets, inventory.policy.defaultRegion);
}
