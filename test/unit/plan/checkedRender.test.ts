import { expect, test } from "vitest";
import { loadInventory } from "../../../inventory/load.ts";
import { Refusal } from "../../../inventory/problem.ts";
import { checkedRenderings } from "../../../plan/checkedRender.ts";
import { planTree } from "../../../plan/plan.ts";

const prod = loadInventory("inventory/prod");

test("production passes at both platforms, in the order they are asked for", () => {
  const renderings = checkedRenderings(planTree(prod), ["route53", "cloudflare"], prod);
  expect(renderings.map(({ backend }) => backend)).toEqual(["route53", "cloudflare"]);
});

test("what either platform would refuse is told in one refusal", () => {
  const inventory = {
    ...prod,
    policy: { ...prod.policy, ttlSeconds: { ...prod.policy.ttlSeconds, srv: 30 } },
    environment: {
      ...prod.environment,
      // No state of Brazil is known to either platform.
      pops: {
        ...prod.environment.pops,
        iad: { serves: { continents: [], countries: [], subdivisions: ["BR-SP"] } },
      },
      accountPlan: { ...prod.environment.accountPlan, cloudflare: "business" as const },
    },
  };
  const refused = () => checkedRenderings(planTree(inventory), ["cloudflare", "route53"], inventory);
  expect(refused).toThrow(Refusal);
  expect(refused).toThrow(/\[cloudflare-area\][\s\S]*\[route53-area\]/);
});

test("a plan that the account cannot hold is refused with the figure, the limit and the way out", () => {
  const environment = {
    ...prod.environment,
    accountPlan: { ...prod.environment.accountPlan, cloudflare: "free" as const },
  };
  expect(() => checkedRenderings(planTree(prod), ["cloudflare"], { ...prod, environment })).toThrow(
    /208 .*200/,
  );
});
