/** Cases of the rules about who finds a name, who stays with a dead target, and steering. */

import type { Fqdn } from "../../../../dns/names.ts";
import type { Client } from "../../../../inventory/clients.ts";
import type { LintRuleId } from "../../../../inventory/lintRuleIds.ts";
import type { Rendering } from "../../../../plan/rendering.ts";
import { address6, nodeAt } from "../../../support/inventories.ts";
import { changed, PAIRS, type RuleCase, WIDE, WORLD, withNodes, withPolicy } from "./lintOf.ts";

const TLS_ONLY = withPolicy(PAIRS, { transports: { "sips-tcp": 5061 } });

/** The steered set of TLS at the global name replaced by one that answers everybody alike. */
function withPlainSet(rendering: Rendering): Rendering {
  const owner = "_sips._tcp.sip.example.net";
  const isOwned = ({ name }: { readonly name: string }) => name === owner;
  switch (rendering.backend) {
    case "static":
      return rendering;
    case "cloudflare":
      return {
        ...rendering,
        records: rendering.records.filter(
          ({ record }) => !(isOwned(record) && record.type === "SRV" && record.priority === 10),
        ),
      };
    case "route53":
      return {
        ...rendering,
        aliases: rendering.aliases.filter((alias) => !isOwned(alias)),
        records: rendering.records.map((line) =>
          line.record.name === "_sips._tcp.global--all.sip.example.net"
            ? { ...line, record: { ...line.record, name: owner as Fqdn } }
            : line,
        ),
      };
  }
}

/** Route 53 without the addresses at the global name; those of the group behind it stay. */
function withoutAddresses(rendering: Rendering): Rendering {
  if (rendering.backend !== "route53") return rendering;
  return { ...rendering, aliases: rendering.aliases.filter(({ name }) => name !== "sip.example.net") };
}

const UDP_CLIENTS: readonly Client[] = ["belle-sip", "kamailio-default", "pjsip", "sipgo", "sofia-sip"];

const FIVE_CLIENTS = "Linphone, Kamailio (defaults), PJSIP, sipgo and Sofia-SIP";

