/** How long a name goes on offering what is dead. */
import type { Policy } from "../../inventory/treeSchema.ts";
import type { Failure } from "../clients/reaction.ts";
import type { Backend } from "../rendering.ts";
import type { Inputs } from "./inputs.ts";

export interface Part {
  readonly what: string;
  readonly seconds: number;
}

export interface Window {
  /** Sum of the parts. */
  readonly seconds: number;
  /** Who finds out: the platform's probes, or whoever changes the inventory. */
  readonly endedBy: "probe" | "change";
  readonly parts: readonly Part[];
}

export function sumOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { seconds }) => sum + seconds, 0);
}

/** Until a change of the inventory is what callers are told: notice + apply + publication + stretch × TTL. */
export function changeWindow(inputs: Inputs, ttlSeconds: number): Window {
  const parts = [
    { what: "notice", seconds: inputs.noticeSeconds },
    { what: "apply", seconds: inputs.applySeconds },
    { what: "publication", seconds: inputs.publicationSeconds },
    { what: "TTL", seconds: inputs.ttlStretch * ttlSeconds },
  ];
  return { seconds: sumOf(parts), endedBy: "change", parts };
}

/** Until the platform's own probes have changed what callers are told. */
export function probeWindow(inputs: Inputs, backend: Exclude<Backend, "static">, ttlSeconds: number): Window {
  const parts = [
    ...probeParts(inputs, backend),
    { what: "steering", seconds: inputs.steeringSeconds },
    { what: "TTL", seconds: inputs.ttlStretch * ttlSeconds },
  ];
  return { seconds: sumOf(parts), endedBy: "probe", parts };
}

function probeParts(inputs: Inputs, backend: Exclude<Backend, "static">): Part[] {
  if (backend === "cloudflare") {
    // The node dies just after a probe, and the next fails with all its retries.
    return [
      { what: "probe interval", seconds: inputs.probeIntervalSeconds },
      { what: "probe and retries", seconds: inputs.probeTimeoutSeconds * (inputs.probeRetries + 1) },
    ];
  }
  const interval = route53IntervalSeconds(inputs.probeIntervalSeconds);
  return [{ what: "failed probes", seconds: interval * inputs.probeFailureThreshold }];
}

/** Route 53 probes each 10 or each 30 seconds (API reference, HealthCheckConfig; read 2026-11). */
function route53IntervalSeconds(intervalSeconds: number): 10 | 30 {
  return intervalSeconds <= 10 ? 10 : 30;
}

/**
 * Whether the platform's probe finds it out. A TCP connect passes wherever something listens; an endpoint on the node
 * is taken to watch SIP itself, its certificate included, since that is what it is for.
 */
export function isProbed(failure: Failure, probe: Policy["probe"]["type"]): boolean {
  return probe !== "tcp" || failure === "refused" || failure === "black-hole";
}

/** The shorter of the two: people and probes work at the same time. */
export function shorter(a: Window, b: Window): Window {
  return b.seconds < a.seconds ? b : a;
}
