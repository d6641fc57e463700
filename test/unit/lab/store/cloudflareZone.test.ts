import { expect, test } from "vitest";
import { CloudflareZoneView } from "../../../../lab/store/cloudflareZone.ts";
import {
  addressRecord,
  loadBalancer,
  memoryCloudflare,
  pool,
  srvRecord,
  tcpMonitor,
  ZONE,
} from "../../../support/labStores.ts";

const resolver = { address: "127.0.0.1" };
const inGermany = { ...resolver, subnet: { address: "192.0.2.0", prefixLength: 24 } };
const inFrance = { ...resolver, subnet: { address: "198.51.100.0", prefixLength: 24 } };

/** A zone whose probes and places are plain data that a test may change. */
function view() {
  const lab = memoryCloudflare();
  const health = new Map<string, boolean>();
  const random = { value: 0 };
  const zone = new CloudflareZoneView({
    zoneId: "z1",
    origin: ZONE,
    ...lab,
    health: { isUp: (address, port) => health.get(`${address}:${port}`) },
    locate: ({ subnet }) => {
      if (subnet?.address === "192.0.2.0") return { country: "DE", cloudflareRegion: "WEU" };
      return subnet?.address === "198.51.100.0" ? { country: "FR", cloudflareRegion: "WEU" } : {};
    },
    random: () => random.value,
  });
  return { ...lab, zone, health, random };
}

/** A load balancer with a pool for Germany, one for western Europe and one for everybody, and a fallback. */
async function steered() {
  const lab = view();
  const monitor = await lab.balancing.createMonitor("acc1", tcpMonitor);
  const make = async (name: string, address: string) => {
    lab.health.set(`${address}:5061`, true);
    return (await lab.balancing.createPool("acc1", pool(name, [address], { monitor: monitor.id }))).id;
  };
  const [german, european, common, net] = [
    await make("german", "192.0.2.1"),
    await make("european", "192.0.2.2"),
    await make("common", "192.0.2.3"),
    await make("net", "192.0.2.4"),
  ];
  const places = { countryPools: { DE: [german] }, regionPools: { WEU: [european] } };
  const request = loadBalancer(net, { defaultPools: [common], ...places });
  const { id } = await lab.balancing.createLoadBalancer("z1", request);
  return { ...lab, id, request };
}

test("records are served as they stand, SRV with its priority and TXT quoted", async () => {
  const { dns, zone } = view();
  await dns.create("z1", addressRecord);
  await dns.create("z1", srvRecord);
  await dns.create("z1", { name: "t.example.net", type: "TXT", content: "plain", ttl: 1 });
  expect(zone.lookup("fra1.example.net", "A", resolver)?.data).toEqual(["192.0.2.1"]);
  expect(zone.lookup("_sips._tcp.example.net", "SRV", resolver)).toEqual({
    name: "_sips._tcp.example.net",
    type: "SRV",
    ttlSeconds: 60,
    data: ["10 50 5061 fra1.example.net"],
  });
  expect(zone.lookup("t.example.net", "TXT", resolver)).toMatchObject({ data: ['"plain"'], ttlSeconds: 300 });
});

test("names between an owner and the apex exist without owning a set, and a deleted name goes", async () => {
  const { dns, zone } = view();
  const { id } = await dns.create("z1", srvRecord);
  expect(zone.exists("_tcp.example.net")).toBe(true);
  expect(zone.lookup("_tcp.example.net", "A", resolver)).toBeUndefined();
  expect(zone.exists("gone.example.net")).toBe(false);
  await dns.delete("z1", id);
  expect(zone.exists("_tcp.example.net")).toBe(false);
  expect(zone.exists("example.net")).toBe(true);
});

test("a caller gets the pool of its country, then of its region, then the default", async () => {
  const { zone } = await steered();
  const answer = (asker: Parameters<typeof zone.lookup>[2]) => zone.lookup("geo-a.example.net", "A", asker);
  expect(answer(inGermany)).toMatchObject({ data: ["192.0.2.1"], ttlSeconds: 30, scopePrefixLength: 24 });
  expect(answer(inFrance)?.data).toEqual(["192.0.2.2"]);
  expect(answer(resolver)?.data).toEqual(["192.0.2.3"]);
  expect(answer(resolver)).not.toHaveProperty("scopePrefixLength");
});

test("a pool that is down is passed over, and when all are down the fallback answers whatever its health", async () => {
  const { balancing, zone, health, id, request } = await steered();
  const countryPools = { DE: [...(request.countryPools?.DE ?? []), ...(request.regionPools?.WEU ?? [])] };
  await balancing.updateLoadBalancer("z1", id, { ...request, countryPools });
  const answer = () => zone.lookup("geo-a.example.net", "A", inGermany)?.data;
  for (const [address, next] of [
    ["192.0.2.1", "192.0.2.2"],
    ["192.0.2.2", "192.0.2.4"],
    ["192.0.2.4", "192.0.2.4"],
  ]) {
    health.set(`${address}:5061`, false);
    expect(answer()).toEqual([next]);
  }
});

