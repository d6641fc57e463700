/** The tree's components against a mocked engine: which resources are registered, and with what. */

import * as pulumi from "@pulumi/pulumi";
import { AcmeIssuer } from "../../backends/acme.ts";
import type { DnsBackend } from "../../backends/backend.ts";
import { connect } from "../../backends/connect.ts";
import { GlobalName } from "../../components/globalName.ts";
import { Issuance } from "../../components/issuance.ts";
import { Node } from "../../components/node.ts";
import { Pop } from "../../components/pop.ts";
import { Region } from "../../components/region.ts";
import type { StackBackend } from "../../inventory/stackConfig.ts";
import type { CaaPolicy } from "../../plan/certificates/issuance.ts";
import { render } from "../../plan/render.ts";
import type { Tree } from "../../plan/tree.ts";
import { madeByProvider } from "./registrations.ts";

export interface Registered {
  /** Type token. */
  readonly type: string;
  /** Logical name. */
  readonly name: string;
  /** As the engine gets them: resolved, without what is undefined. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Type token and logical name of the component above; absent at the top. */
  readonly parent?: string;
  /** Logical names. */
  readonly dependsOn: readonly string[];
}

export const ZONES = {
  cloudflare: { accountId: "a".repeat(32), zoneId: "b".repeat(32) },
  route53: { zoneId: "Z0TEST" },
};

export interface MockedStack {
  readonly backends: readonly StackBackend[];
  /** Challenge providers; no certificates when absent. */
  readonly challenges?: readonly string[];
  /** Who may issue; nobody is named when absent. */
  readonly caa?: CaaPolicy;
  /** PEM request of a node that makes its own key, by slot. */
  readonly requests?: Readonly<Record<string, string>>;
}

/** Registers the whole tree as the program does. Ids are `id of <logical name>`. */
export async function registerTree(tree: Tree, options: MockedStack): Promise<readonly Registered[]> {
  const inputs = new Map<string, Record<string, unknown>>();
  await pulumi.runtime.setMocks({
    newResource: (args) => {
      const key = `${args.type} ${args.name}`;
      if (inputs.has(key)) throw new Error(`two resources are ${key}`);
      inputs.set(key, args.inputs);
      return { id: `id of ${args.name}`, state: { ...madeByProvider(args.type), ...args.inputs } };
    },
    call: () => ({}),
  });
  const seen: Omit<Registered, "inputs">[] = [];
  const opts: pulumi.ComponentResourceOptions = {
    transformations: [
      ({ type, name, props, opts }) => {
        seen.push({
          type,
          name,
          ...(opts.parent === undefined
            ? {}
            : { parent: `${typeOf(opts.parent)} ${logicalName(opts.parent)}` }),
          dependsOn: [opts.dependsOn ?? []].flat().map((each) => logicalName(each as pulumi.Resource)),
        });
        return { props, opts };
      },
    ],
  };
  const renderings = options.backends.map((backend) => render(tree, backend));
  const platforms = await connect(ZONES, renderings);
  const backends: readonly DnsBackend[] = platforms.map(({ name, publishing }) =>
    publishing(render(tree, name)),
  );
  const issuer =
    options.challenges === undefined
      ? undefined
      : new AcmeIssuer({
          directory: "https://acme.example.test/directory",
          contact: "sip@example.test",
          challenges: options.challenges,
          protect: true,
          acmeProfile: "classic",
          minDaysRemaining: 30,
        });
  const issuance = new Issuance({ domain: tree.domain, backends, issuer, caa: options.caa }, opts);
  const nodes = tree.nodes.map(
    (node) =>
      new Node(
        {
          node,
          backends,
          issuer,
          certificates: tree.certificates
            .filter(({ slot }) => slot === node.slot)
            .map((order) => ({ order, waits: false, requestPem: options.requests?.[node.slot] })),
          beforeIssuing: (names) => issuance.before(names),
        },
        opts,
      ),
  );
  const beforeListing = (slot: string) =>
    nodes
      .flatMap(({ certificates }) => certificates)
      .filter(({ order }) => order.slot === slot)
      .map(({ resource }) => resource);
  const tier = { backends, beforeListing };
  const tiers = [
    ...tree.pops.map((pop) => new Pop({ ...tier, tier: pop }, opts)),
    ...tree.regions.map((region) => new Region({ ...tier, tier: region }, opts)),
    new GlobalName({ ...tier, tier: tree.global }, opts),
  ];
  const resources = [
    ...[issuance, ...nodes, ...tiers].map(({ urn }) => urn),
    ...[...backends, ...(issuer === undefined ? [] : [issuer])].flatMap(({ resources }) =>
      resources.map(({ id }) => id),
    ),
  ];
  await settled(pulumi.all(resources));
  const below = seen.map((each) => ({ ...each, inputs: inputs.get(`${each.type} ${each.name}`) ?? {} }));
  const known = new Set(below.map(({ type, name }) => `${type} ${name}`));
  const atTop = [...inputs].filter(([key]) => !known.has(key));
  return [
    ...below,
    ...atTop.map(([key, given]): Registered => {
      const [type = "", ...name] = key.split(" ");
      return { type, name: name.join(" "), inputs: given, dependsOn: [] };
    }),
  ];
}

/** What the component of that type and name has below it. */
export function below(all: readonly Registered[], parentType: string, parent: string): Registered[] {
  return all.filter((each) => each.parent === `${parentType} ${parent}`);
}

/** The engine's own name of a resource that is being registered. */
function logicalName(resource: pulumi.Resource): string {
  return (resource as unknown as { __name: string }).__name;
}

function typeOf(resource: pulumi.Resource): string {
  return (resource as unknown as { __pulumiType: string }).__pulumiType;
}

function settled<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => {
    output.apply(resolve);
  });
}
