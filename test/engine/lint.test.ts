import { expect, it } from "vitest";
import type { InventorySketch } from "../support/inventories.ts";
import { changedNode, steeredFleet, withNodes } from "../support/steeredFleet.ts";
import { withStack } from "../support/withStack.ts";

/** fra1 drains, and nobody wrote since when: a warning of the lint. */
const undated = withNodes(steeredFleet, changedNode(steeredFleet, "fra1", { status: "draining" }));

function withLevel(sketch: InventorySketch, level: "error" | "note"): InventorySketch {
  const lint = { "draining-without-since": { level, reason: "the rule of this house" } };
  return { ...sketch, policy: { ...sketch.policy, lint } };
}

it("an error of the lint stops preview and update before anything is registered, a warning is shown", async () => {
  await withStack({ inventory: withLevel(undated, "error"), backends: ["cloudflare"] }, async (stack) => {
    const mark = stack.mark();
    for (const result of [await stack.tryPreview(), await stack.tryUp()]) {
      const text = `${result.stdout}${result.stderr}`;
      expect(result.code).not.toBe(0);
      expect(text).toMatch(
        /error: nodes\.json: node fra1: is draining, .+ \(level by policy\.lint: the rule of this house\) \[draining-without-since\]/,
      );
      expect(text).toContain("refused: 1 problem, nothing was changed");
    }
    expect(stack.operationsSince(mark)).toEqual([]);

    stack.setInventory(undated);
    const shown = await stack.tryPreview();
    expect(shown.code).toBe(0);
    expect(`${shown.stdout}${shown.stderr}`).toMatch(
      /warning: nodes\.json: node fra1: is draining, and nobody knows since when \[draining-without-since\]; write when /,
    );

    stack.setInventory(withLevel(undated, "note"));
    const silent = await stack.tryPreview();
    expect(silent.code).toBe(0);
    expect(`${silent.stdout}${silent.stderr}`).not.toContain("draining-without-since");
  });
});
