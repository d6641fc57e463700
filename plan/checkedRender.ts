/**
 * The renderings that are deployed or shown: refused where a platform or a certificate authority would refuse them,
 * or take them and break.
 */
import type { Inventory } from "../inventory/inventory.ts";
import { type Problem, Refusal } from "../inventory/problem.ts";
import { orderProblems } from "./certificates/orderChecks.ts";
import { requestProblems } from "./certificates/requestChecks.ts";
import { platformProblems } from "./platformChecks.ts";
import { render } from "./render.ts";
import type { Backend, Rendering } from "./rendering.ts";
import type { Tree } from "./tree.ts";

/**
 * What each platform needs so that it serves the tree.
 * @param accountKeyDigest SHA-256 of the ACME account's public key, in hex, where it is known.
 * @throws Refusal with everything, of all of them, that goes beyond the platform or the account's plan there, and
 *   every certificate that could not be issued as it is ordered.
 */
export function checkedRenderings(
  tree: Tree,
  backends: readonly Backend[],
  inventory: Inventory,
  accountKeyDigest?: string,
): Rendering[] {
  const problems: Problem[] = [
    ...orderProblems(tree),
    ...requestProblems(tree.certificates, inventory, accountKeyDigest),
  ];
  const renderings = backends.flatMap((backend) => {
    try {
      const rendering = render(tree, backend);
      problems.push(...platformProblems(rendering, inventory.environment));
      return [rendering];
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      problems.push(...error.problems);
      return [];
    }
  });
  if (problems.length > 0) throw new Refusal(problems);
  return renderings;
}

/** The same for one platform. */
export function checkedRender(tree: Tree, backend: Backend, inventory: Inventory): Rendering {
  const [rendering] = checkedRenderings(tree, [backend], inventory);
  if (rendering === undefined) throw new Error(`${backend} was not rendered`);
  return rendering;
}
