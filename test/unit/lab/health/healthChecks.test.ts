import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, test } from "vitest";
import { HealthChecks } from "../../../../lab/health/healthChecks.ts";

async function listener() {
  const server = createServer((socket) => socket.destroy());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.close();
    await once(server, "close");
  };
  return { port, close };
}

test("a port is up while something accepts there, down when it has gone, and unknown before the first probe", async () => {
  const { port, close } = await listener();
  const checks = new HealthChecks({ targets: () => [{ address: "127.0.0.1", port }] });
  expect(checks.isUp("127.0.0.1", port)).toBeUndefined();
  await checks.probeOnce();
  expect(checks.isUp("127.0.0.1", port)).toBe(true);
  await close();
  await checks.probeOnce();
  expect(checks.isUp("127.0.0.1", port)).toBe(false);
});

test("what nothing names any more is forgotten, and each place is probed once a round", async () => {
  const server = createServer((socket) => socket.destroy());
  let connections = 0;
  server.on("connection", () => {
    connections += 1;
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const target = { address: "127.0.0.1", port: (server.address() as AddressInfo).port };
  let targets = [target, { ...target }, { ...target }];
  const checks = new HealthChecks({ targets: () => targets, concurrency: 2 });
  await checks.probeOnce();
  targets = [];
  await checks.probeOnce();
  expect(checks.isUp(target.address, target.port)).toBeUndefined();
  server.close();
  await once(server, "close");
  expect(connections).toBe(1);
});

test("a started check finds a listener that comes later", async () => {
  const { port, close } = await listener();
  const checks = new HealthChecks({
    targets: () => [{ address: "127.0.0.1", port }],
    intervalMilliseconds: 5,
  });
  checks.start();
  await expect.poll(() => checks.isUp("127.0.0.1", port)).toBe(true);
  await close();
  await expect.poll(() => checks.isUp("127.0.0.1", port)).toBe(false);
  checks.stop();
});
