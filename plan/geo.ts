/** Steering by the caller's location: which places a name is steered to, and who stands behind each. */
import type { Area } from "../inventory/treeSchema.ts";
import { compareSlots, sortedBy } from "./order.ts";
import { halves, spread, toMember } from "./sets.ts";
import type { GeoSite, GeoSteering, Member, TreeNode } from "./tree.ts";

/** A place before it is known whether it has nodes that can answer. */
export interface SiteCandidate {
  readonly key: string;
  readonly kind: GeoSite["kind"];
  /** Areas served by the place itself and by those it answers for. */
  readonly areas: readonly Area[];
  /** Every node of the place that is not retired, whatever its status: the halves hang on these. */
  readonly nodes: readonly TreeNode[];
}

const EMPTY_AREA: Area = { continents: [], countries: [], subdivisions: [] };

/** Both areas as one, sorted. */
function union(areas: readonly Area[]): Area {
  const all = <K extends keyof Area>(key: K) =>
    [...new Set(areas.flatMap((area) => area[key] as string[]))].sort() as Area[K];
  return areas.length === 0
    ? EMPTY_AREA
    : { continents: all("continents"), countries: all("countries"), subdivisions: all("subdivisions") };
}

function isEmpty(area: Area): boolean {
  return area.continents.length + area.countries.length + area.subdivisions.length === 0;
}

function toSite(candidate: SiteCandidate): Omit<GeoSite, "fallback"> {
  const answering = candidate.nodes.filter((node) => node.status === "active");
  const primaries = answering.filter((node) => node.role === "primary");
  const standby = answering.filter((node) => node.role === "standby");
  const serving = new Set((primaries.length > 0 ? primaries : standby).map((node) => node.slot));
  // Divided before the active ones are picked, so that a drain moves no neighbour to the other half.
  const division = halves(
    candidate.nodes.filter((node) => node.role === (primaries.length > 0 ? "primary" : "standby")),
  );
  const [a, b] = division.map((half) => half.filter((node) => serving.has(node.slot)).map(toMember));
  return {
    key: candidate.key,
    kind: candidate.kind,
    serves: union(candidate.areas),
    halves: [a ?? [], b ?? []],
    standby: primaries.length > 0 ? standby.map(toMember) : [],
  };
}

function nodesOf({ halves, standby }: Pick<GeoSite, "halves" | "standby">): number {
  return halves.flat().length + standby.length;
}

/** Stand-ins of a place that callers can be steered to; one that they cannot is followed down its own chain. */
function followed(key: string, sites: ReadonlySet<string>, standIns: StandIns): string[] {
  const found: string[] = [];
  const seen = new Set([key]);
  const visit = (from: string): void => {
    for (const next of standIns(from)) {
      if (seen.has(next)) continue;
      seen.add(next);
      if (sites.has(next)) found.push(next);
      else visit(next);
    }
  };
  visit(key);
  return found;
}

/** Keys of the places that stand in for a place, first choice first. */
export type StandIns = (key: string) => readonly string[];

/** A net of one node would be invisible to Linphone (belle-sip) behind the two host names of the halves. */
const LEAST_NET_TARGETS = 2;

/** Primaries of several POPs, and standby nodes in the places that are left where there are fewer than two primaries. */
function netOf(answering: readonly TreeNode[], most: number): Member[] {
  const ofRole = (role: TreeNode["role"]) => answering.filter((node) => node.role === role);
  const primaries = spread(ofRole("primary"), most);
  const places = primaries.length < LEAST_NET_TARGETS ? most - primaries.length : 0;
  return [...primaries, ...spread(ofRole("standby"), places)]
    .sort((a, b) => compareSlots(a.slot, b.slot))
    .map(toMember);
}

/**
 * The steering of a name over its places; undefined where fewer than two have an area and an active node, save for one
 * place that has all nodes: then the name stays steered, to that one, so that what is published for the steering stays
 * as it is while the others drain.
 * @param answering the active nodes of the name, of which the net is made.
 * @param netTargets most nodes of the net.
 */
export function steer(
  candidates: readonly SiteCandidate[],
  standIns: StandIns,
  answering: readonly TreeNode[],
  netTargets: number,
  preferredDefault?: string,
): GeoSteering | undefined {
  const sites = sortedBy(candidates, (candidate) => candidate.key)
    .map(toSite)
    .filter((site) => !isEmpty(site.serves) && site.halves.some((half) => half.length > 0));
  const [first] = sites;
  if (first === undefined || (sites.length === 1 && nodesOf(first) < answering.length)) return undefined;
  const keys = new Set(sites.map((site) => site.key));
  return {
    sites: sites.map((site) => ({ ...site, fallback: followed(site.key, keys, standIns) })),
    defaultSite: preferredDefault !== undefined && keys.has(preferredDefault) ? preferredDefault : first.key,
    net: netOf(answering, netTargets),
  };
}
