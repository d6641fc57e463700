/** What a client finds at a name for each wire: an SRV set, addresses, or nothing. */
import { SERVICES, type Wire } from "../../dns/services.ts";
import type { ClientFacts } from "../clients/clientFacts.ts";
import type { Service, Tree } from "../tree.ts";

export type Found = "srv" | "addresses" | "nothing";

/** The wires over which the tree is published, in the order of its services. */
export function publishedWires({ services }: Tree): Wire[] {
  return [...new Set(services.map(({ transport }) => SERVICES[transport].wire))];
}

/** Whether the name has an SRV set for each service, and whether it has addresses. */
export interface Holding {
  readonly srv: boolean;
  readonly addresses: boolean;
}

/**
 * What the client goes by. Addresses serve over any wire: a client without SRV uses the default port of its transport
 * (RFC 3263 section 4.2), where the nodes listen if the tree publishes it.
 */
export function found({ asks, addresses }: ClientFacts, wire: Wire, holding: Holding, tree: Tree): Found {
  if (addresses !== "without SRV" && holding.addresses) return "addresses";
  const asked = Object.values(asks).flat();
  const isAsked = ({ transport }: Service) => SERVICES[transport].wire === wire && asked.includes(transport);
  if (addresses !== "only" && holding.srv && tree.services.some(isAsked)) return "srv";
  return holding.addresses ? "addresses" : "nothing";
}
