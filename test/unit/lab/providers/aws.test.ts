import { expect, test } from "vitest";
import { awsProvider } from "../../../../lab/providers/aws.ts";
import { resources, UNCHANGED } from "../../../support/labResources.ts";
import { memoryRoute53 } from "../../../support/labStores.ts";

const address = { zoneId: "Z1", name: "fra1.example.net", type: "A", ttl: 60, records: ["192.0.2.1"] };
const srv = {
  zoneId: "Z1",
  name: "_sips._tcp.fra.example.net",
  type: "SRV",
  ttl: 60,
  records: ["10 20 5061 fra1.example.net", "10 10 5061 fra2.example.net"],
};
const routed = {
  zoneId: "Z1",
  name: "_sips._tcp.geo.example.net",
  type: "SRV",
  setIdentifier: "default",
  geolocationRoutingPolicies: [{ country: "*" }],
  aliases: [{ name: srv.name, zoneId: "Z1", evaluateTargetHealth: true }],
};
const check = { type: "TCP", ipAddress: "127.0.0.1", port: 5061, requestInterval: 30, failureThreshold: 3 };

function provider() {
  const lab = memoryRoute53();
  const definition = awsProvider(lab.route53, { attempts: 3, pauseMilliseconds: 0 });
  return {
    ...lab,
    definition,
    records: resources(definition, "aws:route53/record:Record"),
    checks: resources(definition, "aws:route53/healthCheck:HealthCheck"),
  };
}

test("a check refuses an unknown type, an alias with values, neither, values without a TTL and routing without a set", () => {
  const { records, checks } = provider();
  expect(records.failures({ ...address, type: "SVR" })).toEqual([expect.stringMatching(/^type: .*got SVR/)]);
  expect(records.failures({ ...routed, ttl: 60, records: ["x"] })).toHaveLength(2);
  const { records: _records, ...empty } = address;
  expect(records.failures(empty)).toEqual([expect.stringContaining("alias,records")]);
  const { ttl: _ttl, ...timeless } = address;
  expect(records.failures(timeless)).toEqual([expect.stringContaining("records,ttl")]);
  const { setIdentifier: _set, ...unnamed } = routed;
  expect(records.failures(unnamed)).toEqual([expect.stringContaining("set_identifier")]);
  expect(records.failures({ ...routed, weightedRoutingPolicies: [{ weight: 1 }] })).toHaveLength(1);
  expect(records.failures({ ...address, latencyRoutingPolicies: [{ region: "us-east-1" }] })).toHaveLength(1);
  expect(checks.failures({ ...check, requestInterval: 20, failureThreshold: 11 })).toHaveLength(2);
});

test("nothing differs after a create, nor after a refresh", async () => {
  const { records, checks } = provider();
  for (const [kind, inputs] of [
    [records, address],
    [records, srv],
    [records, routed],
    [checks, check],
  ] as const) {
    const deployed = await kind.create(inputs);
    expect(kind.diff(deployed, inputs)).toEqual(UNCHANGED);
    const refreshed = await kind.refresh(deployed);
    expect(refreshed && kind.diff(refreshed, inputs)).toEqual(UNCHANGED);
  }
});

test("the order of values, the case of a name and its final dot do not count", async () => {
  const { records, route53 } = provider();
  const deployed = await records.create(srv);
  const same = { ...srv, name: "_SIPS._tcp.fra.example.net.", records: srv.records.toReversed() };
  expect(records.diff(deployed, same)).toEqual(UNCHANGED);
  const relative = await records.create({ ...address, name: "FRA1" });
  expect(relative.outputs.fqdn).toBe("fra1.example.net");
  expect(route53.sets("Z1").map((set) => set.name)).toEqual([
    "_sips._tcp.fra.example.net",
    "fra1.example.net",
  ]);
});

test("zone and name replace a record; values and TTL are changed by one UPSERT", async () => {
  const { records, store, route53 } = provider();
  const deployed = await records.create(srv);
  expect(records.diff(deployed, { ...srv, name: "_sips._tcp.ams.example.net" }).replaces).toEqual(["name"]);
  expect(records.diff(deployed, { ...srv, zoneId: "Z2" }).replaces).toEqual(["zoneId"]);
  const shorter = { ...srv, ttl: 120, records: srv.records.slice(0, 1) };
  expect(records.diff(deployed, shorter)).toEqual({ changed: ["ttl", "records"], replaces: [] });
  await records.update(deployed, shorter);
  expect(route53.sets("Z1")).toMatchObject([{ ttl: 120, values: ["10 20 5061 fra1.example.net"] }]);
  expect(store.operations.map(({ operation }) => operation)).toEqual(["create", "update"]);
});

