import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type DnsRecord, recordData, setKey } from "../../../dns/records.ts";
import { defaultAnswers } from "../../../plan/defaultAnswers.ts";
import { treeDigest } from "../../../plan/digest.ts";
import { planDocument } from "../../../plan/planDocument.ts";
import { render } from "../../../plan/render.ts";
import { type AliasSet, BACKENDS, type Rendering } from "../../../plan/rendering.ts";
import type { Tree } from "../../../plan/tree.ts";
import { arbitrarySketch, reordered } from "../../support/arbitraryInventory.ts";
import { planOf } from "../../support/planOf.ts";

const RUNS = { numRuns: 200 };

function everyRendering(tree: Tree): Rendering[] {
  return BACKENDS.map((backend) => render(tree, backend));
}

/** Checks what `check` expects of every rendering of random inventories. */
function forEveryRendering(check: (rendering: Rendering, tree: Tree) => void): void {
  const property = fc.property(arbitrarySketch, (sketch) => {
    const tree = planOf(sketch);
    for (const rendering of everyRendering(tree)) check(rendering, tree);
  });
  fc.assert(property, RUNS);
}

function plainRecords(rendering: Rendering): DnsRecord[] {
  return rendering.records.map(({ record }) => record);
}

/** Names and types that the platform answers, steered or not. */
function answeredSets(rendering: Rendering): Set<string> {
  return new Set([
    ...plainRecords(rendering).map(setKey),
    ...(rendering.backend === "cloudflare"
      ? rendering.loadBalancers.map(({ name }) => setKey({ name, type: "A" }))
      : []),
    ...(rendering.backend === "route53" ? rendering.aliases.map(setKey) : []),
  ]);
}

