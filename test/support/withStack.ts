/** One stack of the program under the real engine, against the lab's platforms in memory, gone afterwards. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fqdn } from "../../dns/names.ts";
import { type Engine, ensureEngine } from "../../engine/engine.ts";
import type { ProcessResult } from "../../engine/process.ts";
import { copyProject } from "../../engine/project.ts";
import { Stack } from "../../engine/stack.ts";
import { ACCOUNT_KEY_VARIABLE } from "../../inventory/accountKey.ts";
import { loadInventory } from "../../inventory/load.ts";
import type { StackBackend } from "../../inventory/stackConfig.ts";
import { caaRecords, compareServed, type Difference } from "../../lab/served.ts";
import type { Operation } from "../../lab/store/operationLog.ts";
import { startWorld, type World } from "../../lab/world.ts";
import { planTree } from "../../plan/plan.ts";
import { render } from "../../plan/render.ts";
import type { CloudflareRendering, Route53Rendering } from "../../plan/rendering.ts";
import { DOMAIN, type InventorySketch } from "./inventories.ts";
import { checkout } from "./trackedFiles.ts";

export interface StackSketch {
  readonly inventory: InventorySketch;
  readonly backends: readonly StackBackend[];
  /** Whether the nodes get certificates; where it is more than yes, configuration of their authority. */
  readonly acme?: boolean | Readonly<Record<string, unknown>>;
  /** Key of the ACME account that every run finds in its environment, PEM; empty for none. */
  readonly accountKey?: () => string;
  /** Whether the engine refuses to delete the account; it does not unless told. */
  readonly protect?: boolean;
  /** Files of the inventory folder beside nodes.json and tree.json: name to text. */
  readonly files?: Readonly<Record<string, string>>;
  /** What the platforms and every run take for now; the machine's clock when absent. */
  readonly now?: () => Date;
  /** Path of the Node.js that runs the program; this one when absent. */
  readonly node?: string;
  /** Whether the engine writes its state after each operation, as in production, and not once at the end. */
  readonly checkpoints?: boolean;
}

export interface TestStack {
  readonly world: World;
  /** The copy of the program. */
  readonly project: string;
  setInventory(inventory: InventorySketch): void;
  /** Replaces one file of the project copy. */
  write(file: string, text: string): void;
  /** Values of the `dialtree` namespace, in place of those that the sketch stands for. */
  setConfig(values: Readonly<Record<string, unknown>>): void;
  /** The configuration that the sketch stands for. */
  readonly config: Readonly<Record<string, unknown>>;
  /** `pulumi up`; the result is returned whatever it is. */
  tryUp(): Promise<ProcessResult>;
  /** `pulumi preview` with these arguments; the result is returned whatever it is. */
  tryPreview(...args: string[]): Promise<ProcessResult>;
  /** @throws Error with the engine's words unless the update went well. */
  up(): Promise<readonly Operation[]>;
  /** @throws Error with the engine's words when the next update would change anything. */
  expectIdle(): Promise<void>;
  refresh(): Promise<void>;
  destroy(): Promise<readonly Operation[]>;
  outputs(): Promise<Record<string, unknown>>;
  /** Any other command of the engine: `["stack", "export"]`. */
  run(args: readonly string[]): Promise<ProcessResult>;
  /** What the inventory is rendered to, per backend. */
  renderings(): readonly (CloudflareRendering | Route53Rendering)[];
  /** Every planned set that a name server does not serve as planned. */
  notServed(): Promise<readonly Difference[]>;
  /** Everything but reads that reached the platforms since the mark, in order; refused requests included. */
  operationsSince(mark: number): readonly Operation[];
  /** The present end of the operation log. */
  mark(): number;
}

/** The zone that holds the domain; a zone of the domain alone would need another plan at Cloudflare. */
const ZONE = "example.net";

const STACK = "test";
const RUN_SECONDS = 120;
const IDS = {
  cloudflare: { accountId: "a".repeat(32), zoneId: "b".repeat(32) },
  route53: { zoneId: "Z0TEST" },
};

let engine: Promise<Engine> | undefined;

/** Runs `use` with a stack that is not deployed yet. Whatever happens, everything it started ends. */
export async function withStack<T>(sketch: StackSketch, use: (stack: TestStack) => Promise<T>): Promise<T> {
  const { stack, close } = await openStack(sketch);
  try {
    return await use(stack);
  } finally {
    await close();
  }
}

/** The same for a suite that follows one stack through its life: the caller closes it. */
export async function openStack(
  sketch: StackSketch,
): Promise<{ stack: TestStack; close: () => Promise<void> }> {
  engine ??= ensureEngine();
  const folder = mkdtempSync(path.join(tmpdir(), "dialtree-stack-"));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  try {
    const uses = (backend: StackBackend) => sketch.backends.includes(backend);
    const world = await startWorld({
      zone: sketch.inventory.environment?.zone ?? ZONE,
      challengeZone: sketch.inventory.environment?.challengeZone,
      cloudflare: uses("cloudflare") ? IDS.cloudflare : undefined,
      route53: uses("route53") ? IDS.route53 : undefined,
      now: sketch.now,
    });
    // No node listens here, and what is not probed counts as healthy.
    world.platforms.health.stop();
    const close = async () => {
      try {
        await world.close();
      } finally {
        removeFolder();
      }
    };
    try {
      return { stack: await createStack(await engine, folder, world, sketch), close };
    } catch (error) {
      await close();
      throw error;
    }
  } catch (error) {
    removeFolder();
    throw error;
  }
}

