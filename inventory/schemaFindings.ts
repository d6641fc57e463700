/** What zod found, in words for the person who wrote the file. */
import { z } from "zod";
import { type JsonPath, valueText } from "./jsonc.ts";
import { RULES, type RuleId } from "./rules/catalogue.ts";
import { type Finding, finding, type SourceName } from "./rules/finding.ts";
import { bare, knownKeys, metaOf, schemaAt } from "./schemaWalk.ts";
import { nearest } from "./suggestion.ts";

interface Origin {
  readonly source: SourceName;
  readonly schema: unknown;
  /** The value as it was read, at the schema's root. */
  readonly root: unknown;
  /** Where the schema's root stands in the file. */
  readonly base: JsonPath;
}

/** One finding per issue, and one per key where an issue speaks of several keys. */
export function schemaFindings(issues: readonly z.core.$ZodIssue[], origin: Origin): Finding[] {
  return issues.flatMap((issue) => issueFindings(issue, origin));
}

function issueFindings(issue: z.core.$ZodIssue, origin: Origin): Finding[] {
  const path = issue.path.filter((part) => typeof part !== "symbol");
  const value = valueAt(origin.root, path);
  const schema = schemaAt(origin.schema, path);
  const at = (
    rule: RuleId,
    detail: { message: string; remedy?: string; value?: unknown },
    below: JsonPath = [],
  ) => finding(rule, origin.source, [...origin.base, ...path, ...below], detail);
  const name = nameOf(path);

  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) =>
      unknownKey(key, knownKeys(schema), (detail) => at("unknown-key", detail, [key])),
    );
  }
  if (value === undefined) {
    const detail = { message: `${name} is missing`, remedy: `add it: ${expectation(schema)}` };
    return [at("missing-key", detail)];
  }
  if (issue.code === "invalid_value") {
    const values = issue.values.map(String);
    const meant = typeof value === "string" ? nearest(value, values) : undefined;
    const message = `${name} ${valueText(value)} is none of ${listed(values)}`;
    return [
      at("unknown-value", { message, value, ...(meant === undefined ? {} : { remedy: `write "${meant}"` }) }),
    ];
  }
  if ((issue.code === "too_small" || issue.code === "too_big") && typeof value === "number") {
    const rule = metaOf(schema).rule;
    if (rule === "srv-weight" && value === 0) {
      const message = `${name} 0 is ${outsideText(schema)}: a record of weight 0 is still chosen, so 0 drains nothing`;
      return [at(rule, { message, value, remedy: 'to take the node out, set its status to "draining"' })];
    }
    const message = `${name} ${value} is ${outsideText(schema)}`;
    return [at(isRule(rule) ? rule : "out-of-range", { message, value })];
  }
  if (issue.code === "too_small") {
    return [at("too-few-values", { message: `${name} is an empty list`, value })];
  }
  const message = `${name} is ${typeText(value)}, not ${expectation(schema)}`;
  return [at("wrong-type", { message, value, remedy: `write ${expectation(schema)}` })];
}

function unknownKey<T>(
  key: string,
  known: readonly string[],
  make: (detail: { message: string; remedy?: string }) => T,
): T {
  const meant = nearest(key, known);
  const message = `the key ${valueText(key)} does not exist here`;
  return make({
    message,
    remedy: meant === undefined ? `use one of ${listed(known)}` : `did you mean "${meant}"?`,
  });
}

function isRule(id: unknown): id is RuleId {
  return typeof id === "string" && Object.hasOwn(RULES, id);
}

function nameOf(path: JsonPath): string {
  const key = path.findLast((part) => typeof part === "string");
  if (key === undefined) return path.length === 0 ? "this" : "the entry";
  return typeof path.at(-1) === "number" ? `an entry of ${key}` : key;
}

function valueAt(root: unknown, path: JsonPath): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

function typeText(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "number")
    return Number.isInteger(value) ? `the number ${value}` : `the fraction ${value}`;
  return (
    { string: "a text", boolean: "true or false", object: "an object" }[typeof value as string] ??
    typeof value
  );
}

/** What a value has to be, for example `a whole number from 1 to 65535`. */
export function expectation(schema: unknown): string {
  const inner = bare(schema);
  if (inner instanceof z.ZodNumber) return numberText(inner);
  if (inner instanceof z.ZodString) return "a text";
  if (inner instanceof z.ZodBoolean) return "true or false";
  if (inner instanceof z.ZodEnum) return `one of ${listed(inner.options.map(String))}`;
  if (inner instanceof z.ZodArray) return `a list, each entry ${expectation(inner.element)}`;
  if (inner instanceof z.ZodUnion) return inner.options.map((option) => expectation(option)).join(", or ");
  const keys = knownKeys(inner);
  return keys.length === 0 ? "an object" : `an object with the keys ${listed(keys)}`;
}

function numberText(schema: z.ZodNumber): string {
  const range = rangeOf(schema);
  const kind = schema.isInt ? "a whole number" : "a number";
  return range === undefined ? `${kind} above 0` : `${kind} from ${range.min} to ${range.max}`;
}

/** The range of a number; the inventory's only numbers without an upper end are the positive ones. */
function rangeOf(schema: z.ZodNumber): { min: number; max: number } | undefined {
  const { minValue, maxValue } = schema;
  const bounded = minValue !== null && maxValue !== null && maxValue < Number.MAX_SAFE_INTEGER;
  return bounded ? { min: minValue, max: maxValue } : undefined;
}

function outsideText(schema: unknown): string {
  const inner = bare(schema);
  const range = inner instanceof z.ZodNumber ? rangeOf(inner) : undefined;
  return range === undefined ? "not above 0" : `outside ${range.min}-${range.max}`;
}