describe("every rendering of a valid inventory", () => {
  test("holds an address for every SRV target", () => {
    forEveryRendering((rendering) => {
      const answered = answeredSets(rendering);
      for (const record of plainRecords(rendering)) {
        if (record.type === "SRV") expect(answered).toContain(setKey({ name: record.target, type: "A" }));
      }
    });
  });

  test("answers every published service and, where the policy has tier addresses, an address at every tier", () => {
    forEveryRendering((rendering, tree) => {
      const answered = answeredSets(rendering);
      for (const { name, form } of [...tree.pops, ...tree.regions, tree.global]) {
        const sets = [...answered].filter((key) => {
          const [owner = ""] = key.split(" ");
          return key.endsWith(" SRV") && owner.replace(/^_[^.]+\._[^.]+\./, "") === name;
        });
        expect(sets).toHaveLength(form === "srv" ? tree.services.length : 0);
        expect(answered.has(setKey({ name, type: "A" }))).toBe(tree.policy.tierAddresses);
      }
    });
  });

  test("has no weight of 0 and no set above the policy's size", () => {
    forEveryRendering((rendering, tree) => {
      const rows = plainRecords(rendering).filter((record) => record.type === "SRV");
      for (const { weight } of rows) expect(weight).toBeGreaterThan(0);
      for (const set of Map.groupBy(rows, setKey).values()) {
        expect(set.length).toBeLessThanOrEqual(tree.policy.setSize.maxTargets);
      }
      if (rendering.backend !== "cloudflare") return;
      for (const origin of rendering.pools.flatMap(({ origins }) => origins)) {
        expect(origin.weight).toBeGreaterThanOrEqual(0.01);
        expect(origin.weight).toBeLessThanOrEqual(1);
        expect(Number.isInteger(Math.round(origin.weight * 1e6) / 1e4)).toBe(true);
      }
    });
  });

  test("says the same thing once: no record, alias or row of a set twice", () => {
    forEveryRendering((rendering) => {
      const rows = plainRecords(rendering).map((record) =>
        record.type === "SRV"
          ? `${setKey(record)} ${record.target}`
          : `${setKey(record)} ${recordData(record)}`,
      );
      expect(new Set(rows).size).toBe(rows.length);
      if (rendering.backend !== "route53") return;
      const aliases = rendering.aliases.map((alias) =>
        [setKey(alias), JSON.stringify(alias.routing)].join(" "),
      );
      expect(new Set(aliases).size).toBe(aliases.length);
    });
  });

  test("lists active nodes alone above the nodes' own names", () => {
    forEveryRendering((rendering, tree) => {
      const active = new Set(tree.nodes.filter(({ status }) => status === "active").map(({ slot }) => slot));
      for (const { cause } of rendering.records) {
        if (cause.tier !== "node" && cause.slot !== undefined) expect(active).toContain(cause.slot);
      }
      if (rendering.backend !== "cloudflare") return;
      for (const { slot } of rendering.pools.flatMap(({ origins }) => origins))
        expect(active).toContain(slot);
    });
  });

  test("tries no standby node before a primary of the same set", () => {
    forEveryRendering((rendering, tree) => {
      const roles = new Map(tree.nodes.map(({ name, role }) => [name, role]));
      const rows = plainRecords(rendering).filter((record) => record.type === "SRV");
      for (const set of Map.groupBy(rows, setKey).values()) {
        const priorityOf = (role: string) =>
          set.filter(({ target }) => roles.get(target) === role).map(({ priority }) => priority);
        const net = set.some(({ target }) => !roles.has(target));
        const standby = priorityOf("standby");
        // Behind steered host names the net is one group, of primaries or else of standby nodes.
        if (!net) expect(Math.min(...standby)).toBeGreaterThan(Math.max(0, ...priorityOf("primary")));
      }
    });
  });

  test("keeps one TTL in each set (RFC 2181 section 5.2)", () => {
    forEveryRendering((rendering) => {
      for (const set of Map.groupBy(defaultAnswers(rendering), setKey).values()) {
        expect(new Set(set.map(({ ttlSeconds }) => ttlSeconds)).size).toBe(1);
      }
    });
  });

  test("is plain data that survives JSON, and so is its document", () => {
    forEveryRendering((rendering, tree) => {
      for (const value of [tree, rendering, planDocument(rendering)]) {
        expect(JSON.parse(JSON.stringify(value))).toStrictEqual(value);
      }
    });
  });

  test("is the same whatever the order in which the inventory is written", () => {
    const property = fc.property(arbitrarySketch, fc.nat(100), (sketch, salt) => {
      const tree = planOf(sketch);
      const other = planOf(reordered(sketch, salt));
      expect(JSON.stringify(other)).toBe(JSON.stringify(tree));
      const renderings = everyRendering(tree);
      expect(JSON.stringify(everyRendering(other))).toBe(JSON.stringify(renderings));
      expect(treeDigest(everyRendering(other))).toBe(treeDigest(renderings));
    });
    fc.assert(property, RUNS);
  });

  test("has a default answer for every name that is steered", () => {
    forEveryRendering((rendering) => {
      const answers = new Set(defaultAnswers(rendering).map(setKey));
      const steered =
        rendering.backend === "cloudflare"
          ? rendering.loadBalancers.map(({ name }) => ({ name, type: "A" }))
          : rendering.backend === "route53"
            ? rendering.aliases.filter(({ routing }) => routing.policy === "simple")
            : [];
      for (const name of steered) expect(answers).toContain(setKey(name));
    });
  });
});

describe("every Cloudflare rendering", () => {
  test("has no address record beside a load balancer, and no two load balancers at one name", () => {
    forEveryRendering((rendering) => {
      if (rendering.backend !== "cloudflare") return;
      const balanced = rendering.loadBalancers.map(({ name }) => name);
      expect(new Set(balanced).size).toBe(balanced.length);
      const addresses = plainRecords(rendering).filter(({ type }) => type !== "SRV");
      expect(addresses.filter(({ name }) => balanced.includes(name))).toEqual([]);
    });
  });

  test("names pools that exist and hold an origin, in every place and for everybody else", () => {
    forEveryRendering((rendering) => {
      if (rendering.backend !== "cloudflare") return;
      const pools = new Map(rendering.pools.map((pool) => [pool.key, pool.origins.length]));
      expect(pools.size).toBe(rendering.pools.length);
      const used = new Set<string>();
      for (const balancer of rendering.loadBalancers) {
        const { regionPools, countryPools, defaultPools, fallbackPool } = balancer;
        const orders = [...Object.values(regionPools), ...Object.values(countryPools), defaultPools];
        for (const order of [...orders, [fallbackPool]]) {
          expect(order.length).toBeGreaterThan(0);
          expect(new Set(order).size).toBe(order.length);
          for (const key of order) {
            expect(pools.get(key)).toBeGreaterThan(0);
            used.add(key);
          }
        }
      }
      expect([...used].sort()).toEqual([...pools.keys()].sort());
      expect(rendering.monitor === undefined).toBe(pools.size === 0);
    });
  });

  test("puts a node into one pool at most for each of the two forms", () => {
    forEveryRendering((rendering) => {
      if (rendering.backend !== "cloudflare") return;
      for (const otherForm of [/-all$/, /-[ab]$/]) {
        const pools = rendering.pools.filter(({ key }) => !otherForm.test(key));
        const slots = pools.flatMap(({ origins }) => origins.map(({ slot }) => slot));
        expect(new Set(slots).size).toBe(slots.length);
      }
    });
  });
});

