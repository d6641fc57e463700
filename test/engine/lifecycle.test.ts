import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Operation } from "../../lab/store/operationLog.ts";
import { type InventorySketch, nodeAt } from "../support/inventories.ts";
import { danglingMoments, emptyMoments, listedWithoutCertificate } from "../support/operationMoments.ts";
import { isChallenge, loggedOperations, plannedOperations, plannedRows } from "../support/platformRows.ts";
import { changedNode, steeredFleet, withNodes } from "../support/steeredFleet.ts";
import { openStack, type TestStack } from "../support/withStack.ts";

const DOMAIN = "sip.example.net";
const CERTIFICATES_PER_NODE = 2;

/** An operation on the addresses at a node's own name. */
const NODE_ROW = /^\w+ (cloudflare|route53) [a-z]+\d\.sip\.example\.net /;

describe.each([
  { at: "Cloudflare", backends: ["cloudflare"] as const },
  { at: "Route 53", backends: ["route53"] as const },
  { at: "both platforms", backends: ["cloudflare", "route53"] as const },
])("the life of a stack at $at", ({ backends }) => {
  let stack: TestStack;
  let close: () => Promise<void> = async () => {};
  let fleet: InventorySketch = steeredFleet;

  beforeAll(async () => {
    ({ stack, close } = await openStack({ inventory: fleet, backends, acme: true }));
  });
  afterAll(() => close());

  const log = () => stack.world.platforms.store.operations;
  const planned = () => plannedRows(stack.renderings(), true);

  /** Updates to the changed fleet: what the platforms are asked is the difference of the two plans, and no more. */
  async function becomes(changed: InventorySketch): Promise<readonly Operation[]> {
    const before = planned();
    const earlier = log().slice();
    fleet = changed;
    stack.setInventory(fleet);
    const expected = plannedOperations(before, planned());
    const made = await stack.up();
    expect(loggedOperations(made, log())).toEqual(expected);
    expect(expected.length).toBeGreaterThan(0);
    expect(danglingMoments(log())).toEqual([]);
    expect(emptyMoments(earlier, made)).toEqual([]);
    expect(await stack.notServed()).toEqual([]);
    return made;
  }

  it("begins with one update that creates every planned row, each once", async () => {
    const made = await stack.up();
    expect(loggedOperations(made, log())).toEqual(plannedOperations(new Map(), planned()));
    expect(await stack.notServed()).toEqual([]);
  });

  it("never lists a node before its addresses and its certificates are there", () => {
    expect(danglingMoments(log())).toEqual([]);
    expect(listedWithoutCertificate(log(), DOMAIN, CERTIFICATES_PER_NODE)).toEqual([]);
  });

  it("is idle as long as nothing changes, before and after a refresh", async () => {
    await stack.expectIdle();
    await stack.refresh();
    await stack.expectIdle();
  });

  it("adds a planned node by that node's rows and certificates", async () => {
    const made = await becomes(withNodes(fleet, nodeAt("euro", "fra3", { status: "planned" })));
    expect(made.filter(({ operation }) => operation === "delete").every(isChallenge)).toBe(true);
  });

  it("lists the node once it is active, by the rows above it alone", async () => {
    const made = await becomes(withNodes(fleet, changedNode(fleet, "fra3", { status: "active" })));
    expect(made.some(({ kind }) => kind === "certificate")).toBe(false);
    expect(loggedOperations(made, log()).filter((line) => NODE_ROW.test(line))).toEqual([]);
  });

  it("changes an address in place, in the rows that hold it", async () => {
    const made = await becomes(withNodes(fleet, changedNode(fleet, "iad1", { ip: "127.99.0.1" })));
    expect(new Set(made.map(({ operation }) => operation))).toEqual(new Set(["update"]));
  });

  it("drains a node by the rows that list it, and leaves its own name and certificates", async () => {
    const made = await becomes(withNodes(fleet, changedNode(fleet, "iad2", { status: "draining" })));
    expect(made.some(({ kind }) => kind === "certificate")).toBe(false);
    expect(loggedOperations(made, log()).filter((line) => NODE_ROW.test(line))).toEqual([]);
  });

  it("moves a POP to another region without touching a node's own rows", async () => {
    const made = await becomes(
      withNodes(fleet, changedNode(fleet, "ams1", { region: "mena", role: "primary" })),
    );
    expect(loggedOperations(made, log()).filter((line) => NODE_ROW.test(line))).toEqual([]);
  });

  it("hands a region over to its stand-in when the last node there goes down", async () => {
    const made = await becomes(withNodes(fleet, changedNode(fleet, "ams1", { status: "down" })));
    expect(made.some(({ kind }) => kind === "certificate")).toBe(false);
    expect(loggedOperations(made, log()).filter((line) => NODE_ROW.test(line))).toEqual([]);
  });

  it("unlists a node that goes at once before its address goes", async () => {
    const made = await becomes(withNodes(fleet, changedNode(fleet, "fra1", { status: "retired" })));
    expect(made.some(({ name, operation }) => name === `fra1.${DOMAIN}` && operation === "delete")).toBe(
      true,
    );
    expect(made.some(({ kind }) => kind === "certificate")).toBe(false);
  });

  it("ends with empty platforms, unlisting before unnaming, and keeps the authority's account", async () => {
    const earlier = log().length;
    await stack.destroy();
    const { cloudflare, route53, acme } = stack.world.platforms;
    expect(loggedOperations(log().slice(earlier), log())).toEqual(plannedOperations(planned(), new Map()));
    expect(danglingMoments(log())).toEqual([]);
    expect([...cloudflare.dns.rows("b".repeat(32)), ...cloudflare.balancing.pools()]).toEqual([]);
    expect([...route53.sets("Z0TEST"), ...route53.healthChecks()]).toEqual([]);
    expect(acme.accounts().map(({ status }) => status)).toEqual(["valid"]);
    expect(acme.certificates().some(({ revoked }) => revoked)).toBe(false);
  });
});
