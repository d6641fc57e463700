/** Text that a command is told to read: from a file, or from standard input. */
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { Refusal } from "../inventory/problem.ts";

export interface InputDocument {
  /** Path, or `-` for standard input. */
  readonly file: string;
  /** The option that named it. */
  readonly option: string;
  readonly rule: string;
  readonly remedy: string;
}

/** @throws Refusal when there is no such file, or it cannot be read */
export async function readInput({ file, option, rule, remedy }: InputDocument): Promise<string> {
  if (file === "-") return text(process.stdin);
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const message = code === "ENOENT" ? "does not exist" : `cannot be read (${code})`;
    throw new Refusal([{ place: option, key: "", value: file, rule, message, remedy }]);
  }
}

/** The document's name in messages. */
export function inputPlace(file: string): string {
  return file === "-" ? "standard input" : file;
}
