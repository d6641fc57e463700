import { beforeAll, describe, expect, test } from "vitest";
import { CloudflareBackend } from "../../backends/cloudflare.ts";
import { observeCloudflare } from "../../backends/observeCloudflare.ts";
import { render } from "../../plan/render.ts";
import type { Tree } from "../../plan/tree.ts";
import type { InventorySketch } from "../support/inventories.ts";
import { planOf } from "../support/planOf.ts";
import { publishTree } from "../support/publishTree.ts";
import { type Registration, registered, registrationsOf } from "../support/registrations.ts";
import { changedNode, steeredFleet, withNodes } from "../support/steeredFleet.ts";

const ZONE = { accountId: "account", zoneId: "zone" };

const fleet = withNodes(
  steeredFleet,
  changedNode(steeredFleet, "fra1", { ip6: "2001:db8::11", weight: 300 }),
);

function deployed(tree: Tree): Promise<ReadonlyMap<string, Registration>> {
  return registrationsOf(() => publishTree(new CloudflareBackend(ZONE, render(tree, "cloudflare")), tree));
}

const TYPES = {
  record: "cloudflare:index/dnsRecord:DnsRecord",
  balancer: "cloudflare:index/loadBalancer:LoadBalancer",
  pool: "cloudflare:index/loadBalancerPool:LoadBalancerPool",
  monitor: "cloudflare:index/loadBalancerMonitor:LoadBalancerMonitor",
};

let all: ReadonlyMap<string, Registration>;
let records: Registration[];
let balancers: Registration[];
let pools: Registration[];

beforeAll(async () => {
  all = await deployed(planOf(fleet));
  const of = (type: string) => [...all.values()].filter((resource) => resource.type === type);
  [records, balancers, pools] = [of(TYPES.record), of(TYPES.balancer), of(TYPES.pool)];
});

function names(resources: readonly Registration[], type?: string): unknown[] {
  return resources
    .filter(({ inputs }) => type === undefined || inputs.type === type)
    .map(({ inputs }) => inputs.name);
}

describe("records at Cloudflare", () => {
  test("an SRV row has both priorities, its data and nothing else", () => {
    expect(registered(all, "euro/cloudflare/sips-tcp/fra1").inputs).toEqual({
      zoneId: "zone",
      name: "_sips._tcp.euro.sip.example.net",
      type: "SRV",
      ttl: 60,
      proxied: false,
      priority: 10,
      data: { priority: 10, weight: 300, port: 5061, target: "fra1.sip.example.net" },
    });
  });

  test("an address row has its content and nothing else", () => {
    expect(registered(all, "fra1/cloudflare/aaaa").inputs).toEqual({
      zoneId: "zone",
      name: "fra1.sip.example.net",
      type: "AAAA",
      ttl: 60,
      proxied: false,
      content: "2001:db8::11",
    });
  });

  test("are A, AAAA and SRV alone", () => {
    expect(new Set(records.map(({ inputs }) => inputs.type))).toEqual(new Set(["A", "AAAA", "SRV"]));
  });

  test("have names in full without a final dot", () => {
    for (const name of names(records)) expect(name).toMatch(/(^|\.)sip\.example\.net$/);
  });

  test("wait, where they are SRV, for every address of their target", () => {
    const { dependsOn } = registered(all, "euro/cloudflare/sips-tcp/fra1");
    expect(dependsOn).toEqual(expect.arrayContaining(["fra1/cloudflare/a", "fra1/cloudflare/aaaa"]));
    expect(registered(all, "global/cloudflare/sips-tcp/geo-a").dependsOn).toContain(
      "global/cloudflare/load-balancer/global-a",
    );
  });

  test("are named by type and node, so that neither a place in a list nor a type can change under a name", async () => {
    const reversed = await deployed(planOf({ ...fleet, nodes: [...fleet.nodes].reverse() }));
    expect([...reversed.keys()].sort()).toEqual([...all.keys()].sort());
    for (const { name, inputs } of records) {
      const kind = name.split("/")[2];
      expect(inputs.type).toBe(kind === "a" ? "A" : kind === "aaaa" ? "AAAA" : "SRV");
    }
  });
});

