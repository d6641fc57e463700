/**
 * How each known client fails over, in seconds: what it does about a dead target, what it remembers, how long it keeps
 * what the DNS said. Measured: seen on Linux in a closed network in 2026-11, by the query log of the name server and
 * the listeners of the nodes. How it looks a name up and reads weights stands in plan/clients/clientFacts.ts.
 */
import type { Wire } from "../../dns/services.ts";
import type { Client } from "../../inventory/clients.ts";
import { type Basis, type Failure, onEveryWire, onStreams, type Reactions, reactionsOf } from "./reaction.ts";

export interface FailoverFacts {
  /** To the first target of a set, or the first address of a name. */
  readonly reactions: Reactions;
  /** Which nodes it passes over on later calls; absent: it pays for a dead node on every call. */
  readonly memory?: {
    /** `connection`: as long as the connection to the good node stays open. */
    readonly seconds: number | "connection";
    /** Failures that it remembers a target for, with the wires. */
    readonly of: Readonly<Partial<Record<Failure, readonly Wire[]>>>;
    readonly basis: Basis;
  };
  /** Its own DNS cache; absent: none, every call asks the resolver. */
  readonly cache?: {
    /** Longest time that it keeps an answer; absent: the TTL as it is. */
    readonly capSeconds?: number;
    readonly basis: Basis;
  };
  /** Seconds that the set of a failed target is kept whatever its TTL: a change of the name is not seen before. */
  readonly keepsFailedSetSeconds?: number;
  /** For how long it stays with the target that it drew: one call, all calls of a user, or until the set expires. */
  readonly draws: "per call" | "per user" | "per cached set";
  /** As a client that registers; absent values: the model's inputs. */
  readonly registration: {
    readonly expiresSeconds?: number;
    readonly retrySeconds?: number;
    /** Whether a dead registrar makes it register at the next target (where the reaction says so). */
    readonly movesOn?: false;
    readonly basis: Basis;
  };
  /** Seconds after which it uses a node again that is back and listed; absent: with its next call. */
  readonly failback?: { readonly seconds: number; readonly basis: Basis };
  /** What the figures do not say. */
  readonly note?: string;
}

const WIRES: readonly Wire[] = ["udp", "tcp", "tls"];

const measured = reactionsOf("measured");
const read = reactionsOf("source");
const assumed = reactionsOf("assumed");

/** RFC 3261 section 17: 64 × T1, timers B and F. */
const TIMER_B_SECONDS = 32;

/** Nobody looked: nothing over UDP makes it move on, as nothing did with half of those that were run. */
const UNKNOWN: Reactions = {
  refused: { ...onStreams(assumed.next(0)), udp: assumed.fails(TIMER_B_SECONDS) },
  "black-hole": onEveryWire(assumed.fails(TIMER_B_SECONDS)),
  silent: onEveryWire(assumed.fails(TIMER_B_SECONDS)),
  "503": onEveryWire(assumed.fails(0)),
  certificate: { tls: assumed.fails(0) },
};

/** Each failure ends the call: no second target, no second address. */
const NEVER_ON: Reactions = {
  ...UNKNOWN,
  refused: { ...onStreams(assumed.fails(0)), udp: assumed.fails(TIMER_B_SECONDS) },
};

const PJSIP: FailoverFacts = {
  reactions: {
    refused: { ...onStreams(measured.next(0)), udp: measured.fails(32) },
    "black-hole": onEveryWire(measured.fails(32)),
    silent: onEveryWire(measured.fails(32)),
    "503": onEveryWire(measured.fails(0)),
    certificate: { tls: measured.next(0) },
  },
  cache: { capSeconds: 300, basis: "measured" },
  draws: "per call",
  registration: { retrySeconds: 300, basis: "source" },
  note: "certificate: with verify_server on, which is not the default; without an address it asks again after 60 s",
};

const SOFIA: FailoverFacts = {
  reactions: {
    refused: onEveryWire(measured.next(0)),
    "black-hole": onEveryWire(measured.next(32)),
    silent: onEveryWire(measured.next(32)),
    "503": onEveryWire(measured.fails(0)),
    certificate: { tls: measured.next(32.1) },
  },
  memory: {
    seconds: 600,
    of: { refused: WIRES, "black-hole": WIRES },
    basis: "measured",
  },
  cache: { basis: "measured" },
  keepsFailedSetSeconds: 600,
  draws: "per call",
  registration: { basis: "assumed" },
  failback: { seconds: 600, basis: "measured" },
  note: "certificate: with the subject check on; a name without records is not asked for again within 275 s",
};

const SIPGO: FailoverFacts = {
  reactions: {
    refused: { udp: measured.fails(32), tcp: measured.fails(0), tls: assumed.fails(0) },
    "black-hole": { udp: measured.fails(32), tcp: measured.fails(60), tls: assumed.fails(60) },
    silent: { udp: measured.fails(32), tcp: measured.fails(32), tls: assumed.fails(32) },
    "503": { udp: measured.fails(0), tcp: measured.fails(0), tls: assumed.fails(0) },
    certificate: { tls: measured.fails(0) },
  },
  draws: "per call",
  registration: { basis: "assumed" },
};

const KAMAILIO_FAILOVER: FailoverFacts = {
  reactions: {
    refused: { ...onStreams(measured.next(0)), udp: measured.next(30) },
    "black-hole": onEveryWire(measured.next(30)),
    silent: onEveryWire(measured.next(30)),
    "503": onEveryWire(measured.next(0)),
    certificate: { tls: measured.unnoticed },
  },
  cache: { basis: "measured" },
  draws: "per cached set",
  registration: { movesOn: false, basis: "documentation" },
  note: "after 30 s an INVITE that the second node rejects is told to the caller as 408",
};

