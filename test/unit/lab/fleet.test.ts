import { afterEach, describe, expect, test } from "vitest";
import { connectTcp } from "../../../dial/channel.ts";
import { connectTls } from "../../../dial/tls.ts";
import { problemLine } from "../../../inventory/problem.ts";
import { createFleet, portProblem } from "../../../lab/fleet.ts";
import { PortFault } from "../../../lab/listener.ts";
import { createTestAuthority } from "../../support/testCertificates.ts";

const TIMEOUT = { timeoutMilliseconds: 5000 };
const fleet = createFleet();
const other = createFleet();

afterEach(async () => {
  await fleet.close();
  await other.close();
});

describe("the lab's fleet", () => {
  test("follows its list: stops what left, keeps what stayed, restarts what moved", async () => {
    await fleet.setNodes([
      { slot: "fra1", address: "127.88.2.1", ports: { tcp: 0 } },
      { slot: "fra2", address: "127.88.2.2", ports: { tcp: 0 } },
      { slot: "lhr1", address: "127.88.2.3", ports: { tcp: 0 } },
    ]);
    const before = new Map(fleet.nodes);
    await fleet.setNodes([
      { slot: "fra1", address: "127.88.2.1", ports: { tcp: 0 } },
      { slot: "lhr1", address: "127.88.2.4", ports: { tcp: 0 } },
      { slot: "ams1", address: "127.88.2.5", ports: { tcp: 0 } },
    ]);
    expect([...fleet.nodes.keys()].sort()).toEqual(["ams1", "fra1", "lhr1"]);
    expect(fleet.nodes.get("fra1")).toBe(before.get("fra1"));
    expect(fleet.nodes.get("lhr1")?.address).toBe("127.88.2.4");
    const gone = before.get("fra2");
    const endpoint = { address: "127.88.2.2", port: gone?.ports.tcp ?? 0, ...TIMEOUT };
    await expect(connectTcp(endpoint)).rejects.toThrow("connection refused");
  });

  test("gives certificates to running nodes, and to those that start later", async () => {
    const authority = await createTestAuthority();
    const certificates = new Map([["fra1", [await authority.issue({ dns: ["fra1.sip.example.net"] })]]]);
    const list = [{ slot: "fra1", address: "127.88.2.1", ports: { tls: 0 } }];
    const handshake = async () => {
      const { socket, certificate } = await connectTls({
        address: "127.88.2.1",
        port: fleet.nodes.get("fra1")?.ports.tls ?? 0,
        dialedName: "fra1.sip.example.net",
        caPem: authority.caPem,
        ...TIMEOUT,
      });
      socket.destroy();
      return certificate;
    };
    await fleet.setNodes(list);
    fleet.update(certificates);
    expect(await handshake()).toMatchObject({ trusted: true, identity: { strict: true } });
    await fleet.setNodes([]);
    await fleet.setNodes(list);
    expect(await handshake()).toMatchObject({ trusted: true });
  });

  test("restarts a node whose endpoint for probes has changed, and keeps one whose has not", async () => {
    const node = { slot: "fra1", address: "127.88.2.1", ports: { tcp: 0 } };
    const probe = { scheme: "http", port: 0, path: "/health", status: 200 } as const;
    await fleet.setNodes([{ ...node, probe }]);
    const first = fleet.nodes.get("fra1");
    await fleet.setNodes([{ ...node, probe: { ...probe } }]);
    expect(fleet.nodes.get("fra1")).toBe(first);
    await fleet.setNodes([{ ...node, probe: { ...probe, path: "/" } }]);
    expect(fleet.nodes.get("fra1")).not.toBe(first);
    await fleet.setNodes([node]);
    expect(fleet.nodes.get("fra1")?.probePort).toBeUndefined();
  });

  test("names every address and port that it cannot have, and runs the rest", async () => {
    await other.setNodes([{ slot: "x", address: "127.88.2.1", ports: { tcp: 0 } }]);
    const taken = other.nodes.get("x")?.ports.tcp ?? 0;
    const refusal = await fleet
      .setNodes([
        { slot: "fra1", address: "127.88.2.1", ports: { tcp: taken } },
        { slot: "fra2", address: "192.0.2.1", ports: { udp: 5060 } },
        { slot: "fra3", address: "127.88.2.3", ports: { tcp: 0 } },
        { slot: "fra4", address: "127.88.2.1", ports: { udp: 0 }, probe: { scheme: "tcp", port: taken } },
      ])
      .catch((error) => error);
    expect(refusal.message.split("\n")).toEqual([
      `lab: fra1: 127.88.2.1:${taken}: TCP port ${taken} of 127.88.2.1 is in use [lab-listen]; stop the program that listens there, or give the node another address or port`,
      "lab: fra2: 192.0.2.1:5060: 192.0.2.1 is no address of this host [lab-listen]; use an address in 127.0.0.0/8, or add it to the loopback interface",
      `lab: fra4: 127.88.2.1:${taken}: TCP port ${taken} of 127.88.2.1 is in use [lab-listen]; stop the program that listens there, or set policy.probe.port to a port that the node uses for nothing else`,
    ]);
    expect([...fleet.nodes.keys()]).toEqual(["fra3"]);
  });
});

test("a port that this user may not have is told with the key that moves it", () => {
  const denied = Object.assign(new Error("permission denied"), { code: "EACCES" });
  const line = (listening: "probe" | "tcp") =>
    problemLine(portProblem("fra1", "127.88.2.1", new PortFault(listening, 80, denied)));
  const what = "TCP port 80 of 127.88.2.1 cannot be listened on (EACCES) [lab-listen]";
  expect(line("probe")).toBe(
    `lab: fra1: 127.88.2.1:80: ${what}; set policy.probe.port to one above 1023, or allow this user to listen there`,
  );
  expect(line("tcp")).toBe(
    `lab: fra1: 127.88.2.1:80: ${what}; give the node a port above 1023, or allow this user to listen there`,
  );
});
