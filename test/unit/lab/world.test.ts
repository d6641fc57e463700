/** The lab's nodes as the platforms' monitors find them, by whichever probe the policy asks for. */
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { afterEach, expect, test } from "vitest";
import type { NodeCertificate } from "../../../lab/nodeCertificates.ts";
import { startWorld, type World } from "../../../lab/world.ts";
import { render } from "../../../plan/render.ts";
import type { Tree } from "../../../plan/tree.ts";
import { type InventorySketch, nodeAt } from "../../support/inventories.ts";
import { planOf } from "../../support/planOf.ts";
import { createTestAuthority } from "../../support/testCertificates.ts";

const ADDRESSES = { fra1: "127.88.3.1", fra2: "127.88.3.2", iad1: "127.88.3.3" };

const worlds: World[] = [];

afterEach(async () => {
  await Promise.all(worlds.splice(0).map((world) => world.close()));
});

/** A port that was free on every address a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "0.0.0.0");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

type Probe = NonNullable<NonNullable<InventorySketch["policy"]>["probe"]>;

async function treeWith(probe: Probe): Promise<Tree> {
  const nodes = Object.entries(ADDRESSES).map(([slot, ip]) =>
    nodeAt(slot.startsWith("fra") ? "euro" : "noam", slot, { ip }),
  );
  const regions = {
    euro: { serves: { continents: ["EU" as const] } },
    noam: { serves: { continents: ["NA" as const] } },
  };
  const transports = { "sips-tcp": await freePort(), "sip-udp": await freePort() };
  return planOf({ nodes, policy: { globalGeo: true, regions, transports, probe } });
}

/** The tree's pools and their monitor at Cloudflare, and its nodes. */
async function serve(
  tree: Tree,
  certificates: ReadonlyMap<string, readonly NodeCertificate[]> = new Map(),
): Promise<{ world: World; up: () => string[] }> {
  const { pools, monitor } = render(tree, "cloudflare");
  if (monitor === undefined) throw new Error("nothing is probed");
  const world = await startWorld({ zone: tree.zone, cloudflare: { accountId: "account", zoneId: "zone" } });
  worlds.push(world);
  // Probed when the test says so.
  world.platforms.health.stop();
  const { balancing } = world.platforms.cloudflare;
  const { intervalSeconds: interval, timeoutSeconds: timeout, retries, ...request } = monitor;
  const { id } = await balancing.createMonitor("account", { ...request, interval, timeout, retries });
  for (const { key, origins } of pools) {
    await balancing.createPool("account", {
      name: key,
      enabled: true,
      minimumOrigins: 1,
      monitor: id,
      origins: origins.map(({ slot, address, weight }) => ({ name: slot, address, weight, enabled: true })),
    });
  }
  await world.serve(tree, certificates);
  const http =
    monitor.type === "tcp"
      ? undefined
      : { scheme: monitor.type, path: monitor.path, codes: monitor.expectedCodes };
  const isUp = (address: string) => world.platforms.health.isUp(address, monitor.port, http);
  return {
    world,
    up: () => tree.nodes.filter(({ address }) => isUp(address) === true).map(({ slot }) => slot),
  };
}

test.each([
  ["the port of TLS", async () => ({})],
  ["a port of its own", async () => ({ port: await freePort() })],
  ["http", async () => ({ type: "http" as const, port: await freePort(), path: "/health" })],
  [
    "http with another code",
    async () => ({ type: "http" as const, port: await freePort(), expectedCodes: "204" }),
  ],
])("every node is up when %s is probed, until it is stopped", async (_, probe) => {
  const tree = await treeWith(await probe());
  const { world, up } = await serve(tree);
  expect(up()).toEqual(["fra1", "fra2", "iad1"]);
  await world.fleet.nodes.get("fra2")?.setBehaviour("refuse");
  await world.platforms.health.probeOnce();
  expect(up()).toEqual(["fra1", "iad1"]);
});

test("a node without a certificate is down when https is probed, and up with one that names others", async () => {
  const tree = await treeWith({ type: "https", port: await freePort(), path: "/health" });
  const authority = await createTestAuthority();
  const certificate = await authority.issue({ dns: ["fra1.sip.example.net"] });
  const { up } = await serve(tree, new Map([["fra1", [certificate]]]));
  expect(up()).toEqual(["fra1"]);
});
