import { describe, expect, it } from "vitest";
import { loadInventory } from "../../inventory/load.ts";
import { planTree } from "../../plan/plan.ts";
import { type Registered, registerTree } from "../support/mockedResources.ts";
import { checkout } from "../support/trackedFiles.ts";

describe.each(["lab", "staging", "prod"])("the resources of stack %s", async (stack) => {
  const tree = planTree(loadInventory(`${checkout}/inventory/${stack}`));
  const all = await registerTree(tree, {
    backends: ["cloudflare", "route53"],
    challenges: ["cloudflare", "route53"],
    caa: { issuer: "ca.example.net", also: [{ key: "other", value: "other-ca.example.net" }] },
  });
  const ofType = (type: string) => all.filter((each) => each.type === type);

  it("have one logical name each, across all types", () => {
    const repeated = [...Map.groupBy(all.filter(isCustom), ({ name }) => name)].filter(
      ([, each]) => each.length > 1,
    );
    expect(repeated.map(([name]) => name)).toEqual([]);
  });

  it("are below the component that their name begins with", () => {
    const misplaced = all.filter(
      ({ name, parent }) => parent !== undefined && parent.split(" ")[1] !== name.split("/")[0],
    );
    expect(misplaced).toEqual([]);
    expect(new Set(all.filter(({ parent }) => parent === undefined).map(({ type }) => type))).toEqual(
      new Set([
        ...["Issuance", "Node", "Pop", "Region", "GlobalName"].map((name) => `dialtree:index:${name}`),
        "pulumi:providers:acme",
        "pulumi:providers:aws",
        "acme:index/registration:Registration",
        "cloudflare:index/loadBalancerMonitor:LoadBalancerMonitor",
      ]),
    );
  });

  it("are a component per node, POP and region, and two certificates per node", () => {
    expect(ofType("dialtree:index:Node")).toHaveLength(tree.nodes.length);
    expect(ofType("dialtree:index:Pop")).toHaveLength(tree.pops.length);
    expect(ofType("dialtree:index:Region")).toHaveLength(tree.regions.length);
    expect(ofType("dialtree:index:GlobalName")).toHaveLength(1);
    expect(ofType("acme:index/certificate:Certificate")).toHaveLength(2 * tree.nodes.length);
  });

  it("are given nothing that is empty, which would come back as a change", () => {
    const empty = all.flatMap(({ name, inputs }) =>
      Object.entries(inputs)
        .filter(([, value]) => typeof value === "object" && value !== null && Object.keys(value).length === 0)
        .map(([key]) => `${name}.${key}`),
    );
    expect(empty).toEqual([]);
  });

  it("are never proxied, and SRV rows say their priority twice", () => {
    const proxied = [
      ...ofType("cloudflare:index/dnsRecord:DnsRecord"),
      ...ofType("cloudflare:index/loadBalancer:LoadBalancer"),
    ].map(({ inputs }) => inputs.proxied);
    expect(new Set(proxied)).toEqual(new Set([false]));
    const rows = ofType("cloudflare:index/dnsRecord:DnsRecord").filter(({ inputs }) => inputs.type === "SRV");
    expect(rows.length).toBeGreaterThan(0);
    for (const { inputs } of rows)
      expect(inputs.priority).toBe((inputs.data as { priority: number }).priority);
  });

  it("overwrite no record, revoke no certificate and ask for no validity of their own", () => {
    const forbidden = all.flatMap(({ name, inputs }) =>
      ["allowOverwrite", "validityDays"].filter((key) => key in inputs).map((key) => `${name}.${key}`),
    );
    expect(forbidden).toEqual([]);
    for (const { inputs } of ofType("acme:index/certificate:Certificate")) {
      expect(inputs).toMatchObject({ revokeCertificateOnDestroy: false, deactivateAuthorizations: false });
    }
  });
});

function isCustom({ type }: Registered): boolean {
  return !type.startsWith("dialtree:");
}
