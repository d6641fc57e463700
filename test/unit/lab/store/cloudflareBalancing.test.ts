import { expect, test } from "vitest";
import {
  expectRefusal,
  loadBalancer,
  memoryCloudflare,
  pool,
  tcpMonitor,
} from "../../../support/labStores.ts";

test("a pool is refused without origins, with an unknown monitor, a twin address or a taken name", async () => {
  const { store, balancing } = memoryCloudflare();
  const create = (request: ReturnType<typeof pool>) => balancing.createPool("acc1", request);
  await expectRefusal(store, create(pool("a", [])), "1002", /origins: at least one/);
  await expectRefusal(store, create(pool("a", ["192.0.2.1"], { monitor: "m9" })), "1002", /monitor: m9/);
  await expectRefusal(store, create(pool("a", ["192.0.2.1", "192.0.2.1"])), "1003", /not unique/);
  await expectRefusal(store, create(pool("no spaces", ["192.0.2.1"])), "1002", /name/);
  await expectRefusal(store, create(pool("a", ["192.0.2.1"], { checkRegions: ["MARS"] })), "1002", /MARS/);
  await create(pool("a", ["192.0.2.1"]));
  await expectRefusal(store, create(pool("a", ["192.0.2.2"])), "1003", /a: value not unique/);
});

test("a monitor is refused without a port, with a short interval or with a timeout as long as it", async () => {
  const { store, balancing } = memoryCloudflare();
  const { port: _port, ...portless } = tcpMonitor;
  await expectRefusal(store, balancing.createMonitor("acc1", portless), "1002", /port/);
  await expectRefusal(
    store,
    balancing.createMonitor("acc1", { ...tcpMonitor, interval: 5 }),
    "1002",
    /interval/,
  );
  await expectRefusal(
    store,
    balancing.createMonitor("acc1", { ...tcpMonitor, timeout: 60 }),
    "1002",
    /timeout/,
  );
  await expectRefusal(store, balancing.createMonitor("acc9", tcpMonitor), "7003", /accounts\/acc9/);
});

test("a load balancer is refused outside its zone, at a taken name, or with unknown pools, regions, countries", async () => {
  const { store, balancing } = memoryCloudflare();
  const { id } = await balancing.createPool("acc1", pool("a", ["192.0.2.1"]));
  const create = (more: object) => balancing.createLoadBalancer("z1", loadBalancer(id, more));
  await expectRefusal(store, create({ name: "geo.example.org" }), "1002", /not in the zone/);
  await expectRefusal(store, create({ defaultPools: ["p9"] }), "1002", /pool p9 does not exist/);
  await expectRefusal(store, create({ fallbackPool: "p9" }), "1002", /pool p9/);
  await expectRefusal(store, create({ regionPools: { WEU: ["p9"] } }), "1002", /pool p9/);
  await expectRefusal(store, create({ regionPools: { MARS: [id] } }), "1002", /unknown region MARS/);
  await expectRefusal(store, create({ countryPools: { Germany: [id] } }), "1002", /unknown country Germany/);
  await create({});
  await expectRefusal(store, create({}), "1003", /geo-a.example.net: value not unique/);
});

test("a pool stays as long as any load balancer names it, wherever that is", async () => {
  const { store, balancing } = memoryCloudflare();
  const used = await balancing.createPool("acc1", pool("used", ["192.0.2.1"]));
  const fallback = await balancing.createPool("acc1", pool("fallback", ["192.0.2.2"]));
  const request = loadBalancer(fallback.id, { regionPools: { WEU: [used.id] } });
  const { id } = await balancing.createLoadBalancer("z1", request);
  await expectRefusal(store, balancing.deletePool(used.id), "1005", /referenced by other objects/);
  await expectRefusal(store, balancing.deletePool(fallback.id), "1005", /referenced by other objects/);
  await balancing.updateLoadBalancer("z1", id, loadBalancer(fallback.id));
  await balancing.deletePool(used.id);
  expect(balancing.pools().map((row) => row.name)).toEqual(["fallback"]);
});

test("an HTTP monitor is refused without a path or without codes", async () => {
  const { store, balancing } = memoryCloudflare();
  const http = { ...tcpMonitor, type: "http", path: "/health", expectedCodes: "2xx,302" };
  await balancing.createMonitor("acc1", http);
  const wrong = (more: object) => balancing.createMonitor("acc1", { ...http, ...more });
  await expectRefusal(store, wrong({ path: "health" }), "1002", /path/);
  await expectRefusal(store, wrong({ expectedCodes: "" }), "1002", /expected_codes/);
});

test("a monitor stays as long as a pool uses it", async () => {
  const { store, balancing } = memoryCloudflare();
  const monitor = await balancing.createMonitor("acc1", tcpMonitor);
  const { id } = await balancing.createPool("acc1", pool("a", ["192.0.2.1"], { monitor: monitor.id }));
  await expectRefusal(store, balancing.deleteMonitor(monitor.id), "1005", /referenced by other objects/);
  await balancing.deletePool(id);
  await balancing.deleteMonitor(monitor.id);
  await expectRefusal(store, balancing.deleteMonitor(monitor.id), "1001", /not found/);
});
