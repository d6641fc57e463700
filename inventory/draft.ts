/**
 * What is usable of files that may be wrong in places: every value that has the right shape, so that the rules
 * find all that is wrong at once, and which values are missing, so that none complains of a consequence.
 */
import type { z } from "zod";
import type { JsonPath } from "./jsonc.ts";
import { type Node, nodeSchema } from "./nodeSchema.ts";
import { type Finding, finding } from "./rules/finding.ts";
import { schemaFindings } from "./schemaFindings.ts";
import { type Environment, environmentSchema, type Policy, treeFileSchema } from "./treeSchema.ts";

/** An entry of nodes.json with those of its values that have the right shape. */
export type DraftNode = { readonly index: number } & { readonly [K in keyof Node]?: Node[K] | undefined };

export type DraftEnvironment = Omit<Environment, "domain"> & { domain?: string | undefined };

export interface Draft {
  readonly nodes: readonly DraftNode[];
  readonly environment: DraftEnvironment;
  readonly policy: Policy;
  /** Where the domain was written. */
  readonly domainSource: "tree" | "domainOption";
  /** Whether every entry of nodes.json has these values in the right shape. */
  everyNodeHas(...keys: readonly (keyof Node)[]): boolean;
  /** Whether nothing at or below the path of tree.json was left out because of its shape. */
  isWhole(...path: readonly string[]): boolean;
}

const draftNodeSchema = nodeSchema.partial();

/** Findings after which the search ends: nobody mends more in one go, and a wrong file may have millions. */
export const MAX_FINDINGS = 1000;

/** Objects inside each other in tree.json, the file itself included. */
const DEEPEST_KEY = 6;

const draftTreeSchema = treeFileSchema.extend({
  environment: environmentSchema.partial({ domain: true }).prefault({}),
});

/** Entries of nodes.json; undefined for `value` means that the file could not be read. */
export function draftNodes(value: unknown): {
  nodes: DraftNode[];
  /** The entries without a fault. */
  complete: Node[];
  whole: boolean;
  findings: Finding[];
} {
  if (value === undefined) return { nodes: [], complete: [], whole: false, findings: [] };
  if (!Array.isArray(value)) {
    const message = "nodes.json holds no list of nodes";
    const remedy = "write a list: [ { … }, { … } ]";
    const fault = finding("wrong-type", "nodes", [], { message, value, remedy });
    return { nodes: [], complete: [], whole: false, findings: [fault] };
  }
  const complete: Node[] = [];
  const findings: Finding[] = [];
  const nodes: DraftNode[] = [];
  for (const [index, entry] of value.entries()) {
    if (findings.length >= MAX_FINDINGS) return { nodes, complete, whole: false, findings };
    const parsed = nodeSchema.safeParse(entry);
    if (parsed.success) {
      complete.push(parsed.data);
      nodes.push({ index, ...parsed.data });
      continue;
    }
    const origin = { source: "nodes", schema: nodeSchema, root: entry, base: [index] } as const;
    findings.push(...schemaFindings(parsed.error.issues, origin));
    nodes.push({ index, ...draftNodeSchema.parse(pruned(entry, parsed.error.issues).value) });
  }
  return { nodes, complete, whole: true, findings };
}

/** The tree file; undefined for `value` means that it could not be read. */
export function draftTree(value: unknown): {
  environment: DraftEnvironment;
  policy: Policy;
  left: readonly JsonPath[];
  findings: Finding[];
} {
  if (value === undefined) return { ...draftTreeSchema.parse({}), left: [[]], findings: [] };
  const parsed = treeFileSchema.safeParse(value);
  if (parsed.success) return { ...parsed.data, left: [], findings: [] };
  const origin = { source: "tree", schema: treeFileSchema, root: value, base: [] } as const;
  const findings = schemaFindings(parsed.error.issues, origin);
  const left: JsonPath[] = [];
  let rest = pruned(value, parsed.error.issues);
  for (let depth = 0; depth < DEEPEST_KEY; depth++) {
    left.push(...rest.left);
    const draft = draftTreeSchema.safeParse(rest.value);
    if (draft.success) return { ...draft.data, left, findings };
    // All is told already: an object without a key that it needs, because the value was wrong, goes as a whole.
    const { issues } = draft.error;
    rest = pruned(
      rest.value,
      issues.map((issue) =>
        isMissing(rest.value, issue.path) ? { ...issue, path: issue.path.slice(0, -1) } : issue,
      ),
    );
  }
  return { ...draftTreeSchema.parse({}), left: [[]], findings };
}

function isMissing(root: unknown, path: readonly PropertyKey[]): boolean {
  let value = root;
  for (const part of path) {
    if (typeof value !== "object" || value === null) return true;
    value = Reflect.get(value, part);
  }
  return value === undefined;
}

/**
 * The value without what the issues speak of. A list with a wrong entry is left out as a whole, so that no
 * position moves.
 */
function pruned(value: unknown, issues: readonly z.core.$ZodIssue[]): { value: unknown; left: JsonPath[] } {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return { value: {}, left: [[]] };
  const copy: unknown = structuredClone(value);
  const left = issues.flatMap(({ path, ...issue }): string[][] => {
    const steps: string[] = [];
    for (const part of path) {
      if (typeof part !== "string") break;
      steps.push(part);
    }
    return issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...steps, key]) : [steps];
  });
  if (left.some(({ length }) => length === 0)) return { value: {}, left: [[]] };
  for (const path of left) remove(copy, path);
  return { value: copy, left };
}

function remove(value: unknown, [first, ...rest]: readonly string[]): void {
  if (first === undefined || typeof value !== "object" || value === null) return;
  if (rest.length === 0) Reflect.deleteProperty(value, first);
  else remove(Reflect.get(value, first), rest);
}
