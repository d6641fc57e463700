/** `dialtree zone`: the tree as a zone file. */
import { zoneFile } from "../dns/zoneFile.ts";
import { defaultAnswers } from "../plan/defaultAnswers.ts";
import { planTree } from "../plan/plan.ts";
import { render } from "../plan/render.ts";
import { type SelectionOptions, select } from "./selection.ts";
import { EXIT, type Terminal } from "./usage.ts";

/** @throws UsageError, Refusal */
export function zoneCommand(options: SelectionOptions, io: Terminal): number {
  const { inventory, backend } = select(options);
  const tree = planTree(inventory);
  const rendering = render(tree, backend);
  io.stdout.write(
    zoneFile(defaultAnswers(rendering), {
      origin: tree.domain,
      ttlSeconds: tree.policy.ttlSeconds.srv,
      comments: [
        `${tree.domain} as ${backend} serves it; steered names by the answer for callers of no known location.`,
        "SOA and NS stand for those of the platform.",
      ],
    }),
  );
  return EXIT.fine;
}
