/** The node that `dial --node` names: where it listens, and whether callers of the dialed name can ever reach it. */
import { SERVICES, type Wire } from "../dns/services.ts";
import type { Inventory } from "../inventory/inventory.ts";
import { nearest } from "../inventory/suggestion.ts";
import { exactNames } from "../plan/certificates/orders.ts";
import { planTree } from "../plan/plan.ts";

export interface NodeQuestion {
  readonly slot: string;
  /** The dialed name, canonical. */
  readonly name: string;
  readonly transport: Wire;
  /** Explicit port; that of the published service when absent. */
  readonly port?: number;
  readonly ip6: boolean;
}

/** The node's own address, with the host name that holds it; or why it cannot be dialed, with the way out. */
export type NodeTarget =
  | {
      readonly ok: true;
      readonly target: { readonly target: string; readonly address: string; readonly port: number };
    }
  | {
      readonly ok: false;
      /** Which of what the person gave is at fault. */
      readonly about: "node" | "name" | "transport" | "ip6";
      readonly message: string;
      readonly remedy: string;
    };

/** Looks the node up in the inventory alone: a planned node is found as well as one that names list. */
export function nodeTarget(inventory: Inventory, question: NodeQuestion): NodeTarget {
  const tree = planTree(inventory);
  const node = tree.nodes.find(({ slot }) => slot === question.slot);
  if (node === undefined) return unknownNode(inventory, question.slot);

  const { name, transport, ip6 } = question;
  const own = tree.certificates.filter(({ slot }) => slot === node.slot).flatMap((order) => order.names);
  const dialable = new Set([...exactNames(inventory, node), ...own.filter((each) => !each.startsWith("*."))]);
  if (!dialable.has(name)) {
    const message = `can never list ${node.slot} under this tree`;
    return { ok: false, about: "name", message, remedy: `dial one of ${[...dialable].join(", ")}` };
  }
  const address = ip6 ? node.address6 : node.address;
  if (address === undefined) {
    const message = `${node.slot} has no IPv6 address`;
    return { ok: false, about: "ip6", message, remedy: "leave --ip6 away, or give the node its ip6" };
  }
  const port =
    question.port ?? tree.services.find((service) => SERVICES[service.transport].wire === transport)?.port;
  if (port === undefined) {
    const message = "no service over it is published by this tree";
    const wires = [...new Set(tree.services.map((service) => SERVICES[service.transport].wire))];
    const remedy = `choose one of ${wires.join(", ")}, or give the port as NAME:PORT`;
    return { ok: false, about: "transport", message, remedy };
  }
  return { ok: true, target: { target: node.name, address, port } };
}

function unknownNode(inventory: Inventory, slot: string): NodeTarget {
  const retired = inventory.nodes.some((node) => node.slot === slot);
  const slots = inventory.nodes.flatMap((node) => (node.status === "retired" ? [] : [node.slot]));
  const meant = nearest(slot, slots);
  return {
    ok: false,
    about: "node",
    message: retired ? "is retired: it has no name any more" : "is no node of this inventory",
    remedy: !retired && meant !== undefined ? `did you mean ${meant}?` : `choose one of ${slots.join(", ")}`,
  };
}
