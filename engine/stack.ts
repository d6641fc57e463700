/** One stack of a project under the real engine, its state in a folder of its own. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Engine } from "./engine.ts";
import type { ProcessResult } from "./process.ts";
import { runPulumi } from "./run.ts";

export interface StackOptions {
  readonly engine: Engine;
  readonly name: string;
  /** Folder of the Pulumi.yaml. */
  readonly project: string;
  /** Folder for state, passphrase and the engine's own files. */
  readonly folder: string;
  /** Package name to port of a provider server that runs already. */
  readonly attachedProviders: Readonly<Record<string, number>>;
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Whether the engine writes its state once at the end instead of after every operation. A killed run then
   * forgets what it did: right where the platforms are the lab's, wrong in production.
   */
  readonly skipCheckpoints?: boolean;
  readonly timeoutSeconds?: number;
}

export interface RunOptions {
  readonly args?: readonly string[];
  readonly onLine?: (line: string) => void;
  readonly signal?: AbortSignal;
}

const DEFAULT_TIMEOUT_SECONDS = 900;

export class Stack {
  readonly name: string;
  readonly #options: StackOptions;

  constructor(options: StackOptions) {
    this.name = options.name;
    this.#options = options;
  }

  /** Makes the state folder, the passphrase and the stack where they are not there yet. */
  async init(): Promise<ProcessResult> {
    mkdirSync(this.#stateFolder(), { recursive: true, mode: 0o700 });
    if (!existsSync(this.#passphraseFile())) {
      writeFileSync(this.#passphraseFile(), randomBytes(24).toString("base64url"), { mode: 0o600 });
    }
    return this.run(["stack", "select", "--create", this.name]);
  }

  up(options: RunOptions = {}): Promise<ProcessResult> {
    return this.run(
      ["up", "--yes", "--skip-preview", "--stack", this.name, ...(options.args ?? [])],
      options,
    );
  }

  preview(options: RunOptions = {}): Promise<ProcessResult> {
    return this.run(["preview", "--stack", this.name, ...(options.args ?? [])], options);
  }

  destroy(options: RunOptions = {}): Promise<ProcessResult> {
    return this.run(
      ["destroy", "--yes", "--skip-preview", "--stack", this.name, ...(options.args ?? [])],
      options,
    );
  }

  /** Every output with its secrets in the clear: for the caller's memory, never for a log. */
  async outputs(): Promise<Record<string, unknown>> {
    const { code, stdout, stderr } = await this.run([
      "stack",
      "output",
      "--json",
      "--show-secrets",
      "--stack",
      this.name,
    ]);
    if (code !== 0) throw new Error(`the outputs of stack ${this.name} cannot be read: ${stderr.trim()}`);
    return JSON.parse(stdout) as Record<string, unknown>;
  }

  run(args: readonly string[], { onLine, signal }: RunOptions = {}): Promise<ProcessResult> {
    const { engine, project, attachedProviders, env, skipCheckpoints, timeoutSeconds } = this.#options;
    return runPulumi(engine, {
      cwd: project,
      args: [...args, "--non-interactive", "--color", "never"],
      attachedProviders,
      timeoutSeconds: timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS,
      env: {
        PULUMI_BACKEND_URL: pathToFileURL(this.#stateFolder()).href,
        PULUMI_CONFIG_PASSPHRASE_FILE: this.#passphraseFile(),
        PULUMI_HOME: path.join(this.#options.folder, "home"),
        ...(skipCheckpoints === true ? { PULUMI_EXPERIMENTAL: "1", PULUMI_SKIP_CHECKPOINTS: "1" } : {}),
        ...env,
      },
      ...(onLine === undefined ? {} : { onLine: (line: string) => onLine(line) }),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  #stateFolder(): string {
    return path.join(this.#options.folder, "state");
  }

  #passphraseFile(): string {
    return path.join(this.#options.folder, "passphrase");
  }
}
