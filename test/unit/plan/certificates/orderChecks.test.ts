import { describe, expect, test } from "vitest";
import { problemLine } from "../../../../inventory/problem.ts";
import { orderProblems } from "../../../../plan/certificates/orderChecks.ts";
import { planTree } from "../../../../plan/plan.ts";
import type { Tree } from "../../../../plan/tree.ts";
import { type InventorySketch, inventoryOf, nodeAt, STEERED_WORLD } from "../../../support/inventories.ts";

/** Nodes of one region, each at a POP of its own. */
function onePopEach(count: number, policy: InventorySketch["policy"] = {}): Tree {
  const nodes = Array.from({ length: count }, (_, i) => nodeAt("euro", `p${i}x1`, { pop: `p${i}x` }));
  return planTree(inventoryOf({ nodes, policy }));
}

function lines(tree: Tree): string[] {
  return orderProblems(tree).map(problemLine);
}

test("what the planner orders can be issued", () => {
  expect(lines(planTree(inventoryOf(STEERED_WORLD)))).toEqual([]);
});

describe("a certificate has as many names as one of its profile may hold", () => {
  test("a hundred are held, and one more is refused once for the region", () => {
    // Beside the POPs: the node's own name, the region's and the domain's.
    expect(lines(onePopEach(97))).toEqual([]);
    expect(lines(onePopEach(98))).toEqual([
      "nodes.json: region euro: exact: certificates of 98 nodes need 101 names, and one of the profile classic holds 100 " +
        "[certificate-names]; divide the region: a node's certificate has every POP and region name that can ever list it",
    ]);
  });

  test.each(["tlsserver", "shortlived"] as const)("%s holds twenty-five", (acmeProfile) => {
    const policy = { certificates: { acmeProfile, minDaysRemaining: 4 } };
    expect(lines(onePopEach(22, policy))).toEqual([]);
    const [line = "", ...more] = lines(onePopEach(23, policy));
    expect(more).toEqual([]);
    expect(line).toContain(
      `need 26 names, and one of the profile ${acmeProfile} holds 25 [certificate-names]`,
    );
    expect(line).toContain("set policy.certificates.acmeProfile to classic, which holds 100");
  });

  test("a node without the profile needs no name of it", () => {
    expect(lines(onePopEach(98, { certificates: { profiles: ["wildcard"] } }))).toEqual([]);
  });
});

const PAIR = planTree(inventoryOf({ nodes: [nodeAt("euro", "fra1"), nodeAt("euro", "fra2")] }));

test("a name that a wildcard beside it covers is refused, and no other", () => {
  const names = ["sip.example.net", "*.sip.example.net", "fra.sip.example.net", "fra1.id.sip.example.net"];
  const [first, ...rest] = PAIR.certificates;
  if (first === undefined) throw new Error("no order");
  expect(lines({ ...PAIR, certificates: [{ ...first, names }, ...rest] })).toEqual([
    "tree.json: fra1 exact: fra.sip.example.net: is covered by *.sip.example.net in the same certificate, which authorities " +
      "refuse [certificate-redundant]; plan the two in certificates of their own: the profiles wildcard and exact",
  ]);
});

test("one set of names is refused in two certificates, whatever the order of the names", () => {
  const names = ["sip.example.net", "euro.sip.example.net"];
  const certificates = PAIR.certificates.map((order) =>
    order.profile === "exact"
      ? { ...order, names: order.slot === "fra1" ? names : names.toReversed() }
      : order,
  );
  expect(lines({ ...PAIR, certificates })).toEqual([
    "tree.json: fra2 exact: has the same names as fra1 exact: an authority issues one exact set five times a week " +
      "[certificate-twice]; give each certificate a name of its own",
  ]);
});
