/** Cases of the rules about areas. */
import type { LintRuleId } from "../../../../inventory/lintRuleIds.ts";
import { nodeAt } from "../../../support/inventories.ts";
import { changed, type Plan, type RuleCase, WIDE, WORLD, withNodes, withPolicy } from "./lintOf.ts";

const { defaultRegion: _, ...withoutDefault } = WORLD.policy ?? {};

/** Nobody serves Africa, Asia and Oceania; the Americas' region is the default that the policy names. */
const GAPS = withPolicy(WORLD, {
  regions: {
    euro: { serves: { continents: ["EU"], countries: ["IL", "TR"] } },
    noam: { serves: { continents: ["NA", "SA", "AN"] } },
  },
});

const GAPS_WITHOUT_DEFAULT = { ...GAPS, policy: { ...withoutDefault, regions: GAPS.policy?.regions ?? {} } };

type Pops = NonNullable<Plan["environment"]>["pops"];

/** The wide region's POPs with other areas. */
function withPops(pops: Pops): Plan {
  return { ...WIDE, environment: { pops } };
}

/** A region that serves one country, steered inside by its states: nobody dials past the country's own list. */
const COUNTRY_REGION: Plan = {
  ...withPolicy(WIDE, {
    regions: {
      euro: { serves: { continents: ["EU", "AF", "AS", "OC", "SA", "AN", "NA"] } },
      noam: { serves: { countries: ["US"] }, geo: true },
    },
  }),
  environment: {
    pops: { iad: { serves: { continents: ["NA"] } }, lax: { serves: { subdivisions: ["US-CA", "US-WA"] } } },
  },
};

/** ord has the continent, and each side of it goes to a POP that names a state there. */
const WITHOUT_CALLERS = withNodes(
  withPops({
    iad: { serves: { continents: ["SA", "AN"], subdivisions: ["US-NY"] } },
    lax: { serves: { subdivisions: ["US-CA"] } },
    ord: { serves: { continents: ["NA"] } },
  }),
  nodeAt("noam", "ord1"),
);

/** Three regions with states in WNAM, of which beta has most, and nothing else. */
const THREE_OF_THE_WEST: Plan = {
  nodes: [nodeAt("alfa", "sea1"), nodeAt("beta", "lax1"), nodeAt("gamma", "las1")],
  policy: {
    globalGeo: true,
    regions: {
      alfa: { serves: { countries: ["MX"], subdivisions: ["US-WA"] } },
      beta: { serves: { subdivisions: ["US-CA", "US-OR"] } },
      gamma: { serves: { countries: ["JP"], subdivisions: ["US-NV"] }, fallback: ["alfa"] },
    },
  },
  backends: ["cloudflare"],
};

export const areaCases = {
  "unserved-area": {
    fires: withNodes(GAPS_WITHOUT_DEFAULT, nodeAt("latm", "gru1")),
    expected: ["the global name: nobody serves AF, AS (save for IL and TR) and OC: callers there get euro"],
    silent: [WORLD, GAPS, { ...WORLD, policy: withoutDefault }],
  },
  "area-by-default": {
    fires: GAPS,
    expected: [
      "policy.defaultRegion: noam has the callers of AF, AS (save for IL and TR) and OC, which nobody serves",
    ],
    silent: [WORLD, GAPS_WITHOUT_DEFAULT, withPolicy(GAPS, { globalGeo: false })],
  },
  "unserved-area-in-region": {
    fires: {
      ...WIDE,
      environment: {
        pops: { iad: { serves: { continents: ["NA"] } }, lax: { serves: { countries: ["MX"] } } },
      },
    },
    expected: ["region noam: none of its POPs serves AN and SA: callers there get iad"],
    silent: WIDE,
  },
  "coarse-steering": {
    fires: WIDE,
    expected: [
      "region noam: WNAM goes to lax before iad at cloudflare",
      "the global name: WNAM goes to lax before iad at cloudflare",
    ],
    silent: [
      { ...WIDE, backends: ["route53"] },
      withPops({
        iad: { serves: { continents: ["NA", "SA", "AN"] } },
        lax: { serves: { countries: ["MX"] } },
      }),
    ],
  },
  "never-first-choice": {
    // Whatever is drained or not yet there: the areas are at fault.
    fires: [WITHOUT_CALLERS, changed(WITHOUT_CALLERS, "ord1", { status: "planned" })],
    expected: ["noam.sip.example.net", "sip.example.net"].map(
      (name) =>
        `POP ord: nobody who dials ${name} gets it first: callers of NA get iad and lax at cloudflare`,
    ),
    silent: [
      WIDE,
      { ...COUNTRY_REGION, backends: ["route53"] },
      THREE_OF_THE_WEST,
      // With gamma drained alfa has as many states in WNAM as beta, and comes first: no reason to refuse the drain.
      changed(THREE_OF_THE_WEST, "las1", { status: "draining" }),
      // Not by the platform: no caller of the global name belongs to the POP, and those of the region's name get it.
      withPops({
        iad: { serves: { continents: ["NA", "SA", "AN"] } },
        lax: { serves: { countries: ["JP"] } },
      }),
    ],
  },
  "shadowed-subdivision": {
    fires: COUNTRY_REGION,
    expected: [
      "POP lax: callers of US-CA and US-WA who dial sip.example.net get iad, as all of US at cloudflare",
    ],
    silent: [
      WIDE,
      { ...COUNTRY_REGION, backends: ["route53"] },
      {
        ...withPops({
          iad: { serves: { continents: ["NA", "SA", "AN"], countries: ["US"], subdivisions: ["US-NY"] } },
          lax: { serves: { subdivisions: ["CA-BC"] } },
        }),
        backends: ["cloudflare"],
      },
      // Coarse, and not shadowed: the state shares a region with others.
      withPops({
        iad: { serves: { continents: ["NA", "SA", "AN"], subdivisions: ["US-OR"] } },
        lax: { serves: { subdivisions: ["US-CA", "US-WA"] } },
      }),
    ],
  },
  "region-without-area": {
    fires: withNodes(WORLD, nodeAt("apac", "sin1"), nodeAt("apac", "nrt1", { status: "draining" })),
    expected: ["region apac: serves no area, so sip.example.net sends nobody to its 1 active nodes"],
    silent: WORLD,
  },
  "pop-without-area": {
    fires: withNodes(WIDE, nodeAt("noam", "ord1")),
    expected: ["POP ord: serves no area, so noam.sip.example.net sends nobody there"],
    silent: WIDE,
  },
  "implicit-default-region": {
    fires: { ...WORLD, policy: withoutDefault },
    expected: [
      "policy.defaultRegion: is not set: callers of unknown places get euro, the first region by name",
    ],
    silent: WORLD,
  },
  "unsteered-default-region": {
    fires: withPolicy(withNodes(WORLD, nodeAt("apac", "sin1")), { defaultRegion: "apac" }),
    expected: [
      "policy.defaultRegion: apac is no place that callers are steered to: those of unknown places get euro",
    ],
    silent: WORLD,
  },
} as const satisfies Partial<Record<LintRuleId, RuleCase>>;
