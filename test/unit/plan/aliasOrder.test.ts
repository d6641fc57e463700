import fc from "fast-check";
import { expect, test } from "vitest";
import { setKey } from "../../../dns/records.ts";
import { targetsFirst } from "../../../plan/aliasOrder.ts";
import { planTree } from "../../../plan/plan.ts";
import { render } from "../../../plan/render.ts";
import { arbitrarySketch } from "../../support/arbitraryInventory.ts";
import { inventoryOf } from "../../support/inventories.ts";

test("every alias comes after all sets of its target, and none is lost", () => {
  fc.assert(
    fc.property(arbitrarySketch, (sketch) => {
      const { aliases } = render(planTree(inventoryOf(sketch)), "route53");
      const ordered = targetsFirst(aliases);
      expect(new Set(ordered)).toEqual(new Set(aliases));
      expect(ordered).toHaveLength(aliases.length);
      const left = new Map([...Map.groupBy(aliases, setKey)].map(([key, group]) => [key, group.length]));
      for (const alias of ordered) {
        expect(left.get(setKey({ name: alias.target, type: alias.type })) ?? 0).toBe(0);
        left.set(setKey(alias), (left.get(setKey(alias)) ?? 0) - 1);
      }
    }),
  );
});
