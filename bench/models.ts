/** Lint, recovery and capacity of a large fleet: from its plan to all that they say of it. */
import { capacityReport } from "../plan/capacity/capacity.ts";
import { lint } from "../plan/lint/lint.ts";
import { planTree } from "../plan/plan.ts";
import { resolveInputs } from "../plan/recovery/inputs.ts";
import { recovery } from "../plan/recovery/recovery.ts";
import { render } from "../plan/render.ts";
import type { Backend } from "../plan/rendering.ts";
import { type FleetFiles, fleet, fleetFiles } from "./fleet.ts";
import { elapsed, median, type Row, type RowResult } from "./row.ts";

const NODES = 10_000;
const ROUNDS = 5;
const BACKENDS = ["cloudflare", "route53"] as const satisfies readonly Backend[];

const MAX_LINT_MILLISECONDS = 2_000;
const MAX_MODELS_MILLISECONDS = 1_000;

const CALLS_OF_REGION = 4_000;
const CALLS_OF_NODE = 500;

export const lintAndModels: Row = {
  title: "lint, recovery and capacity of 10,000 nodes",
  async run(): Promise<RowResult> {
    const inventory = fleet(loaded(fleetFiles(NODES)));
    const tree = planTree(inventory);
    const renderings = BACKENDS.map((backend) => render(tree, backend));
    const inputs = resolveInputs(tree.policy);
    const lintMilliseconds = await rounds(() => lint({ inventory, tree, renderings }));
    const recoveryMilliseconds = await rounds(() => {
      for (const backend of BACKENDS) recovery(tree, backend, inputs);
    });
    const capacityMilliseconds = await rounds(() => capacityReport(tree, inventory, BACKENDS));
    const modelsMilliseconds = recoveryMilliseconds + capacityMilliseconds;
    return {
      measures: [
        { what: "lint, both platforms", value: lintMilliseconds, unit: "ms" },
        { what: "recovery, both platforms", value: recoveryMilliseconds, unit: "ms" },
        { what: "capacity", value: capacityMilliseconds, unit: "ms" },
      ],
      verdicts: [
        {
          bound: `lint within ${MAX_LINT_MILLISECONDS} ms`,
          holds: lintMilliseconds <= MAX_LINT_MILLISECONDS,
        },
        {
          bound: `both models within ${MAX_MODELS_MILLISECONDS} ms`,
          holds: modelsMilliseconds <= MAX_MODELS_MILLISECONDS,
        },
      ],
    };
  },
};

async function rounds(work: () => unknown): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) times.push(await elapsed(work));
  return median(times);
}

/** The fleet with loads and capacities, without which there is nothing to reckon. */
function loaded({ nodes, tree }: FleetFiles): FleetFiles {
  const regions = new Set(nodes.map((node) => String(Reflect.get(node, "region"))));
  const policy: object = Reflect.get(tree, "policy");
  const expectedLoad = Object.fromEntries([...regions].map((region) => [region, CALLS_OF_REGION]));
  return {
    nodes: nodes.map((node) => ({ ...node, capacity: CALLS_OF_NODE })),
    tree: { ...tree, policy: { ...policy, expectedLoad } },
  };
}
