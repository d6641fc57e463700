import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { EngineTools } from "../../../engine/engine.ts";
import type { EngineStep } from "../../../engine/steps.ts";

/** A pretended machine in a temporary folder: its own home, cache and PATH, with the executables that a test adds. */
export interface Machine {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  /** Writes an executable that prints one line, at a path below the machine's folder. */
  readonly add: (path: string, prints?: string) => Promise<string>;
  /** Tools whose build and download are scripts of ours, so that nothing is fetched or compiled. */
  readonly tools: (options?: {
    readonly downloadAnswers?: boolean;
    readonly download?: string;
    readonly build?: string;
  }) => EngineTools;
  readonly remove: () => Promise<void>;
}

/** A Node.js script that counts its runs in `builds` and writes both binaries of an engine into its first argument. */
export const writesEngine = `
  const { appendFileSync, writeFileSync } = require("node:fs");
  appendFileSync(process.env.HOME + "/builds", "x");
  for (const name of ["pulumi", "pulumi-language-nodejs"]) {
    writeFileSync(process.argv[1] + "/" + name, "#!/bin/sh\\n", { mode: 0o755 });
  }`;

export async function makeMachine(): Promise<Machine> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "engine-machine-")));
  const env = { HOME: folder, DIALTREE_CACHE: join(folder, "cache"), PATH: `${folder}/bin:${folder}/opt` };
  const step = (what: string, script: string, outputFolder: string): EngineStep => ({
    what,
    usually: "usually at once",
    command: process.execPath,
    args: ["-e", script, outputFolder],
    cwd: folder,
    env,
    timeoutSeconds: 30,
  });
  return {
    folder,
    env,
    add: async (path, prints = "") => {
      const file = join(folder, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, `#!/bin/sh\necho '${prints}'\n`);
      await chmod(file, 0o755);
      return file;
    },
    tools: (options = {}) => ({
      env,
      probes: { downloadAnswers: async () => options.downloadAnswers ?? false },
      downloadSteps: () => [step("downloading", options.download ?? "process.exit(7)", folder)],
      buildSteps: (_env, outputFolder) => [step("building", options.build ?? writesEngine, outputFolder)],
    }),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
