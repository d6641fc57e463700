import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { readJsonc } from "../../inventory/jsonc.ts";
import type { InventorySketch } from "../support/inventories.ts";
import { danglingMoments } from "../support/operationMoments.ts";
import { loggedOperations, plannedOperations, plannedRows } from "../support/platformRows.ts";
import { checkout } from "../support/trackedFiles.ts";
import { withStack } from "../support/withStack.ts";

function committed(stack: string): InventorySketch {
  const read = (file: string): unknown => {
    const reading = readJsonc(readFileSync(path.join(checkout, "inventory", stack, file), "utf8"));
    if (!("document" in reading)) throw new Error(`${stack}/${file} cannot be read`);
    return reading.document.value;
  };
  return { ...(read("tree.json") as object), nodes: read("nodes.json") } as InventorySketch;
}

describe("the committed inventory", () => {
  it.each(["staging", "prod"])("of stack %s is deployed at both platforms by one update", async (name) => {
    const inventory = committed(name);
    await withStack({ inventory, backends: ["cloudflare", "route53"], acme: true }, async (stack) => {
      const made = await stack.up();
      const planned = plannedRows(stack.renderings(), true);
      expect(loggedOperations(made, made)).toEqual(plannedOperations(new Map(), planned));
      expect(danglingMoments(made)).toEqual([]);
      expect(await stack.notServed()).toEqual([]);
      await stack.expectIdle();
    });
  });
});
