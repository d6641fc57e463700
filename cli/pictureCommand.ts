/** `dialtree picture`: the tree as a picture for a README. */
import { planTree } from "../plan/plan.ts";
import { treeSvg } from "../report/treeSvg.ts";
import { writeOutput } from "./outputFile.ts";
import { type SelectionOptions, select } from "./selection.ts";
import { EXIT, type Terminal } from "./usage.ts";

/**
 * Writes the SVG to the file `out`, or to standard output without it.
 * @throws UsageError, Refusal
 */
export function pictureCommand(options: SelectionOptions & { readonly out?: string }, io: Terminal): number {
  const { out, ...selection } = options;
  const svg = treeSvg(planTree(select(selection).inventory));
  if (out === undefined) {
    io.stdout.write(svg);
  } else {
    writeOutput(out, svg);
    io.stderr.write(`wrote ${out}\n`);
  }
  return EXIT.fine;
}
