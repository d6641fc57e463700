/** Cases of the rules about single nodes, time, certificates and platforms. */
import type { LintRuleId } from "../../../../inventory/lintRuleIds.ts";
import type { Rendering } from "../../../../plan/rendering.ts";
import { address6, nodeAt } from "../../../support/inventories.ts";
import { changed, PAIRS, type RuleCase, WORLD, withPolicy } from "./lintOf.ts";

/** Route 53 probing every node at this address. */
function probedAt(address: string): (rendering: Rendering) => Rendering {
  return (rendering) =>
    rendering.backend === "route53"
      ? {
          ...rendering,
          healthChecks: rendering.healthChecks.map((check) =>
            check.kind === "calculated" ? check : { ...check, address },
          ),
        }
      : rendering;
}

export const fleetCases = {
  "draining-without-since": {
    fires: changed(changed(PAIRS, "fra1", { status: "draining" }), "lhr1", { status: "down" }),
    expected: [
      "node fra1: is draining, and nobody knows since when",
      "node lhr1: is down, and nobody knows since when",
    ],
    silent: changed(PAIRS, "fra1", { status: "draining", since: "2026-11-23T14:30:00Z" }),
  },
  "address-outside-ranges": {
    fires: {
      nodes: [
        nodeAt("euro", "fra1", { ip: "192.0.2.11", ip6: "2001:db8:1::11" }),
        nodeAt("euro", "fra2", { ip: "192.0.2.200" }),
      ],
      environment: { publishedRanges: ["192.0.2.0/25", "2001:db8:2::/48"] },
    },
    expected: [
      "node fra1: 2001:db8:1::11 is in none of the 2 published ranges",
      "node fra2: 192.0.2.200 is in none of the 2 published ranges",
    ],
    silent: {
      nodes: [
        nodeAt("euro", "fra1", { ip: "192.0.2.127", ip6: "2001:db8:2::11" }),
        nodeAt("euro", "fra2", { ip: "198.51.100.1", status: "retired" }),
      ],
      environment: { publishedRanges: ["192.0.2.0/25", "2001:db8:2::/48"] },
    },
  },
  "example-address": {
    fires: {
      nodes: [
        nodeAt("euro", "fra1", { ip: "192.0.2.11", ip6: "2001:db8::11" }),
        nodeAt("euro", "fra2", { ip: "8.8.8.8" }),
      ],
      environment: { domain: "sip.carrier.net" },
    },
    expected: [
      "node fra1: 192.0.2.11 is for documentation (192.0.2.0/24), and no customer of sip.carrier.net reaches it",
      "node fra1: 2001:db8::11 is for documentation (2001:db8::/32), and no customer of sip.carrier.net reaches it",
    ],
    silent: { ...PAIRS, environment: { domain: "sip.example.test" } },
  },
  "unprobed-ipv6": {
    fires: changed(WORLD, "fra1", { ip6: address6(1) }),
    expected: ["IPv6: 1 of 4 active nodes have an IPv6 address that no probe looks at: fra1"],
    silent: [
      changed(PAIRS, "fra1", { ip6: address6(1), status: "draining" }),
      { ...changed(WORLD, "fra1", { ip6: address6(1) }), spoil: probedAt(address6(1)) },
    ],
  },

  "ttl-mismatch": {
    fires: withPolicy(PAIRS, { ttlSeconds: { srv: 60, node: 120 } }),
    expected: ["policy.ttlSeconds: SRV sets live 60 s and the addresses that they name 120 s"],
    silent: withPolicy(PAIRS, { ttlSeconds: { srv: 120, node: 120 } }),
  },
  "long-ttl": {
    fires: withPolicy(PAIRS, { ttlSeconds: { srv: 301, node: 301 } }),
    expected: [
      "policy.ttlSeconds.node: 301 s is how long a node that is taken out still gets new calls",
      "policy.ttlSeconds.srv: 301 s is how long a node that is taken out still gets new calls",
    ],
    silent: withPolicy(PAIRS, { ttlSeconds: { srv: 300, node: 300, address: 300, geo: 300 } }),
  },
  "long-geo-ttl": {
    fires: withPolicy(WORLD, { ttlSeconds: { geo: 120 } }),
    expected: ["policy.ttlSeconds.geo: a dead site is left after up to 75 s of probing and 120 s of caching"],
    silent: [withPolicy(PAIRS, { ttlSeconds: { geo: 120 } }), WORLD],
  },

  "wildcard-only": {
    fires: withPolicy(PAIRS, { certificates: { profiles: ["wildcard"] } }),
    expected: [
      "policy.certificates.profiles: *.sip.example.net is all that nodes have: PJSIP and Sofia-SIP refuse it for every name but sip.example.net",
    ],
    silent: [
      withPolicy(PAIRS, { certificates: { profiles: ["exact"] } }),
      changed(withPolicy(PAIRS, { certificates: { profiles: ["exact"] } }), "fra1", {
        certificates: { profiles: ["wildcard", "exact"] },
      }),
    ],
  },
  "uncovered-name": {
    fires: {
      ...WORLD,
      spoilTree: (tree) => ({
        ...tree,
        certificates: tree.certificates.map((order) => ({
          ...order,
          names: order.names.filter((name) => order.slot !== "fra1" || !/^(fra|geo-b)\./.test(name)),
        })),
      }),
    },
    expected: [
      "node fra1: POP fra lists it, and its certificate lacks fra.sip.example.net",
      "node fra1: the global name lists it, and its certificate lacks geo-b.sip.example.net",
    ],
    silent: [WORLD, changed(WORLD, "fra1", { certificates: { profiles: ["wildcard"] } })],
  },
  "key-in-state": {
    fires: PAIRS,
    expected: ["csr: the keys of 4 of 4 nodes are in state, as secrets: fra1, fra2, lhr1 and lhr2"],
    silent: {
      ...PAIRS,
      nodes: PAIRS.nodes.map((node) => ({
        ...node,
        csr: { wildcard: `csr/${node.slot}-w.pem`, exact: `csr/${node.slot}-e.pem` },
      })),
    },
  },
  "ecdsa-chain": {
    fires: (["p256", "p384"] as const).map((keyType) =>
      withPolicy(PAIRS, { certificates: { profiles: ["exact"], keyType } }),
    ),
    expected: [
      "certificates.keyType: 4 of 4 certificates are for ECDSA keys, of fra1, fra2, lhr1 and lhr2: a peer that knows no ECDSA, or verifies to a depth of 2, may refuse them",
    ],
    silent: [
      PAIRS,
      withPolicy(PAIRS, { certificates: { keyType: "rsa4096" } }),
      withPolicy(PAIRS, { certificates: { keyType: "p256" }, transports: { "sip-udp": 5060 } }),
    ],
  },
  "server-auth-only": {
    fires: PAIRS,
    expected: ["certificates: a peer that demands a client certificate of a node refuses these"],
    silent: withPolicy(PAIRS, { transports: { "sip-udp": 5060 } }),
  },
  "late-renewal": {
    fires: withPolicy(PAIRS, { certificates: { minDaysRemaining: 13 } }),
    expected: ["policy.certificates.minDaysRemaining: 13 days is all the time to mend a renewal that fails"],
    silent: [
      withPolicy(PAIRS, { certificates: { minDaysRemaining: 14 } }),
      withPolicy(PAIRS, { certificates: { acmeProfile: "shortlived", minDaysRemaining: 3 } }),
    ],
  },

  "two-platforms": {
    fires: WORLD,
    expected: [
      "sip.example.net: has two authorities, each with its own idea of who is near, and two signers if it is signed",
    ],
    silent: { ...WORLD, backends: ["route53", "static"] },
  },
  "two-platforms-ttl": {
    fires: withPolicy(WORLD, { ttlSeconds: { address: 30 } }),
    expected: [
      "policy.ttlSeconds: steered names live 60 s at Cloudflare; at Route 53 60 s by SRV and 30 s by address",
    ],
    silent: [
      WORLD,
      withPolicy(WORLD, { ttlSeconds: { address: 30 }, tierAddresses: false }),
      { ...withPolicy(WORLD, { ttlSeconds: { geo: 30 } }), backends: ["route53"] },
      { ...withPolicy(PAIRS, { ttlSeconds: { geo: 30 } }), backends: ["cloudflare", "route53"] },
    ],
  },
} as const satisfies Partial<Record<LintRuleId, RuleCase>>;
