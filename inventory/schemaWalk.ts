/** Finding one's way in a zod schema: what stands at a path, below the wrappers that make it optional. */
import { z } from "zod";
import type { JsonPath } from "./jsonc.ts";

/** The schema below `optional`, `default` and `prefault`. */
export function bare(schema: unknown): unknown {
  return isWrapper(schema) ? bare(schema.unwrap()) : schema;
}

export function isWrapper(schema: unknown): schema is z.ZodOptional | z.ZodDefault | z.ZodPrefault {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault;
}

/** What the schema and its wrappers say about themselves (description, rule), the outermost first. */
export function metaOf(schema: unknown): Record<string, unknown> {
  const own = schema instanceof z.ZodType ? schema.meta() : undefined;
  return { ...(isWrapper(schema) ? metaOf(schema.unwrap()) : {}), ...own };
}

/** The schema of the value at the path, wrappers included; undefined where the schema knows no such path. */
export function schemaAt(schema: unknown, path: JsonPath): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return schema;
  const inner = bare(schema);
  if (inner instanceof z.ZodObject) return schemaAt(inner.shape[first], rest);
  if (inner instanceof z.ZodArray) return schemaAt(inner.element, rest);
  if (inner instanceof z.ZodRecord) return schemaAt(inner.valueType, rest);
  if (inner instanceof z.ZodUnion) {
    const found = inner.options.map((option) => schemaAt(option, path));
    return found.find((option) => option !== undefined);
  }
  return undefined;
}

/** The keys that an object may have at this schema, as far as they are told. */
export function knownKeys(schema: unknown): string[] {
  const inner = bare(schema);
  if (inner instanceof z.ZodObject) return Object.keys(inner.shape);
  if (inner instanceof z.ZodRecord && inner.keyType instanceof z.ZodEnum)
    return inner.keyType.options.map(String);
  if (inner instanceof z.ZodUnion) return inner.options.flatMap((option) => knownKeys(option));
  return [];
}
