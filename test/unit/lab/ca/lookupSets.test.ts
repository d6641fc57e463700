import { describe, expect, test } from "vitest";
import { aliasEnd, lookupIn } from "../../../../lab/ca/lookupSets.ts";
import { followingAliases, route53Solver } from "../../../../lab/providers/acmeChallenge.ts";
import { Route53 } from "../../../../lab/store/route53Store.ts";
import { Store } from "../../../../lab/store/store.ts";
import { zoneOf } from "../../../support/zones.ts";

const NAME = "_acme-challenge.fra1.example.net";
const TARGET = "fra1.example.net.proofs.example.org";
const ALIAS = `${NAME} 60 CNAME ${TARGET}`;

describe("the name that aliases lead to", () => {
  test("is found wherever it is, step by step", () => {
    const zones = [
      zoneOf("example.net", [ALIAS]),
      zoneOf("proofs.example.org", [`${TARGET} 60 CNAME end.proofs.example.org`]),
    ];
    expect(aliasEnd(NAME, zones)).toBe("end.proofs.example.org");
    expect(aliasEnd("fra2.example.net", zones)).toBe("fra2.example.net");
  });

  test("is some name of the circle where they lead in one", () => {
    const circle = ["a.example.net 60 CNAME b.example.net", "b.example.net 60 CNAME a.example.net"];
    expect(aliasEnd("a.example.net", [zoneOf("example.net", circle)])).toMatch(/^[ab]\.example\.net$/);
  });
});

describe("a lookup at every name server", () => {
  const proofs = zoneOf("proofs.example.org", [`${TARGET} 10 TXT "value"`]);

  test("follows each server's own alias into the zone of the proofs", async () => {
    const lookup = lookupIn([zoneOf("example.net", [ALIAS]), zoneOf("example.net", [])], [proofs]);
    expect(await lookup(NAME, "TXT")).toEqual([['"value"'], []]);
  });

  test("gives what each server has itself", async () => {
    const zone = (value: string) => zoneOf("example.net", [`example.net 60 CAA 0 issue "${value}"`]);
    expect(await lookupIn([zone("a.example"), zone("b.example")], [proofs])("example.net", "CAA")).toEqual([
      ['0 issue "a.example"'],
      ['0 issue "b.example"'],
    ]);
  });
});

describe("a solver", () => {
  const hosted = [
    { zoneId: "Z1", zone: "example.net" },
    { zoneId: "Z2", zone: "proofs.example.org" },
  ];

  test("writes where the alias of the challenge leads, and takes it away there", async () => {
    const route53 = new Route53(new Store(), hosted);
    const solver = followingAliases(route53Solver(route53), [zoneOf("example.net", [ALIAS])]);
    const remove = await solver.present(NAME, "value");
    expect(route53.sets("Z1")).toEqual([]);
    expect(route53.sets("Z2")).toMatchObject([{ name: TARGET, type: "TXT", values: ['"value"'] }]);
    await remove();
    expect(route53.sets("Z2")).toEqual([]);
  });

  test("finds no zone for an alias that leads to somebody else's", async () => {
    const route53 = new Route53(new Store(), hosted.slice(0, 1));
    const solver = followingAliases(route53Solver(route53), [zoneOf("example.net", [ALIAS])]);
    await expect(solver.present(NAME, "value")).rejects.toThrow(`could not find the zone of ${TARGET}`);
  });
});
