/** How calls get from a name to one below it. */
import type { GeoSteering, Tier } from "../plan/tree.ts";
import { type NodeState, nodeState, type PopBranch, type RegionBranch } from "./outline.ts";

/** Chosen by the caller's location, by weight, as a second choice, or not at all for now. */
export type LinkKind = "steered" | "shared" | "standby" | "idle";

export function regionLink(region: Tier, { geo }: Tier): LinkKind {
  return geo === undefined ? "shared" : steeredLink(region, geo);
}

export function popLink({ tier, nodes, answeredBy }: PopBranch, { tier: { geo } }: RegionBranch): LinkKind {
  if (answeredBy !== undefined) return "idle";
  if (geo !== undefined) return steeredLink(tier, geo);
  return nodes.some((node) => nodeState(node) === "active") ? "shared" : "standby";
}

/** A place that no caller is steered to may still stand behind those that are. */
function steeredLink({ key, members }: Tier, { sites, net }: GeoSteering): LinkKind {
  if (sites.some((site) => site.key === key)) return "steered";
  return members.some(({ slot }) => net.some((member) => member.slot === slot)) ? "standby" : "idle";
}

export function nodeLink(state: NodeState): LinkKind {
  return state === "active" ? "shared" : state === "standby" ? "standby" : "idle";
}
