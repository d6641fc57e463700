import { expect, test } from "vitest";
import type { DnsRecordRequest } from "../../../../lab/store/cloudflareDns.ts";
import { addressRecord, expectRefusal, memoryCloudflare, srvRecord } from "../../../support/labStores.ts";

const caaRecord: DnsRecordRequest = {
  name: "example.net",
  type: "CAA",
  ttl: 60,
  data: { flags: 0, tag: "issue", value: "ca.example.net; validationmethods=dns-01" },
};

const refusedRequests: readonly [string, DnsRecordRequest, string, RegExp][] = [
  ["a TTL below a minute", { ...addressRecord, ttl: 10 }, "9021", /Invalid TTL/],
  ["a TTL above a day", { ...addressRecord, ttl: 86401 }, "9021", /Invalid TTL/],
  ["an A record without an IPv4 address", { ...addressRecord, content: "2001:db8::1" }, "9005", /IPv4/],
  ["an AAAA record without an IPv6 address", { ...addressRecord, type: "AAAA" }, "9006", /IPv6/],
  ["an SRV record without data", { name: "_sip._tcp.example.net", type: "SRV", ttl: 60 }, "9101", /priority/],
  [
    "an SRV weight above 65535",
    { ...srvRecord, data: { ...srvRecord.data, weight: 70000 } },
    "9102",
    /weight/,
  ],
  ["CAA without data", { ...caaRecord, data: {} }, "9101", /flags/],
  [
    "a CAA flag above one octet",
    { ...caaRecord, data: { ...caaRecord.data, flags: 256 } },
    "9102",
    /'flags' must be between 0 and 255/,
  ],
  ["a record without content", { name: "a.example.net", type: "TXT", ttl: 60 }, "9000", /Content/],
];

test.each(refusedRequests)("%s is refused", async (_what, request, code, text) => {
  const { store, dns } = memoryCloudflare();
  await expectRefusal(store, dns.create("z1", request), code, text);
});

test("an identical record is refused, one that differs in its weight is not", async () => {
  const { store, dns } = memoryCloudflare();
  await dns.create("z1", srvRecord);
  await expectRefusal(store, dns.create("z1", srvRecord), "81058", /identical record already exists/);
  await dns.create("z1", { ...srvRecord, data: { ...srvRecord.data, weight: 40 } });
  expect(dns.rows("z1").map((row) => row.content)).toEqual([
    "50 5061 fra1.example.net",
    "40 5061 fra1.example.net",
  ]);
});

test("an update that would make a record identical to another is refused", async () => {
  const { store, dns } = memoryCloudflare();
  await dns.create("z1", addressRecord);
  const other = await dns.create("z1", { ...addressRecord, content: "192.0.2.2" });
  await expectRefusal(store, dns.update("z1", other.id, addressRecord), "81058", /identical/);
});

test("a record is not in its own way when only its TTL changes", async () => {
  const { dns } = memoryCloudflare();
  const { id } = await dns.create("z1", addressRecord);
  expect(await dns.update("z1", id, { ...addressRecord, ttl: 120 })).toMatchObject({ id, ttl: 120 });
});

test("a CNAME is refused beside an address, and an address beside a CNAME", async () => {
  const { store, dns } = memoryCloudflare();
  const alias = { ...addressRecord, type: "CNAME", content: "other.example.net" };
  await dns.create("z1", addressRecord);
  await expectRefusal(store, dns.create("z1", alias), "81053", /already exists/);
  await dns.create("z1", { ...alias, name: "alias.example.net" });
  const beside = { ...addressRecord, name: "alias.example.net" };
  await expectRefusal(store, dns.create("z1", beside), "81054", /CNAME record with that host/);
});

test("deleting, reading or updating a record that is gone is refused as missing", async () => {
  const { store, dns } = memoryCloudflare();
  const { id } = await dns.create("z1", addressRecord);
  await dns.delete("z1", id);
  for (const attempt of [dns.delete("z1", id), dns.read("z1", id), dns.update("z1", id, addressRecord)]) {
    await expect(attempt).rejects.toMatchObject({ code: "81044", status: 404 });
  }
  expect(store.operations.filter((operation) => operation.error?.startsWith("81044"))).toHaveLength(3);
});

test("an unknown zone is refused", async () => {
  const { store, dns } = memoryCloudflare();
  await expectRefusal(store, dns.create("z9", addressRecord), "7003", /object identifier is invalid/);
});

test("a name outside the zone is taken as relative to it, and names are lower-cased", async () => {
  const { dns } = memoryCloudflare();
  await dns.create("z1", { ...addressRecord, name: "FRA2.sip" });
  await dns.create("z1", { ...addressRecord, name: "@" });
  expect(dns.rows("z1").map((row) => row.name)).toEqual(["fra2.sip.example.net", "example.net"]);
});

test("an update replaces the whole record, keeps its id and lets data win over stale content", async () => {
  const { dns } = memoryCloudflare();
  const created = await dns.create("z1", { ...srvRecord, comment: "first" });
  const data = { ...srvRecord.data, priority: 20, weight: 40 };
  const updated = await dns.update("z1", created.id, { ...srvRecord, data, content: created.content });
  expect(updated).toMatchObject({ id: created.id, content: "40 5061 fra1.example.net", priority: 20 });
  expect(updated.comment).toBeUndefined();
});
