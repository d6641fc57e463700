/** What the rules look at: one plan with its renderings, and what several rules derive from them. */
import type { Fqdn } from "../../dns/names.ts";
import { SERVICES, type Transport } from "../../dns/services.ts";
import type { Inventory } from "../../inventory/inventory.ts";
import type { IssuanceFacts } from "../certificates/due.ts";
import type { Cause, Rendering } from "../rendering.ts";
import { nodesBySlot } from "../staticRecords.ts";
import type { GeoSteering, Tier, Tree, TreeNode } from "../tree.ts";
import { type SrvAnswer, srvAnswers } from "./answers.ts";

export interface LintInput {
  readonly inventory: Inventory;
  readonly tree: Tree;
  /** Of every platform of the stack. */
  readonly renderings: readonly Rendering[];
  /** Which certificates there are. Absent in the stack program: it must not refuse the update that renews them. */
  readonly issuance?: IssuanceFacts;
}

export interface LintContext extends LintInput {
  /** POPs, regions, then the global name. */
  readonly tiers: readonly Tier[];
  readonly nodes: ReadonlyMap<string, TreeNode>;
  readonly activeNodes: readonly TreeNode[];
  readonly activeByRegion: ReadonlyMap<string, readonly TreeNode[]>;
  readonly answers: readonly SrvAnswer[];
}

export function lintContext(input: LintInput): LintContext {
  const { tree, renderings } = input;
  const activeNodes = tree.nodes.filter(({ status }) => status === "active");
  return {
    ...input,
    tiers: [...tree.pops, ...tree.regions, tree.global],
    nodes: nodesBySlot(tree),
    activeNodes,
    activeByRegion: Map.groupBy(activeNodes, ({ region }) => region),
    answers: srvAnswers(renderings),
  };
}

/** The steered tiers with their steering, regions first. */
export function steeredTiers({ tiers }: LintContext): { tier: Tier; geo: GeoSteering }[] {
  return tiers.flatMap((tier) => (tier.geo === undefined ? [] : [{ tier, geo: tier.geo }]));
}

/** How a finding names a tier: `region euro`, `POP fra`, `the global name`. */
export function tierText({ tier, key }: Pick<Cause, "tier" | "key">): string {
  if (tier === "global") return "the global name";
  return `${tier === "pop" ? "POP" : tier} ${key}`;
}

export function nameOfTier({ kind, key }: Tier): string {
  return tierText({ tier: kind, key });
}

/** First label of a target: the slot, or the host name of a half. */
export function labelOf(name: Fqdn): string {
  return name.slice(0, name.indexOf("."));
}

/** `_sips._tcp`. */
export function serviceLabel(transport: Transport): string {
  return SERVICES[transport].labels.join(".");
}

/** `a`, `a and b`, `a, b and c`; of more than `most` the first ones and how many follow. */
export function listText(words: readonly string[], most = 8): string {
  if (words.length > most) return `${words.slice(0, most).join(", ")} and ${words.length - most} more`;
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** The names with the verb that agrees: `PJSIP reads`, `PJSIP and sipgo read`. */
export function agree(names: readonly string[], one: string, several: string): string {
  return `${listText(names)} ${names.length === 1 ? one : several}`;
}
