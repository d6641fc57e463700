import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Path of a command in PATH's folders or the given one, which comes first; undefined when it is nowhere. */
export function findExecutable(command: string, env: NodeJS.ProcessEnv, folder?: string): string | undefined {
  return [folder ?? "", ...(env.PATH ?? "").split(delimiter)]
    .filter((each) => each !== "")
    .map((each) => join(each, command))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
