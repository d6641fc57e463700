/** What a client does when the node that it tries first does not take the call. */
import type { Wire } from "../../dns/services.ts";
import type { ClientFacts } from "./clientFacts.ts";

/**
 * Ways in which a node fails its callers. refused: the port is closed (RST, or ICMP port unreachable over UDP).
 * black-hole: packets vanish. silent: the connection is accepted, or the request taken, and nothing is answered. 503:
 * it answers 503. certificate: TLS names do not match what was dialed.
 */
export const FAILURES = ["refused", "black-hole", "silent", "503", "certificate"] as const;

export type Failure = (typeof FAILURES)[number];

/** `assumed`: nobody looked; the form in which more calls are lost was chosen. */
export type Basis = ClientFacts["basis"] | "assumed";

export interface Reaction {
  /** next: the call goes to the next target. fails: the caller gets an error. unnoticed: the call goes on. */
  readonly outcome: "next" | "fails" | "unnoticed";
  /** Seconds that one dead target costs the call: 0 where it was less than a tenth of a second. */
  readonly afterSeconds: number;
  readonly basis: Basis;
}

export type Reactions = Readonly<Record<Failure, Readonly<Partial<Record<Wire, Reaction>>>>>;

/** Shorthands for tables of reactions, all of one basis. */
export function reactionsOf(basis: Basis) {
  return {
    next: (afterSeconds: number): Reaction => ({ outcome: "next", afterSeconds, basis }),
    fails: (afterSeconds: number): Reaction => ({ outcome: "fails", afterSeconds, basis }),
    unnoticed: { outcome: "unnoticed", afterSeconds: 0, basis } as Reaction,
  };
}

export const onStreams = <T>(reaction: T) => ({ tcp: reaction, tls: reaction });

export const onEveryWire = <T>(reaction: T) => ({ udp: reaction, tcp: reaction, tls: reaction });
