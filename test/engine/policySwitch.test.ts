import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { InventorySketch } from "../support/inventories.ts";
import { danglingMoments, emptyMoments } from "../support/operationMoments.ts";
import { letDown } from "../support/servedMoments.ts";
import { steeredFleet } from "../support/steeredFleet.ts";
import { openStack, type TestStack } from "../support/withStack.ts";

type Policy = NonNullable<InventorySketch["policy"]>;
type RegionPolicy = NonNullable<Policy["regions"]>[string];

const NAMES = ["", "euro.", "noam.", "mena.", "fra.", "ams.", "iad.", "lax."].map(
  (label) => `${label}sip.example.net`,
);

/** The policy with some of it changed, and some of that of the wide region and of the other. */
function withPolicy(
  sketch: InventorySketch,
  change: Partial<Policy>,
  ofNoam: Partial<RegionPolicy> = {},
  ofEuro: Partial<RegionPolicy> = {},
): InventorySketch {
  const { noam, euro, ...others } = { ...sketch.policy?.regions };
  const regions = { ...others, noam: { ...noam, ...ofNoam }, euro: { ...euro, ...ofEuro } };
  return { ...sketch, policy: { ...sketch.policy, ...change, regions } };
}

describe("a change of how published names are steered, at both platforms", () => {
  let stack: TestStack;
  let close: () => Promise<void> = async () => {};
  let fleet = steeredFleet;

  beforeAll(async () => {
    ({ stack, close } = await openStack({ inventory: fleet, backends: ["cloudflare", "route53"] }));
    await stack.up();
  });
  afterAll(() => close());

  it.each<[string, Partial<Policy>, Partial<RegionPolicy>, Partial<RegionPolicy>?]>([
    ["the global name is steered no more", { globalGeo: false }, {}],
    ["the global name is steered again", { globalGeo: true }, {}],
    ["a wide region is steered no more", {}, { geo: false }],
    ["a wide region is steered again", {}, { geo: true }],
    ["the global name gives up its SRV sets", { globalGeoForm: "addresses" }, {}],
    ["the global name gets SRV sets again", { globalGeoForm: "srv" }, {}],
    ["a wide region gives up its SRV sets", {}, { geoForm: "addresses" }],
    ["both do, and the region is steered no more", { globalGeoForm: "addresses" }, { geo: false }],
    ["all is as it was", { globalGeoForm: "srv" }, { geoForm: "srv", geo: true }],
    ["nobody stands in for a region any more", {}, {}, { fallback: [] }],
    ["another region stands in for it again", {}, {}, { fallback: ["noam"] }],
    ["the nodes are probed over HTTP", { probe: { type: "http", port: 8080, path: "/health" } }, {}],
    ["the nodes are probed over TCP again", { probe: {} }, {}],
  ])(
    "leaves no caller without an answer at any moment, and nothing to do after: %s",
    async (_, change, ofNoam, ofEuro) => {
      fleet = withPolicy(fleet, change, ofNoam, ofEuro);
      stack.setInventory(fleet);
      const { operations } = stack.world.platforms.store;
      const earlier = operations.slice();
      expect(await letDown(stack.world, NAMES, () => stack.up())).toEqual([]);
      expect(operations.length).toBeGreaterThan(earlier.length);
      expect(danglingMoments(operations)).toEqual([]);
      expect(await stack.notServed()).toEqual([]);
      await stack.expectIdle();
    },
  );

  it("puts out the name servers of both platforms, as one set to delegate to", async () => {
    const { nameServers } = (await stack.outputs()) as { nameServers: Record<string, string[]> };
    expect(Object.keys(nameServers).sort()).toEqual(["cloudflare", "publish", "route53"]);
    expect(nameServers.publish).toEqual(
      [...(nameServers.cloudflare ?? []), ...(nameServers.route53 ?? [])].sort(),
    );
    expect(nameServers.publish).toHaveLength(6);
  });

  it("shows the SRV sets that a change took away as gone on purpose, and no other set as empty", async () => {
    const { operations } = stack.world.platforms.store;
    const earlier = operations.slice();
    fleet = withPolicy(fleet, { globalGeoForm: "addresses" });
    stack.setInventory(fleet);
    const made = await stack.up();
    expect(emptyMoments(earlier, made)).toEqual([]);
    const gone = made.filter(({ operation }) => operation === "delete").map(({ name }) => name);
    expect(gone).toContain("_sips._tcp.sip.example.net");
    expect(gone).not.toContain("sip.example.net");
  });
});
