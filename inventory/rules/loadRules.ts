/** Rules of the expected load: that it speaks of places that exist, and that a part is not above its whole. */
import type { Draft } from "../draft.ts";
import { valueText } from "../jsonc.ts";
import { nearest } from "../suggestion.ts";
import { type Finding, finding } from "./finding.ts";
import { regionKeys } from "./regionRules.ts";

/** Rule `expected-load`. */
export function* expectedLoads(draft: Draft): Generator<Finding> {
  const loads = new Map(Object.entries(draft.policy.expectedLoad));
  if (loads.size === 0) return;
  // A region or POP whose shape is wrong may be the one that is meant.
  if (!draft.everyNodeHas("region", "pop")) return;
  if (!draft.isWhole("policy", "regions") || !draft.isWhole("environment", "pops")) return;
  const regions = regionKeys(draft);
  const regionOfPop = new Map<string, string | undefined>();
  for (const [pop, { region }] of Object.entries(draft.environment.pops)) regionOfPop.set(pop, region);
  for (const { pop, region } of draft.nodes) if (pop !== undefined) regionOfPop.set(pop, region);

  const ofPops = new Map<string, number>();
  for (const [key, calls] of loads) {
    const region = regionOfPop.get(key);
    if (region !== undefined) ofPops.set(region, (ofPops.get(region) ?? 0) + calls);
    if (regions.has(key) || regionOfPop.has(key)) continue;
    const meant = nearest(key, [...regions, ...regionOfPop.keys()]);
    const message = `there is no region or POP ${valueText(key)}`;
    const remedy = meant === undefined ? {} : { remedy: `did you mean "${meant}"?` };
    yield finding("expected-load", "tree", ["policy", "expectedLoad", key], {
      message,
      value: key,
      ...remedy,
    });
  }
  for (const [region, sum] of ofPops) {
    const whole = loads.get(region);
    if (whole === undefined || sum <= whole) continue;
    const message = `the POPs of region "${region}" expect ${sum} calls together, the region itself ${whole}`;
    yield finding("expected-load", "tree", ["policy", "expectedLoad", region], {
      message,
      value: whole,
      remedy: "raise the region's figure, or lower its POPs'",
    });
  }
}
