/** Reading an inventory folder: nodes.json, tree.json where there is one, and the certificate requests they name. */
import { lstatSync, readFileSync, statSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import { reasonOf } from "./fileReason.ts";
import type { Inventory } from "./inventory.ts";
import { keyText, readJsonc } from "./jsonc.ts";
import { type Problem, Refusal } from "./problem.ts";
import { type RequestReading, readRequests } from "./requestFiles.ts";
import { examine, type InventoryParts, type Source, toProblems } from "./resolve.ts";
import { RULES, type RuleId } from "./rules/catalogue.ts";

export interface LoadOptions {
  /** Takes the place of the domain in tree.json; needed where there is no tree.json. */
  readonly domain?: string;
  /** False: certificate requests are not looked at, for a command that tells how to make them. */
  readonly readRequests?: boolean;
  /** Texts that take the place of what the files hold: what a change would make of them. */
  readonly texts?: Readonly<Partial<Record<InventoryFileName, string>>>;
}

export type InventoryFileName = "nodes.json" | "tree.json";

const MAX_FILE_BYTES = 8 * 1024 * 1024;

const NO_REQUESTS: RequestReading = { requests: {}, findings: [] };

/**
 * Reads and checks the inventory in the folder.
 * @throws Refusal with everything that is wrong in all files at once.
 */
export function loadInventory(folder: string, options: LoadOptions = {}): Inventory {
  const shown = shownPath(folder);
  const folderProblem = checkFolder(folder, shown);
  if (folderProblem !== undefined) throw new Refusal([folderProblem]);
  const problems: Problem[] = [];
  const read = (name: InventoryFileName) => {
    const place = join(shown, name);
    const text = options.texts?.[name];
    return text === undefined
      ? readSource(join(folder, name), place, problems)
      : sourceOf(text, place, problems);
  };
  const nodes = read("nodes.json");
  const hasTree = options.texts?.["tree.json"] !== undefined || isThere(join(folder, "tree.json"));
  const tree = hasTree ? read("tree.json") : undefined;
  const parts: InventoryParts = {
    nodes,
    ...(tree === undefined ? {} : { tree }),
    ...(options.domain === undefined ? {} : { domain: options.domain }),
  };
  const { findings, draft, inventory } = examine(parts);
  const reading = options.readRequests === false ? NO_REQUESTS : readRequests(folder, draft.nodes);
  problems.push(...toProblems([...findings, ...reading.findings], parts));
  if (inventory === undefined || problems.length > 0) throw new Refusal(problems);
  return { ...inventory, requests: reading.requests };
}

/** The folder as the user would write it from where the user stands. */
function shownPath(folder: string): string {
  const fromHere = relative(process.cwd(), folder);
  return isAbsolute(folder) && fromHere !== "" && !fromHere.startsWith("..") ? fromHere : folder;
}

/** Whether the name is taken, be it by a link that leads nowhere: then its file was meant to be read. */
function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
}

function fileProblem(rule: RuleId, place: string, message: string): Problem {
  return { place, key: "", rule, message, remedy: RULES[rule].remedy };
}

function checkFolder(folder: string, shown: string): Problem | undefined {
  try {
    if (statSync(folder).isDirectory()) return undefined;
    return fileProblem("folder-missing", shown, "this is no folder");
  } catch (error) {
    return fileProblem("folder-missing", shown, reasonOf(error));
  }
}

/** Reads one file; what is wrong with it as a file is added to the problems, and its value is then undefined. */
function readSource(path: string, place: string, problems: Problem[]): Source {
  const unread = { place, value: undefined };
  const refuse = (rule: RuleId, message: string) => {
    problems.push(fileProblem(rule, place, message));
    return unread;
  };
  let bytes: Buffer;
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined)
      return refuse("file-missing", "the file does not exist, or is a link that leads nowhere");
    if (!stats.isFile()) return refuse("file-unreadable", "this is no regular file");
    if (stats.size > MAX_FILE_BYTES) return refuse("file-size", `the file has ${stats.size} bytes`);
    bytes = readFileSync(path);
  } catch (error) {
    return refuse("file-unreadable", reasonOf(error));
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return refuse("file-encoding", "the file is not UTF-8");
  }
  return sourceOf(text, place, problems);
}

/** What a text says; what is wrong with it as JSON is added to the problems, and its value is then undefined. */
function sourceOf(text: string, place: string, problems: Problem[]): Source {
  const reading = readJsonc(text);
  if ("document" in reading) return { place, ...reading.document };
  for (const { rule, line, path: at, message } of reading.faults) {
    problems.push({ ...fileProblem(rule, place, message), line, key: keyText(at) });
  }
  return { place, value: undefined };
}
