import { expect, test } from "vitest";
import { listedSlots, type ObservedRow, POOL_ORIGIN } from "../../../plan/observed.ts";
import { planTree } from "../../../plan/plan.ts";
import { address6, inventoryOf, nodeAt } from "../../support/inventories.ts";

const tree = planTree(
  inventoryOf({
    nodes: [
      nodeAt("euro", "fra1", { ip: "192.0.2.1", ip6: address6(1) }),
      nodeAt("euro", "fra2", { ip: "192.0.2.2", status: "draining" }),
    ],
  }),
);

function listed(...rows: Omit<ObservedRow, "backend">[]): string[] {
  return [
    ...listedSlots(
      tree,
      rows.map((row) => ({ backend: "cloudflare" as const, ...row })),
    ),
  ].sort();
}

test("a node is listed by an SRV row that targets it", () => {
  const name = "_sips._tcp.euro.sip.example.net";
  expect(listed({ name, type: "SRV", data: "10 100 5061 fra2.sip.example.net" })).toEqual(["fra2"]);
});

test("a node is listed by an address of either family at a tier, and by the origin of a pool", () => {
  expect(listed({ name: "euro.sip.example.net", type: "A", data: "192.0.2.2" })).toEqual(["fra2"]);
  expect(listed({ name: "euro.sip.example.net", type: "AAAA", data: "2001:db8::1" })).toEqual(["fra1"]);
  expect(listed({ name: "euro-b", type: POOL_ORIGIN, data: "192.0.2.2" })).toEqual(["fra2"]);
});

test("a node is not listed by its own name, nor by what is nobody's", () => {
  expect(listed({ name: "fra2.sip.example.net", type: "A", data: "192.0.2.2" })).toEqual([]);
  expect(listed({ name: "euro.sip.example.net", type: "A", data: "192.0.2.9" })).toEqual([]);
  expect(
    listed({ name: "_sips._tcp.euro.sip.example.net", type: "SRV", data: "10 1 5061 old.sip.example.net" }),
  ).toEqual([]);
  expect(listed({ name: "euro.sip.example.net", type: "SRV", data: "" })).toEqual([]);
});
