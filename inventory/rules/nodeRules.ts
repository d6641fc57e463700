/** Rules of nodes.json: the entries beside each other. */
import { z } from "zod";
import type { Draft } from "../draft.ts";
import { keyText, valueText } from "../jsonc.ts";
import { type Finding, finding } from "./finding.ts";

/** Rules `no-nodes` and `no-active-node`: a broken or shrunken inventory stops, it never empties a name. */
export function* activeNodes(draft: Draft): Generator<Finding> {
  if (!draft.everyNodeHas()) return;
  if (draft.nodes.length === 0) {
    yield finding("no-nodes", "nodes", [], { message: "the list of nodes is empty" });
  } else if (draft.nodes.every(({ status }) => status !== undefined && status !== "active")) {
    const message = `none of the ${draft.nodes.length} nodes is active, so every name would be empty`;
    yield finding("no-active-node", "nodes", [], { message });
  }
}

/** Rule `duplicate-slot`. */
export function* duplicateSlots({ nodes }: Draft): Generator<Finding> {
  const first = new Map<string, number>();
  for (const { index, slot } of nodes) {
    if (slot === undefined) continue;
    const earlier = first.get(slot);
    if (earlier !== undefined) {
      const message = `slot ${valueText(slot)} is used by ${keyText([earlier])} already`;
      yield finding("duplicate-slot", "nodes", [index, "slot"], { message, value: slot });
    }
    first.set(slot, earlier ?? index);
  }
}

/** Rule `pop-in-two-regions`: of nodes among themselves, and of a POP whose region tree.json tells. */
export function* regionOfPops({ nodes, environment }: Draft): Generator<Finding> {
  const regions = new Map<string, { region: string; told: string }>();
  for (const [pop, { region }] of Object.entries(environment.pops)) {
    if (region !== undefined) regions.set(pop, { region, told: keyText(["environment", "pops", pop]) });
  }
  for (const { index, slot, pop, region } of nodes) {
    if (pop === undefined || region === undefined) continue;
    const other = regions.get(pop);
    if (other !== undefined && other.region !== region) {
      const message = `POP "${pop}" is in region "${other.region}" (${other.told}) and here in "${region}"`;
      yield finding("pop-in-two-regions", "nodes", [index, "region"], { message, value: region });
    }
    regions.set(pop, other ?? { region, told: slot ?? keyText([index]) });
  }
}

const dateTime = z.iso.datetime({ offset: true });

/** Rule `since`. */
export function* sinceTimes({ nodes }: Draft): Generator<Finding> {
  for (const { index, since } of nodes) {
    if (since === undefined || dateTime.safeParse(since).success) continue;
    const message = `since ${valueText(since)} is no date and time with its zone`;
    yield finding("since", "nodes", [index, "since"], { message, value: since });
  }
}
