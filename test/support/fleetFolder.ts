/** A folder with a small fleet that commands may change. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

export const NODES = `# the fleet
[
  // euro
  { "slot": "fra1", "region": "euro", "pop": "fra", "ip": "192.0.2.11", "weight": 100, "status": "active" },
  { "slot": "fra2", "region": "euro", "pop": "fra", "ip": "192.0.2.12", "weight": 100, "status": "active" }, // rack 7
  { "slot": "lhr1", "region": "euro", "pop": "lhr", "ip": "192.0.2.21", "weight": 100, "status": "draining",
    "since": "2026-11-23T06:00:00Z" },
  { "slot": "lhr2", "region": "euro", "pop": "lhr", "ip": "192.0.2.22", "weight": 100, "status": "planned" },
  { "slot": "lhr3", "region": "euro", "pop": "lhr", "ip": "192.0.2.23", "weight": 100, "status": "retired" },
]
`;

export const TREE = `{
  "environment": {
    "domain": "sip.example.net", // for ever
  },
}
`;

/** When the commands run. */
export const NOW = "2026-11-23T12:00:00Z";

/** lhr1 is gone since long. */
export const LEDGER = { version: 1, goneSince: { lhr1: "2026-11-23T06:05:00.000Z" }, certificates: [] };

export interface FleetFolder {
  readonly folder: string;
  /** Path of a file in it. */
  at(name: string): string;
  read(name?: string): string;
  write(name: string, text: string): void;
}

export function fleetFolder(): FleetFolder {
  const folder = mkdtempSync(path.join(tmpdir(), "dialtree-fleet-"));
  const at = (name: string) => path.join(folder, name);
  const write = (name: string, text: string) => writeFileSync(at(name), text);
  write("nodes.json", NODES);
  write("tree.json", TREE);
  return { folder, at, write, read: (name = "nodes.json") => readFileSync(at(name), "utf8") };
}
