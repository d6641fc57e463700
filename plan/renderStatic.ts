/** The tree without steering: every name lists its nodes. For zone files and platforms without geo. */
import { challengeRecords } from "./certificates/challengeRecords.ts";
import type { StaticRendering } from "./rendering.ts";
import { nodeRecords, sortRecords, staticTier } from "./staticRecords.ts";
import type { Tree } from "./tree.ts";

export function renderStatic(tree: Tree): StaticRendering {
  const tiers = [...tree.pops, ...tree.regions, tree.global];
  return {
    backend: "static",
    domain: tree.domain,
    zone: tree.zone,
    records: sortRecords([
      ...tree.nodes.flatMap((node) => nodeRecords(node, tree)),
      ...tiers.flatMap((tier) => staticTier(tier.name, tier, tree)),
      ...challengeRecords(tree),
    ]),
    certificates: tree.certificates,
  };
}
