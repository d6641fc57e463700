/** Rules of regions: who stands in for whom, and that every name has somebody who answers. */
import type { Draft } from "../draft.ts";
import { type JsonPath, valueText } from "../jsonc.ts";
import { nearest } from "../suggestion.ts";
import { type Finding, finding } from "./finding.ts";

/** What can make a region. */
interface RegionMakers extends Pick<Draft, "environment" | "policy"> {
  readonly nodes: readonly { readonly region?: string | undefined }[];
}

/** Every region that a node, a POP or the policy makes; the retired nodes' too, since a dialed name stays. */
export function regionKeys({ nodes, environment, policy }: RegionMakers): Set<string> {
  return new Set([
    ...nodes.flatMap(({ region }) => region ?? []),
    ...Object.values(environment.pops).flatMap(({ region }) => region ?? []),
    ...Object.keys(policy.regions),
  ]);
}

/** Whether every region is known, so that a missing one is a mistake and no consequence of another. */
function knowsRegions(draft: Draft): boolean {
  return (
    draft.everyNodeHas("region") && draft.isWhole("policy", "regions") && draft.isWhole("environment", "pops")
  );
}

function unknownRegion(region: string, path: JsonPath, known: Set<string>): Finding {
  const meant = nearest(region, known);
  const message = `there is no region ${valueText(region)}`;
  const remedy = meant === undefined ? {} : { remedy: `did you mean "${meant}"?` };
  return finding("unknown-region", "tree", path, { message, value: region, ...remedy });
}

/** Rules `unknown-region` and `fallback-self`. */
export function* regionMentions(draft: Draft): Generator<Finding> {
  const known = regionKeys(draft);
  const complete = knowsRegions(draft);
  for (const [region, { fallback }] of Object.entries(draft.policy.regions)) {
    for (const [index, other] of fallback.entries()) {
      const path = ["policy", "regions", region, "fallback", index];
      if (other === region) {
        const message = `region "${region}" is its own fallback`;
        yield finding("fallback-self", "tree", path, { message, value: other });
      } else if (complete && !known.has(other)) {
        yield unknownRegion(other, path, known);
      }
    }
  }
  const { defaultRegion } = draft.policy;
  if (defaultRegion !== undefined && complete && !known.has(defaultRegion)) {
    yield unknownRegion(defaultRegion, ["policy", "defaultRegion"], known);
  }
}

/** Rule `unknown-pop`. */
export function* popMentions(draft: Draft): Generator<Finding> {
  if (!draft.everyNodeHas("pop")) return;
  const known = new Set(draft.nodes.flatMap(({ pop }) => pop ?? []));
  for (const [pop, { region }] of Object.entries(draft.environment.pops)) {
    if (known.has(pop) || region !== undefined) continue;
    if (!draft.isWhole("environment", "pops", pop)) continue;
    const meant = nearest(pop, known);
    const message = `no node is at POP ${valueText(pop)}, and its region is not told`;
    const remedy = meant === undefined ? {} : { remedy: `did you mean "${meant}"?` };
    yield finding("unknown-pop", "tree", ["environment", "pops", pop], { message, value: pop, ...remedy });
  }
}

/** Rule `fallback-cycle`: each circle is told once, at the region where the search met it. */
export function* fallbackCycles({ policy: { regions } }: Draft): Generator<Finding> {
  const finished = new Set<string>();
  for (const start of Object.keys(regions)) {
    // Depth first, without recursion: the trail holds each region with those of its fallbacks still to visit.
    const trail: { region: string; rest: string[] }[] = [];
    const enter = (region: string) => trail.push({ region, rest: [...(regions[region]?.fallback ?? [])] });
    if (!finished.has(start)) enter(start);
    for (let top = trail.at(-1); top !== undefined; top = trail.at(-1)) {
      const next = top.rest.shift();
      if (next === undefined) {
        finished.add(top.region);
        trail.pop();
        continue;
      }
      const onTrail = trail.findIndex(({ region }) => region === next);
      if (onTrail !== -1 && next !== top.region) {
        const circle = [...trail.slice(onTrail).map(({ region }) => region), next].join(" → ");
        const path = ["policy", "regions", top.region, "fallback"];
        yield finding("fallback-cycle", "tree", path, {
          message: `the fallbacks run in a circle: ${circle}`,
          value: next,
        });
      } else if (onTrail === -1 && !finished.has(next)) {
        enter(next);
      }
    }
  }
}

/** Rule `region-without-answer`. */
export function* regionsWithoutAnswer(draft: Draft): Generator<Finding> {
  if (!knowsRegions(draft) || draft.nodes.length === 0) return;
  const { regions } = draft.policy;
  // A status of the wrong shape may have been meant to be active.
  const active = draft.nodes.filter(({ status }) => status === undefined || status === "active");
  if (active.length === 0) return;
  const answering = new Set(active.flatMap(({ region }) => region ?? []));
  const known = regionKeys(draft);
  const answers = (region: string, visited: Set<string>): boolean => {
    // One that does not exist is told as such; it was meant to be one that answers.
    if (answering.has(region) || !known.has(region)) return true;
    if (visited.has(region)) return false;
    visited.add(region);
    return (regions[region]?.fallback ?? []).some((next) => answers(next, visited));
  };
  for (const region of known) {
    if (answers(region, new Set())) continue;
    const fallback = regions[region]?.fallback ?? [];
    const message =
      fallback.length === 0
        ? `region "${region}" has no active node and no fallback`
        : `region "${region}" has no active node, and neither have its fallbacks (${fallback.join(", ")})`;
    const node = draft.nodes.find((candidate) => candidate.region === region);
    if (Object.hasOwn(regions, region)) {
      yield finding("region-without-answer", "tree", ["policy", "regions", region], { message });
    } else if (node !== undefined) {
      yield finding("region-without-answer", "nodes", [node.index, "region"], { message, value: region });
    } else {
      const pop = Object.entries(draft.environment.pops).find(([, candidate]) => candidate.region === region);
      const path = ["environment", "pops", pop?.[0] ?? "", "region"];
      yield finding("region-without-answer", "tree", path, { message, value: region });
    }
  }
}
