/** `dialtree node replace SLOT --ip NEW`: other hardware in the same place. */
import { type Replacement, replaceInPlace, replaceNode } from "../plan/operations/replaceNode.ts";
import { type BackingOptions, backingOf } from "./backing.ts";
import { type ChangeOptions, carryOut, openFleet } from "./inventoryChange.ts";
import { requestsOf } from "./requestOption.ts";
import type { Terminal } from "./usage.ts";

export interface NodeReplaceOptions extends ChangeOptions, BackingOptions {
  readonly slot: string;
  readonly ip: string;
  /** false: the new hardware has none. true: not said, which is how the command line's parser says it. */
  readonly ip6?: string | boolean;
  readonly csr?: readonly string[];
  readonly inPlace?: boolean;
}

/** @throws UsageError, Refusal */
export async function nodeReplaceCommand(options: NodeReplaceOptions, io: Terminal): Promise<number> {
  const { slot, ip, ip6, inPlace } = options;
  const csr = requestsOf(options.csr);
  const request: Replacement = {
    slot,
    ip,
    ...(typeof ip6 === "string" ? { ip6 } : ip6 === false ? { ip6: null } : {}),
    ...(csr === undefined ? {} : { csr }),
  };
  const fleet = await openFleet(options);
  const backing = await backingOf(options, fleet.known.now);
  return carryOut(
    (context) =>
      inPlace === true ? replaceInPlace(request, context) : replaceNode(request, context, backing),
    fleet,
    options,
    io,
  );
}
