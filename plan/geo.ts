/** Steering by the caller's location: which places a name is steered to, and who stands behind each. */
import type { Area, Policy } from "../inventory/treeSchema.ts";
import { sortedBy } from "./order.ts";
import { halves, spread, toMember } from "./sets.ts";
import type { GeoSite, GeoSteering, TreeNode } from "./tree.ts";

/** A place before it is known whether it has nodes that can answer. */
export interface SiteCandidate {
  readonly key: string;
  readonly kind: GeoSite["kind"];
  /** Areas served by the place itself and by those it answers for. */
  readonly areas: readonly Area[];
  readonly fallback: readonly string[];
  /** Every node of the place that is not retired, whatever its status: the halves hang on these. */
  readonly nodes: readonly TreeNode[];
}

/** Places of an SRV set that the host names of the two halves take, before the net. */
const HALF_TARGETS = 2;

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

function toSite(candidate: SiteCandidate): GeoSite {
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
    fallback: candidate.fallback,
    halves: [a ?? [], b ?? []],
    standby: primaries.length > 0 ? standby.map(toMember) : [],
  };
}

/**
 * The steering of a name over its places, or undefined where fewer than two places have an area and an
 * active node: then there is nothing to choose and the name is served unsteered.
 */
export function steer(
  candidates: readonly SiteCandidate[],
  net: readonly TreeNode[],
  policy: Policy,
  preferredDefault?: string,
): GeoSteering | undefined {
  const sites = sortedBy(candidates, (candidate) => candidate.key)
    .map(toSite)
    .filter((site) => !isEmpty(site.serves) && site.halves.some((half) => half.length > 0));
  const [first] = sites;
  if (first === undefined || sites.length < 2) return undefined;
  const keys = new Set(sites.map((site) => site.key));
  const { geoNetTargets, maxTargets } = policy.setSize;
  return {
    sites: sites.map((site) => ({ ...site, fallback: site.fallback.filter((key) => keys.has(key)) })),
    defaultSite: preferredDefault !== undefined && keys.has(preferredDefault) ? preferredDefault : first.key,
    net: spread(net, Math.max(0, Math.min(geoNetTargets, maxTargets - HALF_TARGETS))).map(toMember),
  };
}
