import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { readJsonc } from "../../../inventory/jsonc.ts";
import type { InventoryFileName } from "../../../inventory/load.ts";
import { nodeSchema } from "../../../inventory/nodeSchema.ts";
import { schemaFile } from "../../../inventory/schemaFiles.ts";
import { treeFileSchema } from "../../../inventory/treeSchema.ts";
import { PROJECT } from "../../support/project.ts";
import { trackedFiles } from "../../support/trackedFiles.ts";

const FILES = { "nodes.json": "nodes.schema.json", "tree.json": "tree.schema.json" } as const;

const NAMES: readonly InventoryFileName[] = ["nodes.json", "tree.json"];

const OWN = { "nodes.json": z.array(nodeSchema).min(1), "tree.json": treeFileSchema };

/** The committed schema, read back as a check of its own. */
function committed(name: InventoryFileName): z.ZodType {
  return z.fromJSONSchema(JSON.parse(readFileSync(`${PROJECT}inventory/schema/${FILES[name]}`, "utf8")));
}

/** Every file of that name in the project that is JSON: the shipped stacks, examples, and the corpus of mistakes. */
function samples(name: InventoryFileName): { file: string; value: unknown }[] {
  return trackedFiles()
    .filter((file) => path.basename(file) === name)
    .flatMap((file) => {
      const reading = readJsonc(readFileSync(`${PROJECT}${file}`, "utf8"));
      return "document" in reading ? [{ file, value: structuredClone(reading.document.value) }] : [];
    });
}

describe.each(NAMES)("the schema of %s", (name) => {
  test("is that of the program (vitest --update makes it anew)", async () => {
    await expect(schemaFile(name)).toMatchFileSnapshot(`${PROJECT}inventory/schema/${FILES[name]}`);
  });

  test("accepts and refuses the project's own files and the corpus as the program's own schema does", () => {
    const schema = committed(name);
    const own: z.ZodType = OWN[name];
    const verdicts = samples(name).map(({ file, value }) => {
      return { file, own: own.safeParse(value).success, schema: schema.safeParse(value).success };
    });
    expect(verdicts.filter((each) => each.own !== each.schema)).toEqual([]);
    expect(new Set(verdicts.map((each) => each.schema))).toEqual(new Set([true, false]));
  });

  test("describes every key that a person may write", () => {
    const keys = (schema: unknown): string[] => {
      if (typeof schema !== "object" || schema === null) return [];
      const properties = Object.entries(Object(Reflect.get(schema, "properties") ?? {}));
      const missing = properties.filter(([, each]) => !isDescribed(each)).map(([key]) => key);
      return [...missing, ...Object.values(schema).flatMap(keys)];
    };
    expect(keys(JSON.parse(schemaFile(name)))).toEqual([]);
  });
});

/** A key that only holds others needs no words of its own. */
function isDescribed(schema: unknown): boolean {
  const { description, properties } = Object(schema) as Record<string, unknown>;
  return typeof description === "string" || properties !== undefined;
}

test("every shipped tree.json names its schema, and the editor's settings name that of nodes.json", () => {
  const shipped = trackedFiles().filter((file) => /^inventory\/\w+\/tree\.json$/.test(file));
  expect(shipped.length).toBeGreaterThan(1);
  for (const file of shipped) {
    const reading = readJsonc(readFileSync(`${PROJECT}${file}`, "utf8"));
    const { $schema } = Object("document" in reading ? reading.document.value : undefined) as {
      $schema?: string;
    };
    expect(path.join(path.dirname(file), $schema ?? "")).toBe("inventory/schema/tree.schema.json");
  }
  const settings = JSON.parse(readFileSync(`${PROJECT}.vscode/settings.json`, "utf8"));
  expect(settings["json.schemas"]).toEqual([
    { fileMatch: ["/inventory/*/nodes.json"], url: "./inventory/schema/nodes.schema.json" },
  ]);
});
