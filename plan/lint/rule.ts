/** What a lint rule is. Each says one thing about a plan that parses, deploys and still loses callers. */
import type { LintLevel, LintRuleId } from "../../inventory/lintRuleIds.ts";
import type { Backend } from "../rendering.ts";
import type { LintContext } from "./context.ts";

export type LintSubject =
  | "sets"
  | "weights"
  | "redundancy"
  | "nodes"
  | "time"
  | "reach"
  | "failover"
  | "steering"
  | "certificates"
  | "platforms";

export interface LintRule {
  readonly subject: LintSubject;
  /** Where policy.lint says nothing else. */
  readonly level: Exclude<LintLevel, "off">;
  /** What is found, as the object of "finds …". */
  readonly finds: string;
  /** The standard, the measured client or the platform's manual that the rule comes from. */
  readonly source: string;
  /** What to do, where the observation has nothing more exact to say. */
  readonly remedy: string;
  /** The file in which it is mended. */
  readonly file: "nodes.json" | "tree.json";
  check(context: LintContext): Iterable<Observation>;
}

/** A rule's word about one name, node or key. */
export interface Observation {
  /** `region euro`, `node fra1` or a key of tree.json. */
  readonly about: string;
  /** What is so, with its figures, as a sentence without a full stop. */
  readonly message: string;
  /** More exact than the rule's. */
  readonly remedy?: string;
  /** Platforms at which it is so; absent: wherever the tree is served. */
  readonly backends?: readonly Backend[];
}

/** The rules of one file. */
export type LintRules = Partial<Record<LintRuleId, LintRule>>;
