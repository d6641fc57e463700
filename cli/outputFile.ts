/** Writing a file that a command was told to write: whole, or not at all. */
import { realpathSync, statSync } from "node:fs";
import { Refusal } from "../inventory/problem.ts";
import { replaceFile, writingFault } from "./replaceFile.ts";

/**
 * Puts the text into the file, in the place of what was there. A reader sees the old text or the new one, never
 * a part; where writing fails, the old one stays.
 * @throws Refusal when `file` is a folder or no plain file, or cannot be written.
 */
export function writeOutput(file: string, text: string): void {
  const target = attempt(file, () => plainFile(file));
  attempt(file, () => replaceFile(target, text));
}

/** The file to replace: where `file` is a link, what it leads to, so that the link stays. */
function plainFile(file: string): string {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return file;
  if (stats.isDirectory()) throw refusal(file, "is a folder", "name a file in it");
  if (!stats.isFile())
    throw refusal(file, "is no plain file", "leave --out away to print to standard output");
  return realpathSync(file);
}

function attempt<T>(file: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (error instanceof Refusal) throw error;
    const remedy = "name a file in a folder that you may write to";
    throw refusal(file, `cannot be written: ${writingFault(error)}`, remedy);
  }
}

function refusal(file: string, message: string, remedy: string): Refusal {
  return new Refusal([{ place: "--out", key: "", value: file, rule: "output-file", message, remedy }]);
}