test("a changed set identifier is one batch, and the state goes on to find the set", async () => {
  const { records, route53 } = provider();
  await records.create(srv);
  const deployed = await records.create(routed);
  const renamed = { ...routed, setIdentifier: "everybody" };
  expect(records.diff(deployed, renamed)).toEqual({ changed: ["setIdentifier"], replaces: [] });
  const updated = await records.update(deployed, renamed);
  expect(route53.sets("Z1").map((set) => set.setIdentifier)).toEqual([undefined, "everybody"]);
  expect(updated.id).toBe(deployed.id);
  const refreshed = await records.refresh(updated);
  expect(refreshed && records.diff(refreshed, renamed)).toEqual(UNCHANGED);
});

test("an import takes the type from the first token that is one, whatever underscores the name has", async () => {
  const { records } = provider();
  await records.create(srv);
  await records.create(routed);
  const plain = await records.import("Z1__sips._tcp.fra.example.net_SRV");
  expect(plain && records.diff(plain, srv)).toEqual(UNCHANGED);
  const alias = await records.import("Z1__sips._tcp.geo.example.net_SRV_default");
  expect(alias && records.diff(alias, routed)).toEqual(UNCHANGED);
  expect(await records.import("Z1_gone.example.net_A")).toBeUndefined();
  await expect(records.import("Z1/fra1")).rejects.toThrow(/ZONEID_RECORDNAME_TYPE/);
});

test("a second record of one name and type fails unless it may overwrite", async () => {
  const { records, route53 } = provider();
  await records.create(address);
  const second = { ...address, records: ["192.0.2.2"] };
  await expect(records.create(second)).rejects.toThrow(/InvalidChangeBatch: .*already exists/);
  await records.create({ ...second, allowOverwrite: true });
  expect(route53.sets("Z1").map((set) => set.values)).toEqual([["192.0.2.2"]]);
});

test("a delete that Route 53 refuses is reported as a success", async () => {
  const { records, route53, store } = provider();
  const deployed = await records.create(address);
  await route53.deleteSet("Z1_fra1.example.net_A");
  await records.delete(deployed);
  expect(store.operations.at(-1)?.error).toContain("InvalidChangeBatch");
  expect(await records.refresh(deployed)).toBeUndefined();
});

test("type and interval replace a health check, its address does not; one that is gone deletes and refreshes", async () => {
  const { checks, route53 } = provider();
  const deployed = await checks.create(check);
  expect(checks.diff(deployed, { ...check, requestInterval: 10 }).replaces).toEqual(["requestInterval"]);
  const moved = { ...check, ipAddress: "127.0.0.2" };
  expect(checks.diff(deployed, moved)).toEqual({ changed: ["ipAddress"], replaces: [] });
  expect((await checks.update(deployed, moved)).outputs.ipAddress).toBe("127.0.0.2");
  await route53.deleteHealthCheck(deployed.id);
  expect(await checks.refresh(deployed)).toBeUndefined();
  await checks.delete(deployed);
});

test("the zone's sets are listed as the API names them, all or by pattern, and the zone is found by id and by name", async () => {
  const { definition, records } = provider();
  const invoke = (name: string, args: object) =>
    definition.functions[`aws:route53/${name}:${name}`]?.({ ...args });
  await records.create(srv);
  await records.create(routed);
  expect(await invoke("getRecords", { zoneId: "Z1" })).toMatchObject({
    resourceRecordSets: [
      {
        name: `${srv.name}.`,
        type: "SRV",
        ttl: 60,
        resourceRecords: srv.records.map((value) => ({ value })),
      },
      {
        name: `${routed.name}.`,
        setIdentifier: "default",
        aliasTarget: { dnsName: `${srv.name}.`, hostedZoneId: "Z1", evaluateTargetHealth: true },
        geolocation: { countryCode: "*" },
      },
    ],
  });
  const matching = await invoke("getRecords", { zoneId: "Z1", nameRegex: "geo" });
  expect(matching).toMatchObject({ resourceRecordSets: [{ name: `${routed.name}.` }] });
  expect(await invoke("getZone", { zoneId: "Z1" })).toMatchObject({
    name: "example.net",
    resourceRecordSetCount: 2,
    nameServers: [
      "ns-1.awsdns-com.test",
      "ns-2.awsdns-net.test",
      "ns-3.awsdns-org.test",
      "ns-4.awsdns-uk.test",
    ],
  });
  expect(await invoke("getZone", { name: "example.net." })).toMatchObject({ zoneId: "Z1" });
  await expect(invoke("getZone", { zoneId: "Z9" })).rejects.toThrow(/no matching Route 53 Hosted Zone/);
});
