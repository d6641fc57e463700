/** Rules of nodes.json: the entries beside each other. */
import { z } from "zod";
import type { Draft } from "../draft.ts";
import { type JsonPath, keyText, valueText } from "../jsonc.ts";
import type { Node } from "../nodeSchema.ts";
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

/** Each certificate request that the node's entry names, with the place where it is named. */
export function requestFiles(csr: Node["csr"], index: number): { file: string; path: JsonPath }[] {
  if (csr === undefined) return [];
  if (typeof csr === "string") return [{ file: csr, path: [index, "csr"] }];
  return (["wildcard", "exact"] as const).flatMap((profile) => {
    const file = csr[profile];
    return file === undefined ? [] : [{ file, path: [index, "csr", profile] }];
  });
}

/** Whether the text is a relative path with forward slashes that never leaves its folder. */
export function staysInside(file: string): boolean {
  if (file === "" || /^[/~]|^[A-Za-z]:|[\\\p{Cc}]/u.test(file)) return false;
  return file.split("/").every((part) => part !== ".." && part !== "");
}

/** Rule `csr-profiles`: a request names exactly what one certificate holds. */
export function* requestProfiles({ nodes, policy }: Draft): Generator<Finding> {
  const { profiles } = policy.certificates;
  for (const { index, csr } of nodes) {
    if (typeof csr !== "string" || profiles.length < 2) continue;
    const message = `csr ${valueText(csr)} is one request, and the certificates are of the profiles ${profiles.join(" and ")}`;
    yield finding("csr-profiles", "nodes", [index, "csr"], { message, value: csr });
  }
}

/** Rule `csr-path`, as far as the text of the path tells. */
export function* requestPaths({ nodes }: Draft): Generator<Finding> {
  for (const { index, csr } of nodes) {
    for (const { file, path } of requestFiles(csr, index)) {
      if (staysInside(file)) continue;
      const message = `csr ${valueText(file)} is no path inside the inventory folder`;
      yield finding("csr-path", "nodes", path, { message, value: file });
    }
    if (typeof csr === "object" && Object.keys(csr).length === 0) {
      const message = "csr names no file";
      yield finding("csr-path", "nodes", [index, "csr"], { message, value: csr });
    }
  }
}
