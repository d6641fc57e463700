/** Reading an inventory folder: nodes.json, tree.json where there is one, and the certificate requests they name. */
import { lstatSync, readFileSync, realpathSync, type Stats, statSync } from "node:fs";
import { isAbsolute, join, relative, sep } from "node:path";
import type { Inventory } from "./inventory.ts";
import { keyText, readJsonc, valueText } from "./jsonc.ts";
import { type Problem, Refusal } from "./problem.ts";
import { examine, type InventoryParts, type Source, toProblems } from "./resolve.ts";
import { RULES, type RuleId } from "./rules/catalogue.ts";
import { type Finding, finding } from "./rules/finding.ts";
import { requestFiles, staysInside } from "./rules/nodeRules.ts";

export interface LoadOptions {
  /** Takes the place of the domain in tree.json; needed where there is no tree.json. */
  readonly domain?: string;
}

const MAX_FILE_BYTES = 8 * 1024 * 1024;

/** A certificate request of the largest usual key has less than 3 KB. */
const MAX_REQUEST_BYTES = 64 * 1024;

/**
 * Reads and checks the inventory in the folder.
 * @throws Refusal with everything that is wrong in all files at once.
 */
export function loadInventory(folder: string, options: LoadOptions = {}): Inventory {
  const shown = shownPath(folder);
  const folderProblem = checkFolder(folder, shown);
  if (folderProblem !== undefined) throw new Refusal([folderProblem]);
  const problems: Problem[] = [];
  const read = (name: string) => readSource(join(folder, name), join(shown, name), problems);
  const nodes = read("nodes.json");
  const tree = isThere(join(folder, "tree.json")) ? read("tree.json") : undefined;
  const parts: InventoryParts = {
    nodes,
    ...(tree === undefined ? {} : { tree }),
    ...(options.domain === undefined ? {} : { domain: options.domain }),
  };
  const { findings, draft, inventory } = examine(parts);
  const requests = draft.nodes.flatMap(({ index, csr }) => {
    return requestFiles(csr, index).flatMap(({ file, path }) => requestFinding(folder, file, path));
  });
  problems.push(...toProblems([...findings, ...requests], parts));
  if (inventory === undefined || problems.length > 0) throw new Refusal(problems);
  return inventory;
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

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "it does not exist",
  ENOTDIR: "a part of its path is no folder",
  EACCES: "no permission to read it",
  EPERM: "no permission to read it",
  ELOOP: "its links lead in a circle",
  ENAMETOOLONG: "its path is too long",
};

/** The reason of a file system error, in words. Any other error is a bug and stays what it is. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") throw error;
  return REASONS[error.code] ?? `it cannot be read (${error.code})`;
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
  const reading = readJsonc(text);
  if ("document" in reading) return { place, ...reading.document };
  for (const { rule, line, path: at, message } of reading.faults) {
    problems.push({ ...fileProblem(rule, place, message), line, key: keyText(at) });
  }
  return unread;
}

/** Rules `csr-path` and `csr-file`, as far as they need the files. */
function requestFinding(folder: string, file: string, path: Finding["path"]): Finding[] {
  if (!staysInside(file)) return [];
  const refuse = (rule: RuleId, why: string) => {
    return [finding(rule, "nodes", path, { message: `csr ${valueText(file)} ${why}`, value: file })];
  };
  try {
    const inside = realpathSync(folder) + sep;
    const real = realpathSync(join(folder, file));
    if (!real.startsWith(inside)) return refuse("csr-path", "is a link to outside the inventory folder");
    const stats: Stats = statSync(real);
    if (!stats.isFile() || stats.size > MAX_REQUEST_BYTES)
      return refuse("csr-file", "is no certificate request");
    const isRequest = /-----BEGIN (NEW )?CERTIFICATE REQUEST-----/.test(readFileSync(real, "latin1"));
    return isRequest ? [] : refuse("csr-file", "is no certificate request in PEM form");
  } catch (error) {
    return refuse("csr-file", `is not usable: ${reasonOf(error)}`);
  }
}
