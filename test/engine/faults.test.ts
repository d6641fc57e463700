import { describe, expect, it } from "vitest";
import type { Fault } from "../../lab/store/faults.ts";
import { type InventorySketch, nodeAt } from "../support/inventories.ts";
import { danglingMoments } from "../support/operationMoments.ts";
import { changedNode, withNodes } from "../support/steeredFleet.ts";
import { withStack } from "../support/withStack.ts";

/** More than a provider tries. */
const ALWAYS = 100;
const DOMAIN = "sip.example.net";

/** Small: the engine writes its state after every operation here, which is slow. */
const fleet: InventorySketch = { nodes: [nodeAt("euro", "fra1"), nodeAt("euro", "fra2")] };

describe("an update in which the platform fails", () => {
  it.each<{ what: string; backend: "cloudflare" | "route53"; fault: Omit<Fault, "times" | "mode"> }>([
    {
      what: "an SRV row at Cloudflare",
      backend: "cloudflare",
      fault: {
        platform: "cloudflare",
        kind: "dnsRecord",
        operation: "create",
        name: `_sips._tcp.euro.${DOMAIN}`,
      },
    },
    {
      what: "the new node's address at Route 53",
      backend: "route53",
      fault: { platform: "route53", kind: "recordSet", operation: "create", name: `fra3.${DOMAIN}` },
    },
  ])(
    "keeps the ledger, deletes nothing, and is finished by the next one: $what",
    async ({ backend, fault }) => {
      const drained = withNodes(fleet, changedNode(fleet, "fra2", { status: "draining" }));
      const sketch = { inventory: fleet, backends: [backend], checkpoints: true };
      await withStack(sketch, async (stack) => {
        const { store } = stack.world.platforms;
        await stack.up();
        stack.setInventory(drained);
        await stack.up();
        const { ledger } = await stack.outputs();
        expect(ledger).toMatchObject({ goneSince: {} });

        // This run sees the drained node's rows gone, which it would note; the new node makes it fail.
        stack.setInventory(withNodes(drained, nodeAt("euro", "fra3")));
        store.faults.failNext({ ...fault, times: ALWAYS, mode: "error" });
        const mark = stack.mark();
        const failed = await stack.tryUp();
        expect(failed.code).not.toBe(0);
        expect(failed.stdout + failed.stderr).toContain("500");
        expect((await stack.outputs()).ledger).toEqual(ledger);
        expect(stack.operationsSince(mark).filter(({ operation }) => operation === "delete")).toEqual([]);

        store.faults.clear();
        await stack.up();
        expect((await stack.outputs()).ledger).toMatchObject({ goneSince: { fra2: expect.any(String) } });
        await stack.expectIdle();
        expect(await stack.notServed()).toEqual([]);
        expect(danglingMoments(store.operations)).toEqual([]);
      });
    },
  );
});
