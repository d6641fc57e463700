import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { Pop } from "../../components/pop.ts";
import { planTree } from "../../plan/plan.ts";
import { inventoryOf } from "../support/inventories.ts";
import { below, type Registered, registerTree, ZONES } from "../support/mockedResources.ts";
import { steeredFleet } from "../support/steeredFleet.ts";

const tree = planTree(inventoryOf(steeredFleet));
const { zoneId, accountId } = ZONES.cloudflare;
const hostedZone = ZONES.route53.zoneId;

let all: readonly Registered[];
const names = (children: readonly Registered[]) => children.map(({ name }) => name);

function inputsOf(name: string): Registered["inputs"] {
  const found = all.find((each) => each.name === name);
  if (found === undefined) throw new Error(`${name} is not registered`);
  return found.inputs;
}

function dependenciesOf(name: string): readonly string[] {
  return all.find((each) => each.name === name)?.dependsOn ?? [];
}

/** A host name's SRV row at Cloudflare. */
const srv = (owner: string, priority: number, port: number, target: string) => ({
  zoneId,
  name: owner,
  type: "SRV",
  ttl: 60,
  proxied: false,
  priority,
  data: { priority, weight: 100, port, target },
});

describe("at Cloudflare", () => {
  beforeAll(async () => {
    all = await registerTree(tree, { backends: ["cloudflare"], challenges: ["cloudflare"] });
  });

  it("a POP is a row per node and service, and an address per node", () => {
    expect(names(below(all, "dialtree:index:Pop", "fra"))).toEqual([
      "fra/cloudflare/a/fra1",
      "fra/cloudflare/a/fra2",
      "fra/cloudflare/sips-tcp/fra1",
      "fra/cloudflare/sips-tcp/fra2",
      "fra/cloudflare/sip-udp/fra1",
      "fra/cloudflare/sip-udp/fra2",
    ]);
    expect(inputsOf("fra/cloudflare/a/fra1")).toEqual({
      zoneId,
      name: "fra.sip.example.net",
      type: "A",
      ttl: 60,
      proxied: false,
      content: "127.187.174.1",
    });
    const target = "fra1.sip.example.net";
    expect(inputsOf("fra/cloudflare/sips-tcp/fra1")).toEqual(
      srv("_sips._tcp.fra.sip.example.net", 10, 5061, target),
    );
    expect(inputsOf("fra/cloudflare/sip-udp/fra1")).toEqual(
      srv("_sip._udp.fra.sip.example.net", 10, 5060, target),
    );
  });

  it("a row waits for the addresses and the certificates of the node that it lists", () => {
    expect(dependenciesOf("fra/cloudflare/sips-tcp/fra1")).toEqual([
      "fra1/cloudflare/a",
      "fra1/acme/exact",
      "fra1/acme/wildcard",
    ]);
    expect(dependenciesOf("fra/cloudflare/a/fra1")).toEqual(["fra1/acme/exact", "fra1/acme/wildcard"]);
  });

  it("a region holds its pools beside its own names, its standby node at the priority behind", () => {
    expect(names(below(all, "dialtree:index:Region", "euro"))).toEqual([
      "euro/cloudflare/pool/euro-a",
      "euro/cloudflare/pool/euro-b",
      "euro/cloudflare/pool/euro-standby",
      "euro/cloudflare/a/fra1",
      "euro/cloudflare/a/fra2",
      ...["sips-tcp", "sip-udp"].flatMap((service) =>
        ["fra1", "fra2", "ams1"].map((slot) => `euro/cloudflare/${service}/${slot}`),
      ),
    ]);
    expect(inputsOf("euro/cloudflare/sips-tcp/ams1")).toEqual(
      srv("_sips._tcp.euro.sip.example.net", 20, 5061, "ams1.sip.example.net"),
    );
    expect(inputsOf("euro/cloudflare/pool/euro-b")).toEqual({
      accountId,
      name: "dialtree-sip-example-net-euro-b",
      enabled: true,
      minimumOrigins: 1,
      monitor: "id of cloudflare/monitor",
      origins: [{ name: "fra2", address: "127.187.174.2", weight: 1, enabled: true }],
    });
    expect(dependenciesOf("euro/cloudflare/pool/euro-b")).toEqual(["fra2/acme/exact", "fra2/acme/wildcard"]);
  });

  it("a region without hardware lists the nodes that stand in for it", () => {
    expect(
      names(below(all, "dialtree:index:Region", "mena")).filter((name) => name.includes("sips")),
    ).toEqual([
      "mena/cloudflare/sips-tcp/fra1",
      "mena/cloudflare/sips-tcp/fra2",
      "mena/cloudflare/sips-tcp/ams1",
    ]);
  });

  it("the global name is two load balanced halves, one at the name itself, and a static net", () => {
    const children = below(all, "dialtree:index:GlobalName", "global");
    expect(names(children).filter((name) => !name.includes("sip-udp"))).toEqual([
      "global/cloudflare/load-balancer/global",
      "global/cloudflare/load-balancer/global-a",
      "global/cloudflare/load-balancer/global-b",
      "global/cloudflare/sips-tcp/geo-a",
      "global/cloudflare/sips-tcp/geo-b",
      "global/cloudflare/sips-tcp/fra1",
      "global/cloudflare/sips-tcp/fra2",
      "global/cloudflare/sips-tcp/iad1",
      "global/cloudflare/sips-tcp/lax1",
    ]);
    const pool = (key: string) =>
      `id of ${key.startsWith("euro") ? "euro" : key.slice(0, 3)}/cloudflare/pool/${key}`;
    const noam = ["iad-a", "iad-b", "lax-a"].map(pool);
    const euro = ["euro-a", "euro-b", "euro-standby"].map(pool);
    const inputs = inputsOf("global/cloudflare/load-balancer/global-a");
    expect(inputs).toMatchObject({
      zoneId,
      name: "geo-a.sip.example.net",
      proxied: false,
      enabled: true,
      ttl: 60,
      steeringPolicy: "geo",
      locationStrategy: { mode: "resolver_ip", preferEcs: "always" },
      sessionAffinity: "none",
      defaultPools: [...noam, ...euro],
      fallbackPool: noam[0],
      regionPools: { WEU: [...euro, ...noam], ENAM: [...noam, ...euro] },
      countryPools: { CA: [...noam, ...euro], MX: [noam[2], noam[0], noam[1], ...euro] },
    });
    expect(dependenciesOf("global/cloudflare/sips-tcp/geo-a")).toEqual([
      "global/cloudflare/load-balancer/global-a",
    ]);
  });

  it("one monitor probes every pool", () => {
    const monitors = all.filter(({ type }) => type.endsWith(":LoadBalancerMonitor"));
    expect(monitors.map(({ inputs }) => inputs)).toEqual([
      {
        accountId,
        description: "dialtree sip.example.net",
        type: "tcp",
        method: "connection_established",
        port: 5061,
        interval: 60,
        timeout: 5,
        retries: 2,
      },
    ]);
  });
});

