/** What a run does not list yet although the inventory says so, because certificates come first. */
import { type Fqdn, isWithin } from "../../dns/names.ts";
import type { CertificateProfile } from "../../inventory/certificateKinds.ts";
import type { Problem } from "../../inventory/problem.ts";
import type { ObservedRow } from "../observed.ts";
import { compareSlots } from "../order.ts";
import type { Tier, Tree } from "../tree.ts";

export interface HeldBack {
  readonly name: Fqdn;
  /** `name`: it is not published at all yet. `nodes`: it lists others meanwhile. `steering`: it is not steered yet. */
  readonly what: "name" | "nodes" | "steering";
  /** The nodes that wait, sorted. */
  readonly slots: readonly string[];
}

/**
 * The difference between the tree that the inventory asks for and the one that certificates allow now, in the order
 * of the tree.
 */
export function heldBack(asked: Tree, allowed: Tree): HeldBack[] {
  const found = new Map(tiers(allowed).map((tier) => [tier.name, tier]));
  return tiers(asked).flatMap((tier): HeldBack[] => {
    const { name } = tier;
    const now = found.get(name);
    if (now === undefined) return [{ name, what: "name", slots: listed(tier) }];
    const nodes = without(listed(tier), listed(now));
    const steered = without(steeredTo(tier), steeredTo(now));
    return [
      ...(nodes.length === 0 ? [] : [{ name, what: "nodes" as const, slots: nodes }]),
      ...(steered.length === 0 || sameSlots(steered, nodes)
        ? []
        : [{ name, what: "steering" as const, slots: steered }]),
    ];
  });
}

/** One line for each node that waits, and one for each name that does. */
export function heldBackLines(
  entries: readonly HeldBack[],
  profiles: readonly CertificateProfile[],
): string[] {
  const rule = profiles.includes("exact") ? "strict" : "wildcard";
  const waiting = Map.groupBy(
    entries.flatMap(({ name, slots }) => slots.map((slot) => ({ slot, name }))),
    ({ slot }) => slot,
  );
  const nodes = [...waiting]
    .sort(([a], [b]) => compareSlots(a, b))
    .map(([slot, at]) => {
      const names = [...new Set(at.map(({ name }) => name))];
      const proof = `npx dialtree dial ${names[0]} --node ${slot} --identity ${rule}`;
      return (
        `certificate-order: ${slot} is not listed yet at ${names.join(", ")}: its certificate for ` +
        `${names.length === 1 ? "it" : "them"} must have been issued by an earlier update. ` +
        `Install it, prove it (${proof}), then update again`
      );
    });
  const names = entries
    .filter(({ what }) => what !== "nodes")
    .map(({ name, what }) =>
      what === "name"
        ? `certificate-order: ${name} is not published yet: every node behind it waits for its certificate`
        : `certificate-order: ${name} is not steered to all its places yet: nodes wait for certificates with its host names`,
    );
  return [...nodes, ...names];
}

const ANSWERS: ReadonlySet<string> = new Set(["A", "AAAA", "SRV"]);

/**
 * Names that are live and would go, because every node that the inventory now puts behind them waits for its
 * certificate.
 */
export function vanishingNames(entries: readonly HeldBack[], observed: readonly ObservedRow[]): Problem[] {
  return entries
    .filter(({ what }) => what === "name")
    .filter(({ name }) => observed.some((row) => ANSWERS.has(row.type) && isWithin(row.name, name)))
    .map(({ name, slots }) => ({
      place: "nodes.json, tree.json",
      key: name,
      rule: "certificate-order",
      message: `is live, and none of the nodes now meant to answer there (${slots.join(", ")}) holds a certificate for it that an earlier update has issued`,
      remedy:
        "keep who answers now, as a fallback behind the others or as an active node, until these have their certificates installed",
    }));
}

function tiers({ pops, regions, global }: Tree): Tier[] {
  return [...pops, ...regions, global];
}

function listed({ members, standby }: Tier): string[] {
  return slotsOf([...members, ...standby]);
}

function steeredTo({ geo }: Tier): string[] {
  return slotsOf((geo?.sites ?? []).flatMap(({ halves, standby }) => [...halves.flat(), ...standby]));
}

function slotsOf(members: readonly { readonly slot: string }[]): string[] {
  return members.map(({ slot }) => slot).sort(compareSlots);
}

function without(slots: readonly string[], others: readonly string[]): string[] {
  return slots.filter((slot) => !others.includes(slot));
}

function sameSlots(a: readonly string[], b: readonly string[]): boolean {
  return a.join() === b.join();
}
