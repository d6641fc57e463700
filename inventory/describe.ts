/** The manual's tables, made of the schemas and the rules, so that they cannot say anything else. */
import { z } from "zod";
import { markdownTable, refreshMarkedTables } from "./markdownTable.ts";
import { nodeSchema } from "./nodeSchema.ts";
import { RULES, type RuleFacts } from "./rules/catalogue.ts";
import { expectation } from "./schemaFindings.ts";
import { bare, isWrapper, metaOf } from "./schemaWalk.ts";
import { treeFileSchema } from "./treeSchema.ts";

/** The manual with every table between `<!-- table: NAME -->` and `<!-- end -->` made anew. */
export function refreshTables(manual: string): string {
  return refreshMarkedTables(manual, TABLES);
}

const TABLES: Readonly<Record<string, () => string>> = {
  nodes: () => keyTable(nodeSchema),
  environment: () => keyTable(treeFileSchema.shape.environment),
  policy: () => keyTable(treeFileSchema.shape.policy),
  rules: ruleTable,
};

interface KeyRow {
  readonly key: string;
  readonly values: string;
  readonly fallback: string;
  readonly meaning: string;
}

function keyTable(schema: unknown): string {
  const rows = keyRows(schema, "").map(({ key, values, fallback, meaning }) => [
    `\`${key}\``,
    values,
    fallback,
    meaning,
  ]);
  return markdownTable(["Key", "Value", "Default", "Meaning"], rows);
}

/** A row per key; an object that only holds other keys has none of its own. */
function keyRows(schema: unknown, key: string): KeyRow[] {
  const inner = bare(schema);
  const { description } = metaOf(schema);
  const own: KeyRow[] =
    typeof description === "string"
      ? [{ key, values: valuesText(inner), fallback: defaultText(schema), meaning: description }]
      : [];
  if (inner instanceof z.ZodObject) {
    const prefix = key === "" ? "" : `${key}.`;
    return [...own, ...Object.entries(inner.shape).flatMap(([name, value]) => keyRows(value, prefix + name))];
  }
  if (inner instanceof z.ZodRecord && bare(inner.valueType) instanceof z.ZodObject) {
    return [...own, ...keyRows(inner.valueType, `${key}.<key>`)];
  }
  if (inner instanceof z.ZodUnion) {
    return [
      ...own,
      ...inner.options
        .filter((option) => bare(option) instanceof z.ZodObject)
        .flatMap((option) => keyRows(option, key)),
    ];
  }
  return own;
}

function valuesText(schema: unknown): string {
  if (schema instanceof z.ZodArray) return `list: ${valuesText(bare(schema.element))}`;
  if (schema instanceof z.ZodEnum) return schema.options.map((option) => `\`${option}\``).join(", ");
  if (schema instanceof z.ZodRecord && bare(schema.valueType) instanceof z.ZodObject) return "object";
  if (schema instanceof z.ZodRecord && schema.keyType instanceof z.ZodEnum) {
    return `${valuesText(schema.keyType)}, each ${expectation(schema.valueType)}`;
  }
  if (schema instanceof z.ZodRecord || schema instanceof z.ZodObject) return "object";
  if (schema instanceof z.ZodUnion) return "text or object";
  return expectation(schema).replace(/^an? /, "");
}

function defaultText(schema: unknown): string {
  if (schema instanceof z.ZodDefault) return `\`${JSON.stringify(schema.def.defaultValue)}\``;
  return isWrapper(schema) ? "none" : "needed";
}

function ruleTable(): string {
  const rules: [string, RuleFacts][] = Object.entries(RULES);
  const rows = rules.map(([id, { refuses, source, remedy }]) => [`\`${id}\``, refuses, source ?? "", remedy]);
  return markdownTable(["Rule", "Refuses", "Source", "Remedy"], rows);
}
