import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { cloudflareProvider } from "../../../../lab/providers/cloudflare.ts";
import { resources, UNCHANGED } from "../../../support/labResources.ts";
import { memoryCloudflare } from "../../../support/labStores.ts";

const address = {
  zoneId: "z1",
  name: "fra1.example.net",
  type: "A",
  content: "192.0.2.1",
  ttl: 60,
  proxied: false,
};
const srv = {
  zoneId: "z1",
  name: "_sips._tcp.example.net",
  type: "SRV",
  ttl: 60,
  priority: 10,
  proxied: false,
  data: { priority: 10, weight: 50, port: 5061, target: "fra1.example.net" },
};
const monitor = { accountId: "acc1", type: "tcp", port: 5061, interval: 60, timeout: 5, retries: 2 };

function provider() {
  const lab = memoryCloudflare();
  const definition = cloudflareProvider(lab.dns, lab.balancing, { attempts: 3, pauseMilliseconds: 0 });
  const of = (name: string) =>
    resources(definition, `cloudflare:index/${name[0]?.toLowerCase()}${name.slice(1)}:${name}`);
  return {
    ...lab,
    definition,
    records: of("DnsRecord"),
    loadBalancers: of("LoadBalancer"),
    pools: of("LoadBalancerPool"),
    monitors: of("LoadBalancerMonitor"),
  };
}

async function balanced() {
  const lab = provider();
  const { id: monitorId } = await lab.monitors.create(monitor);
  const origins = [{ name: "fra1", address: "192.0.2.1", weight: 0.5, enabled: true }];
  const poolInputs = { accountId: "acc1", name: "euro-a", monitor: monitorId, origins };
  const pool = await lab.pools.create(poolInputs);
  const pools = { defaultPools: [pool.id], fallbackPool: pool.id, regionPools: { WEU: [pool.id] } };
  const loadBalancerInputs = {
    zoneId: "z1",
    name: "geo-a.example.net",
    ttl: 30,
    steeringPolicy: "geo",
    ...pools,
  };
  const loadBalancer = await lab.loadBalancers.create(loadBalancerInputs);
  return { ...lab, monitorId, poolInputs, pool, loadBalancerInputs, loadBalancer };
}

test("the provider states the SDK's version", () => {
  const { version } = createRequire(import.meta.url)("@pulumi/cloudflare/package.json") as {
    version: string;
  };
  expect(provider().definition.version).toBe(version);
});

test("a check refuses an unknown type, a weight out of range, content beside data, an unknown policy and what is missing", () => {
  const { records, loadBalancers, pools } = provider();
  expect(records.failures({ ...address, type: "SVR" })).toEqual([
    expect.stringMatching(/^type: .*got: "SVR"/),
  ]);
  const heavy = { ...srv, data: { ...srv.data, weight: 70000 } };
  expect(records.failures(heavy)).toEqual([expect.stringMatching(/data\.weight.*70000/)]);
  expect(records.failures({ ...srv, content: "x" })).toHaveLength(2);
  expect(records.failures({ zoneId: "z1", type: "A", ttl: 60 })).toEqual([expect.stringContaining("name")]);
  expect(pools.failures({ accountId: "acc1", name: "a" })).toEqual([expect.stringContaining("origins")]);
  const policy = {
    zoneId: "z1",
    name: "x.example.net",
    defaultPools: ["p"],
    fallbackPool: "p",
    steeringPolicy: "nearest",
  };
  expect(loadBalancers.failures(policy)).toEqual([expect.stringMatching(/steeringPolicy.*"nearest"/)]);
});

