/** `dialtree lab`: the whole system on this machine, with the real engine, until Ctrl-C or once. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import pc from "picocolors";
import { engineSteps, ensureEngine } from "../engine/engine.ts";
import { loadInventory } from "../inventory/load.ts";
import { Refusal } from "../inventory/problem.ts";
import { planTree } from "../plan/plan.ts";
import type { Tree } from "../plan/tree.ts";
import { type Interruption, watchInterruption } from "./interruption.ts";
import { holdLab } from "./labLock.ts";
import { deploymentJson, deploymentText, howTo, isProven, planLines } from "./labReport.ts";
import { type Deployment, LabSession, UpdateFailed } from "./labSession.ts";
import { progressPrinter } from "./progress.ts";
import { readStackFile } from "./stackFile.ts";
import { EXIT, type Terminal } from "./usage.ts";

export interface LabOptions {
  readonly once?: boolean;
  readonly json?: boolean;
}

const PROJECT = fileURLToPath(new URL("..", import.meta.url));
const STACK = "lab";

/** Ports of the lab's name servers while they are free. */
const DNS_PORTS = { cloudflare: 5301, route53: 5302 } as const;

const PROGRESS_INTERVAL_MILLISECONDS = 500;

/** Width of the printed tree: at least what it needs, and this where no terminal tells one. */
const MIN_COLUMNS = 40;
const PIPE_COLUMNS = 120;

/** A lab that runs: what it deploys, and where it tells. */
interface RunningLab {
  readonly session: LabSession;
  readonly io: LabTerminal;
  /** Reads the inventory anew. */
  readonly load: () => Tree;
  readonly show: (tree: Tree, deployment: Deployment) => void;
}

type LabTerminal = Terminal & { readonly stdin?: NodeJS.ReadStream };

/** @throws Refusal for a broken inventory, a lab that runs already, a port that is taken. */
export async function labCommand(options: LabOptions, io: LabTerminal): Promise<number> {
  const say = (text: string) => void (options.json === true ? io.stderr : io.stdout).write(`${text}\n`);
  const config = readStackFile(STACK, PROJECT);
  const load = () => planTree(loadInventory(shownPath(path.resolve(PROJECT, config.inventory))));
  const tree = load();
  const folder = path.join(PROJECT, ".lab");
  const release = await holdLab(folder);
  const interruption = watchInterruption();
  let session: LabSession | undefined;
  try {
    for (const line of planLines(tree, config, await engineSteps())) say(line);
    const engine = await ensureEngine(progressPrinter(io.stderr));
    session = await LabSession.start(
      { engine, project: PROJECT, stack: STACK, config, folder, dnsPorts: DNS_PORTS },
      tree,
    );
    const caFile = path.join(folder, "ca.pem");
    writeFileSync(caFile, session.caPem);
    const lab: RunningLab = { session, io, load, show: shower(options, io) };
    const deployment = await deploy(lab, tree);
    lab.show(tree, deployment);
    if (options.once === true) return isProven(deployment) ? EXIT.fine : EXIT.refused;
    say(howTo(tree, session.world.servers, shownPath(caFile), config.inventory));
    await stay(lab, interruption);
    return EXIT.fine;
  } catch (error) {
    if (!(error instanceof UpdateFailed)) throw error;
    io.stderr.write(`${error.message.trim()}\n`);
    return EXIT.refused;
  } finally {
    await session?.close();
    interruption.release();
    await release();
  }
}

/** The path as the user would write it. */
function shownPath(file: string): string {
  return path.relative(process.cwd(), file) || ".";
}

function shower(options: LabOptions, io: Terminal): RunningLab["show"] {
  if (options.json === true) {
    return (tree, deployment) =>
      void io.stdout.write(`${JSON.stringify(deploymentJson(tree, deployment), undefined, 2)}\n`);
  }
  const colours = pc.createColors(io.stdout.isTTY === true && !process.env.NO_COLOR);
  const columns = Math.max(MIN_COLUMNS, io.stdout.columns ?? PIPE_COLUMNS);
  return (tree, deployment) =>
    void io.stdout.write(`${deploymentText(tree, deployment, { columns, colours })}\n`);
}

/**
 * One update with its progress: a line that is rewritten on a terminal, start and end in a pipe. Ctrl-C reaches
 * the engine by itself; it ends its operations and writes its state, and this waits for it.
 */
async function deploy({ session, io }: RunningLab, tree: Tree): Promise<Deployment> {
  const progress = progressPrinter(io.stderr);
  const step = { what: "pulumi up on stack lab", number: 1, count: 1, usually: "usually some seconds" };
  const started = performance.now();
  const elapsedSeconds = () => (performance.now() - started) / 1000;
  let detail = "starting";
  progress({ kind: "started", step });
  const tick = () => progress({ kind: "running", step, elapsedSeconds: elapsedSeconds(), detail });
  const timer = setInterval(tick, PROGRESS_INTERVAL_MILLISECONDS);
  try {
    const deployment = await session.deploy(tree, (count) => {
      detail = `${count} operations at the platforms`;
    });
    progress({ kind: "ended", step, elapsedSeconds: elapsedSeconds() });
    return deployment;
  } catch (error) {
    progress({ kind: "failed", step, elapsedSeconds: elapsedSeconds() });
    throw error;
  } finally {
    clearInterval(timer);
  }
}

/** Deploys again at each line that is typed; ends at Ctrl-C or a termination signal. */
async function stay(lab: RunningLab, interruption: Interruption): Promise<void> {
  const input = lab.io.stdin?.isTTY === true ? createInterface({ input: lab.io.stdin }) : undefined;
  let last = Promise.resolve();
  input?.on("line", () => {
    last = last.then(() => deployAgain(lab));
  });
  await interruption.happened;
  input?.close();
  await last;
}

async function deployAgain(lab: RunningLab): Promise<void> {
  try {
    const tree = lab.load();
    lab.show(tree, await deploy(lab, tree));
  } catch (error) {
    if (error instanceof Refusal) lab.io.stderr.write(`${error.message}\n`);
    else if (error instanceof UpdateFailed) lab.io.stderr.write(`${error.message.trim()}\n`);
    else throw error;
  }
}
