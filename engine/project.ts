/** A copy of the project's program in a folder of its own, so that a run leaves the checkout as it is. */
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";

/** Folders and files that the stack program consists of. */
const PROGRAM = [
  "Pulumi.yaml",
  "package.json",
  "program.js",
  "nodeVersion.js",
  "index.ts",
  "backends",
  "components",
  "dns",
  "inventory",
  "plan",
];

export interface ProjectSource {
  /** The checkout. */
  readonly from: string;
  readonly to: string;
  /** File name to text, beside or instead of the checkout's own stack files. */
  readonly files?: Readonly<Record<string, string>>;
  /** Folder name inside the copy to the folder whose files it gets, for inventories from elsewhere. */
  readonly folders?: Readonly<Record<string, string>>;
}

/** Copies the program and its stack files afresh; what an earlier copy left there is gone. */
export function copyProject({ from, to, files = {}, folders = {} }: ProjectSource): void {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  const stackFiles = readdirSync(from).filter((file) => /^Pulumi\..+\.yaml$/.test(file));
  for (const entry of [...PROGRAM, ...stackFiles]) {
    if (existsSync(path.join(from, entry)))
      cpSync(path.join(from, entry), path.join(to, entry), { recursive: true });
  }
  // The copy uses the checkout's packages; nothing is installed twice.
  symlinkSync(path.join(from, "node_modules"), path.join(to, "node_modules"), "dir");
  for (const [folder, source] of Object.entries(folders)) {
    rmSync(path.join(to, folder), { recursive: true, force: true });
    cpSync(source, path.join(to, folder), { recursive: true });
  }
  for (const [file, text] of Object.entries(files)) writeFileSync(path.join(to, file), text);
}
