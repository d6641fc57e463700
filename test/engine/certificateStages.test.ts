import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Operation } from "../../lab/store/operationLog.ts";
import type { RecordSet } from "../../lab/store/route53Sets.ts";
import { LETS_ENCRYPT } from "../../plan/certificates/authorities.ts";
import type { Ledger } from "../../plan/ledger.ts";
import { DOMAIN, type InventorySketch, nodeAt } from "../support/inventories.ts";
import { danglingMoments, emptyMoments, listedWithoutCertificate } from "../support/operationMoments.ts";
import { isChallenge } from "../support/platformRows.ts";
import { type Lead, letDown } from "../support/servedMoments.ts";
import { changedNode, withNodes } from "../support/steeredFleet.ts";
import { openStack, type StackSketch, type TestStack, withStack } from "../support/withStack.ts";

const exactOnly = { certificates: { profiles: ["exact" as const], keyType: "p256" as const } };

/** What an update has done at the platforms, challenges aside. */
function published(operations: readonly Operation[]): string[] {
  return operations
    .filter((operation) => operation.platform !== "acme" && !isChallenge(operation))
    .map(({ operation, name }) => `${operation} ${name}`);
}

/** First names of the certificates that an update has got. */
function issued(operations: readonly Operation[]): string[] {
  return operations
    .filter(({ kind, operation }) => kind === "certificate" && operation === "create")
    .map(({ name }) => name)
    .sort();
}

/** Whose certificates, as they are now, hold the name: an address is a node's, and the last certificate counts. */
function leadsByCertificate(stack: TestStack, { nodes }: InventorySketch): (lead: Lead) => boolean {
  const names = new Map(
    nodes.map(({ slot, ip }) => {
      const own = stack.world.platforms.acme
        .certificates()
        .filter(({ names: [first] }) => first === at(slot));
      return [ip, own.at(-1)?.names ?? []];
    }),
  );
  return ({ name, address }) => names.get(address)?.includes(name) ?? false;
}

const at = (label: string) => `${label}.${DOMAIN}`;

async function succeed(stack: TestStack): Promise<{ output: string; operations: readonly Operation[] }> {
  const mark = stack.mark();
  const { code, stdout, stderr } = await stack.tryUp();
  if (code !== 0) throw new Error(`the engine ended with ${code}:\n${stdout}${stderr}`);
  return { output: stdout, operations: stack.operationsSince(mark) };
}

describe.each(["cloudflare", "route53"] as const)("certificates first, at %s", (backend) => {
  const start: InventorySketch = {
    nodes: [nodeAt("euro", "fra1"), nodeAt("euro", "fra2")],
    policy: exactOnly,
  };
  const added = withNodes(start, nodeAt("euro", "fra3"));
  const planned = withNodes(added, nodeAt("euro", "fra4", { status: "planned" }));
  let stack: TestStack;
  let close: () => Promise<void> = async () => {};

  beforeAll(async () => {
    ({ stack, close } = await openStack({ inventory: start, backends: [backend], acme: true }));
  });
  afterAll(() => close());

  it("an empty stack is complete after one update, and no name listed a node before its certificate", async () => {
    const { operations, output } = await succeed(stack);
    expect(issued(operations)).toEqual([at("fra1"), at("fra2")]);
    expect(listedWithoutCertificate(operations, DOMAIN, 1)).toEqual([]);
    expect(danglingMoments(operations)).toEqual([]);
    expect(await stack.notServed()).toEqual([]);
    expect(output).not.toContain("certificate-order");
    await stack.expectIdle();
  });

  it("an active node that is added gets its address and its certificate, and nothing else changes", async () => {
    stack.setInventory(added);
    const { operations, output } = await succeed(stack);
    expect(published(operations)).toEqual([`create ${at("fra3")}`]);
    expect(issued(operations)).toEqual([at("fra3")]);
    expect(output.replaceAll(/\s+/g, " ")).toContain(
      `certificate-order: fra3 is not listed yet at ${at("fra")}, ${at("euro")}, ${DOMAIN}: its certificate for them ` +
        "must have been issued by an earlier update. Install it, prove it " +
        `(npx dialtree dial ${at("fra")} --node fra3 --identity strict), then update again`,
    );
  });

  it("the next update lists it, and the one after has nothing to do", async () => {
    const before = stack.world.platforms.store.operations.slice();
    const { operations, output } = await succeed(stack);
    expect(issued(operations)).toEqual([]);
    expect(published(operations).length).toBeGreaterThan(0);
    expect(emptyMoments(before, operations)).toEqual([]);
    expect(output).not.toContain("certificate-order");
    expect(await stack.notServed()).toEqual([]);
    await stack.expectIdle();
  });

  it("a node that was planned while its certificate was issued is listed by the update that makes it active", async () => {
    stack.setInventory(planned);
    const first = await succeed(stack);
    expect(published(first.operations)).toEqual([`create ${at("fra4")}`]);
    expect(issued(first.operations)).toEqual([at("fra4")]);
    expect(first.output).not.toContain("certificate-order");
    stack.setInventory(withNodes(planned, changedNode(planned, "fra4", { status: "active" })));
    const second = await succeed(stack);
    expect(issued(second.operations)).toEqual([]);
    expect(second.output).not.toContain("certificate-order");
    expect(await stack.notServed()).toEqual([]);
    await stack.expectIdle();
  });
});

