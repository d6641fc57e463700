/**
 * `node replace`: other hardware in the same place, one step at a time: drain, wait, the new address, its certificates,
 * active. Or in place, as the founding article has it: the address alone.
 */

import { child } from "../../dns/names.ts";
import type { EntryEdit } from "../../inventory/edit/entries.ts";
import { valueText } from "../../inventory/jsonc.ts";
import type { Node } from "../../inventory/nodeSchema.ts";
import { type Problem, Refusal } from "../../inventory/problem.ts";
import { rangeWarnings } from "./allowList.ts";
import { type Backing, type Context, granted, type Intention, nodeOf } from "./intention.ts";
import { timestamp } from "./moment.ts";
import { DEPLOY, dialed, untilActive, untilGone } from "./nextSteps.ts";
import { statusEdit } from "./statusSteps.ts";

export interface Replacement {
  readonly slot: string;
  readonly ip: string;
  /** null: the new hardware has none. */
  readonly ip6?: string | null;
  readonly csr?: NonNullable<Node["csr"]>;
}

/**
 * The next step of the replacement; the same request again takes the one after it.
 * @throws Refusal when there is no such slot, or the step is not legal now.
 */
export function replaceNode(request: Replacement, context: Context, backing: Backing = {}): Intention {
  const { inventory } = context;
  const node = nodeOf(request.slot, inventory);
  const { slot } = node;
  const again = context.commandLine(`node replace ${argumentsOf(request)}`);
  if (hasAddresses(node, request) && node.status === "active") {
    return {
      ...NOTHING,
      title: `replace ${slot}`,
      next: [`${slot} is active at ${node.ip} already: nothing is left to do`],
    };
  }
  if (hasAddresses(node, request) && node.status === "planned") {
    const { to, ...rest } = granted(slot, node.status, "activate", context, { ...backing, again });
    const names = [child(node.pop, inventory.domain), child(node.region, inventory.domain)];
    return {
      title: `replace ${slot}, last step: activate`,
      edits: [statusEdit(slot, to, context)],
      ...rest,
      next: [DEPLOY, dialed(names)],
    };
  }
  requireBothAddresses(node, request);
  if (node.status === "active") {
    const { to, ...rest } = granted(slot, node.status, "drain", context, backing);
    return {
      title: `replace ${slot}, first step: drain`,
      edits: [statusEdit(slot, to, context)],
      ...rest,
      next: [DEPLOY, ...untilGone(`${again} --ledger FILE`, context)],
    };
  }
  const { to: _, ...rest } = granted(slot, node.status, "readdress", context, backing);
  return {
    title: `replace ${slot}: the new address`,
    edits: [addressEdit(request, { status: "planned", since: timestamp(context.known.now) })],
    ...rest,
    warnings: [
      ...rest.warnings,
      ...rangeWarnings([request.ip, request.ip6], inventory),
      ...keyWarning(node, request),
    ],
    next: [DEPLOY, ...untilActive(slot, `${again} --installed`, inventory)],
  };
}

/**
 * The address alone, whatever the status: the article's letter.
 * @throws Refusal when there is no such slot, or the node is retired.
 */
export function replaceInPlace(request: Replacement, context: Context): Intention {
  const node = nodeOf(request.slot, context.inventory);
  const { slot } = node;
  requireBothAddresses(node, request);
  if (hasAddresses(node, request)) {
    return {
      ...NOTHING,
      title: `replace ${slot} in place`,
      next: [`${slot} is at ${node.ip} already: nothing is left to do`],
    };
  }
  if (node.status === "retired") throw new Refusal([nothingInPlace(slot)]);
  const name = child(slot, context.inventory.domain);
  return {
    title: `replace ${slot} in place`,
    edits: [addressEdit(request, {})],
    overrides: [],
    warnings: [
      `${name} leads to other hardware at once: requests inside calls that are up (re-INVITE, BYE) reach a box that ` +
        `does not know them, and registrations at ${slot} are lost until they are renewed`,
      `the new hardware must hold the certificates of ${slot} and answer before this is deployed`,
      ...rangeWarnings([request.ip, request.ip6], context.inventory),
      ...keyWarning(node, request),
    ],
    unchecked: ["whether the new hardware answers"],
    next: [DEPLOY, dialed([name])],
  };
}

function nothingInPlace(slot: string): Problem {
  const message = "is retired: nothing is published of it that could be repointed";
  const remedy = "leave --in-place away: the slot is used again as planned";
  return { place: "SLOT", key: "", value: valueText(slot), rule: "state-machine", message, remedy };
}

const NOTHING: Intention = { title: "", edits: [], overrides: [], warnings: [], unchecked: [], next: [] };

/** Whether the entry has the addresses that are asked for. */
function hasAddresses({ ip, ip6 }: Node, request: Replacement): boolean {
  return ip === request.ip && (request.ip6 === undefined || (request.ip6 ?? undefined) === ip6);
}

/** An IPv6 address that stays would lead to the old hardware. */
function requireBothAddresses({ slot, ip6 }: Node, request: Replacement): void {
  if (ip6 === undefined || request.ip6 !== undefined) return;
  throw new Refusal([
    {
      place: "--ip6",
      key: "",
      rule: "replace-address",
      message: `is missing, and ${slot} has the IPv6 address ${ip6}, which would still lead to the old hardware`,
      remedy: "give --ip6 NEW6, or --no-ip6 where the new hardware has none",
    },
  ]);
}

function addressEdit(
  { slot, ip, ip6, csr }: Replacement,
  more: Partial<Extract<EntryEdit, { kind: "set" }>["values"]>,
): EntryEdit {
  const values = {
    ip,
    ...(ip6 === undefined ? {} : { ip6 }),
    ...more,
    ...(csr === undefined ? {} : { csr }),
  };
  return { kind: "set", slot, values };
}

/** Where the node makes its own key, the request of the old hardware is for a key that the new one has not. */
function keyWarning({ slot, csr }: Node, request: Replacement): string[] {
  if (csr === undefined || request.csr !== undefined) return [];
  const files = typeof csr === "string" ? [csr] : Object.values(csr);
  return [
    `the certificates of ${slot} are for the key of ${files.join(" and ")}: give --csr where the new hardware has another`,
  ];
}

/** The request as it is written on the command line. */
function argumentsOf({ slot, ip, ip6, csr }: Replacement): string {
  const six = ip6 === undefined ? [] : ip6 === null ? ["--no-ip6"] : [`--ip6 ${ip6}`];
  const requests = typeof csr === "string" ? [csr] : Object.entries(csr ?? {}).map((each) => each.join("="));
  return [slot, `--ip ${ip}`, ...six, ...requests.map((request) => `--csr ${request}`)].join(" ");
}
