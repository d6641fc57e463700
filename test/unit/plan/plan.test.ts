import { describe, expect, test } from "vitest";
import { namesByTier } from "../../../plan/names.ts";
import { planTree } from "../../../plan/plan.ts";
import type { Tier } from "../../../plan/tree.ts";
import { address6, inventoryOf, nodeAt, STEERED_WORLD } from "../../support/inventories.ts";
import { planOf } from "../../support/planOf.ts";

/** `10: fra1 lhr1` per group. */
function groupsOf(tier: Tier | undefined): string[] {
  return (tier?.groups ?? []).map(
    ({ priority, members }) => `${priority}: ${members.map(({ slot }) => slot).join(" ")}`,
  );
}

function tierOf(tiers: readonly Tier[], key: string): Tier | undefined {
  return tiers.find((tier) => tier.key === key);
}

describe("a tree", () => {
  test("has a name for every node, POP and region, and the domain for all", () => {
    const tree = planOf({ nodes: [nodeAt("euro", "fra1"), nodeAt("noam", "iad1")] });
    expect(tree.nodes.map(({ name }) => name)).toEqual(["fra1.sip.example.net", "iad1.sip.example.net"]);
    expect(tree.pops.map(({ name }) => name)).toEqual(["fra.sip.example.net", "iad.sip.example.net"]);
    expect(tree.regions.map(({ name }) => name)).toEqual(["euro.sip.example.net", "noam.sip.example.net"]);
    expect(tree.global.name).toBe("sip.example.net");
    expect(groupsOf(tree.global)).toEqual(["10: fra1 iad1"]);
  });

  test("has services in one order, whatever the order in the file", () => {
    const policy = { transports: { "sip-udp": 5060, "sips-tcp": 5061 } };
    expect(planOf({ nodes: [nodeAt("euro", "fra1")], policy }).services).toEqual([
      { transport: "sips-tcp", port: 5061 },
      { transport: "sip-udp", port: 5060 },
    ]);
  });

  test("is a plan of an inventory that somebody checked, and says so of one that nobody did", () => {
    const inventory = inventoryOf({ nodes: [nodeAt("euro", "fra1")] });
    const [node] = inventory.nodes;
    if (node === undefined) throw new Error("no node");
    const unchecked = { ...inventory, nodes: [{ ...node, status: "down" as const }] };
    expect(() => planTree(unchecked)).toThrow("region euro has no active node and no fallback with one");
  });
});

describe("a node's status", () => {
  const sketch = (status: "planned" | "active" | "draining" | "down" | "retired") => ({
    nodes: [nodeAt("euro", "fra1"), nodeAt("euro", "fra2", { status })],
  });

  test.each(["planned", "draining", "down"] as const)(
    "%s keeps its own name and certificate, and takes it out of every other name",
    (status) => {
      const tree = planOf(sketch(status));
      expect(tree.nodes.map(({ slot }) => slot)).toEqual(["fra1", "fra2"]);
      expect(tree.certificates.filter(({ slot }) => slot === "fra2")).toHaveLength(2);
      for (const tier of [...tree.pops, ...tree.regions, tree.global])
        expect(groupsOf(tier)).toEqual(["10: fra1"]);
    },
  );

  test("retired takes its own name away too", () => {
    const tree = planOf(sketch("retired"));
    expect(tree.nodes.map(({ slot }) => slot)).toEqual(["fra1"]);
    expect(tree.certificates.some(({ slot }) => slot === "fra2")).toBe(false);
  });

  test("active lists it everywhere", () => {
    expect(groupsOf(planOf(sketch("active")).global)).toEqual(["10: fra1 fra2"]);
  });
});

describe("a name without own nodes is answered", () => {
  test("for a region, by the first of its fallbacks that has a node, however far down the chain", () => {
    const tree = planOf({
      nodes: [nodeAt("noam", "iad1")],
      policy: {
        regions: {
          latm: { fallback: ["afri", "noam"] },
          afri: { fallback: ["euro"] },
          euro: { fallback: ["noam"] },
        },
      },
    });
    for (const key of ["latm", "afri", "euro"]) {
      const tier = tierOf(tree.regions, key);
      expect(groupsOf(tier)).toEqual(["10: iad1"]);
      expect(tier?.answeredBy).toEqual({ kind: "region", region: "noam" });
    }
    expect(tierOf(tree.regions, "noam")?.answeredBy).toEqual({ kind: "own" });
  });

  test("for a region, in the order in which its fallbacks are written", () => {
    const nodes = [nodeAt("noam", "iad1"), nodeAt("euro", "fra1")];
    const answer = (fallback: string[]) =>
      groupsOf(tierOf(planOf({ nodes, policy: { regions: { latm: { fallback } } } }).regions, "latm"));
    expect(answer(["noam", "euro"])).toEqual(["10: iad1"]);
    expect(answer(["euro", "noam"])).toEqual(["10: fra1"]);
  });

  test("for a POP, by its region", () => {
    const tree = planOf({
      nodes: [nodeAt("euro", "fra1"), nodeAt("euro", "lhr1", { status: "draining" })],
      environment: { pops: { ams: { region: "euro" } } },
    });
    for (const key of ["ams", "lhr"]) {
      expect(groupsOf(tierOf(tree.pops, key))).toEqual(["10: fra1"]);
      expect(tierOf(tree.pops, key)?.answeredBy).toEqual({ kind: "region", region: "euro" });
    }
  });

  test("for a POP of a region without nodes, by the region that stands in", () => {
    const tree = planOf({
      nodes: [nodeAt("noam", "iad1"), nodeAt("latm", "gru1", { status: "down" })],
      policy: { regions: { latm: { fallback: ["noam"] } } },
    });
    expect(groupsOf(tierOf(tree.pops, "gru"))).toEqual(["10: iad1"]);
    expect(tierOf(tree.pops, "gru")?.answeredBy).toEqual({ kind: "region", region: "noam" });
  });

  test("for a POP whose nodes are all retired: customers may still dial it", () => {
    const tree = planOf({ nodes: [nodeAt("euro", "fra1"), nodeAt("euro", "lhr1", { status: "retired" })] });
    expect(groupsOf(tierOf(tree.pops, "lhr"))).toEqual(["10: fra1"]);
  });
});

describe("the summary of names", () => {
  test("lists who answers, first choice first, and where callers are steered to", () => {
    const names = namesByTier(planOf(STEERED_WORLD));
    expect(names.regions.euro).toEqual({
      name: "euro.sip.example.net",
      answers: ["fra1", "fra2", "lhr1", "ams1"],
    });
    expect(names.regions.latm?.answers).toEqual(["iad1", "iad2", "lax1"]);
    expect(names.global.steeredTo).toEqual(["euro", "noam"]);
    expect(names.pops.ams?.answers).toEqual(["ams1"]);
  });

  test("has both addresses of a node that has two", () => {
    const { nodes } = namesByTier(
      planOf({ nodes: [nodeAt("euro", "fra1", { ip: "192.0.2.1", ip6: address6(1) })] }),
    );
    expect(nodes).toEqual({
      fra1: { name: "fra1.sip.example.net", addresses: ["192.0.2.1", "2001:db8::1"] },
    });
  });
});
