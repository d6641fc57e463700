/** `node add`: an entry for a new node, planned, so that its address and certificates come before its calls. */
import { child } from "../../dns/names.ts";
import type { NodeEntry } from "../../inventory/edit/entries.ts";
import type { Inventory } from "../../inventory/inventory.ts";
import { valueText } from "../../inventory/jsonc.ts";
import type { Role } from "../../inventory/nodeSchema.ts";
import { type Problem, Refusal } from "../../inventory/problem.ts";
import { nearest } from "../../inventory/suggestion.ts";
import { rangeWarnings } from "./allowList.ts";
import { type Backing, type Context, granted, type Intention } from "./intention.ts";
import { timestamp } from "./moment.ts";
import { DEPLOY, dialed, untilActive } from "./nextSteps.ts";

export interface NewNode {
  readonly slot: string;
  readonly ip: string;
  readonly pop: string;
  /** Absent: that of the POP. */
  readonly region?: string;
  readonly ip6?: string;
  /** Absent: that of the region's nodes of the same role, or 100 where they have none in common. */
  readonly weight?: number;
  readonly role?: Role;
  readonly capacity?: number;
  readonly csr?: NodeEntry["csr"];
  readonly note?: string;
  readonly status: "planned" | "active";
}

const DEFAULT_WEIGHT = 100;

/** @throws Refusal when the slot is taken, or the region is not known, or an active one is not legal now. */
export function addNode(request: NewNode, context: Context, backing: Backing = {}): Intention {
  const { inventory, known, commandLine } = context;
  const { slot, status, role = "primary" } = request;
  const region = request.region ?? regionOf(request.pop, inventory);
  const problems = [...takenSlot(slot, inventory), ...unknownRegion(request.pop, region, inventory)];
  if (problems.length > 0 || region === undefined) throw new Refusal(problems);
  const { to: _, ...rest } = granted(
    slot,
    "absent",
    status === "active" ? "activate" : "add",
    context,
    backing,
  );
  const entry: NodeEntry = {
    slot,
    region,
    pop: request.pop,
    ip: request.ip,
    ...(request.ip6 === undefined ? {} : { ip6: request.ip6 }),
    weight: request.weight ?? usualWeight(region, role, inventory),
    status,
    // Where it is said, it is the default.
    ...(role === "primary" ? {} : { role }),
    since: timestamp(known.now),
    ...(request.csr === undefined ? {} : { csr: request.csr }),
    ...(request.capacity === undefined ? {} : { capacity: request.capacity }),
    ...(request.note === undefined ? {} : { note: request.note }),
  };
  const names = [child(request.pop, inventory.domain), child(region, inventory.domain)];
  return {
    title: `add ${slot}`,
    edits: [{ kind: "add", entry }],
    ...rest,
    warnings: [
      ...rest.warnings,
      ...newPop(request.pop, region, inventory),
      ...rangeWarnings([request.ip, request.ip6], inventory),
    ],
    next:
      status === "active"
        ? [DEPLOY, dialed(names)]
        : [DEPLOY, ...untilActive(slot, commandLine(`node activate ${slot} --installed`), inventory)],
  };
}

function takenSlot(slot: string, { nodes }: Inventory): Problem[] {
  const node = nodes.find((each) => each.slot === slot);
  if (node === undefined) return [];
  const problem = { place: "SLOT", key: "", value: valueText(slot), rule: "duplicate-slot" };
  const remedy = `\`node replace ${slot} --ip NEW\` gives it other hardware`;
  return [{ ...problem, message: `is there already, ${node.status}`, remedy }];
}

/** The region that the POP lies in, where the inventory tells. */
function regionOf(pop: string, { nodes, environment }: Inventory): string | undefined {
  return nodes.find((node) => node.pop === pop)?.region ?? environment.pops[pop]?.region;
}

function unknownRegion(pop: string, region: string | undefined, { nodes, policy }: Inventory): Problem[] {
  const regions = [...new Set([...Object.keys(policy.regions), ...nodes.map((node) => node.region)])];
  if (region !== undefined && regions.includes(region)) return [];
  const problem = { place: "--region", key: "", rule: "unknown-region" };
  if (region === undefined) {
    const message = `is missing, and no node is at POP ${valueText(pop)} that would tell`;
    return [{ ...problem, message, remedy: `give one of ${regions.join(", ")}` }];
  }
  const meant = nearest(region, regions);
  const remedy =
    meant === undefined
      ? "add it to policy.regions of tree.json first, with the regions that answer until it has an active node"
      : `did you mean "${meant}"?`;
  return [{ ...problem, value: valueText(region), message: "is no region of this inventory", remedy }];
}

function newPop(pop: string, region: string, { nodes, environment, domain }: Inventory): string[] {
  const pops = [...new Set([...nodes.map((node) => node.pop), ...Object.keys(environment.pops)])];
  if (pops.includes(pop)) return [];
  const meant = nearest(pop, pops);
  const doubt = meant === undefined ? "" : `; did you mean ${meant}?`;
  return [
    `POP ${pop} is new: ${child(pop, domain)} is published, answered by ${region} until the node is active${doubt}`,
  ];
}

function usualWeight(region: string, role: Role, { nodes }: Inventory): number {
  const weights = new Set(
    nodes
      .filter((node) => node.region === region && node.role === role && node.status !== "retired")
      .map(({ weight }) => weight),
  );
  const [weight] = weights;
  return weights.size === 1 && weight !== undefined ? weight : DEFAULT_WEIGHT;
}
