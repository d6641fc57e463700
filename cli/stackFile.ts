/** Reads Pulumi.<stack>.yaml without Pulumi, so that a plan needs neither its engine nor its start-up time. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parseDocument } from "yaml";
import { Refusal } from "../inventory/problem.ts";
import { parseStackConfig, type StackConfig } from "../inventory/stackConfig.ts";

const NAMESPACE = "dialtree:";
const STACK_NAME = /^[A-Za-z0-9._-]{1,100}$/;

/**
 * The stack's checked configuration.
 * @throws Refusal when there is no such stack here, or its file is not well formed.
 */
export function readStackFile(stack: string, projectFolder: string): StackConfig {
  const file = `Pulumi.${stack}.yaml`;
  const fullPath = path.join(projectFolder, file);
  if (!STACK_NAME.test(stack) || !existsSync(fullPath)) {
    throw new Refusal([
      {
        place: "--stack",
        key: "",
        value: stack,
        rule: "unknown-stack",
        message: "is no stack of this project",
        remedy: `choose one of ${stacksIn(projectFolder).join(", ") || "none: no Pulumi.<stack>.yaml here"}`,
      },
    ]);
  }
  const document = parseDocument(readFileSync(fullPath, "utf8"));
  const [fault] = document.errors;
  if (fault !== undefined) {
    throw new Refusal([
      {
        place: file,
        ...(fault.linePos === undefined ? {} : { line: fault.linePos[0].line }),
        key: "",
        rule: "stack-file-syntax",
        message: fault.message.split("\n")[0]?.replace(/ at line .*/, "") ?? "is no YAML",
        remedy: "correct the file",
      },
    ]);
  }
  const config = (document.toJS() as { config?: Record<string, unknown> } | null)?.config ?? {};
  const values = Object.entries(config)
    .filter(([key]) => key.startsWith(NAMESPACE))
    .map(([key, value]) => [key.slice(NAMESPACE.length), value] as const);
  return parseStackConfig(Object.fromEntries(values), file);
}

function stacksIn(projectFolder: string): string[] {
  return readdirSync(projectFolder)
    .flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? [])
    .sort();
}
