import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { acceptanceOf } from "../../../../plan/operations/acceptance.ts";
import { allowList } from "../../../../plan/operations/allowList.ts";
import { dueSteps } from "../../../../plan/operations/due.ts";
import { answeringSlots } from "../../../../plan/operations/listing.ts";
import { planTree } from "../../../../plan/plan.ts";
import { arbitrarySketch } from "../../../support/arbitraryInventory.ts";
import { inventoryOf, nodeAt, STEERED_WORLD } from "../../../support/inventories.ts";
import { contextOf, FLEET, LEDGER } from "./intentionOf.ts";

describe("what waits", () => {
  test("is told with the steps that are legal first, then by time", () => {
    const { inventory, known } = contextOf();
    const steps = dueSteps(inventory, known).map(({ slot, step, state, legalAt }) => [
      slot,
      step,
      state,
      legalAt,
    ]);
    expect(steps).toEqual([
      ["fra2", "retire", "due", undefined],
      ["fra3", "activate", "due", undefined],
      ["fra4", "remove", "due", undefined],
      ["lhr2", "activate", "waiting", "2026-11-23T12:06:00Z"],
      ["lhr2", "retire", "waiting", "2026-11-23T17:09:00Z"],
    ]);
  });

  test("is blocked where something has to be done before, and unknown without a ledger", () => {
    const states = ({ inventory, known }: ReturnType<typeof contextOf>) =>
      Object.fromEntries(
        dueSteps(inventory, known).map(({ slot, step, state }) => [`${slot} ${step}`, state]),
      );
    const notYet = { ...LEDGER, goneSince: {}, certificates: LEDGER.certificates.slice(0, 1) };
    expect(states(contextOf(FLEET, notYet))).toMatchObject({
      "fra2 retire": "blocked",
      "fra3 activate": "blocked",
    });
    expect(states(contextOf(FLEET, null))).toMatchObject({
      "fra2 retire": "unknown",
      "fra3 activate": "unknown",
      "lhr2 activate": "waiting",
      "fra4 remove": "due",
    });
  });
});

describe("what a node must accept", () => {
  const inventory = inventoryOf({
    ...STEERED_WORLD,
    nodes: [...STEERED_WORLD.nodes, nodeAt("euro", "fra3", { status: "retired" })],
    policy: { ...STEERED_WORLD.policy, transports: { "sips-tcp": 5061, "sip-udp": 5080 } },
  });
  const tree = planTree(inventory);

  test("is every name that leads to it or may, with the ports and addresses", () => {
    const { names, listeners, addresses, probe } = acceptanceOf("fra1", inventory, tree);
    expect(Object.fromEntries(names.map(({ name, kind, lists }) => [name, [kind, lists]]))).toEqual({
      "fra1.sip.example.net": ["node", true],
      "sip.example.net": ["global", true],
      "euro.sip.example.net": ["region", true],
      "fra.sip.example.net": ["pop", true],
      "ams.sip.example.net": ["pop", false],
      "lhr.sip.example.net": ["pop", false],
      "geo-a.sip.example.net": ["host", true],
      "geo-b.sip.example.net": ["host", true],
    });
    expect(listeners).toEqual([
      { transport: "sips-tcp", wire: "tls", port: 5061 },
      { transport: "sip-udp", wire: "udp", port: 5080, withoutSrv: 5060 },
    ]);
    expect(addresses).toHaveLength(2);
    expect(probe).toMatchObject({ type: "tcp", port: 5061 });
  });

  test("is its certificates, with the times of the issued ones", () => {
    const { certificates } = acceptanceOf("fra1", inventory, tree, LEDGER);
    expect(certificates.map(({ profile, notAfter }) => [profile, notAfter])).toEqual([
      ["exact", "2027-01-30T00:00:00Z"],
      ["wildcard", "2027-01-30T00:00:00Z"],
    ]);
  });

  test("does not hang on the certificate profiles of the policy", () => {
    const only = inventoryOf({
      ...STEERED_WORLD,
      policy: { ...STEERED_WORLD.policy, certificates: { profiles: ["wildcard"] } },
    });
    const { names, certificates } = acceptanceOf("fra1", only, planTree(only));
    expect(names.map(({ name }) => name)).toContain("lhr.sip.example.net");
    expect(certificates.map(({ profile }) => profile)).toEqual(["wildcard"]);
  });

  test("is nothing for a retired node", () => {
    expect(acceptanceOf("fra3", inventory, tree)).toMatchObject({
      status: "retired",
      addresses: [],
      names: [],
      listeners: [],
    });
  });

  test("has every name that leads to the node, in any fleet", () => {
    fc.assert(
      fc.property(arbitrarySketch, (sketch) => {
        const random = inventoryOf(sketch);
        const its = planTree(random);
        for (const { slot, name } of its.nodes) {
          const { names } = acceptanceOf(slot, random, its);
          const listing = [its.global, ...its.regions, ...its.pops].filter((tier) =>
            answeringSlots(tier).includes(slot),
          );
          expect(
            names
              .filter(({ lists, kind }) => lists && kind !== "host")
              .map((each) => each.name)
              .sort(),
          ).toEqual([name, ...listing.map((tier) => tier.name)].sort());
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe("what customers must let through", () => {
  test("is every published address, also that of a draining node, in order; not a retired one's", () => {
    const sketch = {
      nodes: [
        nodeAt("euro", "fra1", { ip: "192.0.2.11", ip6: "2001:db8::a" }),
        nodeAt("euro", "fra2", { ip: "192.0.2.9", status: "draining" as const }),
        nodeAt("euro", "fra3", { ip: "192.0.2.13", status: "retired" as const }),
        nodeAt("euro", "lhr1", { ip: "198.51.100.1" }),
      ],
      environment: { publishedRanges: ["192.0.2.0/24"] },
    };
    const inventory = inventoryOf(sketch);
    const list = allowList(inventory, planTree(inventory));
    expect(list.all).toEqual(["192.0.2.9", "192.0.2.11", "198.51.100.1", "2001:db8::a"]);
    expect(list.outsideRanges).toEqual(["198.51.100.1", "2001:db8::a"]);
    const fra = list.names.find(({ name }) => name === "fra.sip.example.net");
    expect(fra).toEqual({
      name: "fra.sip.example.net",
      answering: ["192.0.2.11", "2001:db8::a"],
      possible: ["192.0.2.9", "192.0.2.11", "198.51.100.1", "2001:db8::a"],
    });
  });

  test("holds at each name at least what answers there, in any fleet", () => {
    fc.assert(
      fc.property(arbitrarySketch, (sketch) => {
        const inventory = inventoryOf(sketch);
        const list = allowList(inventory, planTree(inventory));
        for (const { answering, possible } of list.names) {
          expect(possible).toEqual(expect.arrayContaining([...answering]));
          expect(list.all).toEqual(expect.arrayContaining([...possible]));
        }
        expect(list.outsideRanges).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });
});