test("a check accepts what only the API refuses: a TTL of 10, an unknown property, an unknown region", async () => {
  const { records, loadBalancers, pool, loadBalancerInputs } = await balanced();
  expect(records.failures({ ...address, ttl: 10, foo: "bar" })).toEqual([]);
  await expect(records.create({ ...address, ttl: 10 })).rejects.toThrow(
    /POST .*400 Bad Request.*"code":9021/,
  );
  expect((await records.create({ ...address, foo: "bar" })).outputs).not.toHaveProperty("foo");
  const mars = { ...loadBalancerInputs, name: "x.example.net", regionPools: { MARS: [pool.id] } };
  expect(loadBalancers.failures(mars)).toEqual([]);
  await expect(loadBalancers.create(mars)).rejects.toThrow(/unknown region MARS/);
});

test("nothing differs after a create, nor after a refresh", async () => {
  const lab = await balanced();
  for (const [kind, deployed, inputs] of [
    [lab.records, await lab.records.create(address), address],
    [lab.records, await lab.records.create(srv), srv],
    [lab.pools, lab.pool, lab.poolInputs],
    [lab.loadBalancers, lab.loadBalancer, lab.loadBalancerInputs],
  ] as const) {
    expect(kind.diff(deployed, inputs)).toEqual(UNCHANGED);
    const refreshed = await kind.refresh(deployed);
    expect(refreshed && kind.diff(refreshed, inputs)).toEqual(UNCHANGED);
  }
});

test("an SRV without its own priority differs from the first refresh on", async () => {
  const { records } = provider();
  const { priority: _priority, ...inputs } = srv;
  const deployed = await records.create(inputs);
  expect(records.diff(deployed, inputs)).toEqual(UNCHANGED);
  const refreshed = await records.refresh(deployed);
  expect(refreshed && records.diff(refreshed, inputs).changed).toEqual(["priority"]);
});

test("zone and type replace a record, anything else is changed in place under the same id", async () => {
  const { records, dns } = provider();
  const deployed = await records.create(address);
  expect(records.diff(deployed, { ...address, type: "CNAME", content: "x.example.net" }).replaces).toEqual([
    "type",
  ]);
  expect(records.diff(deployed, { ...address, zoneId: "z2" }).replaces).toEqual(["zoneId"]);
  const renamed = { ...address, name: "fra9.example.net" };
  expect(records.diff(deployed, renamed)).toEqual({ changed: ["name"], replaces: [] });
  await records.update(deployed, renamed);
  expect(dns.rows("z1").map(({ id, name }) => [id, name])).toEqual([[deployed.id, "fra9.example.net"]]);
});

test("a changed SRV is sent with its old content, and the new data counts", async () => {
  const { records, dns } = provider();
  const deployed = await records.create(srv);
  const lighter = { ...srv, data: { ...srv.data, weight: 40 } };
  expect(records.diff(deployed, lighter).changed).toEqual(["data"]);
  const updated = await records.update(deployed, lighter);
  expect(dns.rows("z1")[0]?.content).toBe("40 5061 fra1.example.net");
  expect(records.diff(updated, lighter)).toEqual(UNCHANGED);
});

test("region pools that are taken out of the program are taken out of the load balancer, once", async () => {
  const { loadBalancers, loadBalancer, loadBalancerInputs, balancing } = await balanced();
  const { regionPools: _regionPools, ...without } = loadBalancerInputs;
  expect(loadBalancers.diff(loadBalancer, without).changed).toEqual(["regionPools"]);
  const updated = await loadBalancers.update(loadBalancer, without);
  expect(balancing.loadBalancers("z1")[0]).not.toHaveProperty("regionPools");
  expect(loadBalancers.diff(updated, without)).toEqual(UNCHANGED);
});

test("the order of a pool's origins counts", async () => {
  const { pools, poolInputs, pool } = await balanced();
  const origins = [{ name: "ams1", address: "192.0.2.2", weight: 0.5, enabled: true }, ...poolInputs.origins];
  const two = await pools.update(pool, { ...poolInputs, origins });
  expect(pools.diff(two, { ...poolInputs, origins: origins.toReversed() }).changed).toEqual(["origins"]);
});

