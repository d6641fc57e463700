/** Rules of clients that stay with a dead target whatever the set says. */
import type { Wire } from "../../dns/services.ts";
import type { Client } from "../../inventory/clients.ts";
import { CLIENT_FACTS } from "../clients/clientFacts.ts";
import { CLIENT_FAILOVER } from "../clients/failover.ts";
import type { Failure } from "../clients/reaction.ts";
import { agree } from "./context.ts";
import type { LintRules } from "./rule.ts";

/** Ways in which a whole node is dead. */
const DEAD: readonly Failure[] = ["refused", "black-hole", "silent"];

/** Whether the client tries a second target after any of these, over one of the wires. */
function passesOn(client: Client, wires: readonly Wire[]): boolean {
  const { reactions } = CLIENT_FAILOVER[client];
  return DEAD.some((failure) => wires.some((wire) => reactions[failure][wire]?.outcome === "next"));
}

export const failoverRules = {
  "udp-failover": {
    subject: "failover",
    level: "note",
    finds: "a `_sip._udp` set, for clients that lose a call over UDP when the first target is dead",
    source: "measured: PJSIP, sipgo and Linphone fail after 32 s, Kamailio with its defaults after 30 s",
    remedy: "advise TLS or TCP to customers with these clients; a port that refuses does not help over UDP",
    file: "tree.json",
    *check({ tree }) {
      if (tree.services.every(({ transport }) => transport !== "sip-udp")) return;
      const names = tree.policy.clients
        .filter((client) => CLIENT_FACTS[client].asks.plain.includes("sip-udp") && !passesOn(client, ["udp"]))
        .map((client) => CLIENT_FACTS[client].name);
      if (names.length === 0) return;
      yield {
        about: "policy.transports.sip-udp",
        message: `over UDP ${agree(names, "does", "do")} not try the next target of a set`,
      };
    },
  },

  "no-failover-client": {
    subject: "failover",
    level: "note",
    finds: "clients that never try a second target, over any transport",
    source:
      "measured: sipgo 1.7.2 and Kamailio 5.6.3 with its defaults; source: SIPp; documentation: LiveKit SIP",
    remedy:
      "tell such customers (Kamailio: use_dns_failover=on); for them a dead node lasts until its rows are gone",
    file: "tree.json",
    *check({ tree }) {
      const names = tree.policy.clients
        .filter((client) => !passesOn(client, ["udp", "tcp", "tls"]))
        .map((client) => CLIENT_FACTS[client].name);
      if (names.length === 0) return;
      yield {
        about: "policy.clients",
        message: `${agree(names, "stays", "stay")} with the first target: a dead node lasts until its rows are taken out and ${tree.policy.ttlSeconds.srv} s more`,
      };
    },
  },
} as const satisfies LintRules;
