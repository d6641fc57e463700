/** Rules of areas: which callers a region or POP serves, and that steering has something to choose from. */
import { isCountry, isSubdivision } from "../countries.ts";
import type { Draft } from "../draft.ts";
import { type JsonPath, valueText } from "../jsonc.ts";
import type { Area } from "../treeSchema.ts";
import { type Finding, finding } from "./finding.ts";

interface Server {
  readonly kind: "region" | "POP";
  readonly key: string;
  /** POPs compete inside their region only; regions compete with all others. */
  readonly rivals: string;
  readonly area: Area;
  readonly path: JsonPath;
}

const AREA_LISTS = ["continents", "countries", "subdivisions"] as const;

function servers(draft: Draft): Server[] {
  const regions = Object.entries(draft.policy.regions).flatMap(([key, { serves }]): Server[] => {
    const path = ["policy", "regions", key, "serves"];
    return serves === undefined ? [] : [{ kind: "region", key, rivals: "", area: serves, path }];
  });
  const regionOfPop = new Map(draft.nodes.map(({ pop, region }) => [pop, region]));
  const pops = Object.entries(draft.environment.pops).flatMap(([key, { serves, region }]): Server[] => {
    const rivals = regionOfPop.get(key) ?? region;
    const path = ["environment", "pops", key, "serves"];
    return serves === undefined || rivals === undefined
      ? []
      : [{ kind: "POP", key, rivals, area: serves, path }];
  });
  return [...regions, ...pops];
}

function isEmpty(area: Area): boolean {
  return AREA_LISTS.every((list) => area[list].length === 0);
}

/** Rules `area-code` and `area-empty`. */
export function* areas(draft: Draft): Generator<Finding> {
  for (const { kind, key, area, path } of servers(draft)) {
    if (isEmpty(area) && draft.isWhole(...path.map(String))) {
      const message = `${kind} "${key}" serves nothing`;
      yield finding("area-empty", "tree", path, { message });
    }
    for (const [index, code] of area.countries.entries()) {
      if (isCountry(code)) continue;
      const message = `country ${valueText(code)} does not exist`;
      const remedy = isCountry(code.toUpperCase()) ? { remedy: `write "${code.toUpperCase()}"` } : {};
      yield finding("area-code", "tree", [...path, "countries", index], { message, value: code, ...remedy });
    }
    for (const [index, code] of area.subdivisions.entries()) {
      if (isSubdivision(code)) continue;
      const message = `subdivision ${valueText(code)} does not exist`;
      const remedy = isSubdivision(code.toUpperCase()) ? { remedy: `write "${code.toUpperCase()}"` } : {};
      yield finding("area-code", "tree", [...path, "subdivisions", index], {
        message,
        value: code,
        ...remedy,
      });
    }
  }
}

/** Rule `area-overlap`: a steering platform holds each code once. */
export function* areaOverlaps(draft: Draft): Generator<Finding> {
  const owners = new Map<string, Server>();
  for (const server of servers(draft)) {
    for (const list of AREA_LISTS) {
      for (const [index, code] of server.area[list].entries()) {
        // The list belongs to the claim: SA is South America among continents and Saudi Arabia among countries.
        const claim = `${server.kind} ${server.rivals} ${list} ${code}`;
        const owner = owners.get(claim) ?? server;
        owners.set(claim, owner);
        if (owner.key === server.key) continue;
        const message = `${code} is served by ${server.kind} "${server.key}" and by "${owner.key}"`;
        yield finding("area-overlap", "tree", [...server.path, list, index], { message, value: code });
      }
    }
  }
}

/** Rules `global-geo` and `region-geo`. */
export function* steeredNames(draft: Draft): Generator<Finding> {
  if (!draft.isWhole("policy", "regions") || !draft.isWhole("environment", "pops")) return;
  const serving = servers(draft).filter(({ area }) => !isEmpty(area));
  const regions = serving.filter(({ kind }) => kind === "region");
  if (draft.policy.globalGeo && regions.length < 2) {
    const message = `the global name is steered, but ${regions.length === 0 ? "no" : "only one"} region serves an area`;
    yield finding("global-geo", "tree", ["policy", "globalGeo"], { message, value: true });
  }
  if (!draft.everyNodeHas("pop", "region")) return;
  const staffed = new Set(
    draft.nodes.flatMap(({ pop, status }) => (status === "retired" ? [] : (pop ?? []))),
  );
  for (const [region, { geo }] of Object.entries(draft.policy.regions)) {
    const pops = serving.filter(
      ({ kind, rivals, key }) => kind === "POP" && rivals === region && staffed.has(key),
    );
    if (!geo || pops.length >= 2) continue;
    const message = `region "${region}" is steered, but ${pops.length === 0 ? "none" : "only one"} of its POPs serves an area`;
    yield finding("region-geo", "tree", ["policy", "regions", region, "geo"], { message, value: true });
  }
}
