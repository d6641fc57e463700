import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startPlatforms } from "../../../lab/platforms.ts";
import { Route53Health } from "../../../lab/store/route53Health.ts";
import { addressRecord, addressSet, CLOUDFLARE_ZONE, pool, ROUTE53_ZONE } from "../../support/labStores.ts";

const zones = { cloudflare: CLOUDFLARE_ZONE, route53: ROUTE53_ZONE };

test("platforms serve what their stores hold, and hold it again after a restart", async () => {
  const folder = mkdtempSync(join(tmpdir(), "dialtree-platforms-"));
  try {
    const first = await startPlatforms({ folder, zones });
    await first.cloudflare.dns.create("z1", addressRecord);
    await first.route53.createSet(addressSet({ values: ["192.0.2.9"] }));
    const { cloudflare, aws, acme } = first.ports;
    expect(first.debugProviders).toBe(`cloudflare:${cloudflare},aws:${aws},acme:${acme}`);
    expect(new Set([cloudflare, aws, acme, 0]).size).toBe(4);
    await first.close();
    const second = await startPlatforms({ folder, zones });
    const ask = (zone: (typeof second.zones)["cloudflare"]) =>
      zone?.lookup("fra1.example.net", "A", { address: "127.0.0.1" })?.data;
    expect([ask(second.zones.cloudflare), ask(second.zones.route53)]).toEqual([["192.0.2.1"], ["192.0.2.9"]]);
    expect(second.ca.rootPem).toBe(first.ca.rootPem);
    await second.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("a platform without a zone serves none", async () => {
  const platforms = await startPlatforms({ zones: { route53: ROUTE53_ZONE } });
  expect(Object.keys(platforms.zones)).toEqual(["route53"]);
  await platforms.close();
});

test("what a monitor or a health check names is probed where it listens", async () => {
  const server = createServer((socket) => socket.destroy());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const platforms = await startPlatforms({ zones, healthIntervalMilliseconds: 60_000 });
  const { balancing } = platforms.cloudflare;
  const monitor = await balancing.createMonitor("acc1", {
    type: "tcp",
    port,
    interval: 60,
    timeout: 5,
    retries: 2,
  });
  await balancing.createPool("acc1", pool("a", ["127.0.0.1"], { monitor: monitor.id }));
  await balancing.createPool("acc1", pool("unmonitored", ["127.0.0.3"]));
  await platforms.route53.createHealthCheck({ type: "TCP", ipAddress: "127.0.0.2", port });
  await platforms.health.probeOnce();
  const up = ["127.0.0.1", "127.0.0.2", "127.0.0.3"].map((address) => platforms.health.isUp(address, port));
  expect(up).toEqual([true, false, undefined]);
  await platforms.close();
  server.close();
});

test("an HTTP monitor and an HTTP health check decide by the answer of the endpoint", async () => {
  const status = new Map([
    ["/cloudflare", 200],
    ["/route53", 302],
  ]);
  const server = createHttpServer(({ url }, response) => {
    response.writeHead(status.get(url ?? "") ?? 404).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const platforms = await startPlatforms({ zones, healthIntervalMilliseconds: 60_000 });
  const { balancing } = platforms.cloudflare;
  const timing = { interval: 60, timeout: 5, retries: 2 };
  const monitor = await balancing.createMonitor("acc1", {
    ...{ type: "http", port, path: "/cloudflare", expectedCodes: "2xx", ...timing },
  });
  const { id } = await balancing.createPool("acc1", pool("a", ["127.0.0.1"], { monitor: monitor.id }));
  await balancing.createLoadBalancer("z1", {
    ...{ name: "geo-a.example.net", enabled: true, proxied: false, steeringPolicy: "off" },
    ...{ defaultPools: [id], fallbackPool: id },
  });
  const check = { type: "HTTP", ipAddress: "127.0.0.1", port, resourcePath: "/route53" };
  const { id: healthCheckId } = await platforms.route53.createHealthCheck(check);
  const health = new Route53Health(platforms.route53, platforms.health);
  const up = () => [
    platforms.health.isUp("127.0.0.1", port, { scheme: "http", path: "/cloudflare", codes: "2xx" }),
    health.isCheckHealthy(healthCheckId),
  ];
  await platforms.health.probeOnce();
  expect(up()).toEqual([true, true]);
  // A redirect is healthy for Route 53 alone.
  status.set("/cloudflare", 302);
  status.set("/route53", 404);
  await platforms.health.probeOnce();
  expect(up()).toEqual([false, false]);
  await platforms.close();
  server.close();
});

test("when one port is taken the others are given back", async () => {
  const first = await startPlatforms({ zones });
  const { aws } = first.ports;
  const free = await startPlatforms({ zones });
  const { cloudflare } = free.ports;
  await free.close();
  await expect(startPlatforms({ zones, ports: { cloudflare, aws } })).rejects.toThrow(
    /EADDRINUSE|No address added/,
  );
  const again = await startPlatforms({ zones, ports: { cloudflare } });
  expect(again.ports.cloudflare).toBe(cloudflare);
  await again.close();
  await first.close();
});
