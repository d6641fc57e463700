/** A file of the inventory that a command changes: read once, written only if nobody changed it meanwhile. */
import { createHash } from "node:crypto";
import { accessSync, constants, lstatSync, readFileSync, realpathSync, statSync } from "node:fs";
import path from "node:path";
import { lockSync } from "proper-lockfile";
import type { InventoryFileName } from "../inventory/load.ts";
import { Refusal } from "../inventory/problem.ts";
import { removeUnfinished, replaceFile, writingFault } from "./replaceFile.ts";

export interface InventoryFile {
  readonly name: InventoryFileName;
  /** How messages name it. */
  readonly place: string;
  /** Where it really is: what a link leads to. */
  readonly target: string;
  /** The folder, where it really is. */
  readonly folder: string;
  /** Without a byte order mark. */
  readonly text: string;
  /** Of the octets that were read. */
  readonly digest: string;
}

const BYTE_ORDER_MARK = "\ufeff";

/**
 * Reads a file of the folder, which a loaded inventory has shown to be UTF-8.
 * @throws Refusal when it is not there, cannot be written where that is asked for, or is a link to outside the folder
 */
export function readInventoryFile(
  shown: string,
  name: InventoryFileName,
  access: "read" | "write" = "write",
): InventoryFile {
  const place = path.join(shown, name);
  if (lstatSync(place, { throwIfNoEntry: false }) === undefined) {
    const message = "is not there, and the change needs it";
    throw refusal(place, "file-missing", message, "write it, with environment.domain in tree.json");
  }
  const [folder, target] = attempt(place, () => [realpathSync(shown), realpathSync(place)] as const);
  if (!target.startsWith(folder + path.sep)) {
    const message = `is a link to ${target}, outside the inventory's folder`;
    throw refusal(place, "edit-outside", message, "change the file where it is, or put it into the folder");
  }
  const octets = attempt(place, () => {
    if (access === "write") requireWritable(target);
    return readFileSync(target);
  });
  const text = octets.toString("utf8");
  return {
    name,
    place,
    target,
    folder,
    text: text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text,
    digest: digestOf(octets),
  };
}

/** Root may write anything; but a file without any permission to write was meant to stay as it is. */
function requireWritable(target: string): void {
  if ((statSync(target).mode & 0o222) === 0) throw Object.assign(new Error("read-only"), { code: "EACCES" });
  accessSync(target, constants.W_OK);
}

/**
 * Writes new texts, each file whole or not at all; none where any of the files is not what was read.
 * @throws Refusal when a file changed since it was read, or cannot be written
 */
export function writeInventoryFiles(
  changes: readonly { readonly file: InventoryFile; readonly text: string }[],
): void {
  const [first] = changes;
  if (first === undefined) return;
  const release = attempt(first.file.place, () => lockFolder(first.file));
  try {
    for (const { file } of changes) requireUnchanged(file);
    for (const { file, text } of changes) {
      attempt(file.place, () => {
        const octets = readFileSync(file.target);
        const mark = octets.toString("utf8").startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : "";
        removeUnfinished(file.target);
        replaceFile(file.target, mark + text, { mode: statSync(file.target).mode & 0o7777 });
      });
    }
  } finally {
    release();
  }
}

/** A lock of a killed command, in milliseconds, is another's after this time. */
const STALE_MILLISECONDS = 10_000;

/** Two commands at once: one writes, and the other then sees that the file has changed. */
function lockFolder({ place, folder }: InventoryFile): () => void {
  try {
    return lockSync(folder, {
      stale: STALE_MILLISECONDS,
      lockfilePath: path.join(folder, ".inventory.lock"),
    });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ELOCKED")) throw error;
    throw changedMeanwhile(place, "is being written by another command");
  }
}

function requireUnchanged({ place, target, digest }: InventoryFile): void {
  const now = attempt(place, () => {
    requireWritable(target);
    return digestOf(readFileSync(target));
  });
  if (now !== digest)
    throw changedMeanwhile(place, "was changed by somebody else since this command read it");
}

function changedMeanwhile(place: string, message: string): Refusal {
  return refusal(
    place,
    "edit-conflict",
    `${message}; nothing was written`,
    "run the command again, on what is there now",
  );
}

function digestOf(octets: Buffer): string {
  return createHash("sha256").update(octets).digest("hex");
}

function attempt<T>(place: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (error instanceof Refusal || !(error instanceof Error && "code" in error)) throw error;
    const remedy = "make the file and its folder writable for you";
    throw refusal(place, "edit-unwritable", `cannot be changed: ${writingFault(error)}`, remedy);
  }
}

function refusal(place: string, rule: string, message: string, remedy: string): Refusal {
  return new Refusal([{ place, key: "", rule, message, remedy }]);
}
