/** Rules of who finds a name at all: transports, ports, and addresses for clients without SRV. */
import { setKey } from "../../dns/records.ts";
import { SERVICES, type Transport } from "../../dns/services.ts";
import type { Client } from "../../inventory/clients.ts";
import { CLIENT_FACTS, type UriForm } from "../clients/clientFacts.ts";
import type { Tree } from "../tree.ts";
import { agree, listText, nameOfTier, serviceLabel } from "./context.ts";
import type { LintRules, Observation } from "./rule.ts";

/** Where the addresses of a name lead for each form of URI (RFC 3263 section 4.2): as these services, at their default port. */
const ADDRESS_SERVICE = { plain: "sip-udp", tcp: "sip-tcp", tls: "sips-tcp" } as const satisfies Record<
  UriForm,
  Transport
>;

/** Whether a client that only knows addresses finds a listener: a name's addresses, at the default port. */
function listensByAddress(form: UriForm, { services, policy }: Tree): boolean {
  const { wire, defaultPort } = SERVICES[ADDRESS_SERVICE[form]];
  return (
    policy.tierAddresses &&
    services.some(({ transport, port }) => SERVICES[transport].wire === wire && port === defaultPort)
  );
}

function publishes(transports: readonly Transport[], { services }: Tree): boolean {
  return services.some(({ transport }) => transports.includes(transport));
}

/** Clients that ask for SRV in this form of URI and find none of the sets that they ask for. */
function withoutSet(form: UriForm, tree: Tree): Client[] {
  return tree.policy.clients.filter((client) => {
    const { asks, addresses } = CLIENT_FACTS[client];
    const takesAddresses = addresses !== "without SRV" && tree.policy.tierAddresses;
    return !takesAddresses && asks[form].length > 0 && !publishes(asks[form], tree);
  });
}

function unanswered(form: UriForm, uri: string, clients: readonly Client[], tree: Tree): Observation {
  const { wire, defaultPort } = SERVICES[ADDRESS_SERVICE[form]];
  const sets = [...new Set(clients.flatMap((client) => CLIENT_FACTS[client].asks[form]))].map(serviceLabel);
  const names = clients.map((client) => CLIENT_FACTS[client].name);
  const place = `${wire.toUpperCase()} port ${defaultPort}`;
  const consequence = listensByAddress(form, tree)
    ? `addresses are left, at ${place}, without failover by SRV`
    : tree.policy.tierAddresses
      ? `addresses are left, at ${place}, where no published service listens`
      : "there are no addresses either";
  return {
    about: "policy.transports",
    message: `${uri}: ${agree(names, "asks", "ask")} for ${listText(sets)}; ${consequence}`,
  };
}

