import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Fault } from "../../lab/store/faults.ts";
import { LETS_ENCRYPT } from "../../plan/certificates/authorities.ts";
import { type InventorySketch, nodeAt } from "../support/inventories.ts";
import { danglingMoments } from "../support/operationMoments.ts";
import { withNodes } from "../support/steeredFleet.ts";
import { openStack, type TestStack } from "../support/withStack.ts";

const DAY = 86_400_000;
/** More than a provider tries. */
const ALWAYS = 1000;

const fleet: InventorySketch = {
  nodes: [nodeAt("euro", "fra1"), nodeAt("euro", "fra2")],
  policy: { certificates: { profiles: ["exact"], keyType: "p256" } },
};
const withThird = withNodes(fleet, nodeAt("euro", "fra3"));
const withFourth = withNodes(withThird, nodeAt("euro", "fra4"));

describe("an update in which certificates fail", () => {
  let stack: TestStack;
  let close: () => Promise<void> = async () => {};
  let now = Date.parse("2026-11-23T12:00:00Z");

  beforeAll(async () => {
    ({ stack, close } = await openStack({
      inventory: fleet,
      backends: ["cloudflare"],
      acme: { directory: LETS_ENCRYPT.directory },
      now: () => new Date(now),
    }));
  });
  afterAll(() => close());

  const faults = () => stack.world.platforms.store.faults;
  const acme = () => stack.world.platforms.acme;
  const rows = () => stack.world.platforms.cloudflare.dns.rows("b".repeat(32));
  const targets = () =>
    rows()
      .filter(({ name }) => name === "_sips._tcp.sip.example.net")
      .map(({ data }) => String((data as { target?: unknown } | undefined)?.target).split(".")[0])
      .sort();
  const issued = () =>
    acme()
      .certificates()
      .map(({ names }) => names[0]);

  /** Runs an update that fails, and gives what it prints. Nothing that was issued is revoked or forgotten by it. */
  async function fails(fault?: Omit<Fault, "times" | "mode">): Promise<string> {
    const before = issued();
    const known = (await stack.outputs()).certificates;
    if (fault !== undefined) faults().failNext({ ...fault, times: ALWAYS, mode: "error" });
    // Without the option the engine begins nothing new after the first failure.
    const { code, stdout, stderr } = await stack.run([
      "up",
      "--yes",
      "--skip-preview",
      "--continue-on-error",
    ]);
    faults().clear();
    expect(code).not.toBe(0);
    expect(issued().slice(0, before.length)).toEqual(before);
    expect(
      acme()
        .certificates()
        .filter(({ revoked }) => revoked),
    ).toEqual([]);
    expect((await stack.outputs()).certificates).toEqual(known);
    expect(danglingMoments(stack.world.platforms.store.operations)).toEqual([]);
    return stdout + stderr;
  }

  /** Updates until nothing is left to do: the first issues, and what waited for it comes with the second. */
  async function finishes(): Promise<void> {
    await stack.up();
    await stack.up();
    await stack.expectIdle();
    expect(await stack.notServed()).toEqual([]);
  }

  it("while the authority is down names its order, publishes the addresses, and lists nobody", async () => {
    const text = await fails({ platform: "acme", kind: "order" });
    expect(text).toMatch(/Certificate \(fra1\/acme\/exact\)/);
    expect(text).toMatch(/Certificate \(fra2\/acme\/exact\)/);
    expect(text).toMatch(/acme: error: 500/);
    expect(rows().map(({ name }) => name)).toEqual(
      expect.arrayContaining(["fra1.sip.example.net", "fra2.sip.example.net"]),
    );
    expect(targets()).toEqual([]);
    await finishes();
    expect(targets()).toEqual(["fra1", "fra2"]);
  });

  it("by the proof of a new node leaves all others as they are, and says whose proof and which name", async () => {
    stack.setInventory(withThird);
    const name = "_acme-challenge.fra3.sip.example.net";
    const text = await fails({ platform: "cloudflare", kind: "dnsRecord", operation: "create", name });
    expect(text).toMatch(/fra3\/acme\/exact/);
    expect(text).toMatch(/\[fra3\.sip\.example\.net\] .*500/);
    expect(targets()).toEqual(["fra1", "fra2"]);
    expect(rows().map((row) => row.name)).toContain("fra3.sip.example.net");
    await finishes();
    expect(targets()).toEqual(["fra1", "fra2", "fra3"]);
  });

  it("by a limit that others have used up tells until when, and goes on after it", async () => {
    const [account] = acme().accounts();
    if (account === undefined) throw new Error("no account");
    for (let other = 0; other < 50; other++) {
      await acme().record(account, {
        certificatePem: "",
        serial: `ff${other}`,
        names: [`other${other}.example.net`],
        notBefore: new Date(now - DAY / 24),
        notAfter: new Date(now + 89 * DAY),
      });
    }
    stack.setInventory(withFourth);
    const text = await fails();
    expect(text).toMatch(/fra4\/acme\/exact/);
    expect(text).toMatch(
      /acme: error: 429 :: urn:ietf:params:acme:error:rateLimited :: too many certificates \(50\) already issued for "example\.net" in the last 168h0m0s, retry after /,
    );
    expect(targets()).toEqual(["fra1", "fra2", "fra3"]);
    now += 8 * DAY;
    await finishes();
    expect(targets()).toEqual(["fra1", "fra2", "fra3", "fra4"]);
  });

  it("of expired certificates takes no node out, and renews them once the authority answers", async () => {
    now += 120 * DAY;
    const text = await fails({ platform: "acme", kind: "order" });
    expect(text).toMatch(/certificate-below-floor: fra1 exact: expired at /);
    for (const slot of ["fra1", "fra2", "fra3", "fra4"]) {
      expect(text).toMatch(new RegExp(`Certificate \\(${slot}/acme/exact\\)`));
    }
    expect(targets()).toEqual(["fra1", "fra2", "fra3", "fra4"]);
    await finishes();
    const { certificates } = (await stack.outputs()) as { certificates: { notAfter: string }[] };
    expect(certificates.every(({ notAfter }) => Date.parse(notAfter) > now)).toBe(true);
    expect(targets()).toEqual(["fra1", "fra2", "fra3", "fra4"]);
  });
});
