/**
 * SIP clients of which it is known how they look a name up: those that a rule, a model or a test can speak of. What
 * is known of each stands in plan/clients/clientFacts.ts.
 */
export const CLIENTS = [
  "asterisk",
  "baresip",
  "belle-sip",
  "didww",
  "freeswitch",
  "kamailio-default",
  "kamailio-failover",
  "livekit",
  "opensips",
  "pjsip",
  "pjsip-system-dns",
  "poly-obi",
  "sipgo",
  "sipgo-default",
  "sipp",
  "sofia-sip",
  "yealink",
] as const;

export type Client = (typeof CLIENTS)[number];

/** The clients that were run against every kind of set, each as it behaves without further settings. */
export const MEASURED_CLIENTS = [
  "baresip",
  "belle-sip",
  "kamailio-default",
  "pjsip",
  "sipgo",
  "sofia-sip",
] as const satisfies readonly Client[];
