import { describe, expect, it } from "vitest";
import { planTree } from "../../../plan/plan.ts";
import { popLink, regionLink } from "../../../report/linkKind.ts";
import { outline } from "../../../report/outline.ts";
import { type InventorySketch, inventoryOf, nodeAt, STEERED_WORLD } from "../../support/inventories.ts";

/** Kind of the link to each region and POP, by key. */
function linkKinds(sketch: InventorySketch): Record<string, string> {
  const { global, regions } = outline(planTree(inventoryOf(sketch)));
  return Object.fromEntries(
    regions.flatMap((region): [string, string][] => [
      [region.tier.key, region.answeredBy === undefined ? regionLink(region.tier, global) : "answered"],
      ...region.pops.map((pop): [string, string] => [pop.tier.key, popLink(pop, region)]),
    ]),
  );
}

describe("the way from a name to one below it", () => {
  it("is steered where location decides, shared where weights do, standby where no primary is", () => {
    expect(linkKinds(STEERED_WORLD)).toEqual({
      euro: "steered",
      ams: "standby",
      fra: "shared",
      lhr: "shared",
      noam: "steered",
      iad: "steered",
      lax: "steered",
      latm: "answered",
    });
  });

  it("is standby to a POP without an area that stands behind the steered ones, idle to one that does not", () => {
    const withOrd = { ...STEERED_WORLD, nodes: [...STEERED_WORLD.nodes, nodeAt("noam", "ord1")] };
    expect(linkKinds(withOrd)).toMatchObject({ ord: "standby" });
    const setSize = { geoNetTargets: 2 };
    expect(linkKinds({ ...withOrd, policy: { ...STEERED_WORLD.policy, setSize } })).toMatchObject({
      ord: "idle",
    });
  });

  it("is idle to a POP that others answer for", () => {
    const nodes = [nodeAt("euro", "fra1"), nodeAt("euro", "lhr1", { status: "draining" })];
    expect(linkKinds({ nodes, environment: { pops: { ams: { region: "euro" } } } })).toEqual({
      euro: "shared",
      ams: "idle",
      fra: "shared",
      lhr: "idle",
    });
  });
});
