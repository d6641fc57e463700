import { describe, expect, it } from "vitest";
import { nodeTarget } from "../../../cli/dialNode.ts";
import type { CertificateProfile } from "../../../inventory/certificateKinds.ts";
import { planTree } from "../../../plan/plan.ts";
import { inventoryOf, STEERED_WORLD, withNode } from "../../support/inventories.ts";

function worldWith(profiles: readonly CertificateProfile[]) {
  return inventoryOf({
    ...STEERED_WORLD,
    policy: { ...STEERED_WORLD.policy, certificates: { profiles: [...profiles] } },
  });
}

describe("a node that is dialed at its own address", () => {
  it.each([
    ["both profiles", ["wildcard", "exact"]],
    ["the wildcard alone", ["wildcard"]],
  ] as const)("is found by every name that lists it: %s", (_, profiles) => {
    const inventory = worldWith(profiles);
    const tree = planTree(inventory);
    const tiers = [tree.global, ...tree.regions, ...tree.pops];
    const listed = tiers.flatMap(({ name, members, standby }) =>
      [...members, ...standby].map(({ slot }) => ({ name, slot })),
    );
    expect(listed.length).toBeGreaterThan(15);
    for (const { name, slot } of listed) {
      const node = tree.nodes.find((each) => each.slot === slot);
      expect(nodeTarget(inventory, { slot, name, transport: "tls", ip6: false })).toEqual({
        ok: true,
        target: { target: node?.name, address: node?.address, port: 5061 },
      });
    }
  });

  it("is not found by a name of a region that it can never stand in for", () => {
    const found = nodeTarget(worldWith(["wildcard", "exact"]), {
      ...{ slot: "fra1", name: "noam.sip.example.net", transport: "tls", ip6: false },
    });
    expect(found).toMatchObject({ ok: false, about: "name" });
  });

  it("is found by its own name, by that of its wildcard certificate, and by no wildcard", () => {
    const question = { slot: "fra1", transport: "tls", ip6: false } as const;
    const inventory = worldWith(["wildcard", "exact"]);
    for (const name of ["fra1.sip.example.net", "fra1.id.sip.example.net"]) {
      expect(nodeTarget(inventory, { ...question, name })).toMatchObject({ ok: true });
    }
    expect(nodeTarget(inventory, { ...question, name: "*.sip.example.net" })).toMatchObject({ ok: false });
  });

  it("is dialed at its IPv6 address on demand, and at an explicit port", () => {
    const question = { name: "fra1.sip.example.net", transport: "udp", ip6: true, port: 5070 } as const;
    expect(nodeTarget(worldWith(["exact"]), { ...question, slot: "fra1" })).toMatchObject({
      ok: true,
      target: { address: "2001:db8::1", port: 5070 },
    });
  });

  it.each(["planned", "draining", "down"] as const)("is found while it is %s", (status) => {
    const inventory = inventoryOf(withNode(STEERED_WORLD, "fra2", { status }));
    expect(
      nodeTarget(inventory, { slot: "fra2", name: "euro.sip.example.net", transport: "tls", ip6: false }),
    ).toMatchObject({ ok: true });
  });
});
