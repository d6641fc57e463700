/** Overrides in tree.json as text. */
import type { Override } from "../treeSchema.ts";
import { valueIn, withItem, withValue } from "./edits.ts";

const PATH = ["environment", "overrides"] as const;

/**
 * The text with the override behind the others, or in the place of an earlier one of the same rule and scope.
 * @throws Error when the text is no tree.json.
 */
export function withOverride(text: string, { rule, scope, reason, until }: Override): string {
  const override = { rule, scope, reason, until };
  const file = valueIn(text) as { environment?: { overrides?: Partial<Override>[] } };
  const overrides = file.environment?.overrides;
  if (overrides === undefined) return withValue(text, PATH, [override]);
  const same = overrides.findIndex((each) => each.rule === rule && each.scope === scope);
  if (same !== -1) return withValue(text, [...PATH, same], override);
  return withItem(text, PATH, override, overrides.length - 1);
}
