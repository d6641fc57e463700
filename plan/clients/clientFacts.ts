/**
 * How clients look a name up, and what they do with a set and a certificate; what they do when a target fails stands
 * in plan/clients/failover.ts. Measured: run on Linux in a closed network in 2026-11, with the query log of the name
 * server and the listeners of the nodes. Source: read there. Documentation: the maker's word.
 */
import type { Transport } from "../../dns/services.ts";
import type { Client } from "../../inventory/clients.ts";

/** The ways in which a customer writes a name: `sip:name`, with `;transport=tcp`, and `sips:` or `;transport=tls`. */
export type UriForm = "plain" | "tcp" | "tls";

export interface ClientFacts {
  /** How people call it. */
  readonly name: string;
  readonly basis: "measured" | "source" | "documentation";
  /** Version or state that the facts are of. */
  readonly version: string;
  /** SRV sets asked for, in this order, the first that exists is used; an empty list: none is ever asked for. */
  readonly asks: Readonly<Record<UriForm, readonly Transport[]>>;
  /** When the addresses of the dialled name itself are used. */
  readonly addresses: "without SRV" | "first" | "only";
  /** What the weights of a set do. */
  readonly weights: "shares" | "heaviest only" | "ignored";
  /** Targets read of a set, in the order of the answer, before any priority counts. */
  readonly readsTargets?: number;
  /** Whether an answer of more than 512 octets makes the call fail. */
  readonly failsOnLargeAnswer?: true;
  /** Whether a priority with a single target is dropped where another priority has several. */
  readonly dropsLonePriorities?: true;
  /** Whether a wildcard certificate is refused where names are checked (RFC 5922 section 7.2). */
  readonly refusesWildcards?: true;
}

/** `_sip._udp` for a plain URI, one set for each transport that is named (RFC 3263 section 4.1). */
const ONE_SET_EACH = { plain: ["sip-udp"], tcp: ["sip-tcp"], tls: ["sips-tcp"] } as const;

/** The same, with `_sip._tls` in place of `_sips._tcp`. */
const ALIAS_FOR_TLS = { ...ONE_SET_EACH, tls: ["sip-tls"] } as const;

const NO_SET = { plain: [], tcp: [], tls: [] } as const;

export const CLIENT_FACTS: Readonly<Record<Client, ClientFacts>> = {
  asterisk: {
    name: "Asterisk",
    basis: "source",
    version: "f0c1c1a",
    asks: { ...ONE_SET_EACH, plain: ["sip-udp", "sip-tcp", "sips-tcp"] },
    addresses: "without SRV",
    weights: "shares",
    refusesWildcards: true,
  },
  baresip: {
    name: "baresip",
    basis: "measured",
    version: "1.0.0 with libre 1.1.0",
    asks: { ...ONE_SET_EACH, plain: ["sips-tcp", "sip-tcp", "sip-udp"] },
    addresses: "without SRV",
    weights: "ignored",
  },
  "belle-sip": {
    name: "Linphone",
    basis: "measured",
    version: "linphonec 5.1.65 with belle-sip 5.1.64",
    asks: ONE_SET_EACH,
    addresses: "without SRV",
    weights: "shares",
    dropsLonePriorities: true,
  },
  didww: {
    name: "DIDWW",
    basis: "documentation",
    version: "2026-11",
    asks: ALIAS_FOR_TLS,
    addresses: "without SRV",
    weights: "shares",
  },
  freeswitch: {
    name: "FreeSWITCH",
    basis: "source",
    version: "Sofia-SIP 7333682",
    asks: ONE_SET_EACH,
    addresses: "without SRV",
    weights: "shares",
    refusesWildcards: true,
  },
  "kamailio-default": {
    name: "Kamailio (defaults)",
    basis: "measured",
    version: "5.6.3",
    asks: ONE_SET_EACH,
    addresses: "without SRV",
    weights: "heaviest only",
  },
  "kamailio-failover": {
    name: "Kamailio (use_dns_failover)",
    basis: "measured",
    version: "5.6.3",
    asks: { ...ONE_SET_EACH, plain: ["sip-udp", "sip-tcp", "sips-tcp"] },
    addresses: "without SRV",
    weights: "heaviest only",
  },
  livekit: {
    name: "LiveKit SIP",
    basis: "documentation",
    version: "livekit/sip issue 810, 2026-08",
    asks: NO_SET,
    addresses: "first",
    weights: "ignored",
  },
  opensips: {
    name: "OpenSIPS",
    basis: "source",
    version: "8f4f1e1",
    asks: ONE_SET_EACH,
    addresses: "without SRV",
    weights: "shares",
  },
  pjsip: {
    name: "PJSIP",
    basis: "measured",
    version: "2.15.1",
    asks: ONE_SET_EACH,
    addresses: "without SRV",
    weights: "shares",
    readsTargets: 8,
    failsOnLargeAnswer: true,
    refusesWildcards: true,
  },
  "pjsip-system-dns": {
    name: "PJSIP (system resolver)",
    basis: "measured",
    version: "2.15.1",
    asks: NO_SET,
    addresses: "only",
    weights: "ignored",
    refusesWildcards: true,
  },
  "poly-obi": {
    name: "Poly OBi",
    basis: "documentation",
    version: "2026-11",
    asks: ONE_SET_EACH,
    addresses: "first",
    weights: "shares",
  },
  sipgo: {
    name: "sipgo",
    basis: "measured",
    version: "1.7.2",
    asks: ALIAS_FOR_TLS,
    addresses: "without SRV",
    weights: "shares",
  },
  "sipgo-default": {
    name: "sipgo (defaults)",
    basis: "measured",
    version: "1.7.2",
    asks: ALIAS_FOR_TLS,
    addresses: "first",
    weights: "shares",
  },
  sipp: {
    name: "SIPp",
    basis: "source",
    version: "31658c2",
    asks: NO_SET,
    addresses: "only",
    weights: "ignored",
  },
  "sofia-sip": {
    name: "Sofia-SIP",
    basis: "measured",
    version: "1.12.11",
    asks: ONE_SET_EACH,
    addresses: "without SRV",
    weights: "shares",
    refusesWildcards: true,
  },
  yealink: {
    name: "Yealink",
    basis: "documentation",
    version: "2026-11, transport other than DNS-NAPTR",
    asks: NO_SET,
    addresses: "only",
    weights: "heaviest only",
  },
};

/** Those of the clients of which `holds` is true, in words. */
export function clientNames(clients: readonly Client[], holds: (facts: ClientFacts) => boolean): string[] {
  return clients.map((client) => CLIENT_FACTS[client]).flatMap((facts) => (holds(facts) ? [facts.name] : []));
}
