import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import type { Inventory } from "../../../inventory/inventory.ts";
import { loadInventory } from "../../../inventory/load.ts";
import { Refusal } from "../../../inventory/problem.ts";
import { certificateRequest } from "../../support/certificateRequest.ts";

const FIXTURES = relative(process.cwd(), join(import.meta.dirname, "fixtures"));
const temporary = mkdtempSync(join(tmpdir(), "dialtree-load-"));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

test("a list with a comment of each kind loads with a domain alone", () => {
  const { domain, nodes } = loadInventory(join(FIXTURES, "article"), { domain: "sip.example.net" });
  expect(domain).toBe("sip.example.net");
  expect(nodes).toEqual([
    {
      slot: "fra1",
      region: "euro",
      pop: "fra",
      ip: "198.51.100.11",
      weight: 100,
      status: "active",
      role: "primary",
    },
  ]);
});

test("two primaries and a standby load", () => {
  const { nodes } = loadInventory(join(FIXTURES, "article-euro"), { domain: "sip.example.net" });
  expect(nodes.map(({ slot, role, weight }) => [slot, role, weight])).toEqual([
    ["ams1", "standby", 100],
    ["fra1", "primary", 50],
    ["lhr1", "primary", 50],
  ]);
});

test("certificate requests inside the folder are read, one for the only profile or one each", async () => {
  const folder = mkdtempSync(join(temporary, "csr-"));
  mkdirSync(join(folder, "csr"));
  const { csrPem } = await certificateRequest(["fra1.sip.example.net"]);
  // As it comes from a node, and as a tool of another system writes it.
  writeFileSync(join(folder, "csr", "a.pem"), csrPem);
  writeFileSync(join(folder, "csr", "b.pem"), `${csrPem.replaceAll("\n", "\r\n")}\r\n`);
  const node = { region: "euro", pop: "fra", weight: 100, status: "active" };
  const nodes = [
    { ...node, slot: "fra1", ip: "192.0.2.1", csr: "csr/a.pem" },
    { ...node, slot: "fra2", ip: "192.0.2.2", csr: { exact: "./csr/b.pem" } },
  ];
  writeFileSync(join(folder, "nodes.json"), JSON.stringify(nodes));
  const tree = {
    environment: { domain: "sip.example.net" },
    policy: { certificates: { profiles: ["exact"] } },
  };
  writeFileSync(join(folder, "tree.json"), JSON.stringify(tree));
  const loaded = loadInventory(folder);
  expect(loaded.nodes.map(({ csr }) => csr)).toEqual(["csr/a.pem", { exact: "./csr/b.pem" }]);
  expect(Object.keys(loaded.requests)).toEqual(["csr/a.pem", "./csr/b.pem"]);
  const [a, b] = Object.values(loaded.requests);
  expect(a).toMatchObject({ names: ["fra1.sip.example.net"], keyType: "p256", pem: csrPem });
  expect(b).toEqual(a);
  expect(loadInventory(folder, { readRequests: false }).requests).toEqual({});
});

test("a file cut off anywhere is refused or has the same nodes: it never loses one", () => {
  const whole = readFileSync("inventory/prod/nodes.json", "utf8");
  const tree = readFileSync("inventory/prod/tree.json", "utf8");
  const folder = mkdtempSync(join(temporary, "cut-"));
  writeFileSync(join(folder, "tree.json"), tree);
  writeFileSync(join(folder, "nodes.json"), whole);
  const { nodes } = loadInventory(folder);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: whole.length - 1 }), (length) => {
      writeFileSync(join(folder, "nodes.json"), whole.slice(0, length));
      try {
        expect(loadInventory(folder).nodes).toEqual(nodes);
      } catch (error) {
        expect(error).toBeInstanceOf(Refusal);
      }
    }),
  );
});

describe("the stacks", () => {
  const stack = (name: string) => loadInventory(`inventory/${name}`);
  const count = (values: readonly string[]) => new Set(values).size;

  test("production is a carrier's edge of 16 nodes, 7 POPs and 4 regions at least, one of each special kind", () => {
    const { nodes, policy, environment } = stack("prod");
    expect(nodes.length).toBeGreaterThanOrEqual(16);
    expect(count(nodes.map(({ pop }) => pop))).toBeGreaterThanOrEqual(7);
    const regions = Object.entries(policy.regions);
    expect(regions.length).toBeGreaterThanOrEqual(4);
    const staffed = new Set(nodes.map(({ region }) => region));
    expect(regions.filter(([key]) => !staffed.has(key)).map(([, { fallback }]) => fallback)).toEqual([
      ["noam"],
    ]);
    expect(regions.filter(([, { geo }]) => geo).map(([key]) => key)).toEqual(["noam"]);
    expect(nodes.filter(({ status }) => status === "draining")).toHaveLength(1);
    expect(nodes.some(({ role }) => role === "standby")).toBe(true);
    expect(nodes.some(({ ip6 }) => ip6 !== undefined)).toBe(true);
    expect(environment.allowAddresses).toEqual(["documentation"]);
  });

  test("production serves every continent, and inside the wide region every state of the USA, Canada and Mexico", () => {
    const { policy, environment } = stack("prod");
    const areas = Object.values(policy.regions).flatMap(({ serves }) => serves ?? []);
    expect(areas.flatMap(({ continents }) => continents).sort()).toEqual([
      "AF",
      "AN",
      "AS",
      "EU",
      "NA",
      "OC",
      "SA",
    ]);
    const pops = Object.values(environment.pops).flatMap(({ serves }) => serves ?? []);
    expect(pops.flatMap(({ subdivisions }) => subdivisions)).toHaveLength(51);
    expect(pops.flatMap(({ countries }) => countries).sort()).toEqual(["CA", "MX"]);
  });

  test("staging has production's policy on fewer nodes", () => {
    expect(stack("staging").policy).toEqual(stack("prod").policy);
    expect(stack("staging").nodes.length).toBeLessThan(stack("prod").nodes.length);
  });

  test("the lab's addresses are all loopback", () => {
    const { nodes, environment } = stack("lab");
    expect(environment.allowAddresses).toEqual(["loopback"]);
    for (const { ip } of nodes) expect(ip).toMatch(/^127\.10\./);
  });

  test.each(["prod", "staging", "lab"])("no standby of %s stands alone beside several primaries", (name) => {
    // A client that drops a lone record of one priority beside several of another would never see it.
    const active = stack(name).nodes.filter(({ status }) => status === "active");
    const groups: Inventory["nodes"][number][][] = [
      active,
      ...Object.values(Object.groupBy(active, ({ region }) => region)).flatMap((group) =>
        group ? [group] : [],
      ),
      ...Object.values(Object.groupBy(active, ({ pop }) => pop)).flatMap((group) => (group ? [group] : [])),
    ];
    for (const group of groups) {
      const primaries = group.filter(({ role }) => role === "primary").length;
      const standby = group.length - primaries;
      expect(primaries > 1 ? standby !== 1 : standby === 0 || primaries === 0).toBe(true);
    }
  });
});
