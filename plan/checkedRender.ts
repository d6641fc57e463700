/** The renderings that are deployed or shown: refused where a platform would refuse them, or take them and break. */
import { type Problem, Refusal } from "../inventory/problem.ts";
import type { Environment } from "../inventory/treeSchema.ts";
import { platformProblems } from "./platformChecks.ts";
import { render } from "./render.ts";
import type { Backend, Rendering } from "./rendering.ts";
import type { Tree } from "./tree.ts";

type Account = Pick<Environment, "accountPlan" | "zone">;

/**
 * What each platform needs so that it serves the tree.
 * @throws Refusal with everything, of all of them, that goes beyond the platform or the account's plan there.
 */
export function checkedRenderings(tree: Tree, backends: readonly Backend[], account: Account): Rendering[] {
  const problems: Problem[] = [];
  const renderings = backends.flatMap((backend) => {
    try {
      const rendering = render(tree, backend);
      problems.push(...platformProblems(rendering, account));
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
export function checkedRender(tree: Tree, backend: Backend, account: Account): Rendering {
  const [rendering] = checkedRenderings(tree, [backend], account);
  if (rendering === undefined) throw new Error(`${backend} was not rendered`);
  return rendering;
}
