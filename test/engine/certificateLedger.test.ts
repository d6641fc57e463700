import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LETS_ENCRYPT } from "../../plan/certificates/authorities.ts";
import type { Ledger } from "../../plan/ledger.ts";
import { certificateRequest } from "../support/certificateRequest.ts";
import { type InventorySketch, nodeAt } from "../support/inventories.ts";
import { withNodes } from "../support/steeredFleet.ts";
import { openStack, type TestStack } from "../support/withStack.ts";

const DAY = 86_400_000;
const START = Date.parse("2026-11-23T12:00:00Z");

const EXACT = ["fra1.sip.example.net", "sip.example.net", "euro.sip.example.net", "fra.sip.example.net"];

/** fra1 makes its own key. */
const fleet: InventorySketch = {
  nodes: [nodeAt("euro", "fra1", { csr: "fra1.csr" })],
  policy: { certificates: { profiles: ["exact"], keyType: "p256" } },
};

describe("the ledger of a stack's certificates", () => {
  let stack: TestStack;
  let close: () => Promise<void> = async () => {};
  let now = START;

  beforeAll(async () => {
    const { csrPem } = await certificateRequest(EXACT);
    ({ stack, close } = await openStack({
      inventory: fleet,
      backends: ["cloudflare"],
      acme: { directory: LETS_ENCRYPT.directory, caa: false },
      files: { "fra1.csr": csrPem },
      now: () => new Date(now),
    }));
  });
  afterAll(() => close());

  async function ledger(): Promise<Ledger> {
    return (await stack.outputs()).ledger as Ledger;
  }

  it("says of each what it was issued for and what it took from the authority's limits", async () => {
    await stack.up();
    const { certificates, buckets } = await ledger();
    expect(certificates).toEqual([
      {
        slot: "fra1",
        profile: "exact",
        notBefore: "2026-11-23T11:00:00Z",
        notAfter: "2027-02-21T10:59:59Z",
        names: EXACT,
        directory: LETS_ENCRYPT.directory,
        acmeProfile: "classic",
        requestDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ]);
    expect(buckets.map(({ limit, fullAt }) => [limit, fullAt])).toEqual([
      ["exactSet", "2026-11-24T22:00:00.000Z"],
      ["newOrders", "2026-11-23T12:00:36.000Z"],
      ["registeredDomain", "2026-11-23T15:22:00.000Z"],
    ]);
  });

  it("stays as it is while nothing is issued, however long that is", async () => {
    now += 30 * DAY;
    await stack.expectIdle();
  });

  it("lets a preview say apart what is renewed", async () => {
    now = START + 59 * DAY;
    const { stdout } = await stack.tryPreview();
    expect(stdout).toContain("renews fra1 exact: 30 days left");
    expect(stdout).not.toContain("certificate-below-floor");
  });

  it("lets a preview warn of a certificate below its floor, which the update then renews", async () => {
    now = START + 80 * DAY;
    const { stdout } = await stack.tryPreview();
    expect(stdout).toContain("certificate-below-floor: fra1 exact: 9 days left, below the floor of 14 days");
    await stack.up();
    const { certificates, buckets } = await ledger();
    expect(certificates).toMatchObject([{ slot: "fra1", notBefore: "2027-02-11T11:00:00Z" }]);
    // A renewal takes from the limit on its names alone.
    expect(buckets.map(({ limit }) => limit)).toEqual(["exactSet"]);
    await stack.expectIdle();
  });

  it("keeps what a certificate has taken that its node has no more", async () => {
    now += DAY / 24;
    stack.setInventory(withNodes(fleet, nodeAt("euro", "fra2")));
    await stack.up();
    stack.setInventory(withNodes(fleet, nodeAt("euro", "fra2", { status: "retired" })));
    await stack.up();
    const { certificates, buckets } = await ledger();
    expect(certificates.map(({ slot }) => slot)).toEqual(["fra1"]);
    expect(buckets.map(({ limit }) => limit)).toEqual([
      "exactSet",
      "exactSet",
      "newOrders",
      "registeredDomain",
    ]);
    await stack.expectIdle();
  });
});
