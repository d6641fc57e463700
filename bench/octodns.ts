/**
 * The same tree planned by octoDNS, a program for zones as code, in the same run: both read files, check them and
 * print what an empty zone would get. octoDNS is given the finished records, since it has no tree to make them from.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { stringify } from "yaml";
import { recordData, setKey } from "../dns/records.ts";
import { cacheFolder } from "../engine/cache.ts";
import { runProcess } from "../engine/process.ts";
import type { Inventory } from "../inventory/inventory.ts";
import { planTree } from "../plan/plan.ts";
import { render } from "../plan/render.ts";
import { fleet, fleetFiles } from "./fleet.ts";
import { elapsed, median, type Row, type RowResult } from "./row.ts";

const VERSION = "1.22.0";
const SIZES = [100, 1_000] as const;
const ROUNDS = 3;
const TIMEOUT_SECONDS = 300;

const PROJECT = fileURLToPath(new URL("..", import.meta.url));

async function run(file: string, args: readonly string[], cwd: string): Promise<void> {
  const { code, stderr, stdout } = await runProcess(file, args, {
    cwd,
    env: process.env,
    timeoutSeconds: TIMEOUT_SECONDS,
  });
  if (code !== 0) throw new Error(`${[file, ...args].join(" ")} ended with ${code}: ${stderr || stdout}`);
}

/** octoDNS in an environment of its own, made once outside the checkout. */
async function installOctodns(): Promise<string> {
  const folder = path.join(cacheFolder(process.env), "bench", `octodns-${VERSION}`);
  const command = path.join(folder, "bin", "octodns-sync");
  if (!existsSync(command)) {
    mkdirSync(path.dirname(folder), { recursive: true });
    await run("python3", ["-m", "venv", folder], PROJECT);
    await run(path.join(folder, "bin", "pip"), ["install", "--quiet", `octodns==${VERSION}`], PROJECT);
  }
  return command;
}

/** The unsteered records of the tree in octoDNS's own files, and a target that holds nothing. */
function writeOctodnsFiles(folder: string, inventory: Inventory): void {
  const { domain, records } = render(planTree(inventory), "static");
  const zone: Record<string, object[]> = {};
  for (const lines of Map.groupBy(records, ({ record }) => setKey(record)).values()) {
    const [first] = lines;
    if (first === undefined) continue;
    const { name, type, ttlSeconds } = first.record;
    const values = lines.map(({ record }) =>
      record.type === "SRV"
        ? { priority: record.priority, weight: record.weight, port: record.port, target: `${record.target}.` }
        : recordData(record),
    );
    const label = name === domain ? "" : name.slice(0, -domain.length - 1);
    zone[label] = [...(zone[label] ?? []), { type, ttl: ttlSeconds, values }];
  }
  for (const side of ["wanted", "live"]) mkdirSync(path.join(folder, side), { recursive: true });
  writeFileSync(path.join(folder, "wanted", `${domain}.yaml`), stringify(zone));
  writeFileSync(path.join(folder, "live", `${domain}.yaml`), stringify({}));
  const files = (directory: string) => ({
    class: "octodns.provider.yaml.YamlProvider",
    directory,
    enforce_order: false,
  });
  const config = {
    providers: { wanted: files("./wanted"), live: files("./live") },
    zones: { [`${domain}.`]: { sources: ["wanted"], targets: ["live"] } },
  };
  writeFileSync(path.join(folder, "config.yaml"), stringify(config));
}

interface Times {
  readonly ours: number;
  readonly octodns: number;
}

async function measure(size: number, octodns: string, folder: string): Promise<Times> {
  const files = fleetFiles(size);
  writeFileSync(path.join(folder, "nodes.json"), JSON.stringify(files.nodes));
  writeFileSync(path.join(folder, "tree.json"), JSON.stringify(files.tree));
  writeOctodnsFiles(folder, fleet(files));
  const plan = ["cli/bin.js", "plan", "--inventory", folder, "--backend", "static"];
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const ourTime = await elapsed(() => run(process.execPath, plan, PROJECT));
    const theirTime = await elapsed(() => run(octodns, ["--config-file", "config.yaml"], folder));
    // The first round fills the caches of both.
    if (round === 0) continue;
    ours.push(ourTime);
    theirs.push(theirTime);
  }
  return { ours: median(ours), octodns: median(theirs) };
}

export const planAgainstOctodns: Row = {
  title: `a whole plan from files, as processes, against octoDNS ${VERSION}`,
  async run(): Promise<RowResult> {
    const octodns = await installOctodns();
    const measures: RowResult["measures"][number][] = [];
    for (const size of SIZES) {
      const folder = mkdtempSync(path.join(tmpdir(), "dialtree-bench-"));
      try {
        const times = await measure(size, octodns, folder);
        const nodes = `${size.toLocaleString("en-US")} nodes`;
        measures.push(
          { what: `dialtree plan, ${nodes}`, value: times.ours, unit: "ms" },
          { what: `octodns-sync without --doit, ${nodes}`, value: times.octodns, unit: "ms" },
          { what: `dialtree against octoDNS, ${nodes}`, value: times.ours / times.octodns, unit: "times" },
        );
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }
    return { measures, verdicts: [] };
  },
};
