import { beforeAll, describe, expect, it } from "vitest";
import { planTree } from "../../plan/plan.ts";
import { certificateRequest } from "../support/certificateRequest.ts";
import { address6, inventoryOf, nodeAt } from "../support/inventories.ts";
import { below, type Registered, registerTree, ZONES } from "../support/mockedResources.ts";
import { changedNode, steeredFleet, withNodes } from "../support/steeredFleet.ts";

const fleet = withNodes(
  {
    ...steeredFleet,
    environment: { ...steeredFleet.environment, allowAddresses: ["documentation", "loopback"] },
  },
  changedNode(steeredFleet, "fra1", { ip6: address6(1) }),
  nodeAt("euro", "fra3", { status: "planned" }),
);

const CERTIFICATE = "acme:index/certificate:Certificate";

let all: readonly Registered[];
let request: string;
const of = (slot: string) => below(all, "dialtree:index:Node", slot);

describe("a node", () => {
  beforeAll(async () => {
    request = (await certificateRequest(["fra2.sip.example.net"])).csrPem;
    all = await registerTree(planTree(inventoryOf(fleet)), {
      backends: ["cloudflare", "route53"],
      challenges: ["cloudflare", "route53"],
      requests: { fra2: request },
    });
  });

  it("has its addresses, a health check and its certificates below it, and nothing else", () => {
    expect(of("fra1").map(({ name }) => name)).toEqual([
      "fra1/cloudflare/a",
      "fra1/cloudflare/aaaa",
      "fra1/route53/health-check/tcp",
      "fra1/route53/a",
      "fra1/route53/aaaa",
      "fra1/acme/exact",
      "fra1/acme/wildcard",
    ]);
  });

  it("has neither a health check nor a listing before it is active", () => {
    expect(of("fra3").map(({ name }) => name)).toEqual([
      "fra3/cloudflare/a",
      "fra3/route53/a",
      "fra3/acme/exact",
      "fra3/acme/wildcard",
    ]);
    expect(all.filter(({ name }) => name.endsWith("/fra3"))).toEqual([]);
  });

  it("is a record per address at Cloudflare, never proxied, waiting for nothing", () => {
    const records = of("fra1").filter(({ type }) => type === "cloudflare:index/dnsRecord:DnsRecord");
    const common = { zoneId: ZONES.cloudflare.zoneId, name: "fra1.sip.example.net", ttl: 60, proxied: false };
    expect(records.map(({ inputs }) => inputs)).toEqual([
      { ...common, type: "A", content: "127.187.174.1" },
      { ...common, type: "AAAA", content: "2001:db8::1" },
    ]);
    expect(records.flatMap(({ dependsOn }) => dependsOn)).toEqual([]);
  });

  it("is a set per address type at Route 53, and probed by TCP", () => {
    const [check, ...sets] = of("fra1").filter(({ type }) => type.startsWith("aws:"));
    const common = { zoneId: ZONES.route53.zoneId, name: "fra1.sip.example.net", ttl: 60 };
    expect(sets.map(({ inputs }) => inputs)).toEqual([
      { ...common, type: "A", records: ["127.187.174.1"] },
      { ...common, type: "AAAA", records: ["2001:db8::1"] },
    ]);
    expect(check?.inputs).toEqual({
      type: "TCP",
      ipAddress: "127.187.174.1",
      port: 5061,
      requestInterval: 30,
      failureThreshold: 3,
      tags: { Name: "fra1.sip.example.net" },
    });
  });

  it("gets certificates that no update revokes, deactivates or lets wait", () => {
    const [exact, wildcard] = of("fra1").filter(({ type }) => type === CERTIFICATE);
    const common = {
      accountKeyPem: expect.anything(),
      dnsChallenges: [{ provider: "cloudflare" }, { provider: "route53" }],
      keyType: "P256",
      minDaysRemaining: 30,
      certTimeout: expect.any(Number),
      revokeCertificateOnDestroy: false,
      deactivateAuthorizations: false,
      useRenewalInfo: false,
    };
    expect(wildcard?.inputs).toEqual({
      ...common,
      commonName: "sip.example.net",
      subjectAlternativeNames: ["*.sip.example.net", "fra1.id.sip.example.net"],
    });
    expect(exact?.inputs).toEqual({
      ...common,
      commonName: "fra1.sip.example.net",
      subjectAlternativeNames: [
        "sip.example.net",
        "ams.sip.example.net",
        "euro.sip.example.net",
        "fra.sip.example.net",
        "geo-a.sip.example.net",
        "geo-b.sip.example.net",
        "mena.sip.example.net",
      ],
    });
  });

  it("that makes its own key is certified by its request alone", () => {
    for (const { inputs } of of("fra2").filter(({ type }) => type === CERTIFICATE)) {
      expect(inputs).toMatchObject({ certificateRequestPem: request, revokeCertificateOnDestroy: false });
      expect(Object.keys(inputs)).not.toEqual(expect.arrayContaining(["keyType"]));
      expect(Object.keys(inputs)).not.toEqual(expect.arrayContaining(["commonName"]));
    }
  });
});

describe("certificates", () => {
  const chain = async (challenges: readonly string[]) => {
    const tree = planTree(inventoryOf(steeredFleet));
    const registered = await registerTree(tree, { backends: ["cloudflare"], challenges });
    return registered.filter(({ type }) => type === CERTIFICATE).map(({ dependsOn }) => dependsOn.length);
  };

  it("wait for one another where the challenge provider loses updates", async () => {
    const waiting = await chain(["cloudflare", "route53"]);
    expect(waiting).toEqual([0, ...Array(waiting.length - 1).fill(1)]);
  });

  it("wait for nothing where it keeps a record per value", async () => {
    expect(new Set(await chain(["cloudflare"]))).toEqual(new Set([0]));
  });
});