describe("load balancing at Cloudflare", () => {
  test("proxies nothing, and says so for every record and load balancer", () => {
    for (const { inputs } of [...records, ...balancers]) expect(inputs.proxied).toBe(false);
  });

  test("steers by place, and states how the place is found", () => {
    expect(balancers).toHaveLength(6);
    for (const { inputs } of balancers) {
      expect(inputs).toMatchObject({
        steeringPolicy: "geo",
        locationStrategy: { mode: "resolver_ip", preferEcs: "always" },
        sessionAffinity: "none",
        enabled: true,
        ttl: 60,
      });
    }
  });

  test("asks for nothing that is deprecated, never read back, or had on the enterprise plan alone", () => {
    const refused = [
      "popPools",
      "rules",
      "checkRegions",
      "healthSources",
      "notificationEmail",
      "tags",
      "comment",
    ];
    for (const { inputs } of [...records, ...balancers, ...pools]) {
      for (const key of refused) expect(inputs).not.toHaveProperty(key);
    }
  });

  test("has one monitor for all pools: a TCP connection to the TLS port, every figure stated", () => {
    expect([...all.values()].filter(({ type }) => type === TYPES.monitor)).toHaveLength(1);
    expect(registered(all, "cloudflare/monitor").inputs).toEqual({
      accountId: "account",
      description: "dialtree sip.example.net",
      type: "tcp",
      method: "connection_established",
      port: 5061,
      interval: 60,
      timeout: 5,
      retries: 2,
    });
    for (const { inputs } of pools) expect(inputs.monitor).toBe("id of cloudflare/monitor");
  });

  test("asks an endpoint over HTTP where the policy says so, without looking at its certificate", async () => {
    const monitorOf = async (probe: object) => {
      const tree = planOf({ ...fleet, policy: { ...fleet.policy, probe } });
      return registered(await deployed(tree), "cloudflare/monitor").inputs;
    };
    const inputs = await monitorOf({ type: "https", port: 8443, path: "/health", expectedCodes: "200" });
    expect(inputs).toEqual({
      accountId: "account",
      description: "dialtree sip.example.net",
      type: "https",
      method: "GET",
      port: 8443,
      path: "/health",
      expectedCodes: "200",
      allowInsecure: true,
      followRedirects: false,
      interval: 60,
      timeout: 5,
      retries: 2,
    });
    expect(await monitorOf({ type: "http" })).toMatchObject({ port: 80, path: "/", expectedCodes: "2xx" });
    expect(await monitorOf({ port: 5091 })).toMatchObject({ type: "tcp", port: 5091 });
  });

  test("has endpoints in the order of their slots, each with address, weight and whether it is on", async () => {
    const wider = withNodes(
      fleet,
      ...["fra3"].map((slot, i) => ({
        ...changedNode(fleet, "fra1", { ip: `192.0.2.${i + 1}`, ip6: `2001:db8::${i + 21}`, weight: 100 }),
        slot,
      })),
    );
    const endpoints = async (sketch: InventorySketch) =>
      registered(await deployed(planOf(sketch)), "euro/cloudflare/pool/euro-a").inputs.origins;
    const expected = await endpoints(wider);
    expect(await endpoints({ ...wider, nodes: [...wider.nodes].reverse() })).toEqual(expected);
    expect((expected as { name: string }[]).map(({ name }) => name)).toEqual(["fra1", "fra3"]);
    for (const endpoint of expected as object[]) {
      expect(Object.keys(endpoint).sort()).toEqual(["address", "enabled", "name", "weight"]);
      expect(endpoint).toMatchObject({ enabled: true });
    }
  });

  test("puts every node into one pool, by an IPv4 address and a share above 0 up to 1", () => {
    const endpoints = pools.flatMap(
      ({ inputs }) => inputs.origins as { name: string; address: string; weight: number }[],
    );
    expect(new Set(endpoints.map(({ name }) => name)).size).toBe(endpoints.length);
    for (const { address, weight } of endpoints) {
      expect(address).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
      expect(weight).toBeGreaterThan(0);
      expect(weight).toBeLessThanOrEqual(1);
    }
    for (const { inputs } of pools) expect(inputs.minimumOrigins).toBe(1);
  });

  test("falls back to a pool that holds nodes, and waits for every pool that it names", () => {
    const filled = new Map(pools.map(({ name, inputs }) => [`id of ${name}`, inputs.origins as unknown[]]));
    for (const { inputs, dependsOn } of balancers) {
      expect(filled.get(String(inputs.fallbackPool))).not.toHaveLength(0);
      const maps = [inputs.regionPools, inputs.countryPools].flatMap((map) =>
        Object.values(map ?? {}).flat(),
      );
      const ids = new Set([...maps, ...(inputs.defaultPools as string[]), inputs.fallbackPool]);
      for (const id of ids) expect(dependsOn).toContain(String(id).replace("id of ", ""));
    }
  });

  test("leaves a map of places out where it would be empty", async () => {
    for (const { inputs } of balancers) {
      for (const map of [inputs.regionPools, inputs.countryPools]) expect(map).not.toEqual({});
    }
    const withoutCountries: InventorySketch = {
      ...fleet,
      environment: {
        ...fleet.environment,
        pops: { iad: { serves: { continents: ["NA"] } }, lax: { serves: { subdivisions: ["US-CA"] } } },
      },
    };
    const plain = await deployed(planOf(withoutCountries));
    expect(registered(plain, "noam/cloudflare/load-balancer/noam-a").inputs).not.toHaveProperty(
      "countryPools",
    );
  });

  test("has no address record under a load balancer's name, and no SRV set either", () => {
    for (const name of names(balancers)) expect(names(records)).not.toContain(name);
  });

  test("gives every load balancer and pool a name of its own, in letters the API takes", () => {
    for (const resources of [balancers, pools]) expect(new Set(names(resources)).size).toBe(resources.length);
    for (const name of names(pools)) expect(name).toMatch(/^[A-Za-z0-9_-]+$/);
  });

  test("takes a draining node out of its pool and its SRV sets, and leaves the weights of the others", async () => {
    const draining = await deployed(
      planOf(withNodes(fleet, changedNode(fleet, "fra1", { status: "draining" }))),
    );
    expect([...draining.keys()].filter((name) => name.includes("fra1"))).toEqual([
      "fra1/cloudflare/a",
      "fra1/cloudflare/aaaa",
    ]);
    const text = JSON.stringify([...draining.values()].filter(({ type }) => type === TYPES.pool));
    expect(text).not.toContain('"fra1"');
    expect(registered(draining, "euro/cloudflare/sips-tcp/fra2").inputs).toEqual(
      registered(all, "euro/cloudflare/sips-tcp/fra2").inputs,
    );
  });
});

