/** Where the project is, and which stacks it has. */
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The project's folder, with a slash at its end. */
export const PROJECT = fileURLToPath(new URL("../../", import.meta.url));

/** Names of all Pulumi.<stack>.yaml, sorted. */
export const STACKS: readonly string[] = readdirSync(PROJECT)
  .flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? [])
  .sort();