export const reachCases = {
  "plain-uri": {
    fires: [TLS_ONLY, withPolicy(PAIRS, { transports: { "sip-tcp": 5060, "sips-tcp": 5061 } })].map((plan) =>
      withPolicy(plan, { clients: [...UDP_CLIENTS] }),
    ),
    expected: [
      `policy.transports: sip:sip.example.net: ${FIVE_CLIENTS} ask for _sip._udp; addresses are left, at UDP port 5060, where no published service listens`,
    ],
    silent: [
      withPolicy(PAIRS, { transports: { "sip-udp": 5060 } }),
      withPolicy(TLS_ONLY, { tierAddresses: false, clients: ["sipp", "asterisk"] }),
    ],
  },
  "no-tcp-set": {
    fires: withPolicy(TLS_ONLY, { clients: ["pjsip"], tierAddresses: false }),
    expected: [
      "policy.transports: sip:sip.example.net;transport=tcp: PJSIP asks for _sip._tcp; there are no addresses either",
    ],
    silent: PAIRS,
  },
  "no-tls-set": {
    fires: withPolicy(PAIRS, { transports: { "sip-tls": 5061 }, clients: ["sofia-sip", "sipgo"] }),
    expected: [
      "policy.transports: sips:sip.example.net: Sofia-SIP asks for _sips._tcp; addresses are left, at TLS port 5061, without failover by SRV",
    ],
    silent: TLS_ONLY,
  },
  "no-sip-tls-alias": {
    fires: withPolicy(TLS_ONLY, { clients: ["didww", "pjsip", "sipgo-default"] }),
    expected: [
      "policy.transports: sip:sip.example.net;transport=tls: DIDWW asks for _sip._tls; addresses are left, at TLS port 5061, without failover by SRV",
    ],
    silent: withPolicy(TLS_ONLY, { clients: ["pjsip"] }),
  },
  "unusual-port": {
    fires: withPolicy(PAIRS, { transports: { "sips-tcp": 5071, "sip-tcp": 5060, "sip-udp": 5062 } }),
    expected: [
      "policy.transports.sip-udp: clients without SRV try UDP port 5060, the nodes listen on 5062",
      "policy.transports.sips-tcp: clients without SRV try TLS port 5061, the nodes listen on 5071",
    ],
    silent: [
      withPolicy(PAIRS, { transports: { "sips-tcp": 5061, "sip-tls": 5071 } }),
      withPolicy(PAIRS, { transports: { "sips-tcp": 5071 }, tierAddresses: false }),
    ],
  },
  "no-tier-addresses": {
    fires: withPolicy(PAIRS, { tierAddresses: false, clients: ["sipp", "livekit", "pjsip", "poly-obi"] }),
    expected: [
      "policy.tierAddresses: a URI with a port, like sip:sip.example.net:5061;transport=tls, finds nothing, and SIPp and LiveKit SIP find nothing by any URI",
    ],
    silent: PAIRS,
  },
  "address-first-clients": {
    fires: withPolicy(PAIRS, { clients: ["poly-obi", "sipgo-default", "pjsip"] }),
    expected: [
      "policy.tierAddresses: Poly OBi and sipgo (defaults) take the addresses, whatever priorities, weights and standby nodes the sets have",
    ],
    silent: PAIRS,
  },
  "no-aaaa-at-name": {
    fires: changed(changed(WORLD, "fra1", { ip6: address6(1) }), "iad1", { ip6: address6(2) }),
    expected: [
      "the global name: sip.example.net has no AAAA; 2 of 4 nodes behind it have IPv6 at cloudflare",
    ],
    silent: changed(PAIRS, "fra1", { ip6: address6(1) }),
  },

  "udp-failover": {
    fires: withPolicy(PAIRS, { clients: ["pjsip", "sofia-sip", "baresip"] }),
    expected: ["policy.transports.sip-udp: over UDP PJSIP does not try the next target of a set"],
    silent: TLS_ONLY,
  },
  "no-failover-client": {
    fires: PAIRS,
    expected: [
      "policy.clients: Kamailio (defaults) and sipgo stay with the first target: a dead node lasts until its rows are taken out and 60 s more",
    ],
    silent: withPolicy(PAIRS, { clients: ["kamailio-failover", "pjsip"] }),
  },

  "split-brain": {
    fires: { ...WORLD, spoil: withPlainSet },
    expected: ["the global name: clients with SRV are not steered: _sips._tcp answers everybody alike"],
    silent: [
      WIDE,
      { ...withPolicy(WORLD, { tierAddresses: false }), spoil: withPlainSet },
      { ...WORLD, backends: ["route53"], spoil: (rendering) => withoutAddresses(withPlainSet(rendering)) },
    ],
  },
  "addresses-form": {
    fires: withPolicy(WORLD, { globalGeoForm: "addresses" }),
    expected: [
      "the global name: sip.example.net has no SRV set: no priorities, no weights, no ports, no second try by SRV",
    ],
    silent: WORLD,
  },
  "unsteered-name": {
    // ord, which serves nobody by itself, is the second POP left of the region.
    fires: ["fra1", "lhr1", "lax1", "lax2"].reduce(
      (plan, slot) => changed(plan, slot, { status: "draining" }),
      withNodes(WIDE, nodeAt("noam", "ord1")),
    ),
    expected: [
      "region noam: fewer than two places with an area have an active node: every caller gets the same answer",
      "the global name: of its places with an area noam alone has an active node: every caller gets it",
    ],
    silent: [
      WORLD,
      withPolicy(WIDE, { regions: { ...WIDE.policy?.regions, latm: { fallback: ["noam"], geo: false } } }),
    ],
  },
  "empty-net": {
    fires: withPolicy(WORLD, { setSize: { maxTargets: 3 } }),
    expected: [
      "the global name: the sets of sip.example.net list geo host names alone: there is room for one node, which some clients would never try at cloudflare",
    ],
    silent: [
      WORLD,
      withPolicy(WORLD, { setSize: { maxTargets: 4 } }),
      ["fra1", "lhr1", "lax1"].reduce((plan, slot) => changed(plan, slot, { status: "draining" }), WORLD),
      withPolicy(WORLD, { setSize: { maxTargets: 2, standbyTargets: 0 }, globalGeoForm: "addresses" }),
      { ...withPolicy(WORLD, { setSize: { maxTargets: 3 } }), backends: ["route53"] },
    ],
  },
  "lone-site-node": {
    fires: changed(WIDE, "lax2", { status: "planned" }),
    expected: ["POP lax: callers that noam.sip.example.net steers there get lax1 alone"],
    silent: WIDE,
  },
  "single-address-answer": {
    fires: WIDE,
    expected: [
      "sip.example.net and noam.sip.example.net: clients without SRV get a single address at cloudflare",
    ],
    silent: { ...WIDE, backends: ["route53"] },
  },
  "listener-probe": {
    fires: [
      { ...WORLD, backends: ["cloudflare"] },
      { ...WORLD, backends: ["route53"] },
    ],
    expected: ["policy.probe.type: TCP port 5061 is probed: a listener, not a call"],
    silent: [
      withPolicy(WORLD, { probe: { type: "https", path: "/health" } }),
      { ...PAIRS, backends: ["cloudflare", "route53"] },
    ],
  },
} as const satisfies Partial<Record<LintRuleId, RuleCase>>;
