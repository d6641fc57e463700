/** A node as the operator of `dialtree cert request` sees it: a folder, and a shell that runs what was printed. */
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { NodeRequest } from "../../plan/certificates/nodeRequest.ts";
import { dialtree } from "./commandLine.ts";

export interface ShellRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const TIMEOUT_MILLISECONDS = 60_000;

/** Runs the script by `sh` on its standard input, in the folder, with nothing else to go by. */
export function runShell(script: string, folder: string): Promise<ShellRun> {
  const child = spawn("sh", { cwd: folder, env: { PATH: process.env.PATH }, timeout: TIMEOUT_MILLISECONDS });
  const said = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      said[stream] += text;
    });
  }
  child.stdin.end(script);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, ...said }));
  });
}

/** The requests of the node as the command tells them, and the script that it prints for people. */
export async function requestsFor(
  slot: string,
  args: readonly string[],
): Promise<{ requests: NodeRequest[]; csr: Record<string, string>; script: string }> {
  const [script, json] = [
    await dialtree(["cert", "request", slot, ...args]),
    await dialtree(["cert", "request", slot, ...args, "--json"]),
  ];
  if (script.code !== 0 || json.code !== 0) throw new Error(script.stderr + json.stderr);
  return { ...JSON.parse(json.stdout), script: script.stdout };
}

interface Entry {
  readonly slot: string;
  csr?: Record<string, string>;
}

/** Does what the printed text asks for: the requests into the inventory, and their paths into the node's entry. */
export function putIntoInventory(
  slot: string,
  { requests, csr }: { requests: readonly NodeRequest[]; csr: Record<string, string> },
  node: string,
  inventory: string,
): void {
  for (const { requestFile, inventoryFile } of requests) {
    const file = path.join(inventory, inventoryFile);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, readFileSync(path.join(node, requestFile)));
  }
  const nodes = path.join(inventory, "nodes.json");
  const entries = JSON.parse(readFileSync(nodes, "utf8")) as Entry[];
  writeFileSync(
    nodes,
    JSON.stringify(entries.map((entry) => (entry.slot === slot ? { ...entry, csr } : entry))),
  );
}
