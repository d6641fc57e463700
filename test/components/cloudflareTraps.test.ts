import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { CloudflareBackend } from "../../backends/cloudflare.ts";
import { planTree } from "../../plan/plan.ts";
import { render } from "../../plan/render.ts";
import { inventoryOf } from "../support/inventories.ts";
import { registrationsOf } from "../support/registrations.ts";
import { steeredFleet } from "../support/steeredFleet.ts";

test("x", async () => {
  const tree = planTree(inventoryOf(steeredFleet));
  const all = await registrationsOf(() => {
    const backend = new CloudflareBackend({ accountId: "a", zoneId: "z" }, render(tree, "cloudflare"));
    const parent = new pulumi.ComponentResource("t:t:T", "parent");
    for (const node of tree.nodes) backend.publish({tier: "node", key: node.slot}, { parent, beforeListing: () => [] });
    for (const t of [...tree.pops, ...tree.regions, tree.global]) backend.publish({tier: t.kind, key: t.key}, { parent, beforeListing: () => [] });
  });
  console.log(JSON.stringify([...all.values()].filter(r=>/global|pool|monitor/.test(r.name)), null, 1).slice(0, 9000));
  expect(all.size).toBeGreaterThan(3);
});
