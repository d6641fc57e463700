/** `dialtree lab`: the whole system on this machine, with the real engine, until Ctrl-C or once. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import pc from "picocolors";
import { engineSteps, ensureEngine } from "../engine/engine.ts";
import { loadInventory } from "../inventory/load.ts";
import { problemLine, Refusal } from "../inventory/problem.ts";
import { planTree } from "../plan/plan.ts";
import type { Tree } from "../plan/tree.ts";
import { holdLab } from "./labLock.ts";
import { deploymentJson, deploymentText, howTo, isProven, planLines } from "./labReport.ts";
import { type Deployment, LabSession, UpdateFailed } from "./labSession.ts";
import { type ProgressStream, progressPrinter } from "./progress.ts";
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

/** @throws Refusal for a broken inventory, a lab that runs already, a port that is taken. */
export async function labCommand(
  options: LabOptions,
  io: Terminal & { stdin?: NodeJS.ReadStream },
): Promise<number> {
  const colours = pc.createColors(io.stdout.isTTY === true && !process.env.NO_COLOR);
  const say = (text: string) => void (options.json === true ? io.stderr : io.stdout).write(`${text}\n`);
  const config = readStackFile(STACK, PROJECT);
  const load = () =>
    planTree(loadInventory(path.relative(process.cwd(), path.resolve(PROJECT, config.inventory))));
  const tree = load();
  const folder = path.join(PROJECT, ".lab");
  const release = await holdLab(folder);
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
    const deployment = await deploy(session, tree, io.stderr);
    if (options.json === true)
      io.stdout.write(`${JSON.stringify(deploymentJson(tree, deployment), undefined, 2)}\n`);
    else say(deploymentText(tree, deployment, colours));
    if (options.once === true) return isProven(deployment) ? EXIT.fine : EXIT.refused;
    say(howTo(tree, session.world.servers, path.relative(process.cwd(), caFile), config.inventory));
    await stay(session, load, io, (again, result) => say(deploymentText(again, result, colours)));
    return EXIT.fine;
  } catch (error) {
    if (!(error instanceof UpdateFailed)) throw error;
    io.stderr.write(`${error.message.trim()}\n`);
    return EXIT.refused;
  } finally {
    await session?.close();
    await release();
  }
}

/** One update with its progress: a line that is rewritten on a terminal, start and end in a pipe. */
async function deploy(session: LabSession, tree: Tree, stream: ProgressStream): Promise<Deployment> {
  const progress = progressPrinter(stream);
  const step = {
    what: "pulumi up on stack lab",
    number: 1,
    count: 1,
    usually: "usually some seconds",
  };
  const started = performance.now();
  const elapsedSeconds = () => (performance.now() - started) / 1000;
  let detail = "starting";
  progress({ kind: "started", step });
  const timer = setInterval(
    () => progress({ kind: "running", step, elapsedSeconds: elapsedSeconds(), detail }),
    500,
  );
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

/** Deploys again at each line of input; ends at Ctrl-C, at a termination signal, or when the input ends on a terminal. */
async function stay(
  session: LabSession,
  load: () => Tree,
  io: Terminal & { stdin?: NodeJS.ReadStream },
  show: (tree: Tree, deployment: Deployment) => void,
): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
  const input = io.stdin?.isTTY === true ? createInterface({ input: io.stdin }) : undefined;
  input?.once("SIGINT", () => process.emit("SIGINT"));
  // Without a terminal there is nothing else that keeps the process: the servers do.
  let last = Promise.resolve();
  input?.on("line", () => {
    last = last.then(() => deployAgain(session, load, io, show));
  });
  await ended;
  input?.close();
  await last;
}

async function deployAgain(
  session: LabSession,
  load: () => Tree,
  io: Terminal,
  show: (tree: Tree, deployment: Deployment) => void,
): Promise<void> {
  try {
    const tree = load();
    show(tree, await deploy(session, tree, io.stderr));
  } catch (error) {
    if (error instanceof Refusal)
      for (const problem of error.problems) io.stderr.write(`${problemLine(problem)}\n`);
    else if (error instanceof UpdateFailed) io.stderr.write(`${error.message.trim()}\n`);
    else throw error;
  }
}
