/** Rules of steering: who is steered where, and what a caller gets whom nobody thought of. */
import { continentOf } from "../../inventory/countries.ts";
import { CONTINENTS, type Continent } from "../../inventory/treeSchema.ts";
import { CLOUDFLARE_REGIONS, cloudflareArea } from "../areas.ts";
import { type PoolSite, poolSites } from "../cloudflarePools.ts";
import { probeRequest } from "../probe.ts";
import type { CloudflareRendering, Route53Rendering } from "../rendering.ts";
import { serviceName } from "../staticRecords.ts";
import type { GeoSite, GeoSteering, Tier, Tree } from "../tree.ts";
import { type LintContext, listText, nameOfTier, serviceLabel } from "./context.ts";
import type { LintRules } from "./rule.ts";

/** The steered tiers with their steering, regions first. */
function steered({ tiers }: LintContext): { tier: Tier; geo: GeoSteering }[] {
  return tiers.flatMap((tier) => (tier.geo === undefined ? [] : [{ tier, geo: tier.geo }]));
}

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

/** Continents that no site serves, each with those of its countries that one names. */
function gaps(sites: readonly GeoSite[], wanted: readonly Continent[]): string[] {
  const served = new Set(sites.flatMap(({ serves }) => serves.continents));
  const countries = [...new Set(sites.flatMap(({ serves }) => serves.countries))].sort();
  return wanted
    .filter((continent) => !served.has(continent))
    .map((continent) => {
      const named = countries.filter((country) => continentOf(country) === continent);
      return named.length === 0 ? continent : `${continent} (save for ${listText(named)})`;
    });
}

