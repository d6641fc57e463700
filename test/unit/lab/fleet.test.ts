import { afterEach, describe, expect, test } from "vitest";
import { connectTcp } from "../../../dial/channel.ts";
import { connectTls } from "../../../dial/tls.ts";
import { createFleet } from "../../../lab/fleet.ts";
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

  test("names every address and port that it cannot have, and runs the rest", async () => {
    await other.setNodes([{ slot: "x", address: "127.88.2.1", ports: { tcp: 0 } }]);
    const taken = other.nodes.get("x")?.ports.tcp ?? 0;
    const refusal = await fleet
      .setNodes([
        { slot: "fra1", address: "127.88.2.1", ports: { tcp: taken } },
        { slot: "fra2", address: "192.0.2.1", ports: { udp: 5060 } },
        { slot: "fra3", address: "127.88.2.3", ports: { tcp: 0 } },
      ])
      .catch((error) => error);
    expect(refusal.message.split("\n")).toEqual([
      `lab: fra1: 127.88.2.1:${taken}: TCP port ${taken} of 127.88.2.1 is in use [lab-listen]; stop the program that listens there, or give the node another address or port`,
      "lab: fra2: 192.0.2.1:5060: 192.0.2.1 is no address of this host [lab-listen]; use an address in 127.0.0.0/8, or add it to the loopback interface",
    ]);
    expect([...fleet.nodes.keys()]).toEqual(["fra3"]);
  });
});
