/** Writing a file whole, or not at all: a reader sees the old text or the new one, never a part. */
import {
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";

export interface ReplaceOptions {
  /** Permission bits of the new file; those of the process when absent. */
  readonly mode?: number;
}

/**
 * Puts the text into the file, in the place of what was there. Where writing fails, or the process is killed, the old
 * text stays.
 * @param target a plain file or none; a link is replaced, not followed.
 * @throws the file system's error
 */
export function replaceFile(target: string, text: string, { mode }: ReplaceOptions = {}): void {
  const unfinished = path.join(path.dirname(target), `${unfinishedPrefix(target)}${process.pid}.part`);
  const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants;
  try {
    const file = openSync(unfinished, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o666);
    try {
      if (mode !== undefined) fchmodSync(file, mode);
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(unfinished, target);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
}

/** What killed processes left beside the file. Nobody else may be writing it meanwhile. */
export function removeUnfinished(target: string): void {
  const folder = path.dirname(target);
  const prefix = unfinishedPrefix(target);
  for (const name of readdirSync(folder)) {
    if (name.startsWith(prefix) && /^\d+\.part$/.test(name.slice(prefix.length))) {
      rmSync(path.join(folder, name), { force: true });
    }
  }
}

function unfinishedPrefix(target: string): string {
  return `.${path.basename(target)}.`;
}

/** Why the file system refused to write. */
export function writingFault(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  switch (code) {
    case "ENOENT":
      return "its folder does not exist";
    case "ENOTDIR":
      return "a part of its path is no folder";
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return "no permission";
    case "ENOSPC":
    case "EDQUOT":
      return "the disk is full";
    default:
      return String(code ?? error);
  }
}
