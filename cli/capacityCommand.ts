/** `dialtree capacity`: whether the nodes carry the expected load, also with a node, a POP or a place gone. */
import pc from "picocolors";
import { type CapacityReport, capacityReport } from "../plan/capacity/capacity.ts";
import { useOf, wholeCalls } from "../plan/capacity/nodeLoad.ts";
import type { CapacityRow } from "../plan/capacity/row.ts";
import { SHARE_MODELS } from "../plan/clients/shares.ts";
import { planTree } from "../plan/plan.ts";
import { type SelectionOptions, selectAll } from "./selection.ts";
import { table } from "./table.ts";
import { EXIT, type Terminal } from "./usage.ts";

/** @throws UsageError, Refusal */
export function capacityCommand(
  options: SelectionOptions & { readonly json?: boolean },
  io: Terminal,
): number {
  const { inventory, backends } = selectAll(options);
  const tree = planTree(inventory);
  const report = capacityReport(tree, inventory, backends);
  io.stdout.write(
    options.json === true
      ? `${JSON.stringify({ domain: tree.domain, ...report }, undefined, 2)}\n`
      : capacityText(tree.domain, report, pc.createColors(io.stdout.isTTY === true && !process.env.NO_COLOR)),
  );
  return EXIT.fine;
}

type Colours = ReturnType<typeof pc.createColors>;

function capacityText(domain: string, report: CapacityReport, colours: Colours): string {
  const { rows, utilizationLimit } = report;
  const over = rows.filter((row) => row.over).length;
  const head = `${domain}: ${over === 0 ? "nothing" : over} of ${rows.length} cases over ${Math.round(utilizationLimit * 100)} % of a node's capacity`;
  const alike = Map.groupBy(rows, ({ name, backend, callers, situation }) =>
    [name, backend, callers, situation].join("\n"),
  );
  const cells = [...alike.values()].map(([first, ...others]) => [
    first?.name ?? "",
    first?.backend ?? "",
    [first?.situation, first?.callers].filter((text) => text !== undefined).join(", "),
    ...SHARE_MODELS.map((model) => cell([first, ...others].find((row) => row?.model === model))),
  ]);
  const lines =
    rows.length === 0 ? "" : `\n${table([["name", "at", "situation", ...SHARE_MODELS], ...cells])}`;
  return `${colours.bold(head)}\n${lines}${unknownText(report)}${LEGEND}`;
}

const LEGEND = `
Cells: the node that is hardest put, its calls at once of its limit. proportional: by weight (RFC 2782). uniform: by
clients that ignore weights. heaviest: every call at one node, as some clients send them. A steered name has rows of its
own where a platform tells its callers something else than the places' names do: at Cloudflare pools of all nodes in two
halves, of which callers by address get the first.
`;

function cell(row: CapacityRow | undefined): string {
  if (row === undefined) return "-";
  const { hardest, gone, answeredBy, over } = row;
  const without = gone === undefined ? "" : `, ${gone} gone`;
  if (hardest === undefined) return `no node left${without}`;
  const { slot, calls, limit } = hardest;
  const use = `${slot} ${wholeCalls(calls)}/${Math.floor(limit)} ${Math.round(useOf(hardest) * 100)} %`;
  return `${use}${over ? " OVER" : ""}${without}${answeredBy === undefined ? "" : ` to ${answeredBy}`}`;
}

function unknownText({ unknown: { regions, nodes } }: CapacityReport): string {
  const lines = [
    ...(regions.length === 0 ? [] : [`no policy.expectedLoad in tree.json for: ${regions.join(", ")}`]),
    ...(nodes.length === 0 ? [] : [`no capacity in nodes.json for: ${nodes.join(", ")}`]),
  ];
  return lines.length === 0 ? "" : `\n${lines.map((line) => `${line}\n`).join("")}`;
}
