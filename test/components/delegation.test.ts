import { describe, expect, test } from "vitest";
import { connect, delegation } from "../../backends/connect.ts";
import { planTree } from "../../plan/plan.ts";
import { render } from "../../plan/render.ts";
import { inventoryOf, nodeAt } from "../support/inventories.ts";
import { registrationsOf } from "../support/registrations.ts";

const tree = planTree(inventoryOf({ nodes: [nodeAt("euro", "fra1")] }));
const CONFIG = { cloudflare: { accountId: "account", zoneId: "zone" }, route53: { zoneId: "Z1" } };

/** What the program puts out, and which zones it asked for. */
async function delegated(backends: readonly ("cloudflare" | "route53")[], route53Names: unknown) {
  const asked: unknown[] = [];
  let found: unknown;
  await registrationsOf(
    async () => {
      const renderings = backends.map((backend) => render(tree, backend));
      found = await delegation(await connect(CONFIG, renderings));
    },
    {
      "cloudflare:index/getZone:getZone": ({ zoneId }: Readonly<Record<string, unknown>>) => {
        asked.push(zoneId);
        return { nameServers: ["Bob.ns.example.net", "ada.ns.example.net"] };
      },
      "aws:route53/getZone:getZone": ({ zoneId }: Readonly<Record<string, unknown>>) => {
        asked.push(zoneId);
        return { nameServers: route53Names };
      },
    },
  );
  return { found, asked: asked.sort() };
}

describe("the name servers to delegate to", () => {
  test("are those of both platforms as one set, and each platform's own, in canonical form", async () => {
    const names = ["ns-2.example.org.", "ns-1.example.com"];
    expect(await delegated(["cloudflare", "route53"], names)).toEqual({
      found: {
        publish: ["ada.ns.example.net", "bob.ns.example.net", "ns-1.example.com", "ns-2.example.org"],
        cloudflare: ["ada.ns.example.net", "bob.ns.example.net"],
        route53: ["ns-1.example.com", "ns-2.example.org"],
      },
      asked: ["Z1", "zone"],
    });
  });

  test("are not asked for where one platform serves the zone", async () => {
    for (const backend of ["cloudflare", "route53"] as const) {
      expect(await delegated([backend], [])).toEqual({ found: undefined, asked: [] });
    }
  });

  test("may be absent in what a platform tells", async () => {
    const { found } = await delegated(["cloudflare", "route53"], null);
    expect(found).toMatchObject({ publish: ["ada.ns.example.net", "bob.ns.example.net"], route53: [] });
  });
});
