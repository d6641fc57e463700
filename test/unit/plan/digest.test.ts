import { expect, test } from "vitest";
import { treeDigest } from "../../../plan/digest.ts";
import { planTree } from "../../../plan/plan.ts";
import { render } from "../../../plan/render.ts";
import type { Rendering } from "../../../plan/rendering.ts";
import { type InventorySketch, inventoryOf, STEERED_WORLD, withNode } from "../../support/inventories.ts";

function renderingsOf(sketch: InventorySketch): [Rendering, Rendering] {
  const tree = planTree(inventoryOf(sketch));
  return [render(tree, "cloudflare"), render(tree, "route53")];
}

function withKeysReversed(value: unknown): unknown {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(withKeysReversed);
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, below]) => [key, withKeysReversed(below)]),
  );
}

const digest = treeDigest(renderingsOf(STEERED_WORLD));

test("a digest is a SHA-256 in hex", () => {
  expect(digest).toMatch(/^[0-9a-f]{64}$/);
});

test("a digest does not hang on the order of the backends or of keys", () => {
  const [cloudflare, route53] = renderingsOf(STEERED_WORLD);
  expect(treeDigest([route53, cloudflare])).toBe(digest);
  expect(treeDigest([withKeysReversed(route53) as Rendering, cloudflare])).toBe(digest);
});

test("a digest leaves the renderings as they were", () => {
  const renderings = renderingsOf(STEERED_WORLD).reverse();
  treeDigest(renderings);
  expect(renderings.map(({ backend }) => backend)).toEqual(["route53", "cloudflare"]);
});

test.each([
  ["an address", { ip: "127.9.9.9" }],
  ["a weight", { weight: 99 }],
  ["a status", { status: "draining" as const }],
  ["a role", { role: "standby" as const }],
])("a digest changes with %s", (_, change) => {
  expect(treeDigest(renderingsOf(withNode(STEERED_WORLD, "fra1", change)))).not.toBe(digest);
});

test("a digest does not change with a note, and does with a backend more", () => {
  expect(treeDigest(renderingsOf(withNode(STEERED_WORLD, "fra1", { note: "new fan" })))).toBe(digest);
  expect(treeDigest(renderingsOf(STEERED_WORLD).slice(0, 1))).not.toBe(digest);
});
