/** Every name has an answer that is written down here, whatever hardware is left behind it. */
import { describe, expect, test } from "vitest";
import { planTree } from "../../plan/plan.ts";
import { render } from "../../plan/render.ts";
import type { Tree } from "../../plan/tree.ts";
import {
  CHAINED_WORLD,
  DOMAIN,
  type InventorySketch,
  inventoryOf,
  nodeAt,
  STEERED_WORLD,
  withNode,
} from "../support/inventories.ts";
import { type Client, reach } from "../support/reachedNodes.ts";
import { STEERING_BACKENDS, serveTree } from "../support/servedTree.ts";
import { askerIn, CALLERS } from "./steering.cases.ts";

type Choices = readonly (readonly string[])[];

interface Question {
  /** First label of the name; absent for the global name. */
  readonly label?: string;
  readonly client?: Client;
  readonly city?: string;
  readonly down?: readonly string[];
}

/** What both platforms offer, by preference. */
async function choices(
  sketch: InventorySketch,
  question: Question = {},
): Promise<Record<"cloudflare" | "route53", Choices>> {
  const served = await serveTree(planTree(inventoryOf(sketch)));
  const { label, client = "rfc3263", city = "Frankfurt" } = question;
  const down = new Set(question.down);
  served.takeDown(down);
  const caller = CALLERS.find((candidate) => candidate.city === city);
  if (caller === undefined) throw new Error(`nobody calls from ${city}`);
  const ask = async (backend: "cloudflare" | "route53") => {
    const name = label === undefined ? DOMAIN : `${label}.${DOMAIN}`;
    const dialing = {
      name,
      client,
      wire: "tls",
      asker: askerIn(caller),
      slotOf: served.slotOf,
      down,
    } as const;
    const reached = await reach({ ...dialing, zone: served.zones[backend] });
    expect(reached.answered, `${backend} answers ${name}`).toBe(true);
    return reached.choices;
  };
  return { cloudflare: await ask("cloudflare"), route53: await ask("route53") };
}

function both(expected: Choices): Record<"cloudflare" | "route53", Choices> {
  return { cloudflare: expected, route53: expected };
}

const drained = (sketch: InventorySketch, ...slots: readonly string[]): InventorySketch =>
  slots.reduce((drawn, slot) => withNode(drawn, slot, { status: "draining" }), sketch);

/** Two staffed regions, and one that has a POP and no hardware yet. */
const THREE_REGIONS: InventorySketch = {
  nodes: [
    nodeAt("euro", "fra1"),
    nodeAt("euro", "fra2"),
    nodeAt("euro", "lhr1"),
    nodeAt("noam", "iad1"),
    nodeAt("noam", "iad2"),
  ],
  environment: { pops: { gru: { region: "latm" } } },
  policy: {
    regions: {
      euro: { fallback: ["noam"] },
      latm: { fallback: ["euro", "noam"] },
    },
  },
};

describe.each(["rfc3263", "a-only"] as const)("for a client of the kind %s", (client) => {
  test("a region without hardware is answered by the first of its fallbacks, and so are its POPs", async () => {
    const euro = both([["fra1", "fra2", "lhr1"]]);
    expect(await choices(THREE_REGIONS, { label: "latm", client })).toEqual(euro);
    expect(await choices(THREE_REGIONS, { label: "gru", client })).toEqual(euro);
  });

  test("the second fallback answers where the first has no active node", async () => {
    const sketch = drained(THREE_REGIONS, "fra1", "fra2", "lhr1");
    expect(await choices(sketch, { label: "latm", client })).toEqual(both([["iad1", "iad2"]]));
  });

  test("a chain of fallbacks is followed to its first region with hardware", async () => {
    const regions = {
      latm: { fallback: ["mena"] },
      mena: { fallback: ["apac"] },
      apac: { fallback: ["noam"] },
    };
    const sketch = { ...THREE_REGIONS, policy: { regions } };
    expect(await choices(sketch, { label: "latm", client })).toEqual(both([["iad1", "iad2"]]));
    expect(await choices(sketch, { label: "mena", client })).toEqual(both([["iad1", "iad2"]]));
  });

  test("the first fallback's own chain goes before the second fallback", async () => {
    const regions = { latm: { fallback: ["mena", "euro"] }, mena: { fallback: ["noam"] } };
    const sketch = { ...THREE_REGIONS, policy: { regions } };
    expect(await choices(sketch, { label: "latm", client })).toEqual(both([["iad1", "iad2"]]));
  });

  test("a POP whose nodes all drain is answered by the rest of its region", async () => {
    const sketch = drained(THREE_REGIONS, "fra1", "fra2");
    expect(await choices(sketch, { label: "fra", client })).toEqual(both([["lhr1"]]));
    expect(await choices(sketch, { label: "euro", client })).toEqual(both([["lhr1"]]));
  });

  test("a region whose nodes all drain is answered by its fallback, and so are its POPs; the nodes keep their names", async () => {
    const sketch = drained(THREE_REGIONS, "fra1", "fra2", "lhr1");
    for (const label of ["euro", "fra", "lhr"]) {
      expect(await choices(sketch, { label, client })).toEqual(both([["iad1", "iad2"]]));
    }
    expect(await choices(sketch, { label: "fra1", client })).toEqual(both([["fra1"]]));
  });

  test("an unsteered global name is answered by the one region that is left", async () => {
    const sketch = drained(THREE_REGIONS, "iad1", "iad2");
    expect(
      await choices(
        {
          ...sketch,
          policy: { regions: { ...sketch.policy?.regions, noam: { fallback: ["euro"] }, euro: {} } },
        },
        { client },
      ),
    ).toEqual(both([["fra1", "fra2", "lhr1"]]));
  });
});

