/** The SIP services that a name can be asked for by SRV (RFC 3263 section 4.2), each with its owner prefix. */

export const TRANSPORTS = ["sips-tcp", "sip-tcp", "sip-udp", "sip-tls"] as const;

/**
 * `sips-tcp` is TLS as RFC 3263 asks for it. `sip-tls` is the alias set `_sip._tls`, which is in no standard
 * and which sipgo and some carriers ask for instead.
 */
export type Transport = (typeof TRANSPORTS)[number];

/** What a client has to speak to a target of the service. */
export type Wire = "tls" | "tcp" | "udp";

interface ServiceFacts {
  /** Labels before the dialed name, outermost first. */
  readonly labels: readonly [service: string, protocol: string];
  readonly wire: Wire;
  /** Port when a client finds addresses only (RFC 3261 section 19.1.2, RFC 3263 section 4.2). */
  readonly defaultPort: number;
}

export const SERVICES: Record<Transport, ServiceFacts> = {
  "sips-tcp": { labels: ["_sips", "_tcp"], wire: "tls", defaultPort: 5061 },
  "sip-tcp": { labels: ["_sip", "_tcp"], wire: "tcp", defaultPort: 5060 },
  "sip-udp": { labels: ["_sip", "_udp"], wire: "udp", defaultPort: 5060 },
  "sip-tls": { labels: ["_sip", "_tls"], wire: "tls", defaultPort: 5061 },
};
