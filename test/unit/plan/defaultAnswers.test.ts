import { describe, expect, test } from "vitest";
import { recordData } from "../../../dns/records.ts";
import { defaultAnswers } from "../../../plan/defaultAnswers.ts";
import { planTree } from "../../../plan/plan.ts";
import { render } from "../../../plan/render.ts";
import type { Backend } from "../../../plan/rendering.ts";
import { type InventorySketch, inventoryOf, STEERED_WORLD } from "../../support/inventories.ts";

/** Data of the records that a caller of no known place gets. */
function answer(sketch: InventorySketch, backend: Backend, name: string, type: string): string[] {
  return defaultAnswers(render(planTree(inventoryOf(sketch)), backend))
    .filter((record) => record.name === name && record.type === type)
    .map(recordData);
}

function slotsOf(sketch: InventorySketch, addresses: readonly string[]): string[] {
  return addresses.map((address) => sketch.nodes.find(({ ip }) => ip === address)?.slot ?? address);
}

const toNoam = { ...STEERED_WORLD, policy: { ...STEERED_WORLD.policy, defaultRegion: "noam" } };

describe("the default answer of a steered name", () => {
  test("is the first default pool at Cloudflare, of either half", () => {
    const at = (name: string) => slotsOf(STEERED_WORLD, answer(STEERED_WORLD, "cloudflare", name, "A"));
    expect(at("sip.example.net")).toEqual(["fra1", "lhr1"]);
    expect(at("geo-a.sip.example.net")).toEqual(["fra1", "lhr1"]);
    expect(at("geo-b.sip.example.net")).toEqual(["fra2"]);
    expect(slotsOf(toNoam, answer(toNoam, "cloudflare", "sip.example.net", "A"))).toEqual(["iad1"]);
  });

  test("is the default location's plain set at Route 53, under the published name", () => {
    expect(answer(STEERED_WORLD, "route53", "_sips._tcp.sip.example.net", "SRV")).toEqual([
      "10 100 5061 fra1.sip.example.net",
      "10 100 5061 fra2.sip.example.net",
      "10 100 5061 lhr1.sip.example.net",
      "20 100 5061 ams1.sip.example.net",
    ]);
  });

  test("goes through both policies where the default region is wide", () => {
    expect(answer(toNoam, "route53", "_sips._tcp.sip.example.net", "SRV")).toEqual([
      "10 100 5061 iad1.sip.example.net",
      "10 100 5061 iad2.sip.example.net",
    ]);
    expect(slotsOf(toNoam, answer(toNoam, "route53", "sip.example.net", "A"))).toEqual(["iad1", "iad2"]);
  });

  test("is everybody where nothing is steered", () => {
    const slots = slotsOf(STEERED_WORLD, answer(STEERED_WORLD, "static", "sip.example.net", "A"));
    expect(slots.sort()).toEqual(["fra1", "fra2", "iad1", "iad2", "lax1", "lhr1"]);
  });
});
