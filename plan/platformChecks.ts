/**
 * The checks between a rendering and its deployment: what the platforms' providers accept without a word and the
 * services then refuse, or worse, ignore. Pure, so that a plan on paper and the stack program refuse the same.
 */
import type { Problem } from "../inventory/problem.ts";
import type { Environment } from "../inventory/treeSchema.ts";
import { cloudflareProblems } from "./cloudflareChecks.ts";
import { recordProblems } from "./recordChecks.ts";
import type { Rendering } from "./rendering.ts";
import { route53Problems } from "./route53Checks.ts";

/**
 * Everything that the platform would not serve as it is planned; empty when the rendering can be deployed.
 * @param environment the account's plan, and the zone as tree.json states it (absent: nothing is said of the zone).
 */
export function platformProblems(
  rendering: Rendering,
  environment: Pick<Environment, "accountPlan" | "zone">,
): Problem[] {
  const problems = recordProblems(rendering);
  switch (rendering.backend) {
    case "cloudflare":
      return [...problems, ...cloudflareProblems(rendering, environment)];
    case "route53":
      return [...problems, ...route53Problems(rendering)];
    case "static":
      return problems;
  }
}
