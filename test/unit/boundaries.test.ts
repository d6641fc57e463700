import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import path from "node:path";
import { preProcessFile } from "typescript";
import { describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { checkout, trackedFiles } from "../support/trackedFiles.ts";

/** What the files of a folder may import beside each other. */
interface Rule {
  /** Folders, and single files of other folders. */
  readonly may: readonly string[];
  /** Folders of which only types may be imported. */
  readonly types?: readonly string[];
  /** `@pulumi/*`: prefixes that may be imported; absent: none. */
  readonly pulumi?: readonly string[];
}

/** Folders of the project itself, and those that serve its development. */
const productFolders = [
  "dns",
  "inventory",
  "plan",
  "dial",
  "report",
  "backends",
  "components",
  "lab",
  "cli",
  "engine",
];
const everyFolder = [...productFolders, "check", "bench", "test"];

/** Pure decisions that the Pulumi side shares with `plan`: names and order of resources, records, what is live, the ledger. */
const sharedDecisions = [
  "plan/aliasOrder.ts",
  "plan/logicalNames.ts",
  "plan/render.ts",
  "plan/observed.ts",
  "plan/ledger.ts",
  "inventory/stackConfig.ts",
];

/** Who may import whom; a folder that is not here may not exist. Files of the top folder are their own entry. */
const rules: Readonly<Record<string, Rule>> = {
  dns: { may: [] },
  inventory: { may: ["dns"] },
  plan: { may: ["inventory", "dns"] },
  dial: { may: ["dns"] },
  report: { may: ["plan", "inventory", "dns"] },
  backends: {
    may: ["dns", ...sharedDecisions, "inventory/accountKey.ts"],
    types: ["plan"],
    pulumi: ["@pulumi/"],
  },
  components: { may: ["dns", "backends", ...sharedDecisions], types: ["plan"], pulumi: ["@pulumi/"] },
  lab: {
    may: ["dns", "plan", "dial", "inventory/problem.ts"],
    pulumi: ["@pulumi/pulumi/provider", "@pulumi/pulumi/proto/"],
  },
  cli: { may: ["dns", "inventory", "plan", "dial", "report", "lab", "engine", "nodeVersion.js"] },
  engine: { may: ["inventory/problem.ts"] },
  "index.ts": { may: ["inventory", "plan", "components", "backends"], pulumi: ["@pulumi/"] },
  "program.js": { may: ["index.ts", "nodeVersion.js"], pulumi: ["@pulumi/pulumi/errors.js"] },
  "nodeVersion.js": { may: [] },
  "vitest.config.ts": { may: [] },
  check: { may: ["engine", "cli", "inventory/problem.ts", "package.json", "test/support"] },
  bench: { may: everyFolder, pulumi: ["@pulumi/"] },
  test: {
    may: [
      ...everyFolder,
      "index.ts",
      "nodeVersion.js",
      "package.json",
      "package-lock.json",
      "vitest.config.ts",
    ],
    pulumi: ["@pulumi/"],
  },
};

interface Source {
  /** Relative to the checkout, with `/`. */
  readonly file: string;
  readonly text: string;
}

interface Import {
  readonly specifier: string;
  /** Only types are imported, so that nothing of it is left when the program runs. */
  readonly typeOnly: boolean;
}

function importsOf({ text }: Source): Import[] {
  return preProcessFile(text, true, true).importedFiles.map(({ fileName, pos }) => {
    const before = text.slice(0, pos).trimEnd();
    const statement = before.slice(
      Math.max(before.lastIndexOf("\nimport"), before.lastIndexOf("\nexport"), 0),
    );
    return {
      specifier: fileName,
      typeOnly: !before.endsWith("(") && /^\s*(import|export)\s+type\s+[\w*{]/.test(statement),
    };
  });
}

/** Import statements that the table does not allow, one line each. */
function violations(sources: readonly Source[]): string[] {
  return sources.flatMap((source) => {
    const from = source.file.split("/")[0] ?? "";
    const rule = rules[from];
    if (rule === undefined) return [`${source.file}: ${from} is not in the import table`];
    return importsOf(source)
      .filter((each) => !isAllowed(source.file, each, from, rule))
      .map(({ specifier, typeOnly }) => `${source.file}: ${typeOnly ? "type of " : ""}${specifier}`);
  });
}

function isAllowed(file: string, { specifier, typeOnly }: Import, from: string, rule: Rule): boolean {
  if (specifier.startsWith("@pulumi/")) {
    return (rule.pulumi ?? []).some((prefix) => specifier.startsWith(prefix));
  }
  if (!specifier.startsWith(".")) return true;
  const target = path.posix.join(path.posix.dirname(file), specifier);
  const allowed = [from, ...rule.may, ...(typeOnly ? (rule.types ?? []) : [])];
  return allowed.some((each) => target === each || target.startsWith(`${each}/`));
}

/** Name of the npm package that a specifier is of; undefined for Node.js's own modules and relative paths. */
function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith(".") || isBuiltin(specifier)) return undefined;
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

const sources: Source[] = trackedFiles()
  .filter((file) => /\.(ts|js)$/.test(file))
  .map((file) => ({ file, text: readFileSync(path.join(checkout, file), "utf8") }));

describe("the import table", () => {
  it("is kept by every source file", () => {
    expect(sources.length).toBeGreaterThan(0);
    expect(violations(sources)).toEqual([]);
  });

  it.each([
    ["dns/names.ts", 'import { planTree } from "../plan/plan.ts";'],
    ["plan/srv.ts", 'import * as pulumi from "@pulumi/pulumi";'],
    ["plan/srv.ts", 'const { x } = await import("../components/node.ts");'],
    ["backends/route53.ts", 'import {\n  planTree,\n} from "../plan/plan.ts";'],
    ["backends/route53.ts", 'import type { A } from "./a.ts";\nimport { b } from "../plan/plan.ts";'],
    ["components/pop.ts", 'import { type Tree, planTree } from "../plan/tree.ts";'],
    ["components/pop.ts", 'export { planTree } from "../plan/tree.ts";'],
    ["lab/store/store.ts", 'import { Output } from "@pulumi/pulumi";'],
    ["cli/main.ts", 'import type { Node } from "../components/node.ts";'],
    ["engine/engine.ts", 'import { loadInventory } from "../inventory/load.ts";'],
    ["report/svg.ts", 'export * from "../dial/dial.ts";'],
    ["helpers/text.ts", ""],
  ])("is broken by %s with %j", (file, text) => {
    expect(violations([{ file, text }])).toHaveLength(1);
  });

  it.each([
    ["backends/route53.ts", 'import type {\n  Tree,\n} from "../plan/tree.ts";'],
    ["components/pop.ts", 'import { recordName } from "../plan/logicalNames.ts";'],
    ["lab/providers/serve.ts", 'import { Provider } from "@pulumi/pulumi/provider";'],
    ["plan/plan.ts", 'import { x } from "../dns/names.ts";\n// import "@pulumi/aws" would be slow'],
  ])("is kept by %s with %j", (file, text) => {
    expect(violations([{ file, text }])).toEqual([]);
  });
});

describe("every npm package that is imported", () => {
  it("is a dependency, and not only another package's", () => {
    const listed = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
    const imported = sources.flatMap(importsOf).flatMap(({ specifier }) => packageOf(specifier) ?? []);
    expect([...new Set(imported)].filter((name) => !listed.includes(name)).sort()).toEqual([]);
  });

  it("is one of `dependencies` where the program or the command line needs it", () => {
    const listed = Object.keys(manifest.dependencies);
    const shipped = sources.filter(({ file }) => !/^(test|check|bench|vitest\.config\.ts)\b/.test(file));
    const imported = shipped
      .flatMap(importsOf)
      .filter(({ typeOnly }) => !typeOnly)
      .flatMap(({ specifier }) => packageOf(specifier) ?? []);
    expect([...new Set(imported)].filter((name) => !listed.includes(name)).sort()).toEqual([]);
  });
});
