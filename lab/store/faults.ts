/** Failures that the lab is told to produce, so that recovery can be rehearsed. */
import type { OperationKind, OperationRequest, Platform } from "./operationLog.ts";
import { PlatformError } from "./platformError.ts";

export type FaultMode =
  /** The platform answers 500 and changes nothing. */
  | "error"
  /** The platform answers 429 and changes nothing. */
  | "throttle"
  /** The request takes effect, then the connection is cut before the answer. */
  | "lost-answer";

export interface Fault {
  readonly platform: Platform;
  /** Any kind when absent. */
  readonly kind?: string;
  /** Any operation when absent. */
  readonly operation?: OperationKind;
  /** Any object when absent. */
  readonly name?: string;
  /** Matching requests that fail, counted from now. The providers repeat requests: see their retry limits. */
  readonly times: number;
  readonly mode: FaultMode;
}

export class Faults {
  #pending: { readonly fault: Fault; left: number }[] = [];

  failNext(fault: Fault): void {
    this.#pending.push({ fault, left: fault.times });
  }

  /** Forgets every fault that has not happened yet. */
  clear(): void {
    this.#pending = [];
  }

  /** The fault that this request meets, counted as used. */
  take(request: OperationRequest): FaultMode | undefined {
    const hit = this.#pending.find(({ fault, left }) => left > 0 && matches(fault, request));
    if (hit === undefined) return undefined;
    hit.left -= 1;
    return hit.fault.mode;
  }
}

function matches(fault: Fault, request: OperationRequest): boolean {
  return (
    fault.platform === request.platform &&
    (fault.kind === undefined || fault.kind === request.kind) &&
    (fault.operation === undefined || fault.operation === request.operation) &&
    (fault.name === undefined || fault.name === request.name)
  );
}

/** What the platform answers instead of carrying out the request. */
export function refusalOf(mode: Exclude<FaultMode, "lost-answer">): PlatformError {
  return mode === "throttle"
    ? new PlatformError(429, "Throttling", "Rate exceeded")
    : new PlatformError(500, "InternalError", "Internal server error");
}

export function lostAnswer(): PlatformError {
  return new PlatformError(503, "ConnectionReset", "connection reset by peer before an answer arrived");
}
