import { Provider } from "@pulumi/aws";
import { beforeAll, describe, expect, test } from "vitest";
import { connect } from "../../backends/connect.ts";
import { observeRoute53 } from "../../backends/observeRoute53.ts";
import { Route53Backend } from "../../backends/route53.ts";
import { render } from "../../plan/render.ts";
import type { Tree } from "../../plan/tree.ts";
import { planOf } from "../support/planOf.ts";
import { publishTree } from "../support/publishTree.ts";
import { type Registration, registered, registrationsOf } from "../support/registrations.ts";
import { changedNode, steeredFleet, withNodes } from "../support/steeredFleet.ts";

const RECORD = "aws:route53/record:Record";
const HEALTH_CHECK = "aws:route53/healthCheck:HealthCheck";

const fleet = withNodes(steeredFleet, changedNode(steeredFleet, "fra1", { ip6: "2001:db8::11" }));

function deployed(tree: Tree): Promise<ReadonlyMap<string, Registration>> {
  return registrationsOf(() => {
    const zone = { zoneId: "Z1", provider: new Provider("test", { region: "us-east-1" }) };
    publishTree(new Route53Backend(zone, render(tree, "route53")), tree);
  });
}

let all: ReadonlyMap<string, Registration>;
let records: Registration[];
let checks: Registration[];

beforeAll(async () => {
  all = await deployed(planOf(fleet));
  records = [...all.values()].filter(({ type }) => type === RECORD);
  checks = [...all.values()].filter(({ type }) => type === HEALTH_CHECK);
});

const ROUTING = /RoutingPolic(y|ies)$/;

function policies({ inputs }: Registration): string[] {
  return Object.keys(inputs).filter((key) => ROUTING.test(key));
}

describe("probes at Route 53", () => {
  const probed = async (probe: object) => deployed(planOf({ ...fleet, policy: { ...fleet.policy, probe } }));

  test("ask an endpoint by address alone over HTTP where the policy says so, and send no name", async () => {
    const https = await probed({ type: "https", path: "/health" });
    expect(registered(https, "iad1/route53/health-check/https").inputs).toEqual({
      type: "HTTPS",
      resourcePath: "/health",
      enableSni: false,
      ipAddress: changedNode(fleet, "iad1", {}).ip,
      port: 443,
      requestInterval: 30,
      failureThreshold: 3,
      tags: { Name: "iad1.sip.example.net" },
    });
    expect(registered(https, "iad/route53/health-check/calculated").inputs).toMatchObject({
      childHealthchecks: ["iad1", "iad2"].map((slot) => `id of ${slot}/route53/health-check/https`),
    });
    const http = registered(await probed({ type: "http" }), "iad1/route53/health-check/http").inputs;
    expect(http).toMatchObject({ type: "HTTP", resourcePath: "/", port: 80 });
    expect(http).not.toHaveProperty("enableSni");
  });

  test("make a site healthy by as many nodes as the policy asks for, or all where it has fewer", async () => {
    const strict = await probed({ healthyNodes: 2 });
    const threshold = (site: string) =>
      registered(strict, `${site}/route53/health-check/calculated`).inputs.childHealthThreshold;
    expect([threshold("euro"), threshold("iad"), threshold("lax")]).toEqual([2, 2, 1]);
  });
});

