import { access, constants, stat } from "node:fs/promises";
import { delimiter, join } from "node:path";

/** Absolute path of a command in PATH's folders or the given one, which comes first; undefined when it is nowhere. */
export async function findExecutable(
  command: string,
  env: NodeJS.ProcessEnv,
  folder?: string,
): Promise<string | undefined> {
  const folders = [folder, ...(env.PATH ?? "").split(delimiter)].filter((each) => each);
  for (const file of folders.map((each) => join(each ?? "", command))) {
    try {
      await access(file, constants.X_OK);
      if ((await stat(file)).isFile()) return file;
    } catch {
      // Not in this folder: the next one may have it.
    }
  }
  return undefined;
}
