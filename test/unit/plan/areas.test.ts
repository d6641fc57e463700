import { readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CONTINENTS } from "../../../inventory/treeSchema.ts";
import { CLOUDFLARE_REGIONS, cloudflareArea, route53Area } from "../../../plan/areas.ts";
import { AREA_TABLES, refreshAreaTables } from "../../support/areaTables.ts";
import { checkout } from "../../support/trackedFiles.ts";

const NOWHERE = { continents: [], countries: [], subdivisions: [] };

describe("an area at Cloudflare", () => {
  test("is said in the platform's 13 regions", () => {
    const { regions } = cloudflareArea({ ...NOWHERE, continents: [...CONTINENTS] });
    expect([...regions.keys()].sort()).toEqual([...CLOUDFLARE_REGIONS]);
    expect(CLOUDFLARE_REGIONS).toHaveLength(13);
  });

  test("names the countries of Antarctica, which is in no region, each once", () => {
    const { regions, countries } = cloudflareArea({
      ...NOWHERE,
      continents: ["AN"],
      countries: ["AQ", "DE"],
    });
    expect(regions.size).toBe(0);
    expect(countries).toEqual(["AQ", "DE", "BV", "GS", "HM", "TF"]);
  });

  test("claims a side of North America by its states, and both by the continent", () => {
    const { regions } = cloudflareArea({ ...NOWHERE, subdivisions: ["US-CA", "US-NY", "US-WA", "US-DC"] });
    expect(Object.fromEntries(regions)).toEqual({
      WNAM: { parts: 2, continent: false },
      ENAM: { parts: 2, continent: false },
    });
    const both = cloudflareArea({ ...NOWHERE, continents: ["NA"], subdivisions: ["US-CA"] });
    expect(both.regions.get("WNAM")).toEqual({ parts: 1, continent: true });
    expect(both.regions.get("ENAM")).toEqual({ parts: 0, continent: true });
  });

  test("claims no region by a country, which has a list of its own", () => {
    expect(cloudflareArea({ ...NOWHERE, countries: ["US", "CA", "JP"] }).regions.size).toBe(0);
  });

  test("claims the sides by Canada's provinces too, and by the states that the platform's manual shows", () => {
    const parts = ["CA-BC", "CA-AB", "US-MN", "US-TX", "CA-ON", "CA-QC", "US-IL"];
    const { regions, inexpressible } = cloudflareArea({ ...NOWHERE, subdivisions: parts });
    expect([regions.get("WNAM")?.parts, regions.get("ENAM")?.parts]).toEqual([4, 3]);
    expect(inexpressible).toEqual([]);
  });

  test("keeps countries, and says which subdivisions it cannot express", () => {
    const area = cloudflareArea({
      ...NOWHERE,
      countries: ["DE"],
      subdivisions: ["MX-JAL", "US-NY", "DE-BY"],
    });
    expect(area.countries).toEqual(["DE"]);
    expect(area.inexpressible).toEqual(["MX-JAL", "DE-BY"]);
  });

  test("never leads to a region that Cloudflare does not know", () => {
    const area = fc.record({
      continents: fc.subarray([...CONTINENTS]),
      countries: fc.constant<string[]>([]),
      subdivisions: fc.subarray(["US-AK", "US-FL", "US-HI", "US-TX", "CA-QC"]),
    });
    fc.assert(
      fc.property(area, (value) => {
        for (const code of cloudflareArea(value).regions.keys()) expect(CLOUDFLARE_REGIONS).toContain(code);
      }),
    );
  });
});

test("the manual's tables are those of the program (vitest --update makes them anew)", async () => {
  const file = path.join(checkout, "docs/geo.md");
  const manual = readFileSync(file, "utf8");
  for (const name of AREA_TABLES) expect(manual).toContain(`<!-- table: ${name} -->`);
  await expect(refreshAreaTables(manual)).toMatchFileSnapshot(file);
});

test("an area at Route 53 is said in continents, countries and states of the USA", () => {
  const area = { continents: ["EU" as const], countries: ["CA"], subdivisions: ["US-CA", "CA-ON"] };
  expect(route53Area(area)).toEqual({
    locations: [{ continent: "EU" }, { country: "CA" }, { country: "US", subdivision: "CA" }],
    inexpressible: ["CA-ON"],
  });
});
