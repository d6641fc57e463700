/** `region promote`: the planned nodes of a place that goes live, so that its own name is answered by its own nodes. */
import { child } from "../../dns/names.ts";
import type { Inventory } from "../../inventory/inventory.ts";
import { valueText } from "../../inventory/jsonc.ts";
import { Refusal } from "../../inventory/problem.ts";
import { nearest } from "../../inventory/suggestion.ts";
import { type Backing, type Context, type Granted, granted, type Intention } from "./intention.ts";
import { DEPLOY, dialed } from "./nextSteps.ts";
import { statusEdit } from "./statusSteps.ts";

/** @throws Refusal when there is no such region or none of its nodes is planned, or one of them may not go live now. */
export function promoteRegion(region: string, context: Context, backing: Backing = {}): Intention {
  const { inventory } = context;
  const own = inventory.nodes.filter((node) => node.region === region);
  const planned = own.filter(({ status }) => status === "planned");
  if (planned.length === 0) throw new Refusal([nothingPlanned(region, inventory)]);
  const again = context.commandLine(`region promote ${region}`);
  const grants = grantedAll(
    planned.map(({ slot }) => slot),
    context,
    { ...backing, again },
  );
  const pops = new Set(planned.map(({ pop }) => pop));
  const names = [...new Set([region, ...pops])].map((label) => child(label, inventory.domain));
  return {
    title: `promote ${region}`,
    edits: planned.map(({ slot }) => statusEdit(slot, "active", context)),
    overrides: grants.flatMap(({ overrides }) => overrides),
    warnings: [...grants.flatMap(({ warnings }) => warnings), ...steering(region, inventory)],
    unchecked: [...new Set(grants.flatMap(({ unchecked }) => unchecked))],
    next: [DEPLOY, dialed([...names, ...(inventory.policy.globalGeo ? [inventory.domain] : [])])],
  };
}

/** Every node's verdict; what is refused of any is told of all at once. */
function grantedAll(slots: readonly string[], context: Context, backing: Backing): Granted[] {
  const problems: Refusal["problems"][number][] = [];
  const grants = slots.flatMap((slot) => {
    try {
      return [granted(slot, "planned", "activate", context, backing)];
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      problems.push(...error.problems);
      return [];
    }
  });
  if (problems.length > 0) throw new Refusal(problems);
  return grants;
}

function nothingPlanned(region: string, { nodes, policy }: Inventory): Refusal["problems"][number] {
  const regions = [...new Set([...Object.keys(policy.regions), ...nodes.map((node) => node.region)])];
  const problem = { place: "REGION", key: "", value: valueText(region) };
  if (!regions.includes(region)) {
    const meant = nearest(region, regions);
    const remedy = meant === undefined ? `give one of ${regions.join(", ")}` : `did you mean "${meant}"?`;
    return { ...problem, rule: "unknown-region", message: "is no region of this inventory", remedy };
  }
  const own = nodes.filter((node) => node.region === region);
  const message =
    own.length === 0
      ? "has no node yet"
      : `has no planned node: ${own.map(({ slot, status }) => `${slot} is ${status}`).join(", ")}`;
  const remedy = `\`npx dialtree node add SLOT --region ${region} --pop POP --ip IP\` and deploy, then promote it`;
  return { ...problem, rule: "nothing-planned", message, remedy };
}

/** A region goes live at its own name in any case; at a steered global name only with an area. */
function steering(region: string, { policy, domain }: Inventory): string[] {
  if (!policy.globalGeo || policy.regions[region]?.serves !== undefined) return [];
  return [
    `policy.regions.${region} has no \`serves\`: ${domain} steers nobody there, only who dials ${child(region, domain)} comes`,
  ];
}
