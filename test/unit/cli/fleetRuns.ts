/** What the tests of the fleet's commands share: a small fleet in a folder of its own, and commands that run on it. */
import { readdirSync, rmSync } from "node:fs";
import { afterEach, beforeEach, expect } from "vitest";
import { type CommandRun, dialtree } from "../../support/commandLine.ts";
import { type FleetFolder, fleetFolder, NODES, NOW } from "../../support/fleetFolder.ts";

export interface FleetRuns {
  /** The folder of the test that runs. */
  readonly fleet: FleetFolder;
  /** Runs a command line, split at its blanks, on the folder; words that hold blanks come behind. */
  run(line: string, ...more: string[]): Promise<CommandRun>;
  /** The command was refused: lines that a person can act on, no trace, and nothing was left behind. */
  expectRefusal(result: Promise<CommandRun>, message: RegExp, code?: number): Promise<void>;
}

/** Makes a fresh folder for each test of the file, and takes it away again. */
export function fleetRuns(): FleetRuns {
  let fleet: FleetFolder;
  beforeEach(() => {
    fleet = fleetFolder();
  });
  afterEach(() => rmSync(fleet.folder, { recursive: true, force: true }));
  return {
    get fleet() {
      return fleet;
    },
    run: (line, ...more) =>
      dialtree([...line.split(" "), ...more, "--inventory", fleet.folder], {
        variables: { DIALTREE_NOW: NOW },
      }),
    async expectRefusal(result, message, code = 1) {
      const { code: got, stdout, stderr } = await result;
      expect({ code: got, stdout, stderr }).toEqual({
        code,
        stdout: "",
        stderr: expect.stringMatching(message),
      });
      expect(stderr).not.toMatch(/^ +at |Error:|node:internal|\.ts:\d+:\d+/m);
      expect(readdirSync(fleet.folder).filter((name) => name.startsWith("."))).toEqual([]);
    },
  };
}

/** The fleet after fra2 was drained. */
export const DRAINED = NODES.replace(
  '"ip": "192.0.2.12", "weight": 100, "status": "active"',
  '"ip": "192.0.2.12", "weight": 100, "status": "draining", "since": "2026-11-23T12:00:00Z"',
);
