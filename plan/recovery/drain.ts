/** How long a node that is taken out of every set still gets calls, and when nobody needs it any more. */
import type { Inputs } from "./inputs.ts";
import { type Part, sumOf } from "./window.ts";

export type DrainInputs = Pick<
  Inputs,
  | "publicationSeconds"
  | "srvTtlSeconds"
  | "addressTtlSeconds"
  | "geoTtlSeconds"
  | "drainTtlStretch"
  | "keptSetSeconds"
  | "expiresSeconds"
  | "connectionIdleSeconds"
  | "callSeconds"
>;

export interface DrainEnvelope {
  /** After this the node is offered to no new call. */
  readonly noNewCallsSeconds: number;
  /** After this nothing is registered at it, no connection is left and the last call has ended. */
  readonly retireSeconds: number;
  /** What the two are made of, in the order in which it passes. */
  readonly parts: readonly Part[];
}

/**
 * T_nonew = publication + stretch × TTL + kept sets; T_retire = T_nonew + max(Expires, idle connection) + last call.
 * The clock starts when the rows are seen gone. The TTL is the longest that lists the node.
 */
export function drainEnvelope(inputs: DrainInputs): DrainEnvelope {
  const ttlSeconds = Math.max(inputs.srvTtlSeconds, inputs.addressTtlSeconds, inputs.geoTtlSeconds);
  const offered = [
    { what: "publication", seconds: inputs.publicationSeconds },
    { what: "TTL", seconds: inputs.drainTtlStretch * ttlSeconds },
    { what: "sets kept after a failure", seconds: inputs.keptSetSeconds },
  ];
  const held = [
    {
      what: "registrations and idle connections",
      seconds: Math.max(inputs.expiresSeconds, inputs.connectionIdleSeconds),
    },
    { what: "last call", seconds: inputs.callSeconds },
  ];
  const parts = [...offered, ...held];
  return { noNewCallsSeconds: sumOf(offered), retireSeconds: sumOf(parts), parts };
}
