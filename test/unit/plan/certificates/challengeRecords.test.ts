import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { challengeName } from "../../../../dns/challenge.ts";
import { isWithin } from "../../../../dns/names.ts";
import { recordData } from "../../../../dns/records.ts";
import { planTree } from "../../../../plan/plan.ts";
import { platformProblems } from "../../../../plan/platformChecks.ts";
import { CLOUDFLARE_LIMITS, isInside } from "../../../../plan/platformLimits.ts";
import { causeText, render } from "../../../../plan/render.ts";
import { BACKENDS, type PlannedRecord } from "../../../../plan/rendering.ts";
import { zoneText } from "../../../../plan/zoneText.ts";
import { arbitrarySketch } from "../../../support/arbitraryInventory.ts";
import {
  DOMAIN,
  type InventorySketch,
  inventoryOf,
  nodeAt,
  STEERED_WORLD,
} from "../../../support/inventories.ts";

const CHALLENGE_ZONE = "acme.example.org";

const delegated = (sketch: InventorySketch): InventorySketch => ({
  ...sketch,
  environment: { ...sketch.environment, challengeZone: CHALLENGE_ZONE },
});

const treeOf = (sketch: InventorySketch) => planTree(inventoryOf(sketch));

const aliasesIn = (records: readonly PlannedRecord[]) =>
  records.filter(({ record }) => record.type === "CNAME");

/** Name below the domain to the cause in words. */
function causes(sketch: InventorySketch): Record<string, string> {
  const { records } = render(treeOf(sketch), "static");
  return Object.fromEntries(
    aliasesIn(records).map(({ record, cause }) => [
      record.name.slice("_acme-challenge.".length).replace(DOMAIN, ""),
      causeText(cause),
    ]),
  );
}

describe("a delegated challenge", () => {
  test("is an alias of the same name in the other zone, for every name of every certificate and no other", () => {
    fc.assert(
      fc.property(arbitrarySketch.map(delegated), (sketch) => {
        const tree = treeOf(sketch);
        const names = new Set(
          tree.certificates.flatMap(({ names }) => names).map((name) => name.replace("*.", "")),
        );
        for (const backend of BACKENDS) {
          const aliases = aliasesIn(render(tree, backend).records).map(({ record }) => record);
          expect(new Set(aliases.map(({ name }) => name))).toEqual(new Set([...names].map(challengeName)));
          expect(aliases).toHaveLength(names.size);
          for (const alias of aliases) {
            expect(recordData(alias)).toBe(`${alias.name.replace("_acme-challenge.", "")}.${CHALLENGE_ZONE}`);
          }
        }
      }),
    );
  });

  test("stands where nothing else does: an alias bears no record beside it", () => {
    fc.assert(
      fc.property(arbitrarySketch.map(delegated), (sketch) => {
        for (const backend of BACKENDS) {
          const { records } = render(treeOf(sketch), backend);
          const aliases = new Set(aliasesIn(records).map(({ record }) => record.name));
          expect(records.filter(({ record }) => record.type !== "CNAME" && aliases.has(record.name))).toEqual(
            [],
          );
          expect(records.filter(({ record }) => isWithin(record.name, CHALLENGE_ZONE))).toEqual([]);
        }
      }),
    );
  });

  test("is the only thing that the zone changes in a rendering", () => {
    fc.assert(
      fc.property(arbitrarySketch, (sketch) => {
        const { challengeZone: _, ...environment } = sketch.environment ?? {};
        const without = treeOf({ ...sketch, environment });
        const within = treeOf(delegated(sketch));
        for (const backend of BACKENDS) {
          const rendering = render(within, backend);
          const others = rendering.records.filter(({ record }) => record.type !== "CNAME");
          expect({ ...rendering, records: others }).toEqual(render(without, backend));
        }
      }),
    );
  });

  test("says for whom it is there: node, POP, region or global name, also for their helper names", () => {
    const sketch = delegated({
      ...STEERED_WORLD,
      nodes: STEERED_WORLD.nodes.filter(({ slot }) => slot !== "fra2"),
    });
    expect(causes(sketch)).toMatchObject({
      "": "global name: its certificates' challenge",
      "geo-a.": "global name: its certificates' challenge",
      "geo-b.": "global name: its certificates' challenge",
      "fra1.": "node fra1: its certificates' challenge",
      "fra1.id.": "node fra1: its certificates' challenge",
      "fra.": "POP fra: its certificates' challenge",
      "noam.": "region noam: its certificates' challenge",
      "geo-noam-a.": "region noam: its certificates' challenge",
      "latm.": "region latm: its certificates' challenge",
    });
  });

  test("counts as a record of the zone where a plan limits them", () => {
    const sketch: InventorySketch = {
      nodes: Array.from({ length: 80 }, (_, n) => nodeAt("euro", `fra${n + 1}`)),
      environment: { accountPlan: { cloudflare: "free" } },
    };
    const problems = (each: InventorySketch) => {
      const { environment } = inventoryOf(each);
      return platformProblems(render(treeOf(each), "cloudflare"), environment).map(({ rule }) => rule);
    };
    expect(problems(sketch)).not.toContain("cloudflare-amount");
    expect(problems(delegated(sketch))).toContain("cloudflare-amount");
  });

  test("has a time to live that every plan takes, and no problem at any platform", () => {
    const inventory = inventoryOf(
      delegated({ ...STEERED_WORLD, environment: { ...STEERED_WORLD.environment, zone: "example.net" } }),
    );
    const tree = planTree(inventory);
    for (const backend of BACKENDS) {
      const rendering = render(tree, backend);
      expect(platformProblems(rendering, inventory.environment)).toEqual([]);
      for (const { record } of aliasesIn(rendering.records)) {
        for (const range of Object.values(CLOUDFLARE_LIMITS.ttlSeconds.range)) {
          expect(isInside(record.ttlSeconds, range)).toBe(true);
        }
      }
    }
  });

  test("hides no time to live of the policy that a platform refuses", () => {
    const ttlSeconds = { node: 30, srv: 30, address: 30 };
    const sketch = delegated({ ...STEERED_WORLD, policy: { ...STEERED_WORLD.policy, ttlSeconds } });
    const { environment } = inventoryOf(sketch);
    const refused = platformProblems(render(treeOf(sketch), "cloudflare"), environment)
      .filter(({ rule }) => rule === "cloudflare-ttl")
      .map(({ key }) => key);
    expect(refused.sort()).toEqual(["address", "node", "srv"].map((key) => `policy.ttlSeconds.${key}`));
  });

  test("stands in the zone file, its target with the final dot", () => {
    const tree = treeOf(delegated(STEERED_WORLD));
    expect(zoneText(tree, render(tree, "static"))).toContain(
      `\n_acme-challenge.fra1.${DOMAIN}.  60 IN CNAME  fra1.${DOMAIN}.${CHALLENGE_ZONE}.\n`,
    );
  });
});

test("nothing is delegated where the environment names no zone for it", () => {
  for (const backend of BACKENDS)
    expect(aliasesIn(render(treeOf(STEERED_WORLD), backend).records)).toEqual([]);
});
