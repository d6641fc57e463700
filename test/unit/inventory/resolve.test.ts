import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Inventory } from "../../../inventory/inventory.ts";
import { type InventoryParts, resolveInventory } from "../../../inventory/resolve.ts";

const FRA = { slot: "fra1", region: "euro", pop: "fra", ip: "192.0.2.11", weight: 100, status: "active" };
const IAD = { slot: "iad1", region: "noam", pop: "iad", ip: "192.0.2.21", weight: 100, status: "active" };

function partsOf(nodes: unknown, tree?: unknown, domain?: string): InventoryParts {
  return {
    nodes: { place: "nodes.json", value: nodes },
    ...(tree === undefined ? {} : { tree: { place: "tree.json", value: tree } }),
    ...(domain === undefined ? {} : { domain }),
  };
}

function resolved(...args: Parameters<typeof partsOf>): Inventory {
  const resolution = resolveInventory(partsOf(...args));
  if ("problems" in resolution) throw new Error(JSON.stringify(resolution.problems));
  return resolution.inventory;
}

function rulesOf(...args: Parameters<typeof partsOf>): string[] {
  const resolution = resolveInventory(partsOf(...args));
  return "problems" in resolution ? resolution.problems.map(({ rule }) => rule) : [];
}

describe("defaults", () => {
  test("a list of nodes and a domain are enough: no steering, TLS on 5061, the zone is the domain", () => {
    const inventory = resolved([FRA], undefined, "sip.example.net");
    expect(inventory).toMatchObject({ domain: "sip.example.net", zone: "sip.example.net" });
    expect(inventory.nodes).toEqual([{ ...FRA, role: "primary" }]);
    expect(inventory.policy).toMatchObject({
      globalGeo: false,
      tierAddresses: true,
      transports: { "sips-tcp": 5061 },
      ttlSeconds: { node: 60, srv: 60, address: 60, geo: 60 },
      regions: { euro: { fallback: [], geo: false } },
    });
  });

  test("a tree without policy has the same policy as no tree", () => {
    const tree = { environment: { domain: "sip.example.net" } };
    expect(resolved([FRA], tree)).toEqual(resolved([FRA], undefined, "sip.example.net"));
  });
});

describe("the domain option", () => {
  const tree = { environment: { domain: "sip.example.net", zone: "example.net" } };

  test.each([
    ["voice.example.net", "example.net"],
    ["example.net", "example.net"],
    ["sip.example.org", "sip.example.org"],
    ["sip.notexample.net", "sip.notexample.net"],
  ])("%s is in zone %s", (domain, zone) => {
    expect(resolved([FRA], tree, domain)).toMatchObject({ domain, zone, environment: { domain, zone } });
  });

  test("an option that is no host name is the option's problem, not the file's", () => {
    const resolution = resolveInventory(partsOf([FRA], tree, "SIP.example.net"));
    expect(resolution).toMatchObject({ problems: [{ place: "--domain", rule: "domain-syntax" }] });
  });
});

describe("order", () => {
  const tree = {
    environment: {
      domain: "sip.example.net",
      pops: { iad: { serves: { subdivisions: ["US-VA", "US-DC"] } }, fra: { city: "Frankfurt" } },
      allowAddresses: ["loopback", "documentation"],
      publishedRanges: ["198.51.100.0/24", "192.0.2.0/24"],
    },
    policy: {
      transports: { "sip-udp": 5060, "sips-tcp": 5061 },
      regions: {
        noam: { serves: { continents: ["SA", "NA"], countries: ["MX", "CA"] } },
        latm: { fallback: ["noam", "euro"] },
        euro: { serves: { continents: ["EU", "AF"] } },
      },
      certificates: { profiles: ["exact", "wildcard"] },
    },
  };
  const nodes = [
    FRA,
    IAD,
    { ...FRA, slot: "fra2", ip: "192.0.2.12" },
    { ...IAD, slot: "iad2", ip: "192.0.2.22" },
  ];

  /** The value with its keys, and its lists except where order is meant, in a random order. */
  function shuffled(value: unknown, key = ""): fc.Arbitrary<unknown> {
    if (typeof value !== "object" || value === null) return fc.constant(value);
    const entries = Object.entries(value).map(([name, below]) => [name, below] as const);
    const order = Array.isArray(value) && key === "fallback" ? fc.constant(entries) : permuted(entries);
    return order.chain((some) =>
      fc
        .tuple(...some.map(([name, below]) => shuffled(below, name).map((made) => [name, made] as const)))
        .map((made) => {
          return Array.isArray(value) ? made.map(([, below]) => below) : Object.fromEntries(made);
        }),
    );
  }

  function permuted<T>(items: readonly T[]): fc.Arbitrary<T[]> {
    return fc.shuffledSubarray([...items], { minLength: items.length });
  }

  test("entries, keys and set-like lists in any order give the same inventory, byte for byte", () => {
    const expected = JSON.stringify(resolved(nodes, tree));
    fc.assert(
      fc.property(shuffled(nodes), shuffled(tree), (someNodes, someTree) => {
        expect(JSON.stringify(resolved(someNodes, someTree))).toBe(expected);
      }),
    );
  });

  test("the order of fallbacks is kept", () => {
    expect(resolved(nodes, tree).policy.regions.latm?.fallback).toEqual(["noam", "euro"]);
  });
});

