/** Rules of steered names: what stands at them, and what is known of the nodes behind them. */
import { probeRequest } from "../probe.ts";
import type { CloudflareRendering, Route53Rendering } from "../rendering.ts";
import { serviceName } from "../staticRecords.ts";
import type { GeoSite, Tier, Tree } from "../tree.ts";
import { listText, nameOfTier, serviceLabel, steeredTiers } from "./context.ts";
import type { LintRules } from "./rule.ts";

/** Owners of SRV sets that answer everybody alike, at a name whose addresses are steered. */
function unsteeredSets(tier: Tier, tree: Tree, rendering: CloudflareRendering | Route53Rendering): string[] {
  const steersAddresses =
    rendering.backend === "cloudflare"
      ? rendering.loadBalancers.some(({ name }) => name === tier.name)
      : rendering.aliases.some(({ name, type }) => name === tier.name && type !== "SRV");
  if (!steersAddresses) return [];
  const hosts = new Set(
    rendering.backend === "cloudflare" ? rendering.loadBalancers.map(({ name }) => name) : [],
  );
  return tree.services.flatMap((service) => {
    const owner = serviceName(service, tier.name);
    const set = rendering.records.flatMap(({ record }) =>
      record.type === "SRV" && record.name === owner ? [record] : [],
    );
    return set.length === 0 || set.some(({ target }) => hosts.has(target))
      ? []
      : [serviceLabel(service.transport)];
  });
}

/** Active nodes of a site, whatever their role. */
function slotsOf({ halves, standby }: GeoSite): string[] {
  return [...halves.flat(), ...standby].map(({ slot }) => slot);
}

export const geoRules = {
  "split-brain": {
    subject: "steering",
    level: "error",
    finds: "a name whose addresses are steered beside an SRV set that is the same for everybody",
    source: "RFC 3263 section 4.2: where there is SRV, the addresses of the name are never asked for",
    remedy:
      "steer the set as well, or neither; a plan of dialtree does so by itself, so this is a defect of it",
    file: "tree.json",
    *check({ tiers, tree, renderings }) {
      for (const rendering of renderings) {
        if (rendering.backend === "static") continue;
        for (const tier of tiers) {
          if (tier.geo === undefined) continue;
          const sets = unsteeredSets(tier, tree, rendering);
          if (sets.length === 0) continue;
          yield {
            about: nameOfTier(tier),
            message: `clients with SRV are not steered: ${listText(sets)} answers everybody alike`,
            backends: [rendering.backend],
          };
        }
      }
    },
  },

  "addresses-form": {
    subject: "steering",
    level: "note",
    finds: "a name that the policy gives addresses and no SRV set",
    source: "RFC 3263 section 4.2: without SRV the addresses count, at the default ports, in any order",
    remedy: "nothing, where every caller may live with addresses; else set the form to srv",
    file: "tree.json",
    *check({ tiers }) {
      for (const tier of tiers) {
        if (tier.form !== "addresses") continue;
        yield {
          about: nameOfTier(tier),
          message: `${tier.name} has no SRV set: no priorities, no weights, no ports, no second try by SRV`,
        };
      }
    },
  },

  "unsteered-name": {
    subject: "steering",
    level: "warning",
    finds:
      "a name that the policy steers, while fewer than two of its places have an area and an active node",
    source: "policy.globalGeo, policy.regions: geo",
    remedy: "set a node of a second place to active, or switch the steering off",
    file: "nodes.json",
    *check({ tree, tiers }) {
      for (const tier of tiers) {
        const wanted =
          tier.kind === "global"
            ? tree.policy.globalGeo
            : tier.kind === "region" && tree.policy.regions[tier.key]?.geo === true;
        // A region that another answers for is told as such.
        if (!wanted || tier.answeredBy.kind === "region") continue;
        const [site, ...others] = tier.geo?.sites ?? [];
        if (others.length > 0) continue;
        yield {
          about: nameOfTier(tier),
          message:
            site === undefined
              ? "fewer than two places with an area have an active node: every caller gets the same answer"
              : `of its places with an area ${site.key} alone has an active node: every caller gets it`,
        };
      }
    },
  },

  "empty-net": {
    subject: "steering",
    level: "warning",
    finds: "a steered SRV set at Cloudflare that lists no nodes behind the two load-balanced host names",
    source:
      "policy.setSize; where load balancing fails, or its names are not found, a client has nothing else to try",
    remedy:
      "let policy.setSize have room for two nodes more: maxTargets 4, geoNetTargets 2, or shorter names",
    file: "tree.json",
    *check(context) {
      if (context.renderings.every(({ backend }) => backend !== "cloudflare")) return;
      for (const { tier, geo } of steeredTiers(context)) {
        // A name with a single node has nothing to list a second time.
        if (tier.form === "addresses" || geo.net.length > 1 || geo.sites.flatMap(slotsOf).length < 2)
          continue;
        const room = geo.net.length === 0 ? "no node" : "one node, which some clients would never try";
        yield {
          about: nameOfTier(tier),
          message: `the sets of ${tier.name} list geo host names alone: there is room for ${room}`,
          backends: ["cloudflare"],
        };
      }
    },
  },

  "lone-site-node": {
    subject: "steering",
    level: "warning",
    finds: "a place of a steered name with one active node",
    source:
      "Cloudflare: both load-balanced host names lead to it, so that a client's second try is the same node",
    remedy: "add a node to the place, or serve its area from another",
    file: "nodes.json",
    *check(context) {
      for (const { tier, geo } of steeredTiers(context)) {
        for (const site of geo.sites) {
          const [slot, ...others] = slotsOf(site);
          if (others.length > 0) continue;
          const about = `${site.kind === "pop" ? "POP" : "region"} ${site.key}`;
          yield { about, message: `callers that ${tier.name} steers there get ${slot} alone` };
        }
      }
    },
  },

  "single-address-answer": {
    subject: "steering",
    level: "note",
    finds: "steered names at Cloudflare, for clients without SRV: one address per answer",
    source:
      "Cloudflare load balancing documentation: an unproxied load balancer gives the address of one endpoint",
    remedy: "advise SRV; a client by address has no second one to try until the probes have noticed",
    file: "tree.json",
    *check({ tiers, renderings }) {
      const names = new Set<string>(tiers.map(({ name }) => name));
      for (const rendering of renderings) {
        if (rendering.backend !== "cloudflare") continue;
        const published = rendering.loadBalancers.filter(({ name }) => names.has(name));
        if (published.length === 0) continue;
        yield {
          about: listText(published.map(({ name }) => name)),
          message: "clients without SRV get a single address",
          backends: [rendering.backend],
        };
      }
    },
  },

  "listener-probe": {
    subject: "steering",
    level: "note",
    finds: "probes that open a TCP connection and close it",
    source: "such a probe stays green while TLS or SIP behind the listener is dead (IPLogin, 2019-02-27)",
    remedy: "probe an endpoint on the node that looks at TLS and SIP itself: policy.probe.type http or https",
    file: "tree.json",
    *check({ tree, renderings }) {
      const probes = renderings.some(
        (rendering) =>
          (rendering.backend === "cloudflare" && rendering.monitor !== undefined) ||
          (rendering.backend === "route53" && rendering.healthChecks.length > 0),
      );
      const { type, port } = probeRequest(tree);
      if (!probes || type !== "tcp") return;
      yield { about: "policy.probe.type", message: `TCP port ${port} is probed: a listener, not a call` };
    },
  },
} as const satisfies LintRules;