describe("a steered name", () => {
  test("stays steered to the one region that is left of the global name, and inside that to its POPs", async () => {
    const sketch = drained(STEERED_WORLD, "fra1", "fra2", "lhr1", "ams1");
    const nearest = { Frankfurt: ["iad1", "iad2"], nowhere: ["iad1", "iad2"], "Los Angeles": ["lax1"] };
    for (const [city, nodes] of Object.entries(nearest)) {
      const { cloudflare, route53 } = await choices(sketch, { city });
      expect([city, cloudflare[0], route53[0]]).toEqual([city, nodes, nodes]);
    }
  });

  test("stays steered to the one POP that is left of a wide region", async () => {
    const sketch = drained(STEERED_WORLD, "lax1");
    expect(await choices(sketch, { label: "noam", city: "Los Angeles" })).toEqual(both([["iad1", "iad2"]]));
    expect(await choices(sketch, { label: "lax", city: "Los Angeles" })).toEqual(both([["iad1", "iad2"]]));
  });

  test("sends the callers of a drained region to its fallback", async () => {
    const apac = { serves: { continents: ["AS" as const] }, fallback: ["euro"] };
    const sketch: InventorySketch = {
      ...drained(STEERED_WORLD, "sin1"),
      nodes: [...STEERED_WORLD.nodes, nodeAt("apac", "sin1", { status: "draining" })],
      policy: { ...STEERED_WORLD.policy, regions: { ...STEERED_WORLD.policy?.regions, apac } },
    };
    expect(await choices(sketch, { city: "Tokyo" })).toEqual(await choices(sketch, { city: "Frankfurt" }));
  });

  test("sends the callers of a dead region to its fallback, by address as by SRV", async () => {
    const down = ["fra1", "fra2", "lhr1", "ams1"];
    expect(await choices(STEERED_WORLD, { down })).toEqual({
      // Inside the wide region that stands in: the POP for callers from elsewhere, and at Cloudflare the net behind it.
      cloudflare: [["iad1", "iad2"], ["lax1"]],
      route53: [["iad1", "iad2"]],
    });
    expect(await choices(STEERED_WORLD, { down, client: "a-only" })).toEqual({
      cloudflare: [["iad1"]],
      route53: [["iad1", "iad2"]],
    });
  });

  test("sends its callers to one stand-in after the other as these die, then to whoever is left", async () => {
    const dead = { apac: ["sin1", "sin2", "nrt1"], latm: ["gru1"] };
    const noam = ["iad1", "iad2", "ord1", "ord2", "lax1"];
    const steps: [down: string[], first: string[]][] = [
      [[], ["sin1", "sin2"]],
      [dead.apac, ["gru1"]],
      [
        [...dead.apac, ...dead.latm],
        ["iad1", "iad2"],
      ],
      [[...dead.apac, ...dead.latm, "iad1", "iad2"], ["lax1"]],
      [
        [...dead.apac, ...dead.latm, ...noam],
        ["fra1", "fra2", "lhr1", "lhr2"],
      ],
    ];
    for (const [down, first] of steps) {
      const { cloudflare, route53 } = await choices(CHAINED_WORLD, { city: "Tokyo", down });
      expect([cloudflare[0], route53[0]]).toEqual([first, first]);
      const { route53: byAddress } = await choices(CHAINED_WORLD, { city: "Tokyo", down, client: "a-only" });
      expect(byAddress[0]).toEqual(first);
    }
    // Nobody stands in for euro: the default region comes first, and then the others by name.
    const europe = ["fra1", "fra2", "lhr1", "lhr2"];
    const inFrankfurt = { city: "Frankfurt", down: [...europe, ...noam] };
    const { cloudflare, route53 } = await choices(CHAINED_WORLD, inFrankfurt);
    expect([cloudflare[0], route53[0]]).toEqual([
      ["sin1", "sin2"],
      ["sin1", "sin2"],
    ]);
  });

  test("has the standby nodes of a place answer callers by address before another place does", async () => {
    const down = ["sin1", "sin2"];
    expect(await choices(CHAINED_WORLD, { city: "Tokyo", down, client: "a-only" })).toEqual(both([["nrt1"]]));
    const everyOtherNode = CHAINED_WORLD.nodes.map(({ slot }) => slot).filter((slot) => slot !== "nrt1");
    for (const city of ["Tokyo", "Frankfurt", "Mexico City", "nowhere"]) {
      expect(await choices(CHAINED_WORLD, { city, down: everyOtherNode, client: "a-only" })).toEqual(
        both([["nrt1"]]),
      );
    }
  });

  test("sends the callers of a dead region without fallback to whoever is left, the default region's callers too", async () => {
    const sketch = { ...STEERED_WORLD, policy: { ...STEERED_WORLD.policy, defaultRegion: "noam" } };
    const down = ["iad1", "iad2", "lax1"];
    for (const city of ["Ashburn", "Mexico City", "nowhere"]) {
      expect(await choices(sketch, { city, down })).toEqual({
        cloudflare: [["fra1", "fra2", "lhr1"]],
        route53: [["fra1", "fra2", "lhr1"], ["ams1"]],
      });
      expect(await choices(sketch, { city, down, client: "a-only" })).toEqual({
        cloudflare: [["fra1", "lhr1"]],
        route53: [["fra1", "fra2", "lhr1"]],
      });
    }
  });

  test("answers while everything is down: a probe that lies takes nobody off the air", async () => {
    const down = STEERED_WORLD.nodes.map(({ slot }) => slot);
    for (const client of ["rfc3263", "a-only"] as const) {
      expect(await choices(STEERED_WORLD, { down, client })).toEqual(both([]));
    }
  });
});

