/** The tree as the text of a zone file. */
import { zoneFile } from "../dns/zoneFile.ts";
import { defaultAnswers } from "./defaultAnswers.ts";
import type { Rendering } from "./rendering.ts";
import type { Tree } from "./tree.ts";

/** The zone of the domain as the rendering's platform serves it, steered names by their default answer. */
export function zoneText(tree: Tree, rendering: Rendering): string {
  return zoneFile(defaultAnswers(rendering), {
    origin: tree.domain,
    ttlSeconds: tree.policy.ttlSeconds.srv,
    comments: [
      `${tree.domain} as ${rendering.backend} serves it; steered names by the answer for callers of no known location.`,
      "SOA and NS stand for those of the platform.",
    ],
  });
}
