/**
 * What a Pulumi provider does with resources, written once over a description of each resource type. The
 * comparison is between the program's inputs and the last outputs, as the bridged providers do it.
 */
import { isDeepStrictEqual } from "node:util";

export type Properties = Readonly<Record<string, unknown>>;

export interface CheckFailure {
  readonly property: string;
  readonly reason: string;
}

/** How one input behaves. Inputs that are not listed are dropped without a word, as the real providers do. */
export interface PropertyRule {
  readonly required?: true;
  /** A change needs a new resource. */
  readonly replaces?: true;
  /** The platform fills the value in, so its absence in the program alone is no change. */
  readonly computed?: true;
  /** What the platform takes when nothing is given. */
  readonly default?: unknown;
  /** The form in which two values are compared; the value itself when absent. */
  readonly canonical?: (value: unknown) => unknown;
  /** Marked as a secret in state although the program passed it in the clear. */
  readonly secret?: true;
}

export interface ResourceState {
  readonly id: string;
  readonly outputs: Properties;
}

export interface ResourceType {
  readonly properties: Readonly<Record<string, PropertyRule>>;
  /** Outputs that every update makes anew, unknown until it has run. */
  readonly renewedOutputs?: readonly string[];
  check?(inputs: Properties): readonly CheckFailure[];
  create(inputs: Properties): Promise<ResourceState>;
  /** The live state, or undefined when it is gone. For an import `outputs` is empty. */
  read(id: string, outputs: Properties): Promise<ResourceState | undefined>;
  update(id: string, outputs: Properties, inputs: Properties): Promise<Properties>;
  delete(id: string, outputs: Properties): Promise<void>;
  /** Inputs that an update has to touch although the program did not change them. */
  due?(outputs: Properties, inputs: Properties): readonly string[];
  /** Inputs that stand for an imported state; all listed properties with a value when absent. */
  importInputs?(outputs: Properties): Properties;
}

export type Invoke = (args: Properties) => Promise<Properties>;

export interface ProviderDefinition {
  /** Package name: `cloudflare`, `aws` or `acme`. */
  readonly name: string;
  /** The SDK's version: any other makes the engine warn on each run. */
  readonly version: string;
  /** By type token. */
  readonly resources: Readonly<Record<string, ResourceType>>;
  /** By function token. */
  readonly functions: Readonly<Record<string, Invoke>>;
  checkConfig?(inputs: Properties): readonly CheckFailure[];
}

export interface Difference {
  readonly changed: readonly string[];
  readonly replaces: readonly string[];
}

/** The engine's placeholder for a value that is not known yet. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The listed inputs with their defaults left out, and what is wrong with them. */
export function check(
  type: ResourceType,
  news: Properties,
): { readonly inputs: Properties; readonly failures: readonly CheckFailure[] } {
  const inputs = pick(news, Object.keys(type.properties));
  const missing = Object.entries(type.properties)
    .filter(([key, rule]) => rule.required && inputs[key] === undefined)
    .map(([key]) => ({ property: key, reason: `Missing required property "${key}"` }));
  return { inputs, failures: [...missing, ...(type.check?.(inputs) ?? [])] };
}

export function difference(
  type: ResourceType,
  outputs: Properties,
  oldInputs: Properties,
  news: Properties,
): Difference {
  const changed = Object.entries(type.properties)
    .filter(([key, rule]) => differs(rule, outputs[key], oldInputs[key], news[key]))
    .map(([key]) => key);
  const due = (type.due?.(outputs, news) ?? []).filter((key) => !changed.includes(key));
  return {
    changed: [...changed, ...due],
    replaces: changed.filter((key) => type.properties[key]?.replaces === true),
  };
}

function differs(rule: PropertyRule, live: unknown, oldInput: unknown, input: unknown): boolean {
  const wanted = input ?? rule.default;
  if (wanted === undefined) {
    const givenBefore = oldInput !== undefined && oldInput !== null;
    return live !== undefined && live !== null && (givenBefore || rule.computed !== true);
  }
  const canonical = rule.canonical ?? ((value: unknown) => value);
  return !isDeepStrictEqual(withoutNulls(canonical(wanted)), withoutNulls(canonical(live)));
}

/** What an update shows before it runs: the new inputs over the old outputs. */
export function previewUpdate(type: ResourceType, outputs: Properties, inputs: Properties): Properties {
  const kept = Object.entries(outputs).filter(([key]) => {
    const rule = type.properties[key];
    return rule === undefined || rule.computed === true || key in inputs;
  });
  const renewed = (type.renewedOutputs ?? []).map((key) => [key, UNKNOWN]);
  return { ...Object.fromEntries(kept), ...inputs, ...Object.fromEntries(renewed) };
}

/** After a refresh: the inputs given before, with their live values. */
export function refreshedInputs(outputs: Properties, oldInputs: Properties): Properties {
  return pick(outputs, Object.keys(oldInputs));
}

/** After an import: the inputs that would have made what was read. */
export function importedInputs(type: ResourceType, outputs: Properties): Properties {
  return type.importInputs?.(outputs) ?? pick(outputs, Object.keys(type.properties));
}

/** The named properties that have a value. */
export function pick(from: Properties, keys: readonly string[]): Properties {
  return Object.fromEntries(
    keys.flatMap((key) => (from[key] === undefined || from[key] === null ? [] : [[key, from[key]]])),
  );
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined && inner !== null);
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutNulls(inner)]));
}
