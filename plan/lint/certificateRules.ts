/** Rules of certificates: who accepts them, which names they have, where their keys are. */
import { requestOf } from "../certificates/requestChecks.ts";
import { clientNames } from "../clients/clientFacts.ts";
import { geoHostName } from "../labels.ts";
import type { CertificateOrder, Tier, Tree } from "../tree.ts";
import { agree, type LintContext, listText, nameOfTier } from "./context.ts";
import type { LintRules } from "./rule.ts";

const LEAST_DAYS_REMAINING = 14;

function publishesTls({ services }: Tree): boolean {
  return services.some(({ transport }) => transport === "sips-tcp" || transport === "sip-tls");
}

function exactOrders({ tree }: LintContext): ReadonlyMap<string, CertificateOrder> {
  return new Map(
    tree.certificates.filter(({ profile }) => profile === "exact").map((order) => [order.slot, order]),
  );
}

/** Names whose answer can lead to the tier's nodes: its own, and those of its halves where its SRV set is steered. */
function answeringNames(tier: Tier, { domain }: Tree): string[] {
  if (tier.geo === undefined || tier.form === "addresses") return [tier.name];
  return [tier.name, geoHostName(tier.key, "a", domain), geoHostName(tier.key, "b", domain)];
}

export const certificateRules = {
  "wildcard-only": {
    subject: "certificates",
    level: "warning",
    finds: "nodes with a wildcard certificate and no other",
    source:
      "RFC 5922 section 7.2; measured: PJSIP 2.15.1 and Sofia-SIP 1.12.11 refuse it where they check names",
    remedy:
      'list "exact" in policy.certificates.profiles, and in certificates.profiles of nodes that have their own',
    file: "tree.json",
    *check(context) {
      const { tree } = context;
      const orders = exactOrders(context);
      const without = tree.nodes.filter(({ slot }) => !orders.has(slot)).map(({ slot }) => slot);
      if (!publishesTls(tree) || without.length === 0) return;
      const names = clientNames(tree.policy.clients, (facts) => facts.refusesWildcards === true);
      const who = names.length === 0 ? "strict clients refuse" : agree(names, "refuses", "refuse");
      const all = without.length === tree.nodes.length;
      yield {
        about: all ? "policy.certificates.profiles" : "certificates.profiles",
        message: `*.${tree.domain} is all that ${all ? "nodes have" : agree(without, "has", "have")}: ${who} it for every name but ${tree.domain}`,
      };
    },
  },

  "uncovered-name": {
    subject: "certificates",
    level: "error",
    finds: "a name that leads to a node whose exact certificate does not have it",
    source: "RFC 5922 section 7.3: the certificate must hold the name that was dialed",
    remedy:
      "order the certificate for this name; a plan of dialtree does so by itself, so this is a defect of it",
    file: "tree.json",
    *check(context) {
      const { tree, tiers } = context;
      const orders = exactOrders(context);
      for (const tier of tiers) {
        const names = answeringNames(tier, tree);
        for (const { slot } of [...tier.members, ...tier.standby]) {
          const held = orders.get(slot)?.names;
          if (held === undefined) continue;
          const missing = names.filter((name) => !held.includes(name));
          if (missing.length === 0) continue;
          yield {
            about: `node ${slot}`,
            message: `${nameOfTier(tier)} lists it, and its certificate lacks ${listText(missing)}`,
          };
        }
      }
    },
  },

  "key-in-state": {
    subject: "certificates",
    level: "note",
    finds: "nodes whose private keys are made for them and kept in the stack's state",
    source: "the ACME provider makes a key wherever it is given no request",
    remedy:
      "make the key on the node, as `npx dialtree cert request SLOT` tells, and put its request into the inventory (csr)",
    file: "nodes.json",
    *check({ tree }) {
      const slots = new Set(tree.certificates.flatMap(({ slot, csr }) => (csr === undefined ? [slot] : [])));
      if (slots.size === 0) return;
      yield {
        about: "csr",
        message: `the keys of ${slots.size} of ${tree.nodes.length} nodes are in state, as secrets: ${listText([...slots])}`,
      };
    },
  },

  "ecdsa-chain": {
    subject: "certificates",
    level: "note",
    finds: "certificates for ECDSA keys, whose chain is longer than that of RSA keys",
    source:
      "Let's Encrypt documentation, chains (July 2026): three intermediates with ECDSA, two with RSA; FreeSWITCH's " +
      "vanilla configuration verifies to a depth of 2",
    remedy:
      'keep "rsa2048" where peers are old or their settings are not known, or have them verify to a depth of 4 at least',
    file: "tree.json",
    *check({ tree, inventory }) {
      if (!publishesTls(tree)) return;
      const elliptic = tree.certificates.filter((order) => {
        const keyType = requestOf(order, inventory.requests)?.keyType ?? order.keyType;
        return keyType === "p256" || keyType === "p384";
      });
      if (elliptic.length === 0) return;
      const slots = [...new Set(elliptic.map(({ slot }) => slot))];
      yield {
        about: "certificates.keyType",
        message: `${elliptic.length} of ${tree.certificates.length} certificates are for ECDSA keys, of ${listText(slots)}: a peer that knows no ECDSA, or verifies to a depth of 2, may refuse them`,
      };
    },
  },

  "server-auth-only": {
    subject: "certificates",
    level: "note",
    finds: "certificates of public authorities, which are for servers: a node cannot show them as a client",
    source:
      "Let's Encrypt (2026-02-11) and the other authorities of Chrome's program have ended client authentication",
    remedy: "call out without a client certificate; between your own nodes use a private authority",
    file: "tree.json",
    *check({ tree }) {
      if (!publishesTls(tree) || tree.certificates.length === 0) return;
      yield {
        about: "certificates",
        message: "a peer that demands a client certificate of a node refuses these",
      };
    },
  },

  "late-renewal": {
    subject: "certificates",
    level: "warning",
    finds: `certificates renewed less than ${LEAST_DAYS_REMAINING} days before they expire`,
    source:
      "an expired certificate is a dead node to every client that checks; renewal needs an update to run",
    remedy: "set policy.certificates.minDaysRemaining to 30",
    file: "tree.json",
    *check({ tree }) {
      const { minDaysRemaining, acmeProfile } = tree.policy.certificates;
      // One that lives for days cannot have two weeks left.
      if (acmeProfile === "shortlived" || minDaysRemaining >= LEAST_DAYS_REMAINING) return;
      yield {
        about: "policy.certificates.minDaysRemaining",
        message: `${minDaysRemaining} days is all the time to mend a renewal that fails`,
      };
    },
  },
} as const satisfies LintRules;
