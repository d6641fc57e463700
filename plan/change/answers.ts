/** Who answers at a name, in which order and with which part of the callers: what a client gets that draws by weight. */
import type { Fqdn } from "../../dns/names.ts";
import { type Offer, type OfferedTarget, tierOffers } from "../recovery/offer.ts";
import type { Backend } from "../rendering.ts";
import type { Tier, TierKind, Tree, TreeNode } from "../tree.ts";

/** Part of the callers, 0 to 1, whose first try within its priority is the node. */
export interface Share {
  readonly slot: string;
  readonly part: number;
}

/** Nodes of each priority, the first choice first; the parts of one priority make 1. */
export type Choices = readonly (readonly Share[])[];

/** How one place's callers are answered before and after a change; a side is absent where there is no such answer. */
export interface AnswerChange {
  /** Platforms at which it is so. */
  readonly backends: readonly Backend[];
  /** Key of the place whose callers are told this; absent: of all callers. */
  readonly site?: string;
  readonly before?: Choices;
  readonly after?: Choices;
}

export interface NameChange {
  readonly kind: TierKind;
  readonly key: string;
  readonly name: Fqdn;
  /** Regions that stand in for the name's own nodes; absent where they answer themselves. */
  readonly standIn: { readonly before?: string; readonly after?: string };
  /** Never empty. */
  readonly answers: readonly AnswerChange[];
}

/** A node's own name. */
export interface NodeNameChange {
  readonly slot: string;
  readonly name: Fqdn;
  /** Addresses; empty where the name is not published. */
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** The names above the nodes that answer otherwise, the global name first, then regions and POPs by key. */
export function compareNames(before: Tree, after: Tree, backends: readonly Backend[]): NameChange[] {
  const old = tiersOf(before);
  const now = tiersOf(after);
  return [...new Set([...now.keys(), ...old.keys()])].flatMap((id): NameChange[] => {
    const tier = now.get(id) ?? old.get(id);
    const answers = mergedByBackend(
      backends.flatMap((backend) => {
        return answerChanges(
          answersOf(old.get(id), before, backend),
          answersOf(now.get(id), after, backend),
          backend,
        );
      }),
    );
    if (tier === undefined || answers.length === 0) return [];
    const { kind, key, name } = tier;
    return [
      {
        kind,
        key,
        name,
        standIn: { ...standIn("before", old.get(id)), ...standIn("after", now.get(id)) },
        answers,
      },
    ];
  });
}

/** The nodes' own names whose addresses differ, by slot. */
export function compareNodeNames(before: Tree, after: Tree): NodeNameChange[] {
  const old = new Map(before.nodes.map((node) => [node.slot, node]));
  const now = new Map(after.nodes.map((node) => [node.slot, node]));
  return [...new Set([...old.keys(), ...now.keys()])].sort().flatMap((slot) => {
    const node = now.get(slot) ?? old.get(slot);
    const [was, is] = [addresses(old.get(slot)), addresses(now.get(slot))];
    if (node === undefined || was.join() === is.join()) return [];
    return [{ slot, name: node.name, before: was, after: is }];
  });
}

function addresses(node: TreeNode | undefined): string[] {
  return [node?.address, node?.address6].flatMap((address) => address ?? []);
}

function tiersOf({ global, regions, pops }: Tree): Map<string, Tier> {
  return new Map([global, ...regions, ...pops].map((tier) => [`${tier.kind} ${tier.key}`, tier]));
}

function standIn<K extends string>(side: K, tier: Tier | undefined): { [P in K]?: string } {
  const region = tier?.answeredBy.kind === "region" ? tier.answeredBy.region : undefined;
  return (region === undefined ? {} : { [side]: region }) as { [P in K]?: string };
}

/** By place; the key of an unsteered answer is empty. A name without SRV set is what its addresses are. */
function answersOf(tier: Tier | undefined, tree: Tree, backend: Backend): Map<string, Choices> {
  if (tier === undefined) return new Map();
  const { srv, addresses: plain } = tierOffers(tier, tree, backend);
  const offers = srv.length > 0 ? srv : plain;
  return new Map(offers.map((offer) => [offer.site ?? "", choicesOf(offer)]));
}

function choicesOf({ groups }: Offer): Choices {
  return groups.map((targets) => {
    const sum = targets.reduce((total, { weight }) => total + weight, 0);
    const parts = new Map<string, number>();
    for (const { slot, part } of targets.flatMap((target) => partsOf(target, sum))) {
      parts.set(slot, (parts.get(slot) ?? 0) + part);
    }
    return [...parts].map(([slot, part]) => ({ slot, part }));
  });
}

function partsOf({ weight, nodes }: OfferedTarget, sum: number): Share[] {
  return nodes.map(({ slot, share }) => ({ slot, part: (weight / sum) * share }));
}

/** Where only one side is steered, the other one's answer for everybody stands against that of each place. */
function answerChanges(
  before: ReadonlyMap<string, Choices>,
  after: ReadonlyMap<string, Choices>,
  backend: Backend,
): AnswerChange[] {
  const sites = [...new Set([...after.keys(), ...before.keys()])];
  const isOneSided = before.has("") !== after.has("") && before.size > 0 && after.size > 0;
  return sites
    .filter((site) => site !== "" || !isOneSided)
    .map((site) => ({ site, was: before.get(site) ?? before.get(""), is: after.get(site) ?? after.get("") }))
    .filter(({ was, is }) => choicesKey(was) !== choicesKey(is))
    .map(({ site, was, is }) => ({
      backends: [backend],
      ...(site === "" ? {} : { site }),
      ...(was === undefined ? {} : { before: was }),
      ...(is === undefined ? {} : { after: is }),
    }));
}

/** The order of the nodes of one priority says nothing. */
function choicesKey(choices: Choices | undefined): string {
  const groups = choices?.map((shares) =>
    shares.map(({ slot, part }) => `${slot} ${part.toFixed(6)}`).sort(),
  );
  return JSON.stringify(groups ?? null);
}

/** The same at several platforms is told once. */
function mergedByBackend(changes: readonly AnswerChange[]): AnswerChange[] {
  const alike = Map.groupBy(changes, ({ site, before, after }) =>
    [site ?? "", choicesKey(before), choicesKey(after)].join("\n"),
  );
  return [...alike.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    return [{ ...first, backends: [first, ...others].flatMap(({ backends }) => backends) }];
  });
}