export const reachRules = {
  "plain-uri": {
    subject: "reach",
    level: "warning",
    finds: "no set for `sip:NAME` as the clients ask for it: a bare host name in a PBX finds nothing",
    source:
      "RFC 3263 section 4.1; measured: PJSIP, Sofia-SIP, sipgo, Linphone and Kamailio ask _sip._udp only",
    remedy: 'publish "sip-udp": 5060, or tell customers to write sips: or ;transport=tls',
    file: "tree.json",
    *check({ tree }) {
      const clients = withoutSet("plain", tree);
      if (clients.length > 0) yield unanswered("plain", `sip:${tree.domain}`, clients, tree);
    },
  },

  "no-tcp-set": {
    subject: "reach",
    level: "note",
    finds: "no `_sip._tcp` set: `sip:NAME;transport=tcp` finds none",
    source: "RFC 3263 section 4.1",
    remedy: 'publish "sip-tcp": 5060, or tell customers to write sips: or ;transport=tls',
    file: "tree.json",
    *check({ tree }) {
      const clients = withoutSet("tcp", tree);
      if (clients.length > 0) yield unanswered("tcp", `sip:${tree.domain};transport=tcp`, clients, tree);
    },
  },

  "no-tls-set": {
    subject: "reach",
    level: "warning",
    finds: "no `_sips._tcp` set: nobody reaches the tree over TLS by the standard's steps",
    source: "RFC 3263 section 4.1",
    remedy: 'publish "sips-tcp": 5061',
    file: "tree.json",
    *check({ tree }) {
      const clients = withoutSet("tls", tree).filter((client) =>
        CLIENT_FACTS[client].asks.tls.some((transport) => transport === "sips-tcp"),
      );
      if (clients.length > 0) yield unanswered("tls", `sips:${tree.domain}`, clients, tree);
    },
  },

  "no-sip-tls-alias": {
    subject: "reach",
    level: "warning",
    finds: "no `_sip._tls` set, for clients that ask for nothing else over TLS",
    source:
      "no standard has it; measured: sipgo 1.7.2 asks _sip._tls; documentation: DIDWW asks it as a caller",
    remedy: 'publish "sip-tls" at the port of sips-tcp: the same nodes under a second owner name',
    file: "tree.json",
    *check({ tree }) {
      const clients = withoutSet("tls", tree).filter((client) =>
        CLIENT_FACTS[client].asks.tls.every((transport) => transport === "sip-tls"),
      );
      if (clients.length > 0) yield unanswered("tls", `sip:${tree.domain};transport=tls`, clients, tree);
    },
  },

  "unusual-port": {
    subject: "reach",
    level: "warning",
    finds: "a service at another port than the default one, for clients that find addresses only",
    source: "RFC 3263 section 4.2; RFC 2782: hosts for clients without SRV must use the standard port",
    remedy: "use 5060 for UDP and TCP and 5061 for TLS, or tell customers without SRV the port",
    file: "tree.json",
    *check({ tree, tiers }) {
      if (!tree.policy.tierAddresses && tiers.every(({ form }) => form === "srv")) return;
      for (const { transport, port } of tree.services) {
        const { wire, defaultPort } = SERVICES[transport];
        const served = tree.services.some(
          (other) => SERVICES[other.transport].wire === wire && other.port === defaultPort,
        );
        if (port === defaultPort || served) continue;
        yield {
          about: `policy.transports.${transport}`,
          message: `clients without SRV try ${wire.toUpperCase()} port ${defaultPort}, the nodes listen on ${port}`,
        };
      }
    },
  },

  "no-tier-addresses": {
    subject: "reach",
    level: "warning",
    finds: "POP, region and global names without addresses: `NAME:5061` and clients without SRV find nothing",
    source:
      "RFC 3263 section 4.2: a port in the URI means addresses only; RFC 2782 advises addresses beside SRV",
    remedy: "set policy.tierAddresses to true",
    file: "tree.json",
    *check({ tree }) {
      if (tree.policy.tierAddresses) return;
      const lost = tree.policy.clients.filter((client) => CLIENT_FACTS[client].addresses === "only");
      const first = tree.policy.clients.filter(
        (client) =>
          CLIENT_FACTS[client].addresses === "first" && CLIENT_FACTS[client].asks.plain.length === 0,
      );
      const names = [...lost, ...first].map((client) => CLIENT_FACTS[client].name);
      const also = names.length === 0 ? "" : `, and ${agree(names, "finds", "find")} nothing by any URI`;
      yield {
        about: "policy.tierAddresses",
        message: `a URI with a port, like sip:${tree.domain}:5061;transport=tls, finds nothing${also}`,
      };
    },
  },

  "address-first-clients": {
    subject: "reach",
    level: "note",
    finds: "addresses at names, which make some clients pass the SRV sets over",
    source: "measured: sipgo 1.7.2 with its defaults; documentation: Poly OBi; LiveKit SIP",
    remedy:
      "nothing, if these clients may live with failover by address; else set policy.tierAddresses to false",
    file: "tree.json",
    *check({ tree }) {
      if (!tree.policy.tierAddresses) return;
      const names = tree.policy.clients
        .filter((client) => CLIENT_FACTS[client].addresses === "first")
        .map((client) => CLIENT_FACTS[client].name);
      if (names.length === 0) return;
      yield {
        about: "policy.tierAddresses",
        message: `${agree(names, "takes", "take")} the addresses, whatever priorities, weights and standby nodes the sets have`,
      };
    },
  },

  "no-aaaa-at-name": {
    subject: "reach",
    level: "note",
    finds: "a name without AAAA, though nodes behind it have IPv6",
    source: "Cloudflare: pools hold IPv4; Route 53: a family is steered only where every site has it",
    remedy:
      "give every site of the name a node with ip6 (Route 53); SRV callers reach IPv6 by the node names",
    file: "nodes.json",
    *check({ tree, tiers, nodes, renderings }) {
      if (!tree.policy.tierAddresses) return;
      for (const rendering of renderings) {
        const sets = new Set(rendering.records.map(({ record }) => setKey(record)));
        if (rendering.backend === "route53") for (const alias of rendering.aliases) sets.add(setKey(alias));
        for (const tier of tiers) {
          const listed = tier.groups[0]?.members ?? [];
          const withIpv6 = listed.filter(({ slot }) => nodes.get(slot)?.address6 !== undefined);
          if (withIpv6.length === 0 || sets.has(setKey({ name: tier.name, type: "AAAA" }))) continue;
          yield {
            about: nameOfTier(tier),
            message: `${tier.name} has no AAAA; ${withIpv6.length} of ${listed.length} nodes behind it have IPv6`,
            backends: [rendering.backend],
          };
        }
      }
    },
  },
} as const satisfies LintRules;
