/** The commands that change one node's status: activate, drain, undrain, down, retire, remove. */
import { child } from "../../dns/names.ts";
import type { EntryEdit } from "../../inventory/edit/entries.ts";
import type { Node } from "../../inventory/nodeSchema.ts";
import { waitsOf } from "./facts.ts";
import { type Backing, type Context, granted, type Intention, nodeOf } from "./intention.ts";
import { after, durationText, momentText, timestamp } from "./moment.ts";
import { DEPLOY, dialed, untilGone } from "./nextSteps.ts";
import type { Standing } from "./transitions.ts";

export const STATUS_STEPS = ["activate", "drain", "undrain", "down", "retire", "remove"] as const;

export type StatusStep = (typeof STATUS_STEPS)[number];

/** @throws Refusal when there is no such slot, or the step is not legal now. */
export function statusStep(
  slot: string,
  step: StatusStep,
  context: Context,
  backing: Backing = {},
): Intention {
  const node = nodeOf(slot, context.inventory);
  const { to, ...rest } = granted(slot, node.status, step, context, backing);
  return {
    title: `${step} ${slot}`,
    edits: [statusEdit(slot, to, context)],
    ...rest,
    next: nextOf(node, step, context),
  };
}

/** The edit that writes the new status with its time, or takes the entry out. */
export function statusEdit(slot: string, to: Standing, { known }: Context): EntryEdit {
  if (to === "absent") return { kind: "remove", slot };
  return { kind: "set", slot, values: { status: to, since: timestamp(known.now) } };
}

function nextOf(node: Node, step: StatusStep, context: Context): string[] {
  const { inventory, known, commandLine } = context;
  const { slot } = node;
  const names = [child(node.pop, inventory.domain), child(node.region, inventory.domain)];
  switch (step) {
    case "activate":
    case "undrain":
      return [DEPLOY, dialed(names)];
    case "drain":
      return [DEPLOY, ...untilGone(commandLine(`node retire ${slot} --ledger FILE`), context)];
    case "down": {
      const { holdDownSeconds, retireSeconds } = waitsOf(inventory);
      const back = momentText(after(known.now, holdDownSeconds));
      return [
        `at once: ${DEPLOY}`,
        `when it is well again, not before ${back}: \`${commandLine(`node activate ${slot}`)}\``,
        `or for good, ${durationText(retireSeconds)} after a run has seen its rows gone: \`${commandLine(`node retire ${slot} --ledger FILE`)}\``,
      ];
    }
    case "retire":
      return [
        DEPLOY,
        "then the hardware may go; its certificates are kept, not revoked",
        `\`${commandLine(`node remove ${slot}`)}\` takes the entry out, or \`${commandLine(`node replace ${slot} --ip NEW`)}\` uses the slot again`,
      ];
    case "remove":
      return [DEPLOY, ...requestFilesLeft(node)];
  }
}

function requestFilesLeft({ csr }: Node): string[] {
  const files = typeof csr === "string" ? [csr] : Object.values(csr ?? {});
  return files.length === 0
    ? []
    : [`nothing names ${files.join(" and ")} any more: delete it where you like`];
}
