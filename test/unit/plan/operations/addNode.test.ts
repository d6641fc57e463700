import { describe, expect, test } from "vitest";
import { EMPTY_LEDGER } from "../../../../plan/ledger.ts";
import { addNode, type NewNode } from "../../../../plan/operations/addNode.ts";
import { nodeAt } from "../../../support/inventories.ts";
import { contextOf, FLEET, LEDGER, refusalOf } from "./intentionOf.ts";

const REQUEST: NewNode = { slot: "fra5", ip: "192.0.2.15", pop: "fra", region: "euro", status: "planned" };

describe("a new node", () => {
  test("is planned, with the weight of its neighbours and the time", () => {
    const nodes = FLEET.nodes.map((node) => ({ ...node, weight: 40 }));
    const { edits, warnings, overrides } = addNode(REQUEST, contextOf({ ...FLEET, nodes }));
    expect(edits).toEqual([
      {
        kind: "add",
        entry: {
          slot: "fra5",
          region: "euro",
          pop: "fra",
          ip: "192.0.2.15",
          weight: 40,
          status: "planned",
          since: "2026-11-23T12:00:00Z",
        },
      },
    ]);
    expect([warnings, overrides]).toEqual([[], []]);
  });

  test("has everything that was said of it, and weight 100 where its neighbours have none in common", () => {
    const [first, ...others] = FLEET.nodes;
    const nodes = [{ ...(first ?? nodeAt("euro", "fra1")), weight: 10 }, ...others];
    const more = {
      ip6: "2001:db8::5",
      role: "standby",
      capacity: 2000,
      csr: "csr/fra5.pem",
      note: "rack 3",
    } as const;
    const { edits } = addNode({ ...REQUEST, ...more }, contextOf({ ...FLEET, nodes }));
    expect(edits).toMatchObject([{ entry: { ...more, weight: 100 } }]);
  });

  test("takes the region of its POP where none is said", () => {
    const { region: _, ...request } = REQUEST;
    expect(addNode(request, contextOf()).edits).toMatchObject([{ entry: { region: "euro" } }]);
  });

  test("tells how it comes to be listed", () => {
    expect(addNode(REQUEST, contextOf()).next).toEqual([
      "commit the change, then `pulumi preview` and `pulumi up`",
      "install the certificates that the update issued on fra5",
      "see it answer: `npx dialtree dial sip.example.net --node fra5 --identity strict`",
      "then `npx dialtree node activate fra5 --installed`",
    ]);
  });

  test("at a new POP is told, with the POP that was perhaps meant", () => {
    expect(addNode({ ...REQUEST, pop: "frb" }, contextOf()).warnings).toEqual([
      "POP frb is new: frb.sip.example.net is published, answered by euro until the node is active; did you mean fra?",
    ]);
  });

  test("outside the ranges that customers were told is told", () => {
    const environment = { publishedRanges: ["192.0.2.0/28", "2001:db8::/48"] };
    const request = { ...REQUEST, ip: "192.0.2.16", ip6: "2001:db8:1::5" };
    expect(addNode(request, contextOf({ ...FLEET, environment })).warnings).toEqual([
      expect.stringMatching(/^192\.0\.2\.16 lies in none of environment\.publishedRanges: /),
      expect.stringMatching(/^2001:db8:1::5 lies in none/),
    ]);
    expect(addNode(REQUEST, contextOf({ ...FLEET, environment })).warnings).toEqual([]);
  });
});

describe("refused is", () => {
  test("a slot that is taken", () => {
    expect(refusalOf(() => addNode({ ...REQUEST, slot: "fra2" }, contextOf()))).toEqual([
      'SLOT: "fra2": is there already, draining [duplicate-slot]; `node replace fra2 --ip NEW` gives it other hardware',
    ]);
  });

  test("a region that nobody knows, with the one that was probably meant", () => {
    expect(refusalOf(() => addNode({ ...REQUEST, region: "eruo" }, contextOf()))).toEqual([
      '--region: "eruo": is no region of this inventory [unknown-region]; did you mean "euro"?',
    ]);
    expect(refusalOf(() => addNode({ ...REQUEST, region: "apac" }, contextOf()))[0]).toContain(
      "add it to policy.regions",
    );
  });

  test("a new POP without a region", () => {
    const { region: _, ...request } = REQUEST;
    expect(refusalOf(() => addNode({ ...request, pop: "waw" }, contextOf()))).toEqual([
      '--region: is missing, and no node is at POP "waw" that would tell [unknown-region]; give one of euro, latm',
    ]);
  });
});

describe("a new node that is to be active at once", () => {
  const request = { ...REQUEST, status: "active" } as const;

  test("is refused where updates have issued certificates, and none for it", () => {
    expect(refusalOf(() => addNode(request, contextOf(), { installed: true }))[0]).toContain("[certificate]");
  });

  test("is taken in the first update of a stack, in which names wait for the certificates", () => {
    const { edits } = addNode(request, contextOf(FLEET, EMPTY_LEDGER), { installed: true });
    expect(edits).toMatchObject([{ entry: { status: "active" } }]);
  });

  test("is not taken for that in a stack that has nodes deployed", () => {
    const ledger = { ...LEDGER, certificates: [], nodes: { fra1: { status: "active" } } } as const;
    expect(refusalOf(() => addNode(request, contextOf(FLEET, ledger), { installed: true }))[0]).toContain(
      "[certificate]",
    );
  });
});
