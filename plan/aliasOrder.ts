/** The order in which alias sets are made: Route 53 refuses an alias whose target is not there. */
import { setKey } from "../dns/records.ts";
import type { AliasSet } from "./rendering.ts";

/** The aliases in an order in which each comes after every set of its target; else as they were. */
export function targetsFirst(aliases: readonly AliasSet[]): AliasSet[] {
  const groups = Map.groupBy(aliases, setKey);
  const ordered: AliasSet[] = [];
  const visited = new Set<string>();
  const visit = (key: string): void => {
    if (visited.has(key)) return;
    visited.add(key);
    const group = groups.get(key) ?? [];
    for (const { target, type } of group) visit(setKey({ name: target, type }));
    ordered.push(...group);
  };
  for (const key of groups.keys()) visit(key);
  return ordered;
}
