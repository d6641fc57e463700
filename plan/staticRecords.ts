/** Records that stand as they are on every platform: node addresses, SRV sets, tier addresses. */
import { child, type Fqdn, nameSortKey } from "../dns/names.ts";
import { compareRecords } from "../dns/records.ts";
import { SERVICES } from "../dns/services.ts";
import { compareText } from "./order.ts";
import type { Cause, PlannedRecord } from "./rendering.ts";
import type { Group, Service, Tier, Tree, TreeNode } from "./tree.ts";

/** Owner name of a service's SRV set, for example `_sips._tcp.euro.sip.example.net` (RFC 2782). */
export function serviceName(service: Service, name: Fqdn): Fqdn {
  const [label, protocol] = SERVICES[service.transport].labels;
  return child(label, child(protocol, name));
}

export function sortRecords(records: readonly PlannedRecord[]): PlannedRecord[] {
  return records
    .map((planned) => ({ planned, key: nameSortKey(planned.record.name) }))
    .sort((a, b) => compareText(a.key, b.key) || compareRecords(a.planned.record, b.planned.record))
    .map(({ planned }) => planned);
}

/** One index per tree, however many names ask for it; a tree never changes. */
const indexes = new WeakMap<Tree, ReadonlyMap<string, TreeNode>>();

export function nodesBySlot(tree: Tree): ReadonlyMap<string, TreeNode> {
  const index = indexes.get(tree) ?? new Map(tree.nodes.map((node) => [node.slot, node]));
  indexes.set(tree, index);
  return index;
}

export function memberNode(nodes: ReadonlyMap<string, TreeNode>, slot: string): TreeNode {
  const node = nodes.get(slot);
  if (node === undefined) throw new Error(`no node ${slot} in the tree`);
  return node;
}

/** The node's own A and AAAA. */
export function nodeRecords(node: TreeNode, tree: Tree): PlannedRecord[] {
  const ttlSeconds = tree.policy.ttlSeconds.node;
  const cause: Cause = { tier: "node", key: node.slot, slot: node.slot };
  return addressRecords(node.name, ttlSeconds, [node], cause);
}

function addressRecords(
  name: Fqdn,
  ttlSeconds: number,
  nodes: readonly TreeNode[],
  cause: Pick<Cause, "tier" | "key">,
): PlannedRecord[] {
  return nodes.flatMap((node) => {
    const because = { ...cause, slot: node.slot };
    const a: PlannedRecord = {
      record: { name, type: "A", ttlSeconds, address: node.address },
      cause: because,
    };
    if (node.address6 === undefined) return [a];
    return [a, { record: { name, type: "AAAA", ttlSeconds, address: node.address6 }, cause: because }];
  });
}

/** The SRV rows that list `groups` for each of the tree's services, owned by `name`. */
export function srvRecords(name: Fqdn, groups: readonly Group[], tier: Tier, tree: Tree): PlannedRecord[] {
  const nodes = nodesBySlot(tree);
  const ttlSeconds = tree.policy.ttlSeconds.srv;
  return tree.services.flatMap((service) =>
    groups.flatMap((group) =>
      group.members.map((member): PlannedRecord => {
        const target = memberNode(nodes, member.slot).name;
        const { priority } = group;
        return {
          record: {
            name: serviceName(service, name),
            type: "SRV",
            ttlSeconds,
            priority,
            weight: member.weight,
            port: service.port,
            target,
          },
          cause: { tier: tier.kind, key: tier.key, slot: member.slot },
        };
      }),
    ),
  );
}

/** A and AAAA of the group's nodes, owned by `name`. */
export function groupAddresses(
  name: Fqdn,
  { members }: Group,
  { kind, key }: Pick<Tier, "kind" | "key">,
  tree: Tree,
): PlannedRecord[] {
  const nodes = nodesBySlot(tree);
  return addressRecords(
    name,
    tree.policy.ttlSeconds.address,
    members.map((member) => memberNode(nodes, member.slot)),
    { tier: kind, key },
  );
}

/** A and AAAA of the tier's first group, for clients that know no SRV. Empty where the policy wants none. */
export function tierAddresses(name: Fqdn, tier: Tier, tree: Tree): PlannedRecord[] {
  const [first] = tier.groups;
  if (!tree.policy.tierAddresses || first === undefined) return [];
  return groupAddresses(name, first, tier, tree);
}

/** The tier's whole unsteered answer, owned by `name`. */
export function staticTier(name: Fqdn, tier: Tier, tree: Tree): PlannedRecord[] {
  const srv = tier.form === "srv" ? srvRecords(name, tier.groups, tier, tree) : [];
  return [...srv, ...tierAddresses(name, tier, tree)];
}