describe.each(["cloudflare", "route53"] as const)("a change that needs more names, at %s", (backend) => {
  const flat: InventorySketch = {
    nodes: [nodeAt("euro", "fra1"), nodeAt("euro", "fra2"), nodeAt("noam", "iad1"), nodeAt("noam", "iad2")],
    policy: {
      ...exactOnly,
      regions: { euro: { serves: { continents: ["EU"] } }, noam: { serves: { continents: ["NA"] } } },
    },
  };
  const steered: InventorySketch = {
    ...withNodes(flat, nodeAt("euro", "lhr1")),
    policy: { ...flat.policy, globalGeo: true, defaultRegion: "euro" },
  };
  const names = [DOMAIN, ...["euro", "noam", "fra", "iad"].map(at)];

  it("issues first and publishes next: every name answers at every moment, with nodes that are certified for it", async () => {
    await withStack({ inventory: flat, backends: [backend], acme: true }, async (stack) => {
      await succeed(stack);
      const update = async () => {
        let done: Awaited<ReturnType<typeof succeed>> | undefined;
        const mayLead = leadsByCertificate(stack, steered);
        const faults = await letDown(
          stack.world,
          names,
          async () => {
            done = await succeed(stack);
          },
          mayLead,
        );
        expect(faults).toEqual([]);
        if (done === undefined) throw new Error("no update was run");
        return done;
      };

      stack.setInventory(steered);
      const first = await update();
      expect(issued(first.operations)).toEqual(["fra1", "fra2", "iad1", "iad2", "lhr1"].map(at));
      expect(published(first.operations)).toEqual([`create ${at("lhr1")}`]);
      expect(first.output).toContain(`certificate-order: ${at("lhr")} is not published yet`);
      expect(first.output).toContain(`certificate-order: ${DOMAIN} is not steered to all its places yet`);

      const second = await update();
      expect(issued(second.operations)).toEqual([]);
      expect(second.output).not.toContain("certificate-order");
      expect(await stack.notServed()).toEqual([]);
      await stack.expectIdle();
    });
  });
});

const DAY = 86_400_000;
const START = Date.parse("2026-11-23T12:00:00Z");
const PRODUCTION = { directory: LETS_ENCRYPT.directory, caa: false };

/** 26 nodes with two certificates each; eight at a POP at most, so that its name lists them all. */
function largeFleet(waves: boolean): InventorySketch {
  const nodes = Array.from({ length: 26 }, (_, index) =>
    nodeAt("euro", `${["ams", "fra", "lhr", "mad"][index % 4]}${Math.floor(index / 4) + 1}`),
  );
  return { nodes, policy: { certificates: { keyType: "p256", waves } } };
}

/** The first nodes of every POP come first: this one is a POP's seventh, and the last. */
const LAST = "fra7";

