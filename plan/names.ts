/** The names of the tree with who answers them: what a stack tells of itself. */
import type { Fqdn } from "../dns/names.ts";
import type { Tier, Tree } from "./tree.ts";

export interface NameSummary {
  readonly name: Fqdn;
  /** Slots that answer an unsteered caller, first choice first. */
  readonly answers: readonly string[];
  /** Places that callers are steered to, where the name is steered. */
  readonly steeredTo?: readonly string[];
}

export interface NamesByTier {
  readonly global: NameSummary;
  readonly regions: Readonly<Record<string, NameSummary>>;
  readonly pops: Readonly<Record<string, NameSummary>>;
  /** Slot to addresses. */
  readonly nodes: Readonly<Record<string, { readonly name: Fqdn; readonly addresses: readonly string[] }>>;
}

export function namesByTier(tree: Tree): NamesByTier {
  return {
    global: summary(tree.global),
    regions: Object.fromEntries(tree.regions.map((tier) => [tier.key, summary(tier)])),
    pops: Object.fromEntries(tree.pops.map((tier) => [tier.key, summary(tier)])),
    nodes: Object.fromEntries(
      tree.nodes.map(({ slot, name, address, address6 }) => [
        slot,
        { name, addresses: address6 === undefined ? [address] : [address, address6] },
      ]),
    ),
  };
}

function summary({ name, groups, geo }: Tier): NameSummary {
  return {
    name,
    answers: groups.flatMap((group) => group.members.map(({ slot }) => slot)),
    ...(geo === undefined ? {} : { steeredTo: geo.sites.map(({ key }) => key) }),
  };
}
