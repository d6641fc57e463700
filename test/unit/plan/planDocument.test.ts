import { describe, expect, test } from "vitest";
import { planTree } from "../../../plan/plan.ts";
import { type PlanDocument, planDocument } from "../../../plan/planDocument.ts";
import { causeText, render } from "../../../plan/render.ts";
import type { Backend } from "../../../plan/rendering.ts";
import { inventoryOf, STEERED_WORLD } from "../../support/inventories.ts";

function documentOf(backend: Backend): PlanDocument {
  return planDocument(render(planTree(inventoryOf(STEERED_WORLD)), backend));
}

describe("the plan as a document", () => {
  test("has the same keys for every backend", () => {
    for (const backend of ["cloudflare", "route53", "static"] as const) {
      const document = documentOf(backend);
      expect(Object.keys(document)).toEqual([
        ...["domain", "zone", "backend", "records", "geo", "pools", "healthChecks", "certificates"],
      ]);
      expect(document).toMatchObject({ backend, domain: "sip.example.net", zone: "sip.example.net" });
    }
  });

  test("has records in presentation form, each with its cause in data and in words", () => {
    expect(documentOf("static").records).toContainEqual({
      name: "_sips._tcp.euro.sip.example.net",
      type: "SRV",
      ttl: 60,
      data: "20 100 5061 ams1.sip.example.net",
      why: "region euro lists ams1",
      cause: { tier: "region", key: "euro", slot: "ams1" },
    });
  });

  test("has what steers: load balancers and pools, or aliases and health checks, or nothing", () => {
    const cloudflare = documentOf("cloudflare");
    expect(cloudflare.geo[0]).toMatchObject({
      ...{ name: "sip.example.net", type: "A", ttl: 60, key: "global", fallbackPool: "euro-a" },
      why: "global name, by the caller's location",
    });
    expect(cloudflare.geo[0]).not.toHaveProperty("ttlSeconds");
    expect(cloudflare.pools[0]).toMatchObject({
      key: "euro-a",
      why: "region euro, by the caller's location",
    });
    expect(cloudflare.healthChecks).toEqual([]);
    const route53 = documentOf("route53");
    expect(route53.geo).toContainEqual({
      name: "sip.example.net",
      type: "A",
      target: "global--geo.sip.example.net",
      routing: { policy: "simple" },
      why: "global name, by the caller's location",
      cause: { tier: "global", key: "global" },
    });
    expect(route53.healthChecks[0]).toMatchObject({ kind: "tcp", key: "ams1", why: "node ams1" });
    expect(route53.pools).toEqual([]);
    const plain = documentOf("static");
    expect([plain.geo, plain.pools, plain.healthChecks]).toEqual([[], [], []]);
  });

  test("has a line per certificate", () => {
    expect(documentOf("static").certificates[1]).toEqual({
      node: "ams1",
      profile: "wildcard",
      names: ["sip.example.net", "*.sip.example.net", "ams1.id.sip.example.net"],
    });
  });
});

test("a cause is said in words for every tier", () => {
  expect(causeText({ tier: "node", key: "fra1", slot: "fra1" })).toBe("node fra1");
  expect(causeText({ tier: "pop", key: "fra", slot: "fra1" })).toBe("POP fra lists fra1");
  expect(causeText({ tier: "region", key: "euro", slot: "fra1" })).toBe("region euro lists fra1");
  expect(causeText({ tier: "global", key: "global", slot: "fra1" })).toBe("global name lists fra1");
  expect(causeText({ tier: "pop", key: "fra" })).toBe("POP fra, by the caller's location");
});
