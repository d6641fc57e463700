import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { bare } from "../../../inventory/schemaWalk.ts";
import { CHALLENGE_PROVIDERS, stackConfigSchema } from "../../../inventory/stackConfig.ts";
import { checkout } from "../../support/trackedFiles.ts";

const manual = readFileSync(path.join(checkout, "docs/configuration.md"), "utf8");

function keys(schema: unknown, prefix = ""): string[] {
  const inner = bare(schema);
  if (!(inner instanceof z.ZodObject)) return [prefix];
  return Object.entries(inner.shape).flatMap(([name, value]) =>
    keys(value, prefix === "" ? name : `${prefix}.${name}`),
  );
}

test("the manual has a row for every key of the configuration, and for no other", () => {
  const table = manual.slice(manual.indexOf("| Key, below"), manual.indexOf("Without `acme` no"));
  const rows = [...table.matchAll(/^\| `([\w.]+)` \|/gm)].map(([, key]) => key);
  expect(rows.sort()).toEqual(keys(stackConfigSchema).sort());
  expect(rows.length).toBeGreaterThan(5);
});

test("the manual has every challenge provider", () => {
  const table = manual.slice(
    manual.indexOf("| | Side by side"),
    manual.indexOf("Where one of them is not safe"),
  );
  const named = [...table.matchAll(/^ {2}\| ((?:`[\w-]+`(?:, )?)+) \|/gm)].flatMap(([, cell = ""]) =>
    [...cell.matchAll(/`([\w-]+)`/g)].map(([, name]) => name),
  );
  expect(named.sort()).toEqual([...CHALLENGE_PROVIDERS].sort());
});

test("the policies for AWS are JSON, allow what is named and nothing by a wildcard action", () => {
  const policies = [...manual.matchAll(/```json\n([\s\S]*?)```/g)].map(
    ([, text = ""]) => JSON.parse(text) as { Statement: { Effect: string; Action: string | string[] }[] },
  );
  expect(policies).toHaveLength(2);
  for (const { Statement } of policies) {
    for (const { Effect, Action } of Statement) {
      expect(Effect).toBe("Allow");
      for (const action of [Action].flat()) expect(action).toMatch(/^route53:[A-Z][A-Za-z0-9]+$/);
    }
  }
});
