/** The clients that the models speak of, each with all that is known of it. */
import { CLIENTS, type Client } from "../../inventory/clients.ts";
import { CLIENT_FACTS, type ClientFacts } from "./clientFacts.ts";
import { CLIENT_FAILOVER, type FailoverFacts } from "./failover.ts";
import type { ShareModel } from "./shares.ts";

/** Settings of a client that were run beside the usual ones. */
export const CLIENT_VARIANTS = ["kamailio-failover-blocklist", "kamailio-failover-lb"] as const;

export type KnownClient = Client | (typeof CLIENT_VARIANTS)[number];

export type ClientProfile = ClientFacts & FailoverFacts;

/** Sorted by key. */
export const KNOWN_CLIENTS: readonly KnownClient[] = [...CLIENTS, ...CLIENT_VARIANTS].sort();

const SHARED_FAILOVER: ClientProfile = {
  ...CLIENT_FACTS["kamailio-failover"],
  ...CLIENT_FAILOVER["kamailio-failover"],
  name: "Kamailio with use_dns_failover and dns_srv_lb",
  weights: "shares",
  draws: "per call",
};

const VARIANTS: Readonly<Record<(typeof CLIENT_VARIANTS)[number], ClientProfile>> = {
  "kamailio-failover-lb": SHARED_FAILOVER,
  "kamailio-failover-blocklist": {
    ...SHARED_FAILOVER,
    name: "Kamailio with use_dns_failover, dns_srv_lb and use_dst_blocklist",
    memory: {
      // Seen to go to the good node at once; the 60 s are the documented default, whose end was not waited for.
      seconds: 60,
      // After a refused connection it was seen to take the same path again.
      of: {
        refused: ["udp"],
        "black-hole": ["udp", "tcp", "tls"],
        silent: ["udp", "tcp", "tls"],
      },
      basis: "measured",
    },
  },
};

export const CLIENT_PROFILES: ReadonlyMap<KnownClient, ClientProfile> = new Map(
  KNOWN_CLIENTS.map((client) => [
    client,
    isVariant(client) ? VARIANTS[client] : { ...CLIENT_FACTS[client], ...CLIENT_FAILOVER[client] },
  ]),
);

function isVariant(client: KnownClient): client is (typeof CLIENT_VARIANTS)[number] {
  return (CLIENT_VARIANTS as readonly string[]).includes(client);
}

const SHARE_MODEL_OF: Readonly<Record<ClientFacts["weights"], ShareModel>> = {
  shares: "proportional",
  "heaviest only": "heaviest",
  ignored: "uniform",
};

/** How the client's calls fall on the targets of one priority. */
export function shareModelOf({ weights }: ClientFacts): ShareModel {
  return SHARE_MODEL_OF[weights];
}
