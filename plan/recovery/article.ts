/** The founding article's formula: recovery time ≈ SRV TTL + re-resolution interval + DNS cache. */
import type { Inputs } from "./inputs.ts";
import { type Part, sumOf } from "./window.ts";

export interface ArticleFormula {
  readonly seconds: number;
  readonly parts: readonly Part[];
}

/** The cache is the TTL, so the sum counts it twice; what it leaves out is told in docs/recovery.md. */
export function articleFormula(inputs: Inputs): ArticleFormula {
  const parts = [
    { what: "SRV TTL", seconds: inputs.srvTtlSeconds },
    { what: "re-resolution interval", seconds: inputs.reResolutionSeconds },
    { what: "DNS cache", seconds: inputs.dnsCacheSeconds ?? inputs.srvTtlSeconds },
  ];
  return { seconds: sumOf(parts), parts };
}