describe("record sets at Route 53", () => {
  test("are one resource per owner name and type, with every value in one order and no overwriting", () => {
    expect(registered(all, "euro/route53/sips-tcp").inputs).toEqual({
      zoneId: "Z1",
      name: "_sips._tcp.euro.sip.example.net",
      type: "SRV",
      ttl: 60,
      records: [
        "10 100 5061 fra1.sip.example.net",
        "10 100 5061 fra2.sip.example.net",
        "20 100 5061 ams1.sip.example.net",
      ],
    });
    for (const { inputs } of records) expect(inputs).not.toHaveProperty("allowOverwrite");
  });

  test("with values have no routing policy: what is routed is an alias of them", () => {
    for (const record of records) {
      const hasValues = record.inputs.records !== undefined;
      expect(hasValues).toBe(record.inputs.aliases === undefined);
      expect(record.inputs.ttl === undefined).toBe(!hasValues);
      if (hasValues) expect(policies(record)).toEqual([]);
    }
  });

  test("are routed by location and by failover, and in no other way", () => {
    expect(new Set(records.flatMap(policies))).toEqual(
      new Set(["geolocationRoutingPolicies", "failoverRoutingPolicies"]),
    );
  });

  test("wait, where they are SRV, for every address of every target", () => {
    expect(registered(all, "euro/route53/sips-tcp").dependsOn).toEqual(
      expect.arrayContaining(["fra1/route53/a", "fra1/route53/aaaa", "fra2/route53/a", "ams1/route53/a"]),
    );
  });

  test("are named by type and set, so that neither changes under a name and leaves an old id behind", () => {
    for (const { name, inputs } of records) {
      const kind = name.split("/")[2];
      expect(inputs.type).toBe(kind === "a" ? "A" : kind === "aaaa" ? "AAAA" : "SRV");
      if (inputs.setIdentifier !== undefined) expect(name.split("/").at(-1)).toBe(inputs.setIdentifier);
    }
  });

  test("are records and health checks alone: nothing that owns the whole zone", () => {
    const custom = [...all.values()].map(({ type }) => type).filter((type) => type.startsWith("aws:"));
    expect(new Set(custom)).toEqual(new Set([RECORD, HEALTH_CHECK]));
  });
});

describe("a steered name at Route 53", () => {
  const published = "global/route53/sips-tcp";

  test("is one simple alias of its own type in its own zone, without TTL, and waits for what it leads to", () => {
    const { inputs, dependsOn } = registered(all, published);
    expect(inputs).toEqual({
      zoneId: "Z1",
      name: "_sips._tcp.sip.example.net",
      type: "SRV",
      aliases: [
        { name: "_sips._tcp.global--geo.sip.example.net", zoneId: "Z1", evaluateTargetHealth: false },
      ],
    });
    expect(dependsOn).toEqual(expect.arrayContaining([`${published}/global--geo/default`]));
  });

  test("has an alias behind it for every location, found by the location alone", async () => {
    const geo = `${published}/global--geo`;
    expect(registered(all, `${geo}/continent-EU`).inputs).toMatchObject({
      setIdentifier: "continent-EU",
      geolocationRoutingPolicies: [{ continent: "EU" }],
      aliases: [
        { name: "_sips._tcp.euro--failover.sip.example.net", zoneId: "Z1", evaluateTargetHealth: true },
      ],
    });
    expect(registered(all, `${geo}/default`).inputs.geolocationRoutingPolicies).toEqual([{ country: "*" }]);
    // Asia changes hands: the same set leads elsewhere, in place, because the service has every location once.
    const { regions = {} } = fleet.policy ?? {};
    const moved = await deployed(
      planOf({
        ...fleet,
        policy: {
          ...fleet.policy,
          regions: {
            ...regions,
            euro: { ...regions.euro, serves: { continents: ["EU"] } },
            noam: { ...regions.noam, serves: { continents: ["NA", "AS"] } },
          },
        },
      }),
    );
    expect([...moved.keys()].sort()).toEqual([...all.keys()].sort());
    expect(registered(moved, `${geo}/continent-AS`).inputs.aliases).toMatchObject([
      { name: "_sips._tcp.noam--failover.sip.example.net" },
    ]);
  });

  test("falls over by the calculated check of a site, and its last resort hangs on no check", () => {
    const failover = `${published}/euro--failover`;
    expect(registered(all, `${failover}/primary`).inputs).toMatchObject({
      setIdentifier: "primary",
      failoverRoutingPolicies: [{ type: "PRIMARY" }],
      healthCheckId: "id of euro/route53/health-check/calculated",
      aliases: [{ name: "_sips._tcp.euro.sip.example.net", evaluateTargetHealth: true }],
    });
    const secondary = registered(all, `${failover}/secondary`).inputs;
    expect(secondary.failoverRoutingPolicies).toEqual([{ type: "SECONDARY" }]);
    expect(secondary).not.toHaveProperty("healthCheckId");
  });

  test("goes on from one stand-in to the next, and ends at a set without a check", () => {
    const ways: string[] = [];
    let label = "euro--failover";
    while (label !== "global--all" && ways.length < 10) {
      const { inputs, dependsOn } = registered(all, `${published}/${label}/secondary`);
      const [{ name = "" } = {}] = inputs.aliases as { name?: string }[];
      label = name.replace("_sips._tcp.", "").replace(".sip.example.net", "");
      ways.push(label);
      const next = `${published}/${label}`;
      expect(dependsOn).toContain(label === "global--all" ? next : `${next}/secondary`);
    }
    expect(ways).toEqual(["euro--then-noam", "global--then-noam", "global--then-euro", "global--all"]);
    expect(registered(all, `${published}/global--all`).inputs).not.toHaveProperty("healthCheckId");
  });
});

