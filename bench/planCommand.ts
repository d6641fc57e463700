/** The command `dialtree plan --stack prod` from start to end, beside a bare start of Node.js in the same run. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { elapsed, median, type Row, type RowResult } from "./row.ts";

const MAX_MILLISECONDS = 500;
const ROUNDS = 11;
const TIMEOUT_MILLISECONDS = 30_000;

const PROJECT = fileURLToPath(new URL("..", import.meta.url));

const run = promisify(execFile);

function start(...args: readonly string[]): Promise<number> {
  return elapsed(() => run(process.execPath, args, { cwd: PROJECT, timeout: TIMEOUT_MILLISECONDS }));
}

export const planCommand: Row = {
  title: "dialtree plan --stack prod, as a process",
  async run(): Promise<RowResult> {
    const commands: number[] = [];
    const bare: number[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const command = await start("cli/bin.js", "plan", "--stack", "prod");
      const node = await start("-e", "0");
      // The first round fills the caches of the file system.
      if (round === 0) continue;
      commands.push(command);
      bare.push(node);
    }
    const milliseconds = median(commands);
    return {
      measures: [
        { what: "dialtree plan --stack prod", value: milliseconds, unit: "ms" },
        { what: "node -e 0", value: median(bare), unit: "ms" },
        { what: "against a bare start", value: milliseconds / median(bare), unit: "times" },
      ],
      verdicts: [
        { bound: `starts and ends in under ${MAX_MILLISECONDS} ms`, holds: milliseconds < MAX_MILLISECONDS },
      ],
    };
  },
};