describe("a promotion", () => {
  const staffed: InventorySketch = {
    ...THREE_REGIONS,
    nodes: [...THREE_REGIONS.nodes, nodeAt("latm", "gru1"), nodeAt("latm", "gru2")],
  };
  const [before, after] = [THREE_REGIONS, staffed].map((sketch) => planTree(inventoryOf(sketch)));

  const tierNames = ({ pops, regions, global }: Tree) =>
    [...pops, ...regions, global].map(({ name }) => name);

  test("leaves every name as it is: local nodes stand where the fallback's stood", async () => {
    if (before === undefined || after === undefined) throw new Error("two trees are compared");
    expect(tierNames(after)).toEqual(tierNames(before));
    for (const label of ["latm", "gru"]) {
      expect(await choices(THREE_REGIONS, { label })).toEqual(both([["fra1", "fra2", "lhr1"]]));
      expect(await choices(staffed, { label })).toEqual(both([["gru1", "gru2"]]));
    }
  });

  test.each(STEERING_BACKENDS)("touches no row of another region at %s", (backend) => {
    if (before === undefined || after === undefined) throw new Error("two trees are compared");
    const elsewhere = (tree: Tree) =>
      render(tree, backend)
        .records.filter(
          ({ cause }) => cause.tier !== "global" && !["latm", "gru", "gru1", "gru2"].includes(cause.key),
        )
        .map(({ record }) => record);
    expect(elsewhere(after)).toEqual(elsewhere(before));
    expect(elsewhere(after).length).toBeGreaterThan(10);
  });
});
