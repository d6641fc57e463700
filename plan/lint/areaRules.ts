/** Rules of areas: who is steered where, and what a caller gets whom nobody thought of. */
import { continentOf } from "../../inventory/countries.ts";
import { type Area, CONTINENTS, type Continent } from "../../inventory/treeSchema.ts";
import { cloudflareArea } from "../areas.ts";
import { type AreaCode, countryOfPart } from "../callers.ts";
import { type PoolSite, poolSites, regionClaimants } from "../cloudflarePools.ts";
import type { GeoSite, Tree } from "../tree.ts";
import { listText, nameOfTier, steeredTiers, tierText } from "./context.ts";
import { callersAtCloudflare } from "./firstChoices.ts";
import type { LintRules } from "./rule.ts";

/** Continents that are in none of the areas, each with those of its countries that one names. */
function gaps(areas: readonly Area[], wanted: readonly Continent[]): string[] {
  const served = new Set(areas.flatMap(({ continents }) => continents));
  const countries = [...new Set(areas.flatMap(({ countries }) => countries))].sort();
  return wanted
    .filter((continent) => !served.has(continent))
    .map((continent) => {
      const named = countries.filter((country) => continentOf(country) === continent);
      return named.length === 0 ? continent : `${continent} (save for ${listText(named)})`;
    });
}

/** Cloudflare's regions in which a site has an area of its own and another comes first, in the order of preference. */
function sharedRegions(sites: readonly PoolSite[]): string[] {
  return [...regionClaimants(sites)].flatMap(([code, [first, ...others]]) => {
    const losing = others
      .filter(({ serves }) => cloudflareArea(serves).regions.has(code))
      .map(({ key }) => key);
    return first === undefined || losing.length === 0
      ? []
      : [`${code} goes to ${first.key} before ${listText(losing)}`];
  });
}

/** Continents whose callers of the global name get the default region. */
function unservedByRegions({ global: { geo } }: Tree): string[] {
  return geo === undefined ? [] : gaps(areasOf(geo.sites), CONTINENTS);
}

function areasOf(sites: readonly GeoSite[]): Area[] {
  return sites.map(({ serves }) => serves);
}

/** Whether a person chose the region that callers without one get. */
function hasNamedDefault({ global: { geo }, policy }: Tree): boolean {
  return geo !== undefined && geo.defaultSite === policy.defaultRegion;
}

function siteText({ kind, key }: PoolSite): string {
  return tierText({ tier: kind, key });
}

function codesText(codes: readonly AreaCode[]): string {
  return listText(codes.map(({ code }) => code));
}

export const areaRules = {
  "unserved-area": {
    subject: "steering",
    level: "error",
    finds:
      "continents that the policy gives to no region, while policy.defaultRegion names nobody for their callers",
    source: "policy.regions: serves; Route 53 gives the default location, Cloudflare its default pools",
    remedy: "set policy.defaultRegion, or add the continents to a region's area",
    file: "tree.json",
    // By the policy alone: no drain may turn into an error here.
    *check({ tree: { global, policy }, renderings }) {
      if (!policy.globalGeo || policy.defaultRegion !== undefined) return;
      const unserved = gaps(
        Object.values(policy.regions).flatMap(({ serves }) => serves ?? []),
        CONTINENTS,
      );
      if (unserved.length === 0) return;
      const taken = global.geo === undefined ? "" : `: callers there get ${global.geo.defaultSite}`;
      yield {
        about: "the global name",
        message: `nobody serves ${listText(unserved)}${taken}`,
        backends: renderings.map(({ backend }) => backend),
      };
    },
  },

  "area-by-default": {
    subject: "steering",
    level: "note",
    finds: "continents that no region serves, so that policy.defaultRegion has their callers",
    source: "policy.regions: serves; Route 53 gives the default location, Cloudflare its default pools",
    remedy: "nothing, where that is meant; else add the continents to a region's area",
    file: "tree.json",
    *check({ tree }) {
      const unserved = unservedByRegions(tree);
      if (unserved.length === 0 || !hasNamedDefault(tree)) return;
      yield {
        about: "policy.defaultRegion",
        message: `${tree.policy.defaultRegion} has the callers of ${listText(unserved)}, which nobody serves`,
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
        const unserved = gaps(areasOf(geo.sites), area?.continents ?? []);
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

  "never-first-choice": {
    subject: "steering",
    level: "error",
    finds:
      "a place with an area and nodes to which a platform sends no caller of the name first, were all nodes active",
    source:
      "Cloudflare load balancing documentation, geo steering: the list of a country, else that of a region, decides alone",
    remedy:
      "name countries for it, which Cloudflare tells apart, or give its area to the place that has the callers",
    file: "tree.json",
    *check(context) {
      for (const { site, callers, isFirst, name } of callersAtCloudflare(context)) {
        if (isFirst) continue;
        const first = new Set(callers.flatMap((each) => [...each.first]));
        yield {
          about: siteText(site),
          message: `nobody who dials ${name} gets it first: callers of ${codesText(callers.map(({ code }) => code))} get ${listText([...first].sort())}`,
          backends: ["cloudflare"],
        };
      }
    },
  },

  "shadowed-subdivision": {
    subject: "steering",
    level: "error",
    finds: "states and provinces of a country that another place of the name has as a country",
    source:
      "Cloudflare load balancing documentation, geo steering: the list of a country comes before that of a region, and states have none",
    remedy:
      "name the country's states or its continent in place of the country, or give all of it to one place",
    file: "tree.json",
    *check(context) {
      for (const { site, callers, name } of callersAtCloudflare(context)) {
        const lost = callers.filter(({ asCountry, first }) => asCountry && !first.has(site.key));
        for (const [country, parts] of Map.groupBy(lost, ({ code }) => countryOfPart(code.code))) {
          const first = parts.flatMap((each) => [...each.first]);
          yield {
            about: siteText(site),
            message: `callers of ${codesText(parts.map(({ code }) => code))} who dial ${name} get ${first[0]}, as all of ${country}`,
            backends: ["cloudflare"],
          };
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