/** Cloudflare's regions in which several of the sites have an area of their own, with the order of preference. */
function sharedRegions(sites: readonly PoolSite[]): string[] {
  const areas = sites.map(({ key, serves }) => ({ key, own: cloudflareArea(serves).regions }));
  return CLOUDFLARE_REGIONS.flatMap((code) => {
    const claimants = areas
      .filter(({ own }) => own.has(code))
      .sort((a, b) => (b.own.get(code) ?? 0) - (a.own.get(code) ?? 0));
    const [first, ...others] = claimants.map(({ key }) => key);
    return others.length === 0 ? [] : [`${code} goes to ${first} before ${listText(others)}`];
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
    finds: "a name that the policy steers and the plan does not, for want of two places with active nodes",
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
        if (!wanted || tier.geo !== undefined || tier.answeredBy.kind === "region") continue;
        yield {
          about: nameOfTier(tier),
          message:
            "fewer than two places with an area have an active node: every caller gets the same answer",
        };
      }
    },
  },

  "unserved-area": {
    subject: "steering",
    level: "warning",
    finds: "continents that no region serves",
    source: "policy.regions: serves; Route 53 gives the default location, Cloudflare its default pools",
    remedy: "add the continents to a region's area, if only to say which region is meant",
    file: "tree.json",
    *check({ tree }) {
      const { geo } = tree.global;
      if (geo === undefined) return;
      const unserved = gaps(geo.sites, CONTINENTS);
      if (unserved.length === 0) return;
      yield {
        about: "the global name",
        message: `nobody serves ${listText(unserved)}: callers there get ${geo.defaultSite}`,
      };
    },
  },

  "unserved-area-in-region": {
    subject: "steering",
    level: "note",
    finds: "continents that a wide region serves and none of its POPs does",
    source: "environment.pops: serves",
    remedy: "add the continents to a POP's area, if only to say which POP is meant",
    file: "tree.json",
    *check({ tree }) {
      for (const { key, geo } of tree.regions) {
        if (geo === undefined) continue;
        const served = tree.global.geo?.sites.find((site) => site.key === key)?.serves;
        const area = served ?? tree.policy.regions[key]?.serves;
        const unserved = gaps(geo.sites, area?.continents ?? []);
        if (unserved.length === 0) continue;
        yield {
          about: `region ${key}`,
          message: `none of its POPs serves ${listText(unserved)}: callers there get ${geo.defaultSite}`,
        };
      }
    },
  },

  "coarse-steering": {
    subject: "steering",
    level: "note",
    finds: "places of one name that share a region of Cloudflare's, so that all of its callers get the first",
    source:
      "Cloudflare load balancing documentation, geo steering: 13 regions, countries, and nothing between",
    remedy: "name countries, which Cloudflare tells apart, or live with a farther place for some callers",
    file: "tree.json",
    *check(context) {
      const { tree, renderings } = context;
      if (renderings.every(({ backend }) => backend !== "cloudflare")) return;
      for (const { tier, geo } of steered(context)) {
        for (const message of sharedRegions(poolSites(tier, geo, tree))) {
          yield { about: nameOfTier(tier), message, backends: ["cloudflare"] };
        }
      }
    },
  },

  "region-without-area": {
    subject: "steering",
    level: "warning",
    finds: "a region with active nodes to which the steered global name sends nobody",
    source: "policy.regions: serves",
    remedy: "give the region an area in policy.regions",
    file: "tree.json",
    *check({ tree, activeByRegion }) {
      const { geo } = tree.global;
      if (geo === undefined) return;
      const sites = new Set(geo.sites.map(({ key }) => key));
      for (const [region, nodes] of activeByRegion) {
        if (sites.has(region)) continue;
        yield {
          about: `region ${region}`,
          message: `serves no area, so ${tree.domain} sends nobody to its ${nodes.length} active nodes`,
        };
      }
    },
  },

  "pop-without-area": {
    subject: "steering",
    level: "warning",
    finds: "a POP with active nodes inside a wide region, to which the region's steered name sends nobody",
    source: "environment.pops: serves",
    remedy: "give the POP an area in environment.pops",
    file: "tree.json",
    *check({ tree, activeByRegion }) {
      for (const { key, name, geo } of tree.regions) {
        if (geo === undefined) continue;
        const sites = new Set(geo.sites.map((site) => site.key));
        const pops = new Set((activeByRegion.get(key) ?? []).map(({ pop }) => pop));
        for (const pop of pops) {
          if (!sites.has(pop))
            yield { about: `POP ${pop}`, message: `serves no area, so ${name} sends nobody there` };
        }
      }
    },
  },

  "implicit-default-region": {
    subject: "steering",
    level: "note",
    finds: "a steered global name without policy.defaultRegion",
    source:
      "Route 53 (GeoLocation): without a default, callers of unknown places get no answer; so one is chosen",
    remedy: "name the region that takes callers of unknown places",
    file: "tree.json",
    *check({ tree }) {
      const { geo } = tree.global;
      if (geo === undefined || tree.policy.defaultRegion !== undefined) return;
      yield {
        about: "policy.defaultRegion",
        message: `is not set: callers of unknown places get ${geo.defaultSite}, the first region by name`,
      };
    },
  },

  "unsteered-default-region": {
    subject: "steering",
    level: "warning",
    finds: "a default region that has no area or no active node, so that another takes its callers",
    source: "policy.defaultRegion",
    remedy: "name a region with an area and active nodes",
    file: "tree.json",
    *check({ tree }) {
      const { geo } = tree.global;
      const wanted = tree.policy.defaultRegion;
      if (geo === undefined || wanted === undefined || wanted === geo.defaultSite) return;
      yield {
        about: "policy.defaultRegion",
        message: `${wanted} is no place that callers are steered to: those of unknown places get ${geo.defaultSite}`,
      };
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
      const told = new Set<string>();
      const wide = new Set(context.tree.regions.flatMap(({ key, geo }) => (geo === undefined ? [] : [key])));
      for (const { tier, geo } of steered(context)) {
        for (const site of geo.sites) {
          const [slot, ...others] = slotsOf(site);
          const about = `${site.kind === "pop" ? "POP" : "region"} ${site.key}`;
          if (slot === undefined || others.length > 0 || told.has(about) || wide.has(site.key)) continue;
          told.add(about);
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
