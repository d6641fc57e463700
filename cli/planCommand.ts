/** `dialtree plan`: what every name resolves to, and which node, POP or region is the cause. */
import pc from "picocolors";
import { checkedRender } from "../plan/checkedRender.ts";
import { planTree } from "../plan/plan.ts";
import { type PlanDocument, planDocument } from "../plan/planDocument.ts";
import { geoRows } from "./geoText.ts";
import { type SelectionOptions, select } from "./selection.ts";
import { table } from "./table.ts";
import { EXIT, type Terminal } from "./usage.ts";

/** @throws UsageError, Refusal */
export function planCommand(options: SelectionOptions & { readonly json?: boolean }, io: Terminal): number {
  const { inventory, backend } = select(options);
  const document = planDocument(checkedRender(planTree(inventory), backend, inventory));
  io.stdout.write(
    options.json === true
      ? `${JSON.stringify(document, undefined, 2)}\n`
      : planText(document, pc.createColors(io.stdout.isTTY === true && !process.env.NO_COLOR)),
  );
  return EXIT.fine;
}

type Colours = ReturnType<typeof pc.createColors>;

function planText(plan: PlanDocument, colours: Colours): string {
  const sections: [title: string, rows: string[][]][] = [
    ["records", plan.records.map(({ name, type, ttl, data, why }) => [name, String(ttl), type, data, why])],
    ["geo", geoRows(plan.geo)],
    [
      "pools",
      plan.pools.map(({ key, origins, why }) => [key, origins.map(({ slot }) => slot).join(" "), why]),
    ],
    [
      "health checks",
      plan.healthChecks.map((check) => [
        check.key,
        check.kind !== "calculated"
          ? `${check.kind} ${check.address}:${check.port}`
          : `${check.threshold} of ${check.children.join(" ")}`,
        check.why,
      ]),
    ],
    ["certificates", plan.certificates.map(({ node, profile, names }) => [node, profile, names.join(" ")])],
  ];
  const counts = [
    `${plan.records.length} records`,
    `${plan.geo.length} steered sets`,
    `${plan.pools.length} pools`,
    `${plan.healthChecks.length} health checks`,
    `${plan.certificates.length} certificates`,
  ];
  const head = `${plan.domain} at ${plan.backend}: ${counts.join(", ")}`;
  const body = sections
    .filter(([, rows]) => rows.length > 0)
    .map(([title, rows]) => `\n${colours.bold(title)}\n${table(rows)}`);
  return [colours.bold(head), "\n", ...body].join("");
}