describe("what is fine stays fine", () => {
  test.each<[string, unknown, unknown]>([
    ["an address of a retired node used again", [FRA, { ...FRA, slot: "fra2", status: "retired" }], {}],
    [
      "a region that drains while another answers",
      [IAD, { ...FRA, status: "draining" }],
      { regions: { euro: { fallback: ["noam"] } } },
    ],
    [
      "a chain of fallbacks",
      [FRA],
      { regions: { latm: { fallback: ["noam"] }, noam: { fallback: ["euro"] } } },
    ],
    [
      "UDP and TCP on one port, and both names of TLS",
      [FRA],
      { transports: { "sip-tcp": 5060, "sip-udp": 5060, "sips-tcp": 5061, "sip-tls": 5061 } },
    ],
    [
      "SA as a continent here and as a country there",
      [FRA, IAD],
      { regions: { euro: { serves: { countries: ["SA"] } }, noam: { serves: { continents: ["SA"] } } } },
    ],
    ["a region of 53 characters", [{ ...FRA, region: "e".repeat(53) }], {}],
    ["public addresses", [{ ...FRA, ip: "8.8.8.8", ip6: "2606:4700::1" }], {}],
  ])("%s", (_, nodes, policy) => {
    expect(rulesOf(nodes, { environment: { domain: "sip.example.net" }, policy })).toEqual([]);
  });
});

describe("consequences are not told", () => {
  const tree = { environment: { domain: "sip.example.net" } };

  test("an unreadable tree.json does not make the nodes' addresses or regions wrong", () => {
    const parts = {
      ...partsOf([{ ...FRA, ip: "127.0.0.1", status: "draining" }, IAD]),
      tree: { place: "tree.json", value: undefined },
    };
    expect(resolveInventory(parts)).toEqual({ problems: [] });
  });

  test("an unreadable nodes.json does not make every region of the policy unknown", () => {
    const policy = { regions: { latm: { fallback: ["noam"] } }, defaultRegion: "noam" };
    expect(rulesOf(undefined, { ...tree, policy })).toEqual([]);
  });

  test("a misspelt status is told once, not as a fleet without active node too", () => {
    expect(rulesOf([{ ...FRA, status: "actve" }], tree)).toEqual(["unknown-value"]);
  });

  test("a wrong fallback list is told once, not as a region without answer too", () => {
    expect(rulesOf([FRA], { ...tree, policy: { regions: { latm: { fallback: "euro" } } } })).toEqual([
      "wrong-type",
    ]);
  });
});

test("no value whatever gets past as an error of ours: it is an inventory or it has problems", () => {
  const keys = [
    "slot",
    "region",
    "pop",
    "ip",
    "ip6",
    "weight",
    "status",
    "csr",
    "environment",
    "policy",
    "domain",
    "regions",
    "fallback",
    "serves",
    "pops",
  ];
  const leaf = fc.oneof(
    fc.constantFrom(null, true, 0, -1, 1.5, "", "fra1", "euro", "::1", "192.0.2.1", "active"),
    fc.string(),
  );
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(fc.oneof(fc.constantFrom(...keys), fc.string()), tie("value"), { maxKeys: 5 }),
    ),
  }));
  fc.assert(
    fc.property(value, value, fc.option(fc.string(), { nil: undefined }), (nodes, tree, domain) => {
      const resolution = resolveInventory(partsOf(nodes ?? null, tree ?? null, domain));
      if ("problems" in resolution) expect(resolution.problems.length).toBeGreaterThan(0);
    }),
    { numRuns: 500 },
  );
});

test("a file with very many mistakes is told about in bounded time and space", () => {
  const resolution = resolveInventory(partsOf(new Array(300_000).fill({}), undefined, "sip.example.net"));
  if (!("problems" in resolution)) throw new Error("it was accepted");
  expect(resolution.problems.length).toBeLessThan(1100);
});

test("a region named like something that every JavaScript object has is a region like any other", () => {
  const node = { ...FRA, region: "constructor" };
  const { policy } = resolved([node], undefined, "sip.example.net");
  expect(policy.regions).toEqual({ constructor: { fallback: [], geo: false, geoForm: "srv" } });
});