describe("every Route 53 rendering", () => {
  const key = ({ target, type }: AliasSet) => setKey({ name: target, type });

  test("aliases only what exists with the same type, and never beside records or another policy", () => {
    forEveryRendering((rendering) => {
      if (rendering.backend !== "route53") return;
      const answered = answeredSets(rendering);
      for (const alias of rendering.aliases) expect(answered).toContain(key(alias));
      const plain = new Set(plainRecords(rendering).map(setKey));
      for (const [owner, set] of Map.groupBy(rendering.aliases, setKey)) {
        expect(plain).not.toContain(owner);
        const policies = new Set(set.map(({ routing }) => routing.policy));
        expect(policies.size).toBe(1);
        if (policies.has("simple")) expect(set).toHaveLength(1);
      }
    });
  });

  test("leads every alias to a plain set, whichever way it is routed", () => {
    forEveryRendering((rendering) => {
      if (rendering.backend !== "route53") return;
      const plain = new Set(plainRecords(rendering).map(setKey));
      const behind = Map.groupBy(rendering.aliases, setKey);
      const follow = (owner: string, trail: readonly string[]): void => {
        if (plain.has(owner)) return;
        expect(trail, `a loop or a dead end at ${owner}`).not.toContain(owner);
        const next = behind.get(owner) ?? [];
        expect(next.length, `nothing at ${owner}`).toBeGreaterThan(0);
        for (const alias of next) follow(key(alias), [...trail, owner]);
      };
      for (const owner of behind.keys()) follow(owner, []);
    });
  });

  test("answers callers of every location, and has both roles of a failover", () => {
    forEveryRendering((rendering) => {
      if (rendering.backend !== "route53") return;
      const checks = new Set(rendering.healthChecks.map((check) => `${check.kind} ${check.key}`));
      for (const set of Map.groupBy(rendering.aliases, setKey).values()) {
        const routings = set.map(({ routing }) => routing);
        const policy = routings[0]?.policy;
        if (policy === "geolocation") {
          const locations = routings.map((routing) => ("location" in routing ? routing.location : {}));
          expect(locations.filter((location) => "default" in location)).toHaveLength(1);
          expect(new Set(locations.map((location) => JSON.stringify(location))).size).toBe(locations.length);
        }
        if (policy === "failover") {
          const roles = routings.map((routing) => ("role" in routing ? routing.role : ""));
          expect(roles.sort()).toEqual(["PRIMARY", "SECONDARY"]);
          for (const routing of routings) {
            if (!("role" in routing)) continue;
            if (routing.role === "PRIMARY") expect(checks).toContain(`calculated ${routing.healthCheck}`);
            else expect(routing).not.toHaveProperty("healthCheck");
          }
        }
      }
    });
  });

  test("has health checks that watch nodes which exist, each once", () => {
    forEveryRendering((rendering) => {
      if (rendering.backend !== "route53") return;
      const nodes = rendering.healthChecks.filter(({ kind }) => kind !== "calculated").map(({ key }) => key);
      const all = rendering.healthChecks.map((check) => `${check.kind} ${check.key}`);
      expect(new Set(all).size).toBe(all.length);
      for (const check of rendering.healthChecks) {
        if (check.kind !== "calculated") continue;
        expect(check.children.length).toBeGreaterThanOrEqual(check.threshold);
        for (const child of check.children) expect(nodes).toContain(child);
      }
    });
  });
});
