/** What a lab run says: its plan, the tree as it is served, how to go on. */
import type pc from "picocolors";
import type { Fqdn } from "../dns/names.ts";
import type { StackConfig } from "../inventory/stackConfig.ts";
import { CLIENT_NETWORKS } from "../lab/clientNetworks.ts";
import type { LabBackend } from "../lab/world.ts";
import type { Tree } from "../plan/tree.ts";
import { type Served, type TreePaint, treeText } from "../report/treeText.ts";
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

/** The tree as it is served: who answered at each name, and whether that is what was planned. */
export function deploymentText(
  tree: Tree,
  deployment: Deployment,
  { columns, colours }: { readonly columns: number; readonly colours: Colours },
): string {
  const { operations, comparisons, dials } = deployment;
  const failed = dials.filter(({ ok }) => !ok);
  return [
    operations === 0
      ? "no change: the platforms were as planned"
      : `${operations} operations at the platforms`,
    "",
    treeText(tree, { columns, served: servedNames(tree, dials), paint: paint(colours) }).trimEnd(),
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

/** Per name: `answered by fra1`, with the platform where they differ. */
function servedNames(tree: Tree, dials: Deployment["dials"]): Map<Fqdn, Served> {
  return new Map(
    [...Map.groupBy(dials, ({ name }) => name)].map(([name, attempts]) => {
      const ok = attempts.every((dial) => dial.ok);
      const byWhom = attempts.map((dial) => `${answerText(dial, tree)} (${dial.backend})`);
      return [name as Fqdn, { ok, text: `dialed: ${byWhom.join(", ")}` }];
    }),
  );
}

function answerText({ answered, ok }: Deployment["dials"][number], tree: Tree): string {
  if (answered === undefined) return "nobody";
  const node = tree.nodes.find(({ address }) => address === answered.address);
  return `${node?.slot ?? answered.target}${ok ? "" : ` says ${answered.status}`}`;
}

function paint(colours: Colours): TreePaint {
  return {
    name: colours.bold,
    muted: colours.dim,
    good: colours.green,
    bad: colours.red,
    state: {
      active: colours.green,
      standby: colours.blue,
      draining: colours.yellow,
      planned: colours.dim,
      down: colours.red,
    },
  };
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
