/** Reads Pulumi.<stack>.yaml without Pulumi, so that a plan needs neither its engine nor its start-up time. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { parseDocument } from "yaml";
import { valueText } from "../inventory/jsonc.ts";
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
  if (!STACK_NAME.test(stack) || !statSync(fullPath, { throwIfNoEntry: false })?.isFile()) {
    throw new Refusal([
      {
        place: "--stack",
        key: "",
        value: valueText(stack),
        rule: "unknown-stack",
        message: "is no stack of this project",
        remedy: `choose one of ${stacksIn(projectFolder).join(", ") || "none: no Pulumi.<stack>.yaml here"}`,
      },
    ]);
  }
  const config = (readYaml(readFileSync(fullPath, "utf8"), file) as StackFile | null)?.config ?? {};
  const values = Object.entries(config)
    .filter(([key]) => key.startsWith(NAMESPACE))
    .map(([key, value]) => [key.slice(NAMESPACE.length), value] as const);
  return parseStackConfig(Object.fromEntries(values), file);
}

interface StackFile {
  readonly config?: Record<string, unknown>;
}

function readYaml(text: string, file: string): unknown {
  const document = parseDocument(text);
  const [fault] = document.errors;
  if (fault !== undefined) {
    const message = fault.message.split("\n")[0]?.replace(/ at line .*/, "") ?? "is no YAML";
    throw syntaxRefusal(file, message, fault.linePos?.[0].line);
  }
  try {
    return document.toJS();
  } catch (error) {
    // An alias without its anchor, or one that would grow without bound.
    if (error instanceof ReferenceError) throw syntaxRefusal(file, error.message);
    throw error;
  }
}

function syntaxRefusal(place: string, message: string, line?: number): Refusal {
  const rule = "stack-file-syntax";
  const remedy = "correct the file";
  return new Refusal([{ place, ...(line === undefined ? {} : { line }), key: "", rule, message, remedy }]);
}

function stacksIn(projectFolder: string): string[] {
  return readdirSync(projectFolder)
    .flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? [])
    .sort();
}
