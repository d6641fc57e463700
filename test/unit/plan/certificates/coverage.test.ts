import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Fqdn } from "../../../../dns/names.ts";
import type { CertificateProfile } from "../../../../inventory/certificateKinds.ts";
import { Refusal } from "../../../../inventory/problem.ts";
import { mayListIssued, mayListIssuing } from "../../../../plan/certificates/coverage.ts";
import { heldBack, heldBackLines, vanishingNames } from "../../../../plan/certificates/heldBack.ts";
import type { LedgerCertificate } from "../../../../plan/ledger.ts";
import type { ObservedRow } from "../../../../plan/observed.ts";
import { planTree } from "../../../../plan/plan.ts";
import { render } from "../../../../plan/render.ts";
import type { Tree } from "../../../../plan/tree.ts";
import { arbitrarySketch } from "../../../support/arbitraryInventory.ts";
import { inventoryIfValid, inventoryOf, nodeAt } from "../../../support/inventories.ts";

const TIMES = { notBefore: "2026-11-01T00:00:00Z", notAfter: "2027-01-30T00:00:00Z" };

/** What the ledger knows once an update has issued every order of the tree. */
function issuedBy({ certificates }: Tree): LedgerCertificate[] {
  return certificates.map(({ slot, profile, names }) => ({ slot, profile, names, ...TIMES }));
}

const fqdn = (name: string) => name as Fqdn;
const DOMAIN = fqdn("sip.example.net");
const certificate = (slot: string, profile: CertificateProfile, names?: readonly string[]) =>
  ({ slot, profile, ...TIMES, ...(names === undefined ? {} : { names }) }) as LedgerCertificate;
const listedAt = (tree: Tree, name: string) =>
  [...tree.pops, ...tree.regions, tree.global]
    .filter((tier) => tier.name === name)
    .flatMap(({ members, standby }) => [...members, ...standby].map(({ slot }) => slot));

