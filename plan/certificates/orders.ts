/** Which certificates the nodes hold, and for which names (RFC 5922 section 7; design: one per node and profile). */
import { child, compareNames, type Fqdn } from "../../dns/names.ts";
import type { KeyType } from "../../inventory/certificateKinds.ts";
import type { Inventory } from "../../inventory/inventory.ts";
import { nodeCertificates } from "../../inventory/nodeCertificates.ts";
import { GLOBAL_KEY, geoHostName } from "../labels.ts";
import { regionByPop, regionKeys, standIns } from "../places.ts";
import type { CertificateOrder, ProvidedKeyType, TreeNode } from "../tree.ts";

/**
 * Names of the wildcard profile: every label below the domain, the domain itself (a wildcard does not match
 * it), and a name two labels deep that makes the set of names unique to the node, since the authority issues
 * one exact set only five times in seven days.
 */
function wildcardNames(slot: string, idLabel: string, domain: Fqdn): string[] {
  return [domain, child("*", domain), child(slot, child(idLabel, domain))];
}

interface Places {
  readonly inventory: Inventory;
  /** POP to its region. */
  readonly pops: ReadonlyMap<string, string>;
  /** Region to those whose nodes can ever answer for it. */
  readonly standIns: ReadonlyMap<string, ReadonlySet<string>>;
}

/**
 * Names of the exact profile beside the node's own, the same for all nodes of a region: every name that can ever
 * list them under this tree, sorted. A POP name can list every node of its region and of the region's stand-ins,
 * because an empty POP is answered by them.
 */
function namesListing(region: string, { inventory, standIns, pops }: Places): string[] {
  const { domain, policy } = inventory;
  const regions = [...standIns].filter(([, standIns]) => standIns.has(region)).map(([key]) => key);
  const within = new Set(regions);
  // By the policy, not by whether the name is steered now: a drain must not make other nodes' certificates anew.
  const steered = [
    ...(policy.globalGeo ? [GLOBAL_KEY] : []),
    ...regions.filter((key) => policy.regions[key]?.geo),
  ];
  const names = [
    domain,
    ...regions.map((key) => child(key, domain)),
    ...[...pops].flatMap(([key, of]) => (within.has(of) ? [child(key, domain)] : [])),
    ...steered.flatMap((key) => [geoHostName(key, "a", domain), geoHostName(key, "b", domain)]),
  ];
  return names.sort(compareNames);
}

function placesOf(inventory: Inventory): Places {
  return {
    inventory,
    pops: regionByPop(inventory),
    standIns: new Map(regionKeys(inventory).map((key) => [key, standIns(key, inventory)])),
  };
}

/** Every name whose callers can ever reach the node under this tree, its own first: the exact profile's names. */
export function exactNames(inventory: Inventory, { name, region }: TreeNode): string[] {
  return [name, ...namesListing(region, placesOf(inventory))];
}

/**
 * One order per published node and profile, sorted by slot, then profile. Names that nobody may be listed at yet are
 * ordered too: it is what they wait for.
 */
export function orderCertificates(inventory: Inventory, nodes: readonly TreeNode[]): CertificateOrder[] {
  const { idLabel } = inventory.policy.certificates;
  const places = placesOf(inventory);
  const shared = new Map([...places.standIns.keys()].map((key) => [key, namesListing(key, places)]));
  const entries = new Map(inventory.nodes.map((node) => [node.slot, node]));
  return nodes.flatMap(({ slot, name, region }) =>
    nodeCertificates(entries.get(slot) ?? {}, inventory.policy).map(({ profile, keyType, csr }) => ({
      slot,
      profile,
      names:
        profile === "wildcard"
          ? wildcardNames(slot, idLabel, inventory.domain)
          : [name, ...(shared.get(region) ?? [])],
      ...(csr === undefined ? { keyType: providedKeyType(keyType) } : { csr }),
    })),
  );
}

/** @throws Error for a key that the provider cannot make: the inventory's own rules refuse that before. */
function providedKeyType(keyType: KeyType): ProvidedKeyType {
  if (keyType === "rsa3072") throw new Error("the provider makes no RSA key of 3072 bits");
  return keyType;
}
