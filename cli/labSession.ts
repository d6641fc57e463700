/** One run of the lab: engine, platforms, a real update, nodes that answer, and the proof that callers get through. */
import { randomInt } from "node:crypto";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { type DialReport, dialName } from "../dial/dial.ts";
import type { CaaRecord } from "../dns/records.ts";
import type { Engine } from "../engine/engine.ts";
import { copyProject } from "../engine/project.ts";
import { Stack } from "../engine/stack.ts";
import type { StackConfig } from "../inventory/stackConfig.ts";
import type { NodeCertificate } from "../lab/nodeCertificates.ts";
import { type Comparison, caaRecords, compareServed } from "../lab/served.ts";
import { type LabBackend, startWorld, type World } from "../lab/world.ts";
import { render } from "../plan/render.ts";
import type { CloudflareRendering, Route53Rendering } from "../plan/rendering.ts";
import type { Tree } from "../plan/tree.ts";

export interface SessionOptions {
  readonly engine: Engine;
  /** The checkout. */
  readonly project: string;
  readonly stack: string;
  readonly config: StackConfig;
  /** Everything that the lab keeps: platforms, state, project copy. */
  readonly folder: string;
  readonly dnsPorts?: Partial<Record<LabBackend, number>>;
}

export interface Deployment {
  /** Operations that the engine made at the platforms. */
  readonly operations: number;
  readonly comparisons: ReadonlyMap<LabBackend, Comparison>;
  readonly dials: readonly (DialReport & { readonly backend: LabBackend; readonly tier: string })[];
}

/** The engine refused or could not finish; `text` is what it said. */
export class UpdateFailed extends Error {
  constructor(text: string) {
    super(text);
    this.name = "UpdateFailed";
  }
}

const DIAL_TIMEOUT_MILLISECONDS = 5000;

export class LabSession {
  readonly world: World;
  readonly #stack: Stack;
  readonly #options: SessionOptions;

  private constructor(world: World, stack: Stack, options: SessionOptions) {
    this.world = world;
    this.#stack = stack;
    this.#options = options;
  }

  /** Starts the platforms for the tree's zone; what an earlier session left in the folder is there again. */
  static async start(options: SessionOptions, tree: Tree): Promise<LabSession> {
    const { engine, folder, stack, config, dnsPorts } = options;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const uses = (backend: LabBackend) => config.backends.includes(backend);
    const world = await startWorld({
      folder: path.join(folder, "platforms"),
      zone: tree.zone,
      challengeZone: tree.challengeZone,
      cloudflare: uses("cloudflare") ? config.cloudflare : undefined,
      route53: uses("route53") ? config.route53 : undefined,
      ...(dnsPorts === undefined ? {} : { dnsPorts }),
    });
    const engineStack = new Stack({
      engine,
      name: stack,
      project: path.join(folder, "project"),
      folder: path.join(folder, "engine"),
      attachedProviders: world.platforms.ports,
      skipCheckpoints: true,
    });
    return new LabSession(world, engineStack, options);
  }

  /** Authorities that the lab's callers trust, PEM. */
  get caPem(): string {
    return this.world.platforms.ca.rootPem;
  }

  /**
   * Brings the platforms to the tree, runs its nodes, then asks and dials every name.
   * @throws UpdateFailed with the engine's own words.
   */
  async deploy(tree: Tree, onOperation: (count: number, line: string) => void): Promise<Deployment> {
    const { project, folder } = this.#options;
    copyProject({ from: project, to: path.join(folder, "project") });
    const { store } = this.world.platforms;
    const before = store.operations.length;
    const operations = () =>
      store.operations.slice(before).filter(({ operation }) => operation !== "read").length;
    const created = await this.#stack.init();
    if (created.code !== 0) throw new UpdateFailed(`${created.stdout}${created.stderr}`);
    const update = await this.#stack.up({
      args: ["--suppress-outputs"],
      onLine: (line) => onOperation(operations(), line.trim()),
    });
    if (update.code !== 0)
      throw new UpdateFailed(diagnosticsOf(update.stdout) ?? `${update.stdout}${update.stderr}`);
    const made = operations();
    const outputs = await this.#stack.outputs();
    await this.world.serve(tree, issuedCertificates(outputs));
    const comparisons = await this.#compare(tree, caaRecords(tree.domain, outputs));
    return { operations: made, comparisons, dials: await this.#dial(tree) };
  }

  async close(): Promise<void> {
    await this.world.close();
  }

  async #compare(tree: Tree, caa: readonly CaaRecord[]): Promise<Map<LabBackend, Comparison>> {
    const comparisons = new Map<LabBackend, Comparison>();
    for (const backend of this.world.servers.keys()) {
      const rendering: CloudflareRendering | Route53Rendering =
        backend === "cloudflare" ? render(tree, "cloudflare") : render(tree, "route53");
      comparisons.set(backend, await compareServed(rendering, this.world.ask(backend), caa));
    }
    return comparisons;
  }

  /** Every name above the nodes by SRV, every active node by its own address. */
  async #dial(tree: Tree): Promise<Deployment["dials"]> {
    const tiers = [tree.global, ...tree.regions, ...tree.pops].map(({ kind, name }) => ({
      tier: kind as string,
      name,
    }));
    const port = tree.services.find(({ transport }) => transport === "sips-tcp")?.port;
    const nodes =
      port === undefined
        ? []
        : tree.nodes
            .filter(({ status }) => status === "active")
            .map(({ name }) => ({ tier: "node", name, port }));
    const dials: (DialReport & { backend: LabBackend; tier: string })[] = [];
    for (const [backend, server] of this.world.servers) {
      for (const { tier, ...target } of [...tiers, ...nodes]) {
        const report = await dialName({
          ...target,
          server,
          caPem: this.caPem,
          timeoutMilliseconds: DIAL_TIMEOUT_MILLISECONDS,
          random: () => randomInt(2 ** 32) / 2 ** 32,
          now: () => performance.now(),
          date: new Date(),
        });
        dials.push({ ...report, backend, tier });
      }
    }
    return dials;
  }
}

/** The part of the engine's report that says what went wrong. */
function diagnosticsOf(report: string): string | undefined {
  return /^Diagnostics:\n([\s\S]*?)\n(?=Resources:|Outputs:|Duration:|$)/m.exec(report)?.[1]?.trimEnd();
}

interface StackOutputs {
  readonly certificates: readonly { slot: string; profile: string; certificatePem: string }[];
  readonly privateKeys: readonly { slot: string; profile: string; privateKeyPem: string }[];
}

/** Each node's certificates with their keys, the exact one first: a client without SNI is shown it. */
function issuedCertificates(outputs: Record<string, unknown>): Map<string, NodeCertificate[]> {
  const { certificates, privateKeys } = outputs as unknown as StackOutputs;
  const keys = new Map(
    privateKeys.map(({ slot, profile, privateKeyPem }) => [`${slot} ${profile}`, privateKeyPem]),
  );
  const bySlot = new Map<string, NodeCertificate[]>();
  const exactFirst = [...certificates].sort((a, b) => (a.profile < b.profile ? -1 : 1));
  for (const { slot, profile, certificatePem } of exactFirst) {
    const keyPem = keys.get(`${slot} ${profile}`);
    if (keyPem === undefined) continue;
    bySlot.set(slot, [...(bySlot.get(slot) ?? []), { certPem: certificatePem, keyPem }]);
  }
  return bySlot;
}