async function createStack(
  found: Engine,
  folder: string,
  world: World,
  sketch: StackSketch,
): Promise<TestStack> {
  const project = path.join(folder, "project");
  copyProject({ from: checkout, to: project });
  const inventoryFolder = path.join(project, "inventory", STACK);
  mkdirSync(inventoryFolder);
  const write = (file: string, text: string) => writeFileSync(path.join(project, file), text);
  const setInventory = ({ nodes, environment, policy }: InventorySketch) => {
    const tree = {
      environment: { domain: DOMAIN, zone: ZONE, allowAddresses: ["loopback"], ...environment },
      policy: policy ?? {},
    };
    write(`inventory/${STACK}/nodes.json`, JSON.stringify(nodes, undefined, 2));
    write(`inventory/${STACK}/tree.json`, JSON.stringify(tree, undefined, 2));
  };
  const setConfig = (values: Readonly<Record<string, unknown>>) => {
    const config = Object.fromEntries(
      Object.entries(values).map(([key, value]) => [`dialtree:${key}`, value]),
    );
    // JSON is YAML.
    write(`Pulumi.${STACK}.yaml`, JSON.stringify({ config }, undefined, 2));
  };
  for (const [file, text] of Object.entries(sketch.files ?? {})) write(`inventory/${STACK}/${file}`, text);
  setInventory(sketch.inventory);
  const config = configOf(sketch);
  setConfig(config);
  const stack = new Stack({
    engine: found,
    name: STACK,
    project,
    folder: path.join(folder, "engine"),
    attachedProviders: world.platforms.ports,
    skipCheckpoints: sketch.checkpoints !== true,
    timeoutSeconds: RUN_SECONDS,
    env: environmentOf(sketch, found),
  });
  succeeded(await stack.init());

  const { store } = world.platforms;
  const mark = () => store.operations.length;
  const operationsSince = (from: number) =>
    store.operations.slice(from).filter(({ operation }) => operation !== "read");
  const logged = async (run: () => Promise<ProcessResult>) => {
    const from = mark();
    succeeded(await run());
    return operationsSince(from);
  };
  const run = (args: readonly string[]) => stack.run([...args, "--stack", STACK]);
  const renderings = () => {
    const tree = planTree(loadInventory(inventoryFolder));
    return sketch.backends.map((backend) =>
      backend === "cloudflare" ? render(tree, "cloudflare") : render(tree, "route53"),
    );
  };
  return {
    world,
    project,
    config,
    setInventory,
    setConfig,
    write,
    mark,
    operationsSince,
    run,
    renderings,
    tryUp: () => stack.up(),
    tryPreview: (...args) => stack.preview({ args }),
    up: () => logged(() => stack.up()),
    expectIdle: async () => void succeeded(await stack.preview({ args: ["--expect-no-changes"] })),
    refresh: async () => void succeeded(await run(["refresh", "--yes", "--skip-preview"])),
    destroy: () => logged(() => stack.destroy()),
    outputs: () => stack.outputs(),
    async notServed() {
      const withCaa = typeof sketch.acme === "object";
      const caa = withCaa ? caaRecords(fqdn(DOMAIN), await stack.outputs()) : [];
      const compared = renderings().map((rendering) =>
        compareServed(rendering, world.ask(rendering.backend), caa),
      );
      return (await Promise.all(compared)).flatMap(({ differences }) => differences);
    },
  };
}

function environmentOf({ node, now, accountKey }: StackSketch, found: Engine): Record<string, string> {
  const env: Record<string, string> = node === undefined ? {} : { PATH: pathWith(node, found) };
  // Read anew for each run, so that the time may go on between them.
  const define = (name: string, get: () => string) =>
    Object.defineProperty(env, name, { enumerable: true, get });
  if (now !== undefined) define("DIALTREE_NOW", () => now().toISOString());
  if (accountKey !== undefined) define(ACCOUNT_KEY_VARIABLE, accountKey);
  return env;
}

/** The language host runs the first `node` on PATH. */
function pathWith(node: string, found: Engine): string {
  return [path.dirname(node), ...found.pathEntries, process.env.PATH ?? ""].join(path.delimiter);
}

function configOf({ backends, acme = false, protect = false }: StackSketch): Record<string, unknown> {
  const authority = { directory: "https://acme.example.test/directory", contact: "sip@example.test" };
  return {
    protect,
    inventory: `inventory/${STACK}`,
    backends,
    ...Object.fromEntries(backends.map((backend) => [backend, IDS[backend]])),
    ...(acme === false ? {} : { acme: { ...authority, ...(acme === true ? {} : acme) } }),
  };
}

function succeeded(result: ProcessResult): ProcessResult {
  if (result.code === 0) return result;
  throw new Error(`the engine ended with ${result.code}:\n${result.stdout}${result.stderr}`);
}
