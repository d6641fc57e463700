/** A preview of about 1,000 leaf resources, against a plain program that registers the same ones without components. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type DnsRecord, recordData } from "../dns/records.ts";
import { ensureEngine } from "../engine/engine.ts";
import { copyProject } from "../engine/project.ts";
import { Stack } from "../engine/stack.ts";
import { startPlatforms } from "../lab/platforms.ts";
import { planTree } from "../plan/plan.ts";
import { render } from "../plan/render.ts";
import { fleet, fleetFiles } from "./fleet.ts";
import { elapsed, median, type Row, type RowResult } from "./row.ts";

const NODES = 350;
const ROUNDS = 3;
const MAX_RATIO = 0.7;

const PROJECT = fileURLToPath(new URL("..", import.meta.url));
const STACK = "bench";
const ZONE = { accountId: "a".repeat(32), zoneId: "b".repeat(32) };

/** What anybody would write who has a list of records. */
const FLAT_PROGRAM = `import { readFileSync } from "node:fs";
import * as cloudflare from "@pulumi/cloudflare";

const records = JSON.parse(readFileSync("records.json", "utf8"));
for (const { label, ...args } of records) new cloudflare.DnsRecord(label, args);
`;

export const previewAgainstFlat: Row = {
  title: "pulumi preview, against a plain flat program with the same leaves",
  async run(): Promise<RowResult> {
    const folder = mkdtempSync(path.join(tmpdir(), "dialtree-bench-"));
    try {
      return await measure(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function measure(folder: string): Promise<RowResult> {
  const { nodes, tree } = unsteered(fleetFiles(NODES));
  const rendering = render(planTree(fleet({ nodes, tree })), "cloudflare");
  const records = rendering.records.map(({ record }) => record);
  writeTree(path.join(folder, "tree"), { "nodes.json": nodes, "tree.json": tree });
  writeFlat(path.join(folder, "flat"), records);

  const engine = await ensureEngine();
  const platforms = await startPlatforms({ zones: { cloudflare: { ...ZONE, zone: rendering.zone } } });
  try {
    const [ours, flat] = ["tree", "flat"].map(
      (project) =>
        new Stack({
          engine,
          name: STACK,
          project: path.join(folder, project),
          folder: path.join(folder, `${project}-state`),
          attachedProviders: platforms.ports,
        }),
    ) as [Stack, Stack];
    for (const stack of [ours, flat]) await stack.init();
    const pairs: { ours: number; flat: number }[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const pair = { ours: await preview(ours, records.length), flat: await preview(flat, records.length) };
      // The first pair fills the caches.
      if (round > 0) pairs.push(pair);
    }
    const ratio = median(pairs.map((pair) => pair.ours / pair.flat));
    return {
      measures: [
        {
          what: `this program, ${records.length} records`,
          value: median(pairs.map((pair) => pair.ours)),
          unit: "ms",
        },
        { what: "the plain flat program", value: median(pairs.map((pair) => pair.flat)), unit: "ms" },
        { what: "this program against the flat one", value: ratio, unit: "times" },
      ],
      verdicts: [{ bound: `at most ${MAX_RATIO} times the flat program`, holds: ratio <= MAX_RATIO }],
    };
  } finally {
    await platforms.close();
  }
}

/** Milliseconds of one preview of an empty stack, which must show every record. */
async function preview(stack: Stack, records: number): Promise<number> {
  let output = "";
  const milliseconds = await elapsed(async () => {
    const { code, stdout, stderr } = await stack.preview({ args: ["--json"] });
    if (code !== 0) throw new Error(`the preview failed:\n${stderr}${stdout.slice(-2000)}`);
    output = stdout;
  });
  const { steps } = JSON.parse(output) as { steps: { op: string; urn: string }[] };
  const shown = steps.filter(({ op, urn }) => op === "create" && urn.includes(":DnsRecord::")).length;
  if (shown !== records) throw new Error(`the preview shows ${shown} records, not ${records}`);
  return milliseconds;
}

/** The fleet without steering: every leaf is a DNS record, which the flat program can list. */
function unsteered({ nodes, tree }: { nodes: readonly object[]; tree: object }) {
  const { environment } = tree as { environment: object };
  return { nodes, tree: { environment: { ...environment, zone: "example.net", pops: {} } } };
}

function writeTree(project: string, inventory: Readonly<Record<string, unknown>>): void {
  const config = { inventory: "inventory/bench", backends: ["cloudflare"], cloudflare: ZONE };
  const values = Object.entries(config).map(([key, value]) => [`dialtree:${key}`, value]);
  const stackFile = JSON.stringify({ config: Object.fromEntries(values) });
  copyProject({ from: PROJECT, to: project, files: { [`Pulumi.${STACK}.yaml`]: stackFile } });
  mkdirSync(path.join(project, "inventory", STACK));
  for (const [file, value] of Object.entries(inventory))
    writeFileSync(path.join(project, "inventory", STACK, file), JSON.stringify(value));
}

function writeFlat(project: string, records: readonly DnsRecord[]): void {
  mkdirSync(project);
  symlinkSync(path.join(PROJECT, "node_modules"), path.join(project, "node_modules"), "dir");
  const files = {
    "Pulumi.yaml":
      "name: flat\nmain: program.js\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n",
    [`Pulumi.${STACK}.yaml`]: "{}\n",
    "package.json": JSON.stringify({ type: "module", main: "program.js" }),
    "program.js": FLAT_PROGRAM,
    "records.json": JSON.stringify(records.map(flatRecord)),
  };
  for (const [file, text] of Object.entries(files)) writeFileSync(path.join(project, file), text);
}

function flatRecord(record: DnsRecord, index: number): object {
  const { name, type, ttlSeconds } = record;
  const common = {
    label: `record-${index}`,
    zoneId: ZONE.zoneId,
    name,
    type,
    ttl: ttlSeconds,
    proxied: false,
  };
  if (record.type !== "SRV") return { ...common, content: recordData(record) };
  const { priority, weight, port, target } = record;
  return { ...common, priority, data: { priority, weight, port, target } };
}
