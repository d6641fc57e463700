/** Which certificates the nodes hold, and for which names (RFC 5922 section 7; design: one per node and profile). */
import { child, compareNames, type Fqdn } from "../dns/names.ts";
import type { Inventory } from "../inventory/inventory.ts";
import type { CertificateProfile, Policy } from "../inventory/treeSchema.ts";
import { GLOBAL_KEY, geoHostName } from "./labels.ts";
import type { CertificateOrder, Tier, TreeNode } from "./tree.ts";

/** The names above the nodes, and for each region the regions that may answer for it. */
export interface CertificateContext {
  readonly domain: Fqdn;
  readonly pops: readonly { readonly key: string; readonly region: string; readonly name: Fqdn }[];
  readonly regions: readonly Tier[];
  readonly global: Tier;
  /** Regions whose nodes can answer for the region: itself, and every fallback however far down the chain. */
  readonly standIns: ReadonlyMap<string, ReadonlySet<string>>;
}

/**
 * Names of the wildcard profile: every label below the domain, the domain itself (a wildcard does not match
 * it), and a name two labels deep that makes the set of names unique to the node, since the authority issues
 * one exact set only five times in seven days.
 */
function wildcardNames(slot: string, idLabel: string, domain: Fqdn): string[] {
  return [domain, child("*", domain), child(slot, child(idLabel, domain))];
}

/**
 * Names of the exact profile beside the node's own, the same for all nodes of a region: every name that can ever
 * list them under this tree, sorted. A POP name can list every node of its region and of the region's stand-ins,
 * because an empty POP is answered by them.
 */
function namesListing(region: string, context: CertificateContext, policy: Policy): string[] {
  const regions = context.regions.filter((tier) => context.standIns.get(tier.key)?.has(region));
  const keys = new Set(regions.map((tier) => tier.key));
  // By the policy, not by whether the name is steered now: a drain must not make other nodes' certificates anew.
  const steered = [context.global, ...regions].filter((tier) =>
    tier.kind === "global" ? policy.globalGeo : policy.regions[tier.key]?.geo,
  );
  const names = [
    context.global.name,
    ...regions.map((tier) => tier.name),
    ...context.pops.filter((pop) => keys.has(pop.region)).map((pop) => pop.name),
    ...steered.flatMap((tier) => {
      const key = tier.kind === "global" ? GLOBAL_KEY : tier.key;
      return [geoHostName(key, "a", context.domain), geoHostName(key, "b", context.domain)];
    }),
  ];
  return names.sort(compareNames);
}

/** One order per published node and profile, sorted by slot, then profile. */
export function orderCertificates(
  inventory: Inventory,
  nodes: readonly TreeNode[],
  context: CertificateContext,
): CertificateOrder[] {
  const { profiles, idLabel } = inventory.policy.certificates;
  const shared = new Map(
    context.regions.map(({ key }) => [key, namesListing(key, context, inventory.policy)]),
  );
  const requests = new Map(inventory.nodes.map((node) => [node.slot, node.csr]));
  return nodes.flatMap((node) =>
    [...profiles].sort().map((profile) => {
      const csr = requestFile(requests.get(node.slot), profile);
      const names =
        profile === "wildcard"
          ? wildcardNames(node.slot, idLabel, inventory.domain)
          : [node.name, ...(shared.get(node.region) ?? [])];
      return { slot: node.slot, profile, names, ...(csr === undefined ? {} : { csr }) };
    }),
  );
}

function requestFile(
  csr: Inventory["nodes"][number]["csr"],
  profile: CertificateProfile,
): string | undefined {
  return typeof csr === "string" ? csr : csr?.[profile];
}
