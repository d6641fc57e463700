/** The stack program: configuration, inventory, tree, what is live, components, outputs. */
import * as pulumi from "@pulumi/pulumi";
import { AcmeIssuer } from "./backends/acme.ts";
import { connect, delegation } from "./backends/connect.ts";
import { GlobalName } from "./components/globalName.ts";
import { Issuance } from "./components/issuance.ts";
import { Node } from "./components/node.ts";
import { stackOutputs } from "./components/outputs.ts";
import { Pop } from "./components/pop.ts";
import { Region } from "./components/region.ts";
import { readOwnOutputs, stackValues } from "./components/stack.ts";
import { ACCOUNT_KEY_VARIABLE, readAccountKey } from "./inventory/accountKey.ts";
import type { Inventory } from "./inventory/inventory.ts";
import { loadInventory } from "./inventory/load.ts";
import { problemLine, Refusal } from "./inventory/problem.ts";
import { parseStackConfig } from "./inventory/stackConfig.ts";
import { authorityOf } from "./plan/certificates/authorities.ts";
import { floorLines, renewalLines } from "./plan/certificates/dueLines.ts";
import { knownAccountKey, planIssuance } from "./plan/certificates/issuance.ts";
import { requestOf } from "./plan/certificates/requestChecks.ts";
import { type Stage, type StageFacts, stageUpdate } from "./plan/certificates/stage.ts";
import { checkedRenderings } from "./plan/checkedRender.ts";
import { treeDigest } from "./plan/digest.ts";
import { goneSince, readLedger } from "./plan/ledger.ts";
import { lint, warningLines } from "./plan/lint/lint.ts";
import { namesByTier } from "./plan/names.ts";
import type { ObservedRow } from "./plan/observed.ts";
import { planTree } from "./plan/plan.ts";
import { render } from "./plan/render.ts";
import { runTime } from "./plan/runTime.ts";
import type { Tree } from "./plan/tree.ts";

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
  const place = `Pulumi.${pulumi.getStack()}.yaml`;
  const config = parseStackConfig(stackValues("dialtree"), place);
  const inventory = loadInventory(config.inventory);
  const asked = planTree(inventory);
  const { acme, backends: platformNames } = config;
  const issuing =
    acme === undefined
      ? undefined
      : planIssuance(acme, { backends: platformNames, challengeZone: asked.challengeZone, place });
  const accountKeyPem = readAccountKey(process.env[ACCOUNT_KEY_VARIABLE]);
  const [lastLedger, lastAccount] = await readOwnOutputs("ledger", "account");
  const accountKey =
    acme === undefined ? undefined : knownAccountKey(acme.directory, lastAccount, accountKeyPem);
  const askedRenderings = checkedRenderings(asked, platformNames, inventory, accountKey);
  for (const line of warningLines(lint({ inventory, tree: asked, renderings: askedRenderings }))) {
    await pulumi.log.warn(line);
  }
  const platforms = await connect(config, askedRenderings);
  const observed = (await Promise.all(platforms.map(({ observe }) => observe()))).flat();
  const ledger = readLedger(lastLedger);
  const now = runTime(process.env.DIALTREE_NOW, new Date());
  const { tree, certificates } =
    acme === undefined
      ? { tree: asked, certificates: [] }
      : await stage(inventory, asked, observed, {
          authority: authorityOf(acme.directory),
          ledger,
          otherIssued: 0,
          now,
        });

  const backends = platforms.map(({ name, publishing }) => publishing(render(tree, name)));
  const { acmeProfile, minDaysRemaining } = inventory.policy.certificates;
  const issuer =
    acme === undefined || issuing === undefined
      ? undefined
      : new AcmeIssuer({
          ...acme,
          accountKeyPem,
          protect: config.protect,
          challenges: issuing.challenges,
          acmeProfile,
          minDaysRemaining,
        });
  const issuance = new Issuance({ domain: tree.domain, backends, issuer, caa: issuing?.caa });
  const nodes = tree.nodes.map(
    (node) =>
      new Node({
        node,
        backends,
        issuer,
        certificates: certificates
          .filter(({ order }) => order.slot === node.slot)
          .map((staged) => ({ ...staged, requestPem: requestOf(staged.order, inventory.requests)?.pem })),
        beforeIssuing: (names) => issuance.before(names),
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
    digest: treeDigest(askedRenderings),
    nameServers: await delegation(platforms),
    ledger,
    goneSince: goneSince(tree, observed, ledger, now),
    issuer: acme === undefined ? undefined : { directory: acme.directory, acmeProfile },
    certificates: nodes.flatMap(({ certificates }) => certificates),
    account:
      issuer === undefined || acme === undefined
        ? undefined
        : {
            directory: acme.directory,
            url: issuer.accountUrl,
            keyDigest: issuer.accountKeyDigest,
            caa: issuance.caa,
          },
    resources: [...backends.flatMap(({ resources }) => resources), ...(issuer?.resources ?? [])],
  });
}

/** The stage of this update, and what people should know of it. */
async function stage(
  inventory: Inventory,
  asked: Tree,
  observed: readonly ObservedRow[],
  facts: StageFacts,
): Promise<Stage> {
  const due = { ...facts, tree: asked, requests: inventory.requests };
  for (const line of floorLines(due)) await pulumi.log.warn(line);
  for (const line of renewalLines(due)) await pulumi.log.info(line);
  const staged = stageUpdate(inventory, asked, observed, facts);
  for (const line of staged.lines) await pulumi.log.warn(line);
  return staged;
}