test("a place whose pools are all down is answered from the fallback pool, not from a wider place's", async () => {
  const { zone, health } = await steered();
  const answer = (asker: Parameters<typeof zone.lookup>[2]) =>
    zone.lookup("geo-a.example.net", "A", asker)?.data;
  health.set("192.0.2.1:5061", false);
  expect(answer(inGermany)).toEqual(["192.0.2.4"]);
  health.set("192.0.2.2:5061", false);
  expect(answer(inFrance)).toEqual(["192.0.2.4"]);
  expect(answer(resolver)).toEqual(["192.0.2.3"]);
});

test("an origin that has not been probed yet is down while a monitor is attached, and up without one", async () => {
  const { balancing, zone, health } = view();
  const monitor = await balancing.createMonitor("acc1", tcpMonitor);
  const probed = await balancing.createPool("acc1", pool("probed", ["192.0.2.1"], { monitor: monitor.id }));
  const plain = await balancing.createPool("acc1", pool("plain", ["192.0.2.2"]));
  const request = loadBalancer(plain.id, { defaultPools: [probed.id, plain.id] });
  await balancing.createLoadBalancer("z1", request);
  expect(zone.lookup("geo-a.example.net", "A", resolver)?.data).toEqual(["192.0.2.2"]);
  health.set("192.0.2.1:5061", true);
  expect(zone.lookup("geo-a.example.net", "A", resolver)?.data).toEqual(["192.0.2.1"]);
});

test("origins share by weight, and one that is disabled or down gets nothing", async () => {
  const { balancing, zone, random } = view();
  const origins = [
    { name: "a", address: "192.0.2.1", enabled: true, weight: 0.25 },
    { name: "b", address: "192.0.2.2", enabled: false, weight: 1 },
    { name: "c", address: "192.0.2.3", enabled: true, weight: 0.75 },
  ];
  const { id } = await balancing.createPool("acc1", pool("a", [], { origins }));
  await balancing.createLoadBalancer("z1", loadBalancer(id));
  const answerAt = (value: number) => {
    random.value = value;
    return zone.lookup("geo-a.example.net", "A", resolver)?.data;
  };
  expect(answerAt(0)).toEqual(["192.0.2.1"]);
  expect(answerAt(0.24)).toEqual(["192.0.2.1"]);
  expect(answerAt(0.26)).toEqual(["192.0.2.3"]);
  expect(answerAt(0.99)).toEqual(["192.0.2.3"]);
});

test("a pool with fewer healthy origins than its minimum is down as a whole", async () => {
  const { balancing, zone } = view();
  const small = await balancing.createPool("acc1", pool("small", ["192.0.2.1"], { minimumOrigins: 2 }));
  const net = await balancing.createPool("acc1", pool("net", ["192.0.2.2"]));
  await balancing.createLoadBalancer("z1", loadBalancer(net.id, { defaultPools: [small.id] }));
  expect(zone.lookup("geo-a.example.net", "A", resolver)?.data).toEqual(["192.0.2.2"]);
});

test("a load balancer stands before the addresses of its name, not before its SRV, and gives way when disabled", async () => {
  const { balancing, dns, zone, id, request } = await steered();
  await dns.create("z1", { ...addressRecord, name: "geo-a.example.net", content: "203.0.113.1" });
  await dns.create("z1", {
    ...addressRecord,
    name: "geo-a.example.net",
    type: "AAAA",
    content: "2001:db8::1",
  });
  await dns.create("z1", { ...srvRecord, name: "geo-a.example.net" });
  const answer = (type: string) => zone.lookup("geo-a.example.net", type, resolver)?.data;
  expect(answer("A")).toEqual(["192.0.2.3"]);
  expect(answer("AAAA")).toBeUndefined();
  expect(answer("SRV")).toEqual(["10 50 5061 fra1.example.net"]);
  await balancing.updateLoadBalancer("z1", id, { ...request, enabled: false });
  expect(answer("A")).toEqual(["203.0.113.1"]);
  expect(answer("AAAA")).toEqual(["2001:db8::1"]);
});

test("places count only where the steering policy is geo", async () => {
  const { balancing, zone, id, request } = await steered();
  await balancing.updateLoadBalancer("z1", id, { ...request, steeringPolicy: "off" });
  expect(zone.lookup("geo-a.example.net", "A", inGermany)?.data).toEqual(["192.0.2.3"]);
});
