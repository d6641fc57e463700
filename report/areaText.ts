/** An area of the world in a few words. */
import type { Area } from "../inventory/treeSchema.ts";

const CONTINENT_NAMES: Record<Area["continents"][number], string> = {
  AF: "Africa",
  AN: "Antarctica",
  AS: "Asia",
  EU: "Europe",
  NA: "N. America",
  OC: "Oceania",
  SA: "S. America",
};

/** As many codes as are still read at a glance; more of them are counted. */
const MOST_CODES = 3;

/** For example `Africa, Europe, 12 countries`; empty for an area without any code. */
export function areaText({ continents, countries, subdivisions }: Area): string {
  const parts = continents.map((code) => CONTINENT_NAMES[code]);
  if (countries.length > MOST_CODES) parts.push(`${countries.length} countries`);
  else parts.push(...countries);
  if (subdivisions.length > MOST_CODES) parts.push(countedSubdivisions(subdivisions));
  else parts.push(...subdivisions);
  return parts.join(", ");
}

function countedSubdivisions(subdivisions: readonly string[]): string {
  const countries = [...new Set(subdivisions.map((code) => code.slice(0, 2)))];
  if (countries.length > 1) return `${subdivisions.length} states and provinces`;
  return countries[0] === "US"
    ? `${subdivisions.length} US states`
    : `${subdivisions.length} parts of ${countries[0]}`;
}