describe("health checks at Route 53", () => {
  test("are TCP connections to a node's address, from every region and never switched off", () => {
    expect(registered(all, "fra1/route53/health-check/tcp").inputs).toEqual({
      type: "TCP",
      ipAddress: planOf(fleet).nodes.find(({ slot }) => slot === "fra1")?.address,
      port: 5061,
      requestInterval: 30,
      failureThreshold: 3,
      tags: { Name: "fra1.sip.example.net" },
    });
    for (const { inputs } of checks) {
      for (const key of ["regions", "fqdn", "disabled", "measureLatency"])
        expect(inputs).not.toHaveProperty(key);
    }
  });

  test("add up to one per site, up while one node is", () => {
    expect(registered(all, "euro/route53/health-check/calculated").inputs).toEqual({
      type: "CALCULATED",
      childHealthThreshold: 1,
      childHealthchecks: ["ams1", "fra1", "fra2"].map((slot) => `id of ${slot}/route53/health-check/tcp`),
      tags: { Name: "euro.sip.example.net" },
    });
  });
});

describe("reading Route 53", () => {
  const LIST = {
    "aws:route53/getRecords:getRecords": {
      resourceRecordSets: [
        {
          name: "\\052.SIP.example.net.",
          type: "A",
          resourceRecords: [{ value: "192.0.2.1" }, { value: "192.0.2.2" }],
        },
        {
          name: "fra1.sip.example.net.",
          type: "AAAA",
          resourceRecords: [{ value: "2001:0db8:0:0:0:0:0:11" }],
        },
        {
          name: "_sips._tcp.sip.example.net.",
          type: "SRV",
          resourceRecords: [{ value: "10 50 5061 Fra1.sip.example.net." }],
        },
        { name: "sip.example.net.", type: "A", resourceRecords: null },
        { name: "sip.example.net.", type: "AAAA" },
      ],
    },
  };

  test("takes names without their escapes and final dots, and an alias set for a row without data", async () => {
    const rows: unknown[] = [];
    await registrationsOf(async () => {
      rows.push(...(await observeRoute53({ zoneId: "Z1", provider: new Provider("test", {}) })));
    }, LIST);
    expect(rows).toEqual(
      [
        ["*.sip.example.net", "A", "192.0.2.1"],
        ["*.sip.example.net", "A", "192.0.2.2"],
        ["fra1.sip.example.net", "AAAA", "2001:db8::11"],
        ["_sips._tcp.sip.example.net", "SRV", "10 50 5061 fra1.sip.example.net"],
        ["sip.example.net", "A", ""],
        ["sip.example.net", "AAAA", ""],
      ].map(([name, type, data]) => ({ backend: "route53", name, type, data })),
    );
  });

  test("finds an empty zone empty", async () => {
    const rows: unknown[] = [];
    await registrationsOf(
      async () => {
        rows.push(...(await observeRoute53({ zoneId: "Z1", provider: new Provider("test", {}) })));
      },
      { "aws:route53/getRecords:getRecords": {} },
    );
    expect(rows).toEqual([]);
  });
});

test("the AWS provider is told its region, and its own checks of the credentials stay on", async () => {
  const tree = planOf(fleet);
  const both = await registrationsOf(() => connect({ route53: { zoneId: "Z1" } }, [render(tree, "route53")]));
  const { inputs } = registered(both, "route53");
  expect(inputs.region).toBe("us-east-1");
  expect(inputs.skipCredentialsValidation).not.toBe("true");
  for (const key of ["skipRequestingAccountId", "endpoints", "accessKey"]) {
    expect(inputs).not.toHaveProperty(key);
  }
});
