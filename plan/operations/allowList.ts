/** What customers have to let through their firewalls: addresses per name and in all, and the ranges they were told. */
import type { Fqdn } from "../../dns/names.ts";
import type { Inventory } from "../../inventory/inventory.ts";
import { addressOctets, contains, networkOf } from "../../inventory/networks.ts";
import type { Tree, TreeNode } from "../tree.ts";
import { addressesOf, answeringSlots, namesThatMayList } from "./listing.ts";

export interface AllowList {
  readonly domain: Fqdn;
  /** The global name, regions, POPs and nodes. */
  readonly names: readonly NameAddresses[];
  /** Of every published node, whatever its status: calls that are up may be at a draining one. */
  readonly all: readonly string[];
  /** What customers were told. */
  readonly publishedRanges: readonly string[];
  /** Of `all`, those in none of the published ranges. */
  readonly outsideRanges: readonly string[];
}

export interface NameAddresses {
  readonly name: Fqdn;
  /** Addresses of the nodes that answer at present, first choice first. */
  readonly answering: readonly string[];
  /** Addresses that the name may ever lead to with the nodes that are published now. */
  readonly possible: readonly string[];
}

export function allowList(inventory: Inventory, tree: Tree): AllowList {
  const { publishedRanges } = inventory.environment;
  const all = sortedAddresses(tree.nodes);
  return {
    domain: tree.domain,
    names: [...namesAbove(inventory, tree), ...tree.nodes.map(nodeAddresses)],
    all,
    publishedRanges,
    outsideRanges: outsideRanges(all, inventory),
  };
}

function namesAbove(inventory: Inventory, tree: Tree): NameAddresses[] {
  const bySlot = new Map(tree.nodes.map((node) => [node.slot, node]));
  const listing = namesThatMayList(inventory);
  return [tree.global, ...tree.regions, ...tree.pops].map((tier) => {
    const possible = tree.nodes.filter(({ slot }) => listing.get(slot)?.includes(tier.name));
    return {
      name: tier.name,
      answering: answeringSlots(tier).flatMap((slot) => addressesOf(bySlot.get(slot))),
      possible: sortedAddresses(possible),
    };
  });
}

function nodeAddresses(node: TreeNode): NameAddresses {
  const addresses = addressesOf(node);
  return { name: node.name, answering: addresses, possible: addresses };
}

/** IPv4 first, each family in the order of the numbers. */
function sortedAddresses(nodes: readonly TreeNode[]): string[] {
  return nodes
    .flatMap(addressesOf)
    .map((address) => ({ address, octets: addressOctets(address) }))
    .sort((a, b) => a.octets.length - b.octets.length || compareOctets(a.octets, b.octets))
    .map(({ address }) => address);
}

function compareOctets(a: readonly number[], b: readonly number[]): number {
  const differs = a.findIndex((octet, i) => octet !== b[i]);
  return (a[differs] ?? 0) - (b[differs] ?? 0);
}

/** Of the addresses, those that lie in no published range; none where no range is published. */
export function outsideRanges(
  addresses: readonly string[],
  { environment }: Pick<Inventory, "environment">,
): string[] {
  const networks = environment.publishedRanges.map(networkOf);
  if (networks.length === 0) return [];
  return addresses.filter((address) => {
    const octets = addressOctets(address);
    return !networks.some((network) => contains(network, octets));
  });
}

/** A warning for each new address that customers were not told of. What is no address is refused elsewhere. */
export function rangeWarnings(
  addresses: readonly (string | null | undefined)[],
  inventory: Inventory,
): string[] {
  const written = addresses.flatMap((address) => (address === null ? [] : (address ?? []))).filter(isAddress);
  return outsideRanges(written, inventory).map(
    (address) =>
      `${address} lies in none of environment.publishedRanges: customers who let only these through will not reach it`,
  );
}

function isAddress(text: string): boolean {
  try {
    return addressOctets(text).length > 0;
  } catch {
    return false;
  }
}
