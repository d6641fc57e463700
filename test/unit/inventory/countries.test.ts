import { describe, expect, test } from "vitest";
import { continentOf, isCountry, isSubdivision } from "../../../inventory/countries.ts";
import { CONTINENTS } from "../../../inventory/treeSchema.ts";

const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
const codes = letters.flatMap((first) => letters.map((second) => first + second));

describe("a country", () => {
  test("is one of the 249 that are assigned, and lies on one continent", () => {
    const assigned = codes.filter(isCountry);
    expect(assigned).toHaveLength(249);
    for (const code of assigned) expect(CONTINENTS).toContain(continentOf(code));
    expect(new Set(assigned.map(continentOf))).toEqual(new Set(CONTINENTS));
  });

  test.each([
    ...[
      ["MX", "NA"],
      ["BR", "SA"],
      ["CW", "NA"],
      ["FK", "SA"],
      ["EG", "AF"],
      ["TR", "AS"],
      ["CY", "EU"],
    ],
    ...[
      ["RU", "EU"],
      ["GL", "NA"],
      ["TL", "OC"],
      ["RE", "AF"],
      ["GF", "SA"],
      ["GS", "AN"],
      ["SA", "AS"],
    ],
  ])("%s lies in %s", (country, continent) => {
    expect(continentOf(country)).toBe(continent);
  });

  test("is none in lower case, unassigned or reserved", () => {
    for (const code of ["de", "XX", "UK", "EU", "ZZ", "toString"]) {
      expect(isCountry(code)).toBe(false);
      expect(continentOf(code)).toBeUndefined();
    }
  });
});

test("a subdivision belongs to an assigned country, and exists where the list is known", () => {
  expect(["US-CA", "CA-ON", "DE-BY", "MX-JAL"].every(isSubdivision)).toBe(true);
  expect(["US-ZZ", "CA-CA", "XX-AA", "US", "us-ca"].some(isSubdivision)).toBe(false);
});
