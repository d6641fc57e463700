/** The stack program: configuration, inventory, tree, what is live, components, outputs. */
import { readFileSync } from "node:fs";
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { AcmeIssuer } from "./backends/acme.ts";
import { connect, delegation } from "./backends/connect.ts";
import { GlobalName } from "./components/globalName.ts";
import { Node } from "./components/node.ts";
import { stackOutputs } from "./components/outputs.ts";
import { Pop } from "./components/pop.ts";
import { Region } from "./components/region.ts";
import { readOwnOutput, stackValues } from "./components/stack.ts";
import { loadInventory } from "./inventory/load.ts";
import { problemLine, Refusal } from "./inventory/problem.ts";
import { parseStackConfig } from "./inventory/stackConfig.ts";
import { checkedRenderings } from "./plan/checkedRender.ts";
import { treeDigest } from "./plan/digest.ts";
import { goneSince, readLedger } from "./plan/ledger.ts";
import { lint, warningLines } from "./plan/lint/lint.ts";
import { namesByTier } from "./plan/names.ts";
import { planTree } from "./plan/plan.ts";
import { runTime } from "./plan/runTime.ts";

// The SDK takes a stack trace for every promise and rewrites each: half of a large preview's time (measured
// 2026-11). Stripped types keep their positions, so nothing is lost.
Reflect.set(Error, "prepareStackTrace", undefined);
Error.stackTraceLimit = 2;

export default async function program(): Promise<pulumi.Inputs> {
  try {
    return await deploy();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    for (const problem of error.problems) await pulumi.log.error(problemLine(problem));
    const count = error.problems.length === 1 ? "1 problem" : `${error.problems.length} problems`;
    throw new pulumi.RunError(`refused: ${count}, nothing was changed`);
  }
}

async function deploy(): Promise<pulumi.Inputs> {
  const config = parseStackConfig(stackValues("dialtree"), `Pulumi.${pulumi.getStack()}.yaml`);
  const inventory = loadInventory(config.inventory);
  const tree = planTree(inventory);
  const renderings = checkedRenderings(tree, config.backends, inventory.environment);
  for (const line of warningLines(lint({ inventory, tree, renderings }))) await pulumi.log.warn(line);
  const platforms = await connect(config, renderings);
  const observed = (await Promise.all(platforms.map(({ observe }) => observe()))).flat();
  const ledger = readLedger(await readOwnOutput("ledger"));
  const now = runTime(process.env.DIALTREE_NOW, new Date());

  const backends = platforms.map(({ backend }) => backend);
  const issuer =
    config.acme === undefined
      ? undefined
      : new AcmeIssuer({
          ...config.acme,
          challenges: config.acme.challenges ?? config.backends,
          keyType: inventory.policy.certificates.keyType,
          minDaysRemaining: inventory.policy.certificates.minDaysRemaining,
        });
  const nodes = tree.nodes.map(
    (node) =>
      new Node({
        node,
        backends,
        issuer,
        certificates: tree.certificates
          .filter(({ slot }) => slot === node.slot)
          .map((order) => ({ ...order, requestPem: requestPem(config.inventory, order.csr) })),
      }),
  );

  // On an empty stack a name lists a node only once its certificates are there; later they are in the ledger.
  const issued = new Set(ledger.certificates.map(({ slot, profile }) => `${slot} ${profile}`));
  const beforeListing = (slot: string) =>
    nodes
      .flatMap(({ certificates }) => certificates)
      .filter(({ order }) => order.slot === slot && !issued.has(`${slot} ${order.profile}`))
      .map(({ resource }) => resource);
  for (const tier of tree.pops) new Pop({ tier, backends, beforeListing });
  for (const tier of tree.regions) new Region({ tier, backends, beforeListing });
  new GlobalName({ tier: tree.global, backends, beforeListing });

  return stackOutputs({
    names: namesByTier(tree),
    digest: treeDigest(renderings),
    nameServers: await delegation(platforms),
    goneSince: goneSince(tree, observed, ledger, now),
    certificates: nodes.flatMap(({ certificates }) => certificates),
    resources: [...backends.flatMap(({ resources }) => resources), ...(issuer?.resources ?? [])],
  });
}

function requestPem(folder: string, file: string | undefined): string | undefined {
  return file === undefined ? undefined : readFileSync(path.join(folder, file), "utf8");
}
