/** Steered names for a person: one line per destination, the places that share it together. */
import type { GeoLine } from "../plan/planDocument.ts";

/** Rows `[name, places, destination, why]`; name and cause stand on the first row of a name only. */
export function geoRows(lines: readonly GeoLine[]): string[][] {
  const rows: string[][] = [];
  let previous = "";
  for (const line of lines) {
    const title = `${line.type} ${line.name}`;
    for (const [places, destination] of destinations(line)) {
      rows.push(title === previous ? ["", places, destination, ""] : [title, places, destination, line.why]);
      previous = title;
    }
  }
  return rows;
}

function destinations(line: GeoLine): [places: string, destination: string][] {
  if ("routing" in line) {
    const { routing, target } = line;
    return [[routing.policy === "simple" ? "alias" : routing.setIdentifier, target]];
  }
  const places = Object.entries({ ...line.regionPools, ...line.countryPools });
  const shared = Map.groupBy(places, ([, pools]) => pools.join(" "));
  return [
    ...[...shared].map(
      ([pools, codes]) => [codes.map(([code]) => code).join(" "), pools] as [string, string],
    ),
    ["elsewhere", line.defaultPools.join(" ")],
  ];
}
