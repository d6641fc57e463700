/** Rules of areas: who is steered where, and what a caller gets whom nobody thought of. */
import { continentOf } from "../../inventory/countries.ts";
import { CONTINENTS, type Continent } from "../../inventory/treeSchema.ts";
import { CLOUDFLARE_REGIONS, cloudflareArea } from "../areas.ts";
import { type PoolSite, poolSites } from "../cloudflarePools.ts";
import type { GeoSite } from "../tree.ts";
import { listText, nameOfTier, steeredTiers } from "./context.ts";
import type { LintRules } from "./rule.ts";

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

export const areaRules = {
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
      for (const { tier, geo } of steeredTiers(context)) {
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
} as const satisfies LintRules;
