import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { srvAnswerOctets } from "../../../dns/wireSize.ts";
import { planTree } from "../../../plan/plan.ts";
import { render } from "../../../plan/render.ts";
import type { Tier } from "../../../plan/tree.ts";
import { arbitrarySketch } from "../../support/arbitraryInventory.ts";
import { type InventorySketch, inventoryOf, nodeAt, STEERED_WORLD } from "../../support/inventories.ts";

const LONG_DOMAIN = "voice.customers.region-of-sales.example.net";

function fleet(count: number, domain: string, setSize: object): InventorySketch {
  const nodes = Array.from({ length: count }, (_, i) => nodeAt("euro", `${i % 2 === 0 ? "fra" : "lhr"}${i}`));
  return { nodes, environment: { domain }, policy: { setSize } };
}

function targets({ groups }: Tier): string[] {
  return groups.flatMap(({ members }) => members.map(({ slot }) => slot));
}

describe("a set", () => {
  test("lists as many nodes as an answer of the policy's size holds", () => {
    const listed = (setSize: object) =>
      targets(planTree(inventoryOf(fleet(40, "sip.example.net", setSize))).global);
    // Slots have up to five characters: 41 octets each, and 44 for header and question.
    expect(listed({ maxTargets: 32 })).toHaveLength(11);
    expect(listed({ maxTargets: 32, maxAnswerOctets: 1232 })).toHaveLength(28);
    expect(listed({})).toHaveLength(8);
  });

  test("is smaller under a long domain, and spread over the POPs as evenly", () => {
    const { global } = planTree(inventoryOf(fleet(10, LONG_DOMAIN, {})));
    expect(targets(global)).toEqual(["fra0", "fra2", "fra4", "lhr1", "lhr3", "lhr5"]);
  });

  test("lists two nodes at least, whatever their names", () => {
    const slot = (i: number) => `${"frankfurt-am-main-".repeat(2)}${i}`;
    const nodes = [1, 2, 3].map((i) => ({ ...nodeAt("euro", slot(i)), pop: "fra" }));
    const domain = `${"sip-trunks-of-a-large-house.".repeat(5)}example.net`;
    const { global } = planTree(inventoryOf({ nodes, environment: { domain } }));
    expect(targets(global)).toHaveLength(2);
  });

  test("is measured with the longest slot of the inventory, retired ones included", () => {
    const sketch = fleet(12, "sip.example.net", { maxTargets: 12 });
    expect(targets(planTree(inventoryOf(sketch)).global)).toHaveLength(11);
    const retired = { ...nodeAt("euro", "frankfurt-hall-7-rack-12", { status: "retired" }), pop: "fra" };
    const wider = { ...sketch, nodes: [...sketch.nodes, retired] };
    expect(targets(planTree(inventoryOf(wider)).global)).toHaveLength(7);
  });

  test("changes by one target out and one in at most when one node comes or goes", () => {
    const slot = fc.tuple(
      fc.constantFrom("ams", "frankfurt", "lhr", "nrt"),
      fc.integer({ min: 1, max: 120 }),
    );
    const draw = fc.record({
      slots: fc.uniqueArray(slot, { minLength: 2, maxLength: 24, selector: (parts) => parts.join("") }),
      standby: fc.nat(2 ** 24),
      gone: fc.nat(),
      maxAnswerOctets: fc.integer({ min: 512, max: 1500 }),
      maxTargets: fc.integer({ min: 3, max: 32 }),
      domain: fc.constantFrom("sip.example.net", LONG_DOMAIN),
    });
    fc.assert(
      fc.property(draw, ({ slots, standby, gone, domain, ...setSize }) => {
        const nodes = slots.map(([pop, number], i) =>
          nodeAt("euro", `${pop}${number}`, { role: (standby >> i) % 4 === 0 ? "standby" : "primary" }),
        );
        // Every label is at most as long as this one.
        const longest = nodeAt("euro", "frankfurt250", { status: "retired" });
        const listed = (kept: typeof nodes) => {
          const sketch = { nodes: [...kept, longest], environment: { domain }, policy: { setSize } };
          return new Set(targets(planTree(inventoryOf(sketch)).global));
        };
        const before = listed(nodes);
        const after = listed(nodes.filter((_, i) => i !== gone % nodes.length));
        expect([...before].filter((name) => !after.has(name)).length).toBeLessThanOrEqual(1);
        expect([...after].filter((name) => !before.has(name)).length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 300 },
    );
  });
});

test("a set with the host names of the halves has room for fewer nodes behind them", () => {
  const net = (domain: string) => {
    const sketch = { ...STEERED_WORLD, environment: { ...STEERED_WORLD.environment, domain } };
    return planTree(inventoryOf(sketch)).global.geo?.net.length;
  };
  expect(net("sip.example.net")).toBe(4);
  expect(net(`${"sip-trunks-of-a-team.".repeat(3)}example.net`)).toBe(2);
});

test("every SRV set of every plan fits the policy's answer, or lists two targets", () => {
  fc.assert(
    fc.property(arbitrarySketch, fc.constantFrom("cloudflare", "route53", "static"), (sketch, backend) => {
      const tree = planTree(inventoryOf(sketch));
      const { maxAnswerOctets } = tree.policy.setSize;
      const srv = render(tree, backend).records.flatMap(({ record }) =>
        record.type === "SRV" ? [record] : [],
      );
      for (const [owner, set] of Map.groupBy(srv, ({ name }) => name)) {
        if (set.length <= 2 || owner.includes("--")) continue;
        const listed = set.map(({ target }) => target);
        expect(srvAnswerOctets(owner, listed, { edns: maxAnswerOctets > 512 })).toBeLessThanOrEqual(
          maxAnswerOctets,
        );
      }
    }),
  );
});
