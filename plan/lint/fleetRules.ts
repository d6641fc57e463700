/** Rules of single nodes: their addresses and their state. */
import { isWithin } from "../../dns/names.ts";
import { addressOctets, contains, networkOf } from "../../inventory/networks.ts";
import { specialUseOf } from "../../inventory/specialUse.ts";
import type { TreeNode } from "../tree.ts";
import { listText } from "./context.ts";
import type { LintRules } from "./rule.ts";

/** Domains that nobody can register (RFC 2606 sections 2 and 3, RFC 6761). */
const EXAMPLE_DOMAINS = [
  "example",
  "example.com",
  "example.net",
  "example.org",
  "invalid",
  "localhost",
  "test",
];

function addressesOf({ address, address6 }: TreeNode): string[] {
  return address6 === undefined ? [address] : [address, address6];
}

export const fleetRules = {
  "draining-without-since": {
    subject: "nodes",
    level: "warning",
    finds: "a node that drains or is down without `since`",
    source: "nodes.json: since",
    remedy: 'write when it began, like "2026-11-23T14:30:00Z": it tells colleagues when it may be retired',
    file: "nodes.json",
    *check({ inventory }) {
      for (const { slot, status, since } of inventory.nodes) {
        if ((status !== "draining" && status !== "down") || since !== undefined) continue;
        yield { about: `node ${slot}`, message: `is ${status}, and nobody knows since when` };
      }
    },
  },

  "address-outside-ranges": {
    subject: "nodes",
    level: "error",
    finds: "an address outside environment.publishedRanges",
    source: "customers let the published ranges through their firewalls, and nothing else",
    remedy: "use an address of a published range, or publish the new range and tell customers before",
    file: "nodes.json",
    *check({ inventory, tree }) {
      const ranges = inventory.environment.publishedRanges.map(networkOf);
      if (ranges.length === 0) return;
      for (const node of tree.nodes) {
        const outside = addressesOf(node).filter((address) => {
          const octets = addressOctets(address);
          return !ranges.some((range) => contains(range, octets));
        });
        if (outside.length === 0) continue;
        yield {
          about: `node ${node.slot}`,
          message: `${listText(outside)} is in none of the ${ranges.length} published ranges`,
        };
      }
    },
  },

  "example-address": {
    subject: "nodes",
    level: "error",
    finds: "an address for documentation or of this machine, below a domain that is no example",
    source: "RFC 5737, RFC 3849, RFC 9637, RFC 1122; domains: RFC 2606",
    remedy: "write the node's public address, and take the exception out of environment.allowAddresses",
    file: "nodes.json",
    *check({ inventory, tree }) {
      const { allowAddresses } = inventory.environment;
      if (allowAddresses.length === 0 || EXAMPLE_DOMAINS.some((name) => isWithin(tree.domain, name))) return;
      for (const node of tree.nodes) {
        for (const address of addressesOf(node)) {
          const special = specialUseOf(addressOctets(address));
          if (special === undefined) continue;
          yield {
            about: `node ${node.slot}`,
            message: `${address} is ${special.use} (${special.block}), and no customer of ${tree.domain} reaches it`,
          };
        }
      }
    },
  },

  "unprobed-ipv6": {
    subject: "nodes",
    level: "note",
    finds: "active nodes whose IPv6 address no probe looks at",
    source: "RFC 7984: nobody races the families, so a broken IPv6 address costs its callers a whole timeout",
    remedy: "watch the address by other means, or remove ip6 where IPv6 is not watched",
    file: "nodes.json",
    *check({ activeNodes, renderings }) {
      const probed = new Set<string>();
      for (const rendering of renderings) {
        if (rendering.backend === "cloudflare") {
          for (const { address } of rendering.pools.flatMap(({ origins }) => origins)) probed.add(address);
        }
        if (rendering.backend === "route53") {
          for (const check of rendering.healthChecks)
            if (check.kind !== "calculated") probed.add(check.address);
        }
      }
      const slots = activeNodes
        .filter(({ address6 }) => address6 !== undefined && !probed.has(address6))
        .map(({ slot }) => slot);
      if (slots.length === 0) return;
      yield {
        about: "IPv6",
        message: `${slots.length} of ${activeNodes.length} active nodes have an IPv6 address that no probe looks at: ${listText(slots)}`,
      };
    },
  },
} as const satisfies LintRules;