export const CLIENT_FAILOVER: Readonly<Record<Client, FailoverFacts>> = {
  asterisk: {
    reactions: {
      refused: { ...onStreams(read.next(0)), udp: assumed.next(32) },
      "black-hole": onEveryWire(read.next(32)),
      silent: onEveryWire(read.next(32)),
      "503": onEveryWire(read.next(0)),
      certificate: { tls: assumed.next(0) },
    },
    draws: "per call",
    registration: { expiresSeconds: 3600, retrySeconds: 60, basis: "source" },
    note: "OPTIONS chooses its target anew, so a good qualify says nothing of the registrar",
  },
  baresip: {
    reactions: {
      refused: { ...onStreams(measured.next(0)), udp: measured.next(32) },
      "black-hole": onEveryWire(measured.next(32)),
      silent: onEveryWire(measured.next(32)),
      "503": onEveryWire(measured.next(0)),
      certificate: { tls: measured.unnoticed },
    },
    draws: "per user",
    registration: { expiresSeconds: 3600, retrySeconds: 60, basis: "source" },
    note: "retries after 30 to 60 s, then twice as long each time; newer versions keep answers up to 1800 s",
  },
  "belle-sip": {
    reactions: {
      refused: { ...onStreams(measured.next(0)), udp: measured.fails(32) },
      "black-hole": { ...onStreams(measured.next(63)), udp: measured.fails(32) },
      silent: { tcp: measured.fails(32), tls: assumed.fails(32), udp: measured.fails(32) },
      "503": onEveryWire(measured.fails(0)),
      certificate: { tls: measured.next(0) },
    },
    memory: { seconds: "connection", of: { "black-hole": ["tcp", "tls"] }, basis: "measured" },
    draws: "per call",
    registration: { basis: "assumed" },
    note: "an open connection is used without another lookup",
  },
  didww: {
    reactions: UNKNOWN,
    draws: "per call",
    registration: { basis: "assumed" },
    note: "fails over inside one transaction, with one call record per attempt; after what and when is not told",
  },
  freeswitch: {
    reactions: {
      refused: onEveryWire(read.next(0)),
      "black-hole": onEveryWire(read.next(32)),
      silent: onEveryWire(read.next(32)),
      "503": onEveryWire(assumed.fails(0)),
      certificate: { tls: assumed.next(32.1) },
    },
    memory: {
      seconds: 600,
      of: { refused: WIRES, "black-hole": WIRES },
      basis: "source",
    },
    cache: { basis: "source" },
    keepsFailedSetSeconds: 600,
    draws: "per call",
    registration: { expiresSeconds: 3600, retrySeconds: 30, basis: "source" },
    failback: { seconds: 600, basis: "source" },
    note: "its source moves on after a 503; the older release of the same library that was run does not",
  },
  "kamailio-default": {
    reactions: {
      refused: { ...onStreams(measured.fails(0)), udp: measured.fails(30) },
      "black-hole": onEveryWire(measured.fails(30)),
      silent: onEveryWire(measured.fails(30)),
      "503": onEveryWire(measured.fails(0)),
      certificate: { tls: measured.unnoticed },
    },
    cache: { basis: "measured" },
    draws: "per cached set",
    registration: { movesOn: false, basis: "documentation" },
  },
  "kamailio-failover": KAMAILIO_FAILOVER,
  livekit: { reactions: NEVER_ON, draws: "per call", registration: { basis: "assumed" } },
  opensips: {
    reactions: {
      refused: { ...onStreams(read.next(0)), udp: assumed.next(30) },
      "black-hole": onEveryWire(read.next(30)),
      silent: onEveryWire(read.next(30)),
      "503": onEveryWire(read.next(0)),
      certificate: { tls: assumed.fails(0) },
    },
    draws: "per call",
    registration: { basis: "assumed" },
    note: "caches only with the module dns_cache, which keeps a failed lookup for 3600 s; dns_blacklist is off",
  },
  pjsip: PJSIP,
  "pjsip-system-dns": {
    reactions: inDoubt(PJSIP.reactions),
    draws: "per call",
    registration: PJSIP.registration,
  },
  "poly-obi": {
    reactions: UNKNOWN,
    draws: "per call",
    registration: { expiresSeconds: 3600, basis: "documentation" },
  },
  sipgo: SIPGO,
  "sipgo-default": { ...SIPGO, reactions: inDoubt(SIPGO.reactions) },
  sipp: { reactions: NEVER_ON, draws: "per call", registration: { basis: "assumed" } },
  "sofia-sip": SOFIA,
  yealink: {
    reactions: {
      ...UNKNOWN,
      refused: onEveryWire(assumed.next(TIMER_B_SECONDS)),
      "black-hole": onEveryWire(assumed.next(TIMER_B_SECONDS)),
      silent: onEveryWire(assumed.next(TIMER_B_SECONDS)),
    },
    draws: "per cached set",
    registration: { basis: "assumed" },
    note: "its manual tells that it fails over, and no time; failback can be set to the TTL, registration or 3600 s",
  },
};

/** The same reactions, where the client was run in another setting. */
function inDoubt(reactions: Reactions): Reactions {
  const wires = (of: Reactions[Failure]) =>
    Object.fromEntries(
      Object.entries(of).map(([wire, reaction]) => [wire, { ...reaction, basis: "assumed" as const }]),
    );
  return {
    refused: wires(reactions.refused),
    "black-hole": wires(reactions["black-hole"]),
    silent: wires(reactions.silent),
    "503": wires(reactions["503"]),
    certificate: wires(reactions.certificate),
  };
}
