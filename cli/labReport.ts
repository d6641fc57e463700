/** What a lab run says: its plan, the tree as it is served, how to go on. */
import type pc from "picocolors";
import type { StackConfig } from "../inventory/stackConfig.ts";
import { CLIENT_NETWORKS } from "../lab/clientNetworks.ts";
import type { LabBackend } from "../lab/world.ts";
import type { Tree } from "../plan/tree.ts";
import type { Deployment } from "./labSession.ts";
import { table } from "./table.ts";

type Colours = ReturnType<typeof pc.createColors>;

/** What the run will do, before anything is waited for. */
export function planLines(tree: Tree, config: StackConfig, engineSteps: readonly string[]): string[] {
  return [
    `lab: ${tree.domain} on this machine, at ${config.backends.join(" and ")}; nothing leaves it`,
    ...(engineSteps.length === 0 ? ["  1  the Pulumi engine: there already"] : ["  1  the Pulumi engine:"]),
    ...engineSteps.map((step) => `     - ${step}`),
    "  2  the lab's platforms: record stores, name servers, health checks, a certificate authority",
    "  3  a real `pulumi up` of the stack, on a copy of the program in .lab",
    `  4  ${tree.nodes.length} SIP nodes on their own loopback addresses, with the certificates just issued`,
    "  5  every planned set asked of the name servers, every tier dialed over TLS",
    "",
  ];
}

/** Whether every planned set is served as planned and every name answered. */
export function isProven({ comparisons, dials }: Deployment): boolean {
  return (
    [...comparisons.values()].every(({ differences }) => differences.length === 0) &&
    dials.every(({ ok }) => ok)
  );
}

/** The tree as it is served: per name who answered at which platform. */
export function deploymentText(tree: Tree, deployment: Deployment, colours: Colours): string {
  const { operations, comparisons, dials } = deployment;
  const names = [...new Set(dials.map(({ name }) => name))];
  const backends = [...comparisons.keys()];
  const rows = names.map((name) => {
    const answers = dials.filter((dial) => dial.name === name);
    return [
      `${indent(answers[0]?.tier ?? "")}${name}`,
      ...backends.map((backend) =>
        answerText(
          answers.find((dial) => dial.backend === backend),
          tree,
        ),
      ),
    ];
  });
  const failed = dials.filter(({ ok }) => !ok);
  return [
    operations === 0
      ? "no change: the platforms were as planned"
      : `${operations} operations at the platforms`,
    "",
    table([["name", ...backends.map((backend) => `answered at ${backend}`)], ...rows]).trimEnd(),
    "",
    ...[...comparisons].map(([backend, { sets, differences }]) =>
      differences.length === 0
        ? colours.green(`${backend}: ${sets} sets, all served as planned`)
        : colours.red(`${backend}: ${differences.length} of ${sets} sets are not served as planned`),
    ),
    ...[...comparisons].flatMap(([backend, { differences }]) =>
      differences.map(
        ({ name, type, planned, served }) =>
          `  ${backend} ${name} ${type}: planned ${planned.join(", ")}; served ${served.join(", ")}`,
      ),
    ),
    failed.length === 0
      ? colours.green(`${dials.length} dials, all answered`)
      : colours.red(`${failed.length} of ${dials.length} dials were not answered`),
    ...failed.map(({ backend, name, fault }) => `  ${backend} ${name}: ${fault}`),
  ].join("\n");
}

const DEPTH: Readonly<Record<string, number>> = { global: 0, region: 1, pop: 2, node: 3 };

function indent(tier: string): string {
  return "  ".repeat(DEPTH[tier] ?? 0);
}

function answerText(dial: Deployment["dials"][number] | undefined, tree: Tree): string {
  const { answered, ok } = dial ?? {};
  if (answered === undefined) return "nobody";
  const node = tree.nodes.find(({ address }) => address === answered.address);
  const status = ok === true ? "" : ` (${answered.status})`;
  return `${node?.slot ?? answered.target} ${answered.address}:${answered.port}${status}`;
}

/** How to ask, dial, change and end. */
export function howTo(
  tree: Tree,
  servers: ReadonlyMap<LabBackend, string>,
  caFile: string,
  inventory: string,
): string {
  const [first] = servers;
  const server = first?.[1] ?? "";
  const [host, port] = server.split(":");
  const [near, far] = [CLIENT_NETWORKS[0], CLIENT_NETWORKS.find(({ city }) => city === "Los Angeles")];
  const ask = (rest: string) => `dig @${host} -p ${port} ${rest}`;
  return [
    "",
    ...[...servers].map(([name, address]) => `name server of ${name}: ${address}`),
    "",
    table([
      ["ask it", ask(`SRV _sips._tcp.${tree.domain}`)],
      ...[near, far].flatMap((client) =>
        client === undefined
          ? []
          : [[`as from ${client.city}`, ask(`+subnet=${client.network} A geo-a.${tree.domain}`)]],
      ),
      ["dial it", `npx dialtree dial ${tree.domain} --server ${server} --ca ${caFile}`],
      ["change a node", `edit ${inventory}/nodes.json, then press Enter here (or run the lab again)`],
      ["end", "Ctrl-C; the next run goes on from here"],
    ]).trimEnd(),
  ].join("\n");
}

/** The same as a document. */
export function deploymentJson(tree: Tree, deployment: Deployment) {
  const { operations, comparisons, dials } = deployment;
  return {
    domain: tree.domain,
    proven: isProven(deployment),
    operations,
    served: Object.fromEntries(comparisons),
    dials: dials.map(({ backend, tier, name, ok, answered, fault }) => ({
      backend,
      tier,
      name,
      ok,
      answered,
      fault,
    })),
  };
}
