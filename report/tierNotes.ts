/** What is to be said of a name besides the name: whom it serves, how it is steered, who stands in. */
import type { Tier } from "../plan/tree.ts";
import { areaText } from "./areaText.ts";
import type { PopBranch, RegionBranch } from "./outline.ts";

/** Short phrases, the most important first. */
export function globalNotes({ geo }: Tier): string[] {
  return geo === undefined
    ? ["every active node, not steered"]
    : ["steered by location", `location unknown: ${geo.defaultSite}`];
}

export function regionNotes({ tier, serves, answeredBy, fallback }: RegionBranch): string[] {
  const notes = serves === undefined ? [] : callers(areaText(serves));
  if (answeredBy !== undefined) return [...notes, standIn(answeredBy)];
  if (tier.geo !== undefined) notes.push(`steered over its POPs, location unknown: ${tier.geo.defaultSite}`);
  if (fallback.length > 0) notes.push(`falls back to ${fallback.join(", then ")}`);
  return notes;
}

export function popNotes({ serves, answeredBy }: PopBranch): string[] {
  const notes = serves === undefined ? [] : callers(areaText(serves));
  return answeredBy === undefined ? notes : [...notes, standIn(answeredBy)];
}

function callers(area: string): string[] {
  return area === "" ? [] : [`callers in ${area}`];
}

function standIn(region: string): string {
  return `no active node: ${region} answers`;
}