test("a throttled or failed request is repeated a bounded number of times", async () => {
  const { records, store } = provider();
  store.faults.failNext({ platform: "cloudflare", times: 2, mode: "throttle" });
  await records.create(address);
  expect(store.operations.filter(({ operation }) => operation === "create")).toHaveLength(3);
  store.faults.failNext({ platform: "cloudflare", times: 9, mode: "error" });
  await expect(records.create(srv)).rejects.toThrow(/500 Internal Server Error/);
  expect(store.operations.filter(({ operation }) => operation === "create")).toHaveLength(6);
});

test("a create whose answer is lost is repeated, refused as identical, and adopted by an import", async () => {
  const { records, dns, store } = provider();
  store.faults.failNext({ platform: "cloudflare", times: 1, mode: "lost-answer" });
  await expect(records.create(srv)).rejects.toThrow(/81058/);
  await expect(records.create(srv)).rejects.toThrow(/81058/);
  const adopted = await records.import(`z1/${dns.rows("z1")[0]?.id}`);
  expect(adopted?.id).toBe(dns.rows("z1")[0]?.id);
  expect(adopted && records.diff(adopted, srv)).toEqual(UNCHANGED);
});

test("an import without the zone says which form is expected", async () => {
  await expect(provider().records.import("abc")).rejects.toThrow(/<zone_id>\/<dns_record_id>/);
});

test("deleting a record that is gone fails, and a refresh drops it", async () => {
  const { records, dns } = provider();
  const deployed = await records.create(address);
  await dns.delete("z1", deployed.id);
  await expect(records.delete(deployed)).rejects.toThrow(/404 Not Found.*81044/);
  expect(await records.refresh(deployed)).toBeUndefined();
});

test("a zone tells the name servers that it was assigned", async () => {
  const { definition } = await balanced();
  const getZone = definition.functions["cloudflare:index/getZone:getZone"];
  expect(await getZone?.({ zoneId: "z1" })).toMatchObject({
    name: "example.net",
    nameServers: ["ada.ns.cloudflare.test", "bob.ns.cloudflare.test"],
  });
  await expect(getZone?.({ zoneId: "z9" })).rejects.toThrow(/"\/zones\/z9": 404/);
});

test("a list fails where CAA and other records are in it, and a list of one type does not", async () => {
  const { definition, records } = await balanced();
  const list = definition.functions["cloudflare:index/getDnsRecords:getDnsRecords"];
  await records.create(address);
  const data = { flags: 0, tag: "issue", value: "ca.example.net" };
  await records.create({ zoneId: "z1", name: "sip.example.net", type: "CAA", ttl: 60, data });
  await expect(list?.({ zoneId: "z1" })).rejects.toThrow(/inconsistent list element types/);
  expect(await list?.({ zoneId: "z1", type: "CAA" })).toMatchObject({
    results: [{ content: '0 issue "ca.example.net"', data }],
  });
});

test("the zone's records and the account's pools can be listed", async () => {
  const { definition, records, pool, monitorId } = await balanced();
  const deployed = await records.create(srv);
  const list = definition.functions["cloudflare:index/getDnsRecords:getDnsRecords"];
  const listPools = definition.functions["cloudflare:index/getLoadBalancerPools:getLoadBalancerPools"];
  await records.create(address);
  expect(await list?.({ zoneId: "z1", maxItems: 1 })).toMatchObject({
    results: [{ id: deployed.id, name: srv.name, type: "SRV", priority: 10, data: srv.data, ttl: 60 }],
  });
  expect(await list?.({ zoneId: "z1" })).toMatchObject({ results: [{}, { content: "192.0.2.1" }] });
  expect(await list?.({ zoneId: "z1", type: "A" })).toMatchObject({ results: [{ content: "192.0.2.1" }] });
  await expect(list?.({ zoneId: "z1", search: "fra1" })).rejects.toThrow(/does not filter by search/);
  expect(await listPools?.({ accountId: "acc1", monitor: monitorId })).toMatchObject({
    results: [{ id: pool.id }],
  });
  expect(await listPools?.({ accountId: "acc1", monitor: "other" })).toMatchObject({ results: [] });
});
