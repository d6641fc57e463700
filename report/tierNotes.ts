/** What is to be said of a name besides the name: whom it serves, how it is steered, who stands in. */
import type { GeoSteering, Tier } from "../plan/tree.ts";
import { areaText } from "./areaText.ts";
import type { PopBranch, RegionBranch } from "./outline.ts";

/** Short phrases, the most important first. */
export function globalNotes({ geo }: Tier): string[] {
  return geo === undefined ? ["every active node, not steered"] : [steering(geo)];
}

export function regionNotes({ tier, serves, answeredBy, fallback }: RegionBranch): string[] {
  const notes = serves === undefined ? [] : callers(areaText(serves));
  if (answeredBy !== undefined) return [...notes, standIn(answeredBy)];
  if (tier.geo !== undefined) notes.push(steering(tier.geo));
  if (fallback.length > 0) notes.push(`falls back to ${fallback.join(", then ")}`);
  return notes;
}

export function popNotes({ serves, answeredBy }: PopBranch): string[] {
  const notes = serves === undefined ? [] : callers(areaText(serves));
  return answeredBy === undefined ? notes : [...notes, standIn(answeredBy)];
}

function steering({ defaultSite }: GeoSteering): string {
  return `by caller's location, else ${defaultSite}`;
}

function callers(area: string): string[] {
  return area === "" ? [] : [`for ${area}`];
}

function standIn(region: string): string {
  return `answered by ${region}`;
}
