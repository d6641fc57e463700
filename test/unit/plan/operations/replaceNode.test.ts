import { describe, expect, test } from "vitest";
import { replaceInPlace, replaceNode } from "../../../../plan/operations/replaceNode.ts";
import { contextOf, FLEET, LEDGER, refusalOf } from "./intentionOf.ts";

const ip = "192.0.2.99";

/** The fleet with one node as it is after a step. */
function fleetWith(slot: string, values: Partial<(typeof FLEET.nodes)[number]>): typeof FLEET {
  return { ...FLEET, nodes: FLEET.nodes.map((node) => (node.slot === slot ? { ...node, ...values } : node)) };
}

describe("the same request, step after step", () => {
  test("first drains", () => {
    const { title, edits, next } = replaceNode({ slot: "fra1", ip }, contextOf());
    expect(title).toBe("replace fra1, first step: drain");
    expect(edits).toEqual([
      { kind: "set", slot: "fra1", values: { status: "draining", since: "2026-11-23T12:00:00Z" } },
    ]);
    expect(next.at(-1)).toBe(
      "not before 2026-11-23 17:14 UTC: `npx dialtree node replace fra1 --ip 192.0.2.99 --ledger FILE`",
    );
  });

  test("then waits for the envelope", () => {
    const ledger = { ...LEDGER, goneSince: { fra2: "2026-11-23T11:00:00.000Z" } };
    expect(refusalOf(() => replaceNode({ slot: "fra2", ip }, contextOf(FLEET, ledger)))[0]).toMatch(
      /legal from 2026-11-23 16:13 UTC, in 4 h 13 min \[drain-envelope\]; wait until then; or override/,
    );
  });

  test("then writes the new address, planned", () => {
    const { edits, next } = replaceNode({ slot: "fra2", ip }, contextOf());
    expect(edits).toEqual([
      { kind: "set", slot: "fra2", values: { ip, status: "planned", since: "2026-11-23T12:00:00Z" } },
    ]);
    expect(next.at(-1)).toBe("then `npx dialtree node replace fra2 --ip 192.0.2.99 --installed`");
  });

  test("then activates, with the proof, and names itself as the command to give it to", () => {
    const sketch = fleetWith("fra3", { ip });
    expect(refusalOf(() => replaceNode({ slot: "fra3", ip }, contextOf(sketch)))[0]).toMatch(
      /\[installation-proof\].* then `npx dialtree node replace fra3 --ip 192\.0\.2\.99 --installed`$/,
    );
    expect(replaceNode({ slot: "fra3", ip }, contextOf(sketch), { installed: true }).edits).toMatchObject([
      { slot: "fra3", values: { status: "active" } },
    ]);
  });

  test("then has nothing left to do", () => {
    const { edits, next } = replaceNode({ slot: "fra1", ip }, contextOf(fleetWith("fra1", { ip })));
    expect(edits).toEqual([]);
    expect(next).toEqual(["fra1 is active at 192.0.2.99 already: nothing is left to do"]);
  });
});

describe("other hardware", () => {
  test("comes to a retired slot at once, and to a planned one", () => {
    for (const slot of ["fra3", "fra4"]) {
      expect(replaceNode({ slot, ip }, contextOf()).edits).toMatchObject([
        { slot, values: { ip, status: "planned" } },
      ]);
    }
  });

  test("needs an IPv6 address, or a word that it has none, where the old one has one", () => {
    expect(refusalOf(() => replaceNode({ slot: "lhr1", ip }, contextOf()))).toEqual([
      expect.stringMatching(
        /^--ip6: is missing, and lhr1 has the IPv6 address 2001:db8::1, .*\[replace-address\]/,
      ),
    ]);
    expect(replaceNode({ slot: "lhr1", ip, ip6: null }, contextOf()).edits).toMatchObject([
      { values: { status: "draining" } },
    ]);
    const drained = contextOf(fleetWith("lhr1", { status: "retired" }));
    expect(replaceNode({ slot: "lhr1", ip, ip6: null }, drained).edits).toMatchObject([
      { values: { ip, ip6: null } },
    ]);
    expect(replaceNode({ slot: "lhr1", ip, ip6: "2001:db8::9" }, drained).edits).toMatchObject([
      { values: { ip, ip6: "2001:db8::9" } },
    ]);
  });

  test("has a key of its own: a request of the old one is told", () => {
    const sketch = fleetWith("fra4", { csr: { wildcard: "csr/w.pem", exact: "csr/e.pem" } });
    expect(replaceNode({ slot: "fra4", ip }, contextOf(sketch)).warnings).toEqual([
      "the certificates of fra4 are for the key of csr/w.pem and csr/e.pem: give --csr where the new hardware has another",
    ]);
    const csr = { wildcard: "csr/w2.pem", exact: "csr/e2.pem" };
    const intention = replaceNode({ slot: "fra4", ip, csr }, contextOf(sketch));
    expect(intention.warnings).toEqual([]);
    expect(intention.edits).toMatchObject([{ values: { csr } }]);
    expect(intention.next.at(-1)).toContain("--csr wildcard=csr/w2.pem --csr exact=csr/e2.pem");
  });
});

describe("in place", () => {
  test("the address alone changes, whatever the status, and what that costs is told", () => {
    for (const slot of ["fra1", "fra2", "fra3", "lhr2"]) {
      const { edits, warnings } = replaceInPlace({ slot, ip }, contextOf());
      expect(edits).toEqual([{ kind: "set", slot, values: { ip } }]);
      expect(warnings[0]).toContain(
        "requests inside calls that are up (re-INVITE, BYE) reach a box that does not know them",
      );
    }
  });

  test("a retired node is refused, and one that is there already has nothing to do", () => {
    expect(refusalOf(() => replaceInPlace({ slot: "fra4", ip }, contextOf()))[0]).toMatch(
      /is retired: .*\[state-machine\]/,
    );
    const context = contextOf(fleetWith("fra1", { ip }));
    expect(replaceInPlace({ slot: "fra1", ip }, context).edits).toEqual([]);
  });
});
