/** The JSON Schemas of nodes.json and tree.json, for editors: made of the schemas that the loader itself reads with. */
import { z } from "zod";
import type { InventoryFileName } from "./load.ts";
import { nodeSchema } from "./nodeSchema.ts";
import { treeFileSchema } from "./treeSchema.ts";

const TITLES: Readonly<Record<InventoryFileName, string>> = {
  "nodes.json": "The nodes of a stack: one entry each",
  "tree.json": "Environment and policy of a stack",
};

const SCHEMAS: Readonly<Record<InventoryFileName, z.ZodType>> = {
  "nodes.json": z.array(nodeSchema).min(1),
  "tree.json": treeFileSchema,
};

/** The text of `inventory/schema/nodes.schema.json` or `tree.schema.json`. */
export function schemaFile(name: InventoryFileName): string {
  const schema = z.toJSONSchema(SCHEMAS[name], {
    // What editors support in full.
    target: "draft-7",
    // As the files are written: a key with a default may be missing.
    io: "input",
    override: ({ jsonSchema }) => {
      // For our own messages; other readers of schemas know no such keyword.
      delete jsonSchema.rule;
    },
  });
  // The last two are for Visual Studio Code: the loader takes both.
  const file = { title: TITLES[name], ...schema, allowComments: true, allowTrailingCommas: true };
  return `${JSON.stringify(file, undefined, 2)}\n`;
}
