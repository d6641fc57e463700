/** `dialtree node add SLOT --ip IP --pop POP --region REGION`. */
import type { Role } from "../inventory/nodeSchema.ts";
import { addNode, type NewNode } from "../plan/operations/addNode.ts";
import { type BackingOptions, backingOf } from "./backing.ts";
import { type ChangeOptions, carryOut, openFleet } from "./inventoryChange.ts";
import { requestsOf } from "./requestOption.ts";
import { type Terminal, UsageError } from "./usage.ts";

export interface NodeAddOptions extends ChangeOptions, BackingOptions {
  readonly slot: string;
  readonly ip: string;
  readonly pop: string;
  readonly region?: string;
  readonly ip6?: string;
  readonly weight?: string;
  readonly role?: Role;
  readonly capacity?: string;
  readonly csr?: readonly string[];
  readonly note?: string;
  readonly status: NewNode["status"];
}

/** @throws UsageError, Refusal */
export async function nodeAddCommand(options: NodeAddOptions, io: Terminal): Promise<number> {
  const { slot, ip, pop, region, ip6, role, note, status } = options;
  const weight = numberOf("--weight", options.weight);
  const capacity = numberOf("--capacity", options.capacity);
  const csr = requestsOf(options.csr);
  const request: NewNode = {
    slot,
    ip,
    pop,
    status,
    ...(region === undefined ? {} : { region }),
    ...(ip6 === undefined ? {} : { ip6 }),
    ...(weight === undefined ? {} : { weight }),
    ...(role === undefined ? {} : { role }),
    ...(capacity === undefined ? {} : { capacity }),
    ...(csr === undefined ? {} : { csr }),
    ...(note === undefined ? {} : { note }),
  };
  const fleet = await openFleet(options);
  const backing = await backingOf(options, fleet.known.now);
  return carryOut((context) => addNode(request, context, backing), fleet, options, io);
}

function numberOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`${option} ${text}: give a whole number`);
}
