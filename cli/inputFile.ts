/** Files that an option names, read whole. */
import { readFileSync } from "node:fs";
import { Refusal } from "../inventory/problem.ts";

/** @throws Refusal when there is no such file, or it cannot be read. */
export function readTextFile(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw refusal(file, code === "ENOENT" ? "does not exist" : `cannot be read (${code})`);
  }
}

/** @throws Refusal when there is no such file, or it is no JSON. */
export function readJsonFile(file: string): unknown {
  const text = readTextFile(file);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw refusal(file, "is no JSON, or only a part of it");
  }
}

function refusal(place: string, message: string): Refusal {
  return new Refusal([{ place, key: "", rule: "input-file", message, remedy: "name another file" }]);
}
