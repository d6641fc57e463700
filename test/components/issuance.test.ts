import { beforeAll, describe, expect, it } from "vitest";
import { planTree } from "../../plan/plan.ts";
import { type InventorySketch, inventoryOf, nodeAt } from "../support/inventories.ts";
import { below, type Registered, registerTree, ZONES } from "../support/mockedResources.ts";

const fleet: InventorySketch = {
  nodes: [nodeAt("euro", "fra1"), nodeAt("euro", "fra2")],
  environment: { zone: "example.net", challengeZone: "acme.example.org" },
};

const OWN = "ca.example.net; validationmethods=dns-01; accounturi=https://acme.example.test/acct/1";
const OTHER = "other-ca.example.net; accounturi=https://other-ca.example.net/7";

const CERTIFICATE = "acme:index/certificate:Certificate";

let all: readonly Registered[];
let order: readonly string[];

const inputsOf = (name: string) => all.find((each) => each.name === name)?.inputs;
const dependenciesOf = (name: string) => all.find((each) => each.name === name)?.dependsOn ?? [];
const issuance = () => below(all, "dialtree:index:Issuance", "_acme").map(({ name }) => name);

describe("the issuance", () => {
  beforeAll(async () => {
    all = await registerTree(planTree(inventoryOf(fleet)), {
      backends: ["cloudflare", "route53"],
      challenges: ["route53"],
      caa: { issuer: "ca.example.net", also: [{ key: "other-ca.example.net-1", value: OTHER }] },
    });
    order = all.map(({ name }) => name);
  });

  const challenged = ["", ".euro", ".fra", ".fra1", ".fra2", ".fra1.id", ".fra2.id"].map(
    (label) => `_acme-challenge${label}`,
  );

  it("holds CAA and the aliases of every challenge, at every platform, each under a name of its own", () => {
    expect(issuance().toSorted()).toEqual(
      [
        "_acme/cloudflare/caa/acme.example.test",
        "_acme/cloudflare/caa/other-ca.example.net-1",
        "_acme/route53/caa",
        ...["cloudflare", "route53"].flatMap((backend) =>
          challenged.map((host) => `_acme/${backend}/cname/${host}`),
        ),
      ].toSorted(),
    );
  });

  it("is a record per CAA value at Cloudflare and one set at Route 53, both with the account's URL", () => {
    const common = { zoneId: ZONES.cloudflare.zoneId, name: "sip.example.net", type: "CAA", ttl: 60 };
    const record = (value: string) => ({
      ...common,
      proxied: false,
      data: { flags: 0, tag: "issue", value },
    });
    expect(inputsOf("_acme/cloudflare/caa/acme.example.test")).toEqual(record(OWN));
    expect(inputsOf("_acme/cloudflare/caa/other-ca.example.net-1")).toEqual(record(OTHER));
    expect(inputsOf("_acme/route53/caa")).toEqual({
      ...{ ...common, zoneId: ZONES.route53.zoneId },
      records: [`0 issue "${OWN}"`, `0 issue "${OTHER}"`],
    });
  });

  it("never shuts the stack's own account out: the values of others come after its own", () => {
    expect(dependenciesOf("_acme/cloudflare/caa/acme.example.test")).toEqual([]);
    expect(dependenciesOf("_acme/cloudflare/caa/other-ca.example.net-1")).toEqual([
      "_acme/cloudflare/caa/acme.example.test",
    ]);
  });

  it("is an alias into the other zone for each challenge", () => {
    const common = { name: "_acme-challenge.fra1.sip.example.net", type: "CNAME", ttl: 60 };
    const target = "fra1.sip.example.net.acme.example.org";
    expect(inputsOf("_acme/cloudflare/cname/_acme-challenge.fra1")).toEqual({
      ...{ ...common, zoneId: ZONES.cloudflare.zoneId },
      proxied: false,
      content: target,
    });
    expect(inputsOf("_acme/route53/cname/_acme-challenge.fra1")).toEqual({
      ...{ ...common, zoneId: ZONES.route53.zoneId },
      records: [target],
    });
  });

  it("stands before the certificates: each waits for CAA and for the aliases of its own names at every platform", () => {
    const waitsFor = (labels: readonly string[]) =>
      ["cloudflare", "route53"].flatMap((backend) =>
        labels.map((label) => `_acme/${backend}/cname/_acme-challenge${label}`),
      );
    const caa = [
      "_acme/cloudflare/caa/acme.example.test",
      "_acme/cloudflare/caa/other-ca.example.net-1",
      "_acme/route53/caa",
    ];
    expect(dependenciesOf("fra1/acme/exact").toSorted()).toEqual(
      [...caa, ...waitsFor(["", ".euro", ".fra", ".fra1"])].toSorted(),
    );
    expect(
      dependenciesOf("fra1/acme/wildcard")
        .filter((name) => !name.startsWith("fra"))
        .toSorted(),
    ).toEqual([...caa, ...waitsFor(["", ".fra1.id"])].toSorted());
  });

  it("is itself waited for by nothing but certificates, so that no name of the tree hangs on the authority twice", () => {
    const waiting = all.filter(({ dependsOn }) => dependsOn.some((name) => name.startsWith("_acme/")));
    const elsewhere = waiting.filter(({ name }) => !name.startsWith("_acme/"));
    expect(new Set(elsewhere.map(({ type }) => type))).toEqual(new Set([CERTIFICATE]));
  });

  it("is registered before every node, whose certificates refer to it", () => {
    const platformRow = /^_acme\/(cloudflare|route53)\//;
    expect(order.findLastIndex((name) => platformRow.test(name))).toBeLessThan(order.indexOf("fra1"));
  });
});

describe("a stack without certificates", () => {
  it("delegates the challenges all the same, and says nothing of who may issue", async () => {
    all = await registerTree(planTree(inventoryOf(fleet)), {
      backends: ["route53"],
      caa: { issuer: "ca.example.net", also: [] },
    });
    expect(issuance()).toHaveLength(7);
    expect(issuance().filter((name) => name.includes("/caa"))).toEqual([]);
  });
});

describe("a stack that delegates nothing and has no CAA", () => {
  it("has certificates that wait for nothing in DNS", async () => {
    const { challengeZone: _, ...environment } = fleet.environment ?? {};
    all = await registerTree(planTree(inventoryOf({ ...fleet, environment })), {
      backends: ["cloudflare"],
      challenges: ["cloudflare"],
    });
    expect(issuance()).toEqual([]);
    expect(dependenciesOf("fra1/acme/exact")).toEqual([]);
  });
});
