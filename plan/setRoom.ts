/** How many targets the SRV sets of a name may list: the policy's number, or fewer where an answer would be too long. */
import { child, type Fqdn, wireLength } from "../dns/names.ts";
import { SERVICES, TRANSPORTS } from "../dns/services.ts";
import { srvTargetsThatFit } from "../dns/wireSize.ts";
import type { Inventory } from "../inventory/inventory.ts";
import { geoHostName } from "./labels.ts";

export interface SetRoom {
  /** Targets of a set that lists nodes alone; at least 2. */
  readonly maxTargets: number;
  /** Nodes behind the host names of the two halves, where these are listed; 0 where there is room for none. */
  readonly netTargets: number;
}

/** A name that lists one node only has no failover: two are listed however long the names are. */
const LEAST_TARGETS = 2;

/**
 * The longest host name that a set can list: of the whole inventory, retired entries included, so that the room is
 * the same whoever is listed. Measured with the listed nodes, one that comes with a longer name would push several
 * others out.
 */
export function longestTarget({ domain, nodes }: Inventory): string {
  return longest(nodes.map(({ slot }) => child(slot, domain)));
}

/**
 * The room of the sets of one name, measured with the longest service label too.
 * @param key POP or region key, or `global`.
 * @param target the longest host name that a set can list.
 */
export function setRoom(key: string, name: Fqdn, target: string, inventory: Inventory): SetRoom {
  const { domain, policy } = inventory;
  const { maxAnswerOctets, geoNetTargets, maxTargets } = policy.setSize;
  const owner = longest(
    TRANSPORTS.filter((transport) => policy.transports[transport] !== undefined).map((transport) => {
      const [service, protocol] = SERVICES[transport].labels;
      return child(service, child(protocol, name));
    }),
  );
  const halves = [geoHostName(key, "a", domain), geoHostName(key, "b", domain)];
  const room = Math.max(
    LEAST_TARGETS,
    Math.min(maxTargets, srvTargetsThatFit(owner, target, maxAnswerOctets)),
  );
  return {
    maxTargets: room,
    netTargets: Math.max(
      0,
      Math.min(
        geoNetTargets,
        maxTargets - halves.length,
        srvTargetsThatFit(owner, target, maxAnswerOctets, halves),
      ),
    ),
  };
}

function longest(names: readonly string[]): string {
  return names.reduce((best, name) => (wireLength(name) > wireLength(best) ? name : best), "");
}