describe("a node may be listed", () => {
  const euro = fqdn("euro.sip.example.net");

  it("where its exact certificate names the name, whatever a wildcard covers", () => {
    const may = mayListIssued({
      certificates: [
        certificate("fra1", "exact", ["fra1.sip.example.net", DOMAIN]),
        certificate("fra1", "wildcard", [DOMAIN, "*.sip.example.net"]),
      ],
    });
    expect([may("fra1", [DOMAIN]), may("fra1", [euro]), may("fra1", [DOMAIN, euro])]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it("by its wildcard certificate where it has no other, one label deep", () => {
    const may = mayListIssued({ certificates: [certificate("fra1", "wildcard", ["*.sip.example.net"])] });
    expect([may("fra1", [euro]), may("fra1", [fqdn("a.euro.sip.example.net")])]).toEqual([true, false]);
  });

  it("nowhere without a certificate", () => {
    const may = mayListIssued({ certificates: [certificate("fra1", "exact", [DOMAIN])] });
    expect(may("fra2", [DOMAIN])).toBe(false);
  });

  it("everywhere by a certificate whose names an earlier version did not write down", () => {
    expect(mayListIssued({ certificates: [certificate("fra1", "exact")] })("fra1", [euro])).toBe(true);
  });

  it("on a stack without certificates only when all of its own are among those being issued", () => {
    const { certificates } = planTree(
      inventoryOf({ nodes: [nodeAt("euro", "fra1"), nodeAt("euro", "fra2")] }),
    );
    const may = mayListIssuing(
      certificates.filter(({ slot, profile }) => slot === "fra1" || profile === "wildcard"),
      certificates,
    );
    expect([may("fra1", [DOMAIN]), may("fra2", [DOMAIN])]).toEqual([true, false]);
  });
});

describe("certificates first", () => {
  const before = { nodes: [nodeAt("euro", "fra1"), nodeAt("euro", "fra2")] };
  const ledger = { certificates: issuedBy(planTree(inventoryOf(before))) };

  it("a node that is added as active is listed by the update after the one that issues its certificate", () => {
    const after = inventoryOf({ nodes: [...before.nodes, nodeAt("euro", "fra3")] });
    const first = planTree(after, mayListIssued(ledger));
    expect(listedAt(first, "fra.sip.example.net")).toEqual(["fra1", "fra2"]);
    expect(first.nodes.map(({ slot }) => slot)).toContain("fra3");
    expect(first.certificates.some(({ slot }) => slot === "fra3")).toBe(true);
    expect(heldBackLines(heldBack(planTree(after), first), ["exact"])).toEqual([
      "certificate-order: fra3 is not listed yet at fra.sip.example.net, euro.sip.example.net, sip.example.net: " +
        "its certificate for them must have been issued by an earlier update. Install it, prove it " +
        "(npx dialtree dial fra.sip.example.net --node fra3 --identity strict), then update again",
    ]);
    const second = planTree(after, mayListIssued({ certificates: issuedBy(first) }));
    expect(second).toEqual(planTree(after));
  });

  it("a new POP is published by the update after the one that issues its nodes' certificates", () => {
    const after = inventoryOf({ nodes: [...before.nodes, nodeAt("euro", "lhr1")] });
    const first = planTree(after, mayListIssued(ledger));
    expect(first.pops.map(({ key }) => key)).toEqual(["fra"]);
    expect(heldBack(planTree(after), first)).toEqual([
      { name: "lhr.sip.example.net", what: "name", slots: ["lhr1"] },
      { name: "euro.sip.example.net", what: "nodes", slots: ["lhr1"] },
      { name: "sip.example.net", what: "nodes", slots: ["lhr1"] },
    ]);
    expect(first.certificates.find(({ slot }) => slot === "fra1")?.names).toContain("lhr.sip.example.net");
  });

  const world = {
    nodes: [
      nodeAt("euro", "fra1"),
      nodeAt("noam", "iad1"),
      nodeAt("apac", "sin1", { status: "draining" as const }),
    ],
  };
  const regions = (fallback: string[]) => ({ policy: { regions: { apac: { fallback } } } });
  const live: ObservedRow = {
    backend: "cloudflare",
    name: "_sips._tcp.apac.sip.example.net",
    type: "SRV",
    data: "10 100 5061 iad1.sip.example.net",
  };

  it("a fallback region that takes another's place is listed once its certificates have the name", () => {
    const issued = { certificates: issuedBy(planTree(inventoryOf({ ...world, ...regions(["noam"]) }))) };
    const after = inventoryOf({ ...world, ...regions(["euro", "noam"]) });
    expect(listedAt(planTree(after, mayListIssued(issued)), "apac.sip.example.net")).toEqual(["iad1"]);
    expect(listedAt(planTree(after), "apac.sip.example.net")).toEqual(["fra1"]);
  });

  it("a live name whose answer is replaced by nodes without certificates for it is refused", () => {
    const issued = { certificates: issuedBy(planTree(inventoryOf({ ...world, ...regions(["noam"]) }))) };
    const after = inventoryOf({ ...world, ...regions(["euro"]) });
    const entries = heldBack(planTree(after), planTree(after, mayListIssued(issued)));
    expect(vanishingNames(entries, [live]).map(({ rule, key }) => `${rule} ${key}`)).toEqual([
      "certificate-order apac.sip.example.net",
    ]);
    expect(vanishingNames(entries, [])).toEqual([]);
    const challenge = { ...live, name: "_acme-challenge.apac.sip.example.net", type: "CNAME" };
    expect(vanishingNames(entries, [challenge])).toEqual([]);
  });

  it("a node that moves to another POP of a wide region is steered to once its certificate names the POP", () => {
    const wide = (pop: string) =>
      inventoryOf({
        nodes: [nodeAt("noam", "iad1"), nodeAt("noam", "lax1"), nodeAt("noam", "lax2", { pop })],
        environment: {
          pops: {
            iad: { serves: { continents: ["NA" as const] } },
            lax: { serves: { countries: ["MX"] } },
            sjc: { serves: { countries: ["CA"] }, region: "noam" },
          },
        },
        policy: { regions: { noam: { serves: { continents: ["NA" as const] }, geo: true } } },
      });
    const withoutPop = planTree(wide("lax"));
    const ledgerOfLax2 = issuedBy(withoutPop).map((each) => ({
      ...each,
      names: (each.names ?? []).filter((name) => name !== "sjc.sip.example.net"),
    }));
    const exact = ledgerOfLax2.filter(({ profile }) => profile === "exact");
    const first = planTree(wide("sjc"), mayListIssued({ certificates: exact }));
    expect(first.regions[0]?.geo?.sites.map(({ key }) => key)).toEqual(["iad", "lax"]);
    expect(first.pops.map(({ key }) => key)).toEqual(["iad", "lax"]);
    expect(render(first, "route53").aliases.length).toBeGreaterThan(0);
  });

  it("a fleet that is replaced as a whole is refused, because nobody could answer at the global name", () => {
    const after = inventoryOf({ nodes: [nodeAt("euro", "fra7"), nodeAt("euro", "fra8")] });
    expect(() => planTree(after, mayListIssued(ledger))).toThrow(Refusal);
  });

  it("steering waits until certificates hold the host names of both halves", () => {
    const nodes = [nodeAt("euro", "fra1"), nodeAt("noam", "iad1")];
    const areas = {
      euro: { serves: { continents: ["EU" as const] } },
      noam: { serves: { continents: ["NA" as const] } },
    };
    const flat = planTree(inventoryOf({ nodes, policy: { regions: areas } }));
    const after = inventoryOf({ nodes, policy: { regions: areas, globalGeo: true } });
    const first = planTree(after, mayListIssued({ certificates: issuedBy(flat) }));
    expect(first.global.geo).toBeUndefined();
    expect(heldBack(planTree(after), first)).toEqual([
      { name: "sip.example.net", what: "steering", slots: ["fra1", "iad1"] },
    ]);
    expect(planTree(after, mayListIssued({ certificates: issuedBy(first) })).global.geo).toBeDefined();
    const wave = issuedBy(first).filter(({ slot }) => slot === "fra1");
    const others = issuedBy(flat).filter(({ slot }) => slot === "iad1");
    expect(planTree(after, mayListIssued({ certificates: [...wave, ...others] })).global.geo).toBeUndefined();
  });
});

/** Areas that a platform cannot express are refused, whoever is held back. */
function renderedOrRefused(tree: Tree, backend: "cloudflare" | "route53"): boolean {
  try {
    return render(tree, backend).backend === backend;
  } catch (error) {
    return error instanceof Refusal;
  }
}

describe("from any deployed inventory to any other", () => {
  const pairs = fc.tuple(arbitrarySketch, arbitrarySketch);

  it("no name lists a node whose issued certificate does not speak for it, and the next update completes the tree", () => {
    let compared = 0;
    fc.assert(
      fc.property(pairs, ([one, other]) => {
        const from = inventoryIfValid(one);
        const to = inventoryIfValid(other);
        if (from === undefined || to === undefined) return;
        const may = mayListIssued({ certificates: issuedBy(planTree(from)) });
        let first: Tree;
        try {
          first = planTree(to, may);
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal);
          return;
        }
        compared += 1;
        for (const { name, members, standby } of [...first.pops, ...first.regions, first.global]) {
          for (const { slot } of [...members, ...standby]) expect(may(slot, [name])).toBe(true);
        }
        for (const backend of ["cloudflare", "route53"] as const)
          expect(renderedOrRefused(first, backend)).toBe(true);
        const complete = planTree(to);
        expect(first.certificates).toEqual(complete.certificates);
        const second = planTree(to, mayListIssued({ certificates: issuedBy(first) }));
        expect(second).toEqual(complete);
        expect(heldBack(complete, second)).toEqual([]);
      }),
    );
    expect(compared).toBeGreaterThan(0);
  });
});