describe("reading Cloudflare", () => {
  const RECORDS = [
    { id: "1", name: "FRA1.sip.example.net", type: "AAAA", content: "2001:DB8:0:0:0:0:0:11" },
    {
      id: "2",
      name: "_sips._tcp.sip.example.net",
      type: "SRV",
      content: "50 5061 Fra1.sip.example.net.",
      data: { priority: 10, weight: 50, port: 5061, target: "Fra1.sip.example.net." },
    },
    { id: "5", name: "sip.example.net", type: "CAA", content: '0 issue "ca.example.net"' },
    { id: "6", name: "_acme-challenge.sip.example.net", type: "CNAME", content: "SIP.example.org." },
  ];

  const listed = ({ type }: Readonly<Record<string, unknown>>) => ({
    results: RECORDS.filter((record) => record.type === type),
  });

  const LISTS = {
    "cloudflare:index/getDnsRecords:getDnsRecords": listed,
    "cloudflare:index/getLoadBalancerPools:getLoadBalancerPools": {
      results: [
        { id: "3", name: "pool", origins: [{ address: "192.0.2.11" }] },
        { id: "4", name: "empty" },
      ],
    },
  };

  test("gives rows in the form in which they are planned, with the ids that an import needs", async () => {
    const rows: unknown[] = [];
    await registrationsOf(async () => rows.push(...(await observeCloudflare(ZONE, true))), LISTS);
    expect(rows).toEqual([
      { backend: "cloudflare", id: "1", name: "fra1.sip.example.net", type: "AAAA", data: "2001:db8::11" },
      {
        backend: "cloudflare",
        id: "6",
        name: "_acme-challenge.sip.example.net",
        type: "CNAME",
        data: "sip.example.org",
      },
      {
        backend: "cloudflare",
        id: "2",
        name: "_sips._tcp.sip.example.net",
        type: "SRV",
        data: "10 50 5061 fra1.sip.example.net",
      },
      { backend: "cloudflare", id: "3", name: "pool", type: "POOL", data: "192.0.2.11" },
    ]);
  });

  test("asks for every record and pool, not for the first thousand, and for pools only where there are some", async () => {
    const asked: Readonly<Record<string, unknown>>[] = [];
    const listening = Object.entries(LISTS).map(([token, answer]) => {
      const listen = (inputs: Readonly<Record<string, unknown>>) => {
        asked.push(inputs);
        return typeof answer === "function" ? answer(inputs) : answer;
      };
      return [token, listen] as const;
    });
    await registrationsOf(() => observeCloudflare(ZONE, true), Object.fromEntries(listening));
    expect(asked).toHaveLength(5);
    for (const inputs of asked) expect(inputs.maxItems).toBeGreaterThan(3500);
    const rows: unknown[] = [];
    await registrationsOf(async () => rows.push(...(await observeCloudflare(ZONE, false))), {
      "cloudflare:index/getDnsRecords:getDnsRecords": listed,
    });
    expect(rows).toHaveLength(3);
  });

  test("lists records by type and never CAA, which no list may hold beside others", async () => {
    const asked: unknown[] = [];
    await registrationsOf(() => observeCloudflare(ZONE, false), {
      "cloudflare:index/getDnsRecords:getDnsRecords": ({ type }) => {
        asked.push(type);
        return listed({ type });
      },
    });
    expect(asked).not.toContain(undefined);
    expect(asked).not.toContain("CAA");
  });
});
