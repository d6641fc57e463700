/** The tables of docs/geo.md, made of what the plan says to each platform, so that they cannot say anything else. */
import { continentOf } from "../../inventory/countries.ts";
import { markdownTable, refreshMarkedTables } from "../../inventory/markdownTable.ts";
import { CONTINENTS, type Continent } from "../../inventory/treeSchema.ts";
import { cloudflareArea, route53Area, westernParts } from "../../plan/areas.ts";

const NOWHERE = { continents: [], countries: [], subdivisions: [] };

const TABLES: Readonly<Record<string, () => string>> = { areas: areaTable, continents: continentTable };

export const AREA_TABLES = Object.keys(TABLES);

/** The manual with every table between `<!-- table: NAME -->` and `<!-- end -->` made anew. */
export function refreshAreaTables(manual: string): string {
  return refreshMarkedTables(manual, TABLES);
}

/** One row per kind of code, and one per continent. */
function areaTable(): string {
  const row = (list: keyof typeof NOWHERE, code: string, shown = code) => {
    const area = { ...NOWHERE, [list]: [code] };
    const { regions, countries } = cloudflareArea(area);
    const cloudflare = [
      ...[...regions.keys()].map((region) => `region ${region}`),
      ...countries.map((country) => `country ${country}`),
    ];
    const route53 = route53Area(area).locations.map((location) =>
      Object.entries(location)
        .map((entry) => entry.join(" "))
        .join(", "),
    );
    return [
      `\`${list}\``,
      shown,
      cloudflare.length === 0 ? "refused" : cloudflare.join(", "),
      route53.length === 0 ? "refused" : route53.join(", "),
    ];
  };
  const west = (country: "US" | "CA") => westernParts(country).join(" ");
  return markdownTable(
    ["Key", "Code", "Cloudflare", "Route 53"],
    [
      ...CONTINENTS.map((continent) => row("continents", continent)),
      row("countries", "MX", "any, as MX"),
      row("subdivisions", "US-CA", `US-CA, as of the states ${west("US")}`),
      row("subdivisions", "US-NY", "US-NY, as of all other states"),
      row("subdivisions", "CA-BC", `CA-BC, as of the provinces ${west("CA")}`),
      row("subdivisions", "CA-ON", "CA-ON, as of all other provinces"),
      row("subdivisions", "DE-BY", "any other, as DE-BY"),
    ],
  );
}

function continentTable(): string {
  const countries = Map.groupBy(assignedCodes(), (code) => continentOf(code) as Continent);
  const rows = CONTINENTS.map((continent) => [continent, (countries.get(continent) ?? []).join(" ")]);
  return markdownTable(["Continent", "Countries"], rows);
}

function assignedCodes(): string[] {
  const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
  const codes = letters.flatMap((first) => letters.map((second) => first + second));
  return codes.filter((code) => continentOf(code) !== undefined);
}
