/** How the time of a plan grows with the fleet: from a checked inventory to the plan document of one backend. */
import type { Inventory } from "../inventory/inventory.ts";
import { planTree } from "../plan/plan.ts";
import { planDocument } from "../plan/planDocument.ts";
import { render } from "../plan/render.ts";
import type { Backend } from "../plan/rendering.ts";
import { fleet, fleetFiles } from "./fleet.ts";
import { elapsed, type Measure, median, type Row, type RowResult } from "./row.ts";

const BACKENDS = ["cloudflare", "route53"] as const satisfies readonly Backend[];
const SIZES = [100, 1_000, 10_000] as const;

const MAX_TOTAL_MILLISECONDS = 1_000;
/** Time per node at 10,000 nodes as a multiple of that at 1,000. */
const MAX_GROWTH = 1.5;

const ROUNDS = 11;
/** Small fleets are planned several times in one measurement, so that the clock's grain does not show. */
const NODES_PER_MEASUREMENT = 10_000;

function planOnce(inventory: Inventory, backend: Backend): void {
  planDocument(render(planTree(inventory), backend));
}

/** Median milliseconds of one plan per fleet; the sizes take turns, so that a busy moment meets all of them. */
async function measure(inventories: readonly Inventory[], backend: Backend): Promise<number[]> {
  const times = inventories.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, inventory] of inventories.entries()) {
      const repeats = Math.ceil(NODES_PER_MEASUREMENT / inventory.nodes.length);
      const milliseconds = await elapsed(() => {
        for (let repeat = 0; repeat < repeats; repeat++) planOnce(inventory, backend);
      });
      // The first round warms up the compiler.
      if (round > 0) times[i]?.push(milliseconds / repeats);
    }
  }
  return times.map(median);
}

export const planScaling: Row = {
  title: "plan in process, by size of the fleet",
  async run(): Promise<RowResult> {
    const loading: number[] = [];
    const inventories = SIZES.map((size) => {
      const files = fleetFiles(size);
      const start = performance.now();
      const inventory = fleet(files);
      loading.push(performance.now() - start);
      return inventory;
    });
    const measures: Measure[] = [
      { what: "check of the inventory, 10,000 nodes, once", value: loading.at(-1) ?? 0, unit: "ms" },
    ];
    const verdicts: RowResult["verdicts"][number][] = [];
    for (const backend of BACKENDS) {
      const times = await measure(inventories, backend);
      const perNode = times.map((milliseconds, i) => milliseconds / (SIZES[i] ?? 1));
      const total = times.at(-1) ?? 0;
      const growth = (perNode.at(-1) ?? 0) / (perNode.at(-2) ?? 1);
      measures.push(
        ...SIZES.flatMap((size, i): Measure[] => [
          { what: `${backend}, ${size.toLocaleString("en")} nodes`, value: times[i] ?? 0, unit: "ms" },
          {
            what: `${backend}, ${size.toLocaleString("en")} nodes, per node`,
            value: (perNode[i] ?? 0) * 1000,
            unit: "µs",
          },
        ]),
        { what: `${backend}, per node at 10,000 against 1,000`, value: growth, unit: "times" },
      );
      verdicts.push(
        {
          bound: `${backend}: 10,000 nodes in at most ${MAX_TOTAL_MILLISECONDS} ms`,
          holds: total <= MAX_TOTAL_MILLISECONDS,
        },
        {
          bound: `${backend}: per node at 10,000 at most ${MAX_GROWTH} times that at 1,000`,
          holds: growth <= MAX_GROWTH,
        },
      );
    }
    return { measures, verdicts };
  },
};
