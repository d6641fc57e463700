import { describe, expect, it } from "vitest";
import type { Area } from "../../../inventory/treeSchema.ts";
import { areaText } from "../../../report/areaText.ts";

const area = (codes: Partial<Area>): Area => ({ continents: [], countries: [], subdivisions: [], ...codes });

describe("an area in words", () => {
  it.each([
    ["Africa, Europe", area({ continents: ["AF", "EU"] })],
    ["S. America, CA, MX", area({ continents: ["SA"], countries: ["CA", "MX"] })],
    ["4 countries", area({ countries: ["BZ", "CR", "GT", "HN"] })],
    ["US-CA, US-NV, US-OR", area({ subdivisions: ["US-CA", "US-NV", "US-OR"] })],
    ["4 US states", area({ subdivisions: ["US-CA", "US-NV", "US-OR", "US-WA"] })],
    ["4 parts of CA", area({ subdivisions: ["CA-AB", "CA-BC", "CA-ON", "CA-QC"] })],
    ["4 states and provinces", area({ subdivisions: ["CA-BC", "US-CA", "US-OR", "US-WA"] })],
    ["", area({})],
  ])("reads %j", (text, codes) => {
    expect(areaText(codes)).toBe(text);
  });
});
