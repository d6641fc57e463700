/** What a change of the inventory does, as plain data: for the commands that make one and for those who review it. */
import type { Inventory } from "../../inventory/inventory.ts";
import { checkedRenderings } from "../checkedRender.ts";
import { type LintFinding, lint } from "../lint/lint.ts";
import { planTree } from "../plan.ts";
import { render } from "../render.ts";
import type { Backend, Rendering } from "../rendering.ts";
import type { Tree } from "../tree.ts";
import { compareNames, compareNodeNames, type NameChange, type NodeNameChange } from "./answers.ts";
import { compareCertificates, compareRows, type RowChange } from "./rows.ts";

/** One side of a change. */
export interface PlannedState {
  readonly inventory: Inventory;
  readonly tree: Tree;
  /** One per platform. */
  readonly renderings: readonly Rendering[];
}

export interface Change {
  readonly domain: string;
  readonly backends: readonly Backend[];
  readonly names: readonly NameChange[];
  readonly nodes: readonly NodeNameChange[];
  readonly rows: readonly { readonly backend: Backend; readonly changes: readonly RowChange[] }[];
  readonly certificates: readonly RowChange[];
  /** What lint says of one side alone. */
  readonly findings: { readonly added: readonly LintFinding[]; readonly gone: readonly LintFinding[] };
}

/**
 * The state as it is, whether or not the platforms take it: what mends a plan is a change too.
 * @throws Refusal when a steered area cannot be said at a platform
 */
export function plannedState(inventory: Inventory, backends: readonly Backend[]): PlannedState {
  const tree = planTree(inventory);
  return { inventory, tree, renderings: backends.map((backend) => render(tree, backend)) };
}

/**
 * The same for a state that is to be deployed.
 * @throws Refusal when a platform would not take it
 */
export function deployableState(inventory: Inventory, backends: readonly Backend[]): PlannedState {
  const tree = planTree(inventory);
  return { inventory, tree, renderings: checkedRenderings(tree, backends, inventory) };
}

/**
 * What differs between two states.
 * @throws Error when they are not planned for the same platforms.
 */
export function changeBetween(before: PlannedState, after: PlannedState): Change {
  const backends = after.renderings.map(({ backend }) => backend);
  const old = new Map(before.renderings.map((rendering) => [rendering.backend, rendering]));
  if (backends.some((backend) => !old.has(backend))) throw new Error("planned for other platforms");
  return {
    domain: after.tree.domain,
    backends,
    names: compareNames(before.tree, after.tree, backends),
    nodes: compareNodeNames(before.tree, after.tree),
    rows: after.renderings.map((rendering) => ({
      backend: rendering.backend,
      changes: compareRows(old.get(rendering.backend) ?? rendering, rendering),
    })),
    certificates: compareCertificates(before.tree.certificates, after.tree.certificates),
    findings: compareFindings(lint(before), lint(after)),
  };
}

function compareFindings(before: readonly LintFinding[], after: readonly LintFinding[]): Change["findings"] {
  const key = ({ rule, about }: LintFinding) => `${rule} ${about}`;
  const old = new Set(before.map(key));
  const now = new Set(after.map(key));
  return {
    added: after.filter((finding) => !old.has(key(finding))),
    gone: before.filter((finding) => !now.has(key(finding))),
  };
}
