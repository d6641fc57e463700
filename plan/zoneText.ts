/** The tree as the text of a zone file. */
import { zoneFile } from "../dns/zoneFile.ts";
import { defaultAnswers } from "./defaultAnswers.ts";
import { render } from "./render.ts";
import type { Backend } from "./rendering.ts";
import type { Tree } from "./tree.ts";

/**
 * The zone of the domain as `backend` serves it, steered names by their default answer.
 * @throws Refusal when the platform cannot express a steered area.
 */
export function zoneText(tree: Tree, backend: Backend): string {
  return zoneFile(defaultAnswers(render(tree, backend)), {
    origin: tree.domain,
    ttlSeconds: tree.policy.ttlSeconds.srv,
    comments: [
      `${tree.domain} as ${backend} serves it; steered names by the answer for callers of no known location.`,
      "SOA and NS stand for those of the platform.",
    ],
  });
}