describe("a fleet with more certificates than the authority issues at once", () => {
  let now = START;
  const sketch: StackSketch = {
    inventory: largeFleet(false),
    backends: ["route53"],
    acme: PRODUCTION,
    now: () => new Date(now),
  };

  let stack: TestStack;
  let close: () => Promise<void> = async () => {};
  beforeAll(async () => {
    ({ stack, close } = await openStack(sketch));
  });
  afterAll(() => close());

  const certified = async () => ((await stack.outputs()).ledger as Ledger).certificates.length;
  /** Every node that an SRV set has listed so far. */
  const listed = () => {
    const sets = stack.world.platforms.store.operations.flatMap(({ kind, after }) =>
      kind === "recordSet" && after !== undefined ? [after as RecordSet] : [],
    );
    const targets = sets.filter(({ type }) => type === "SRV").flatMap(({ values }) => values);
    return new Set(targets.map((value) => value.split(" ").at(-1)?.split(".")[0]));
  };

  it("is refused before anything is registered where waves are not allowed", async () => {
    const { code, stdout } = await stack.tryUp();
    expect(code).not.toBe(0);
    expect(stdout.replaceAll(/\s+/g, " ")).toContain(
      "52 certificates take from Let's Encrypt's limit of 50 new certificates per registered domain in 7 days",
    );
    expect(stdout).toContain("refused: 1 problem, nothing was changed");
    expect(stack.operationsSince(0)).toEqual([]);
  });

  it("gets what fits where they are: those nodes are listed, and the last are told their date", async () => {
    stack.setInventory(largeFleet(true));
    const { operations, output } = await succeed(stack);
    expect(issued(operations)).toHaveLength(50);
    expect(listed().size).toBe(25);
    expect(listed()).not.toContain(LAST);
    expect(listedWithoutCertificate(operations, DOMAIN, 1)).toEqual([]);
    for (const profile of ["exact", "wildcard"])
      expect(output.replaceAll(/\s+/g, " ")).toContain(
        `certificate-limits: ${LAST} ${profile} waits for the authority's limits and fits from 2026-11-24 12:00 UTC`,
      );
    expect(output).toContain(`certificate-order: ${LAST} is not listed yet at`);
    expect(await certified()).toBe(50);
    await stack.expectIdle();
  });

  it("gets the rest a day later without one refused order, and lists it with the update after", async () => {
    now += DAY;
    const second = await succeed(stack);
    expect(issued(second.operations)).toEqual([at(LAST), DOMAIN].sort());
    expect(published(second.operations)).toEqual([]);
    expect(await certified()).toBe(52);
    const third = await succeed(stack);
    expect(issued(third.operations)).toEqual([]);
    expect(listed()).toContain(LAST);
    expect(await stack.notServed()).toEqual([]);
    expect(stack.operationsSince(0).flatMap(({ error }) => error ?? [])).toEqual([]);
    await stack.expectIdle();
  });

  it("keeps certificates that have to wait as they are, and a new name lists who has the new ones", async () => {
    const wider = withNodes(largeFleet(true), nodeAt("euro", "vie1", { status: "planned" }));
    stack.setInventory(wider);
    const { acme } = stack.world.platforms;
    const before = acme.certificates().length;
    const first = await succeed(stack);
    // 50 at once, and 7 more a day: of those, 52 are spent.
    expect(issued(first.operations)).toHaveLength(5);
    expect(published(first.operations)).toEqual([`create ${at("vie1")}`]);
    const second = await succeed(stack);
    expect(issued(second.operations)).toEqual([]);
    const answering = stack.world.platforms.zones.route53?.lookup(at("vie"), "A", { address: "127.0.0.1" });
    expect(answering?.data).toHaveLength(5);
    await stack.expectIdle();

    now += 7 * DAY;
    const third = await succeed(stack);
    expect(issued(third.operations)).toHaveLength(26 - 5 + 2);
    await succeed(stack);
    expect(acme.certificates()).toHaveLength(before + 28);
    expect(await stack.notServed()).toEqual([]);
    expect(stack.operationsSince(0).flatMap(({ error }) => error ?? [])).toEqual([]);
  });
});

describe("a large fleet that was deployed without certificates", () => {
  it("changes at no name while it gets them in waves", async () => {
    let now = START;
    const sketch: StackSketch = {
      inventory: largeFleet(true),
      backends: ["route53"],
      now: () => new Date(now),
    };
    await withStack(sketch, async (stack) => {
      await succeed(stack);
      stack.setConfig({ ...stack.config, acme: { ...PRODUCTION, contact: "sip@example.test" } });
      const first = await succeed(stack);
      expect([issued(first.operations).length, published(first.operations)]).toEqual([50, []]);
      expect(first.output).toContain(`certificate-limits: ${LAST} exact waits`);
      expect(first.output).not.toContain("certificate-order");
      now += DAY;
      const second = await succeed(stack);
      expect([issued(second.operations).length, published(second.operations)]).toEqual([2, []]);
      expect(await stack.notServed()).toEqual([]);
      await stack.expectIdle();
    });
  });
});

describe("a live name whose new answerers have no certificate for it", () => {
  const world = (fallback: string[]): InventorySketch => ({
    nodes: [nodeAt("euro", "fra1"), nodeAt("noam", "iad1"), nodeAt("apac", "sin1", { status: "draining" })],
    policy: { ...exactOnly, regions: { apac: { fallback } } },
  });

  it("is refused with the way out, in a preview and in an update, and nothing changes", async () => {
    await withStack({ inventory: world(["noam"]), backends: ["cloudflare"], acme: true }, async (stack) => {
      await succeed(stack);
      const mark = stack.mark();
      stack.setInventory(world(["euro"]));
      for (const run of [stack.tryPreview, stack.tryUp]) {
        const { code, stdout } = await run();
        expect(code).not.toBe(0);
        expect(stdout.replaceAll(/\s+/g, " ")).toContain(
          `${at("apac")}: is live, and none of the nodes now meant to answer there (fra1) holds a certificate for it ` +
            "that an earlier update has issued [certificate-order]",
        );
        expect(stdout).toContain("nothing was changed");
      }
      expect(stack.operationsSince(mark)).toEqual([]);

      stack.setInventory(world(["euro", "noam"]));
      const first = await succeed(stack);
      expect(published(first.operations)).toEqual([]);
      expect(issued(first.operations)).toEqual([at("fra1")]);
      await succeed(stack);
      expect(await stack.notServed()).toEqual([]);
    });
  });
});
