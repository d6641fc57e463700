/**
 * `npm run bench`: measures, and holds what it finds against the bounds that the project gives itself. It is no
 * test: a busy machine may miss a bound. Exit code 1 when one is missed, 2 for an unknown option.
 */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { lintAndModels } from "./models.ts";
import { planAgainstOctodns } from "./octodns.ts";
import { planCommand } from "./planCommand.ts";
import { planScaling } from "./planScaling.ts";
import { previewAgainstFlat } from "./preview.ts";
import type { Measure, Row, RowResult } from "./row.ts";

const ROWS: readonly Row[] = [
  planScaling,
  planCommand,
  lintAndModels,
  planAgainstOctodns,
  previewAgainstFlat,
];

function machine(): string {
  const processors = cpus();
  return `Node.js ${process.version}, ${processors.length} × ${processors[0]?.model.trim() ?? "unknown processor"}`;
}

function measureLine({ what, value, unit }: Measure): string {
  const digits = unit === "times" ? 2 : 1;
  return `  ${what.padEnd(48)}${value.toFixed(digits).padStart(9)} ${unit}`;
}

function rowText({ title }: Row, { measures, verdicts }: RowResult): string {
  return [
    title,
    ...measures.map(measureLine),
    ...verdicts.map(({ bound, holds }) => `  ${holds ? "holds " : "MISSED"}  ${bound}`),
    "",
    "",
  ].join("\n");
}

function wantsJson(): boolean | undefined {
  try {
    return parseArgs({ options: { json: { type: "boolean" } } }).values.json ?? false;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    return undefined;
  }
}

async function main(): Promise<number> {
  const json = wantsJson();
  if (json === undefined) return 2;
  const results: (RowResult & { readonly title: string })[] = [];
  if (!json) process.stdout.write(`${machine()}\n\n`);
  for (const row of ROWS) {
    const result = await row.run();
    results.push({ title: row.title, ...result });
    if (!json) process.stdout.write(rowText(row, result));
  }
  if (json) process.stdout.write(`${JSON.stringify({ machine: machine(), rows: results }, undefined, 2)}\n`);
  return results.every(({ verdicts }) => verdicts.every(({ holds }) => holds)) ? 0 : 1;
}

process.exitCode = await main();