describe("at Route 53", () => {
  beforeAll(async () => {
    all = await registerTree(tree, { backends: ["route53"], challenges: ["route53"] });
  });

  it("a POP is a set per service and one of addresses, waiting for every target", () => {
    expect(names(below(all, "dialtree:index:Pop", "fra"))).toEqual([
      "fra/route53/a",
      "fra/route53/sips-tcp",
      "fra/route53/sip-udp",
    ]);
    expect(inputsOf("fra/route53/sips-tcp")).toEqual({
      zoneId: hostedZone,
      name: "_sips._tcp.fra.sip.example.net",
      type: "SRV",
      ttl: 60,
      records: ["10 100 5061 fra1.sip.example.net", "10 100 5061 fra2.sip.example.net"],
    });
    expect(dependenciesOf("fra/route53/sips-tcp")).toEqual([
      "fra1/route53/a",
      "fra2/route53/a",
      "fra1/acme/exact",
      "fra1/acme/wildcard",
      "fra2/acme/exact",
      "fra2/acme/wildcard",
    ]);
  });

  it("a steered region counts its nodes' checks as one", () => {
    expect(inputsOf("euro/route53/health-check/calculated")).toEqual({
      type: "CALCULATED",
      childHealthThreshold: 1,
      childHealthchecks: ["ams1", "fra1", "fra2"].map((slot) => `id of ${slot}/route53/health-check/tcp`),
      tags: { Name: "euro.sip.example.net" },
    });
  });

  it("a steered set is one alias of a group by location, each of which leads to a failover pair", () => {
    const alias = (name: string, evaluateTargetHealth: boolean) => [
      { name, zoneId: hostedZone, evaluateTargetHealth },
    ];
    expect(inputsOf("global/route53/sips-tcp")).toEqual({
      zoneId: hostedZone,
      name: "_sips._tcp.sip.example.net",
      type: "SRV",
      aliases: alias("_sips._tcp.global--geo.sip.example.net", false),
    });
    const group = { zoneId: hostedZone, name: "_sips._tcp.global--geo.sip.example.net", type: "SRV" };
    expect(inputsOf("global/route53/sips-tcp/global--geo/continent-AF")).toEqual({
      ...group,
      setIdentifier: "continent-AF",
      geolocationRoutingPolicies: [{ continent: "AF" }],
      aliases: alias("_sips._tcp.euro--failover.sip.example.net", true),
    });
    expect(inputsOf("global/route53/sips-tcp/global--geo/default")).toEqual({
      ...group,
      setIdentifier: "default",
      geolocationRoutingPolicies: [{ country: "*" }],
      aliases: alias("_sips._tcp.noam--failover.sip.example.net", true),
    });
    expect(inputsOf("global/route53/sips-tcp/euro--failover/primary")).toEqual({
      zoneId: hostedZone,
      name: "_sips._tcp.euro--failover.sip.example.net",
      type: "SRV",
      setIdentifier: "primary",
      failoverRoutingPolicies: [{ type: "PRIMARY" }],
      healthCheckId: "id of euro/route53/health-check/calculated",
      aliases: alias("_sips._tcp.euro.sip.example.net", true),
    });
  });

  it("every alias waits for what it stands for", () => {
    const aliases = all.filter(({ inputs }) => "aliases" in inputs);
    expect(aliases.length).toBeGreaterThan(0);
    for (const { inputs, dependsOn } of aliases) {
      const [target] = inputs.aliases as { name: string }[];
      const standing = all.filter(
        (each) => each.inputs.name === target?.name && each.inputs.type === inputs.type,
      );
      expect(standing.length).toBeGreaterThan(0);
      expect(dependsOn).toEqual(expect.arrayContaining([...names(standing)]));
    }
  });
});

describe("a component", () => {
  afterEach(() => void vi.restoreAllMocks());

  it("registers its outputs before its constructor returns", async () => {
    const [tier] = tree.pops;
    if (tier === undefined) throw new Error("the tree has no POP");
    await registerTree(tree, { backends: [] });
    const component = pulumi.ComponentResource.prototype as unknown as {
      registerOutputs(outputs: object): void;
    };
    const registered = vi.spyOn(component, "registerOutputs");
    const pop = new Pop({ tier: { ...tier, key: "elsewhere" }, backends: [], beforeListing: () => [] });
    expect(registered.mock.calls).toEqual([[{ fqdn: tier.name }]]);
    expect(pop.fqdn).toBe(tier.name);
  });
});
