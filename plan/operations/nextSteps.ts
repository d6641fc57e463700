/** What is to be done after a change was written, in the order in which it is to be done. */
import type { Inventory } from "../../inventory/inventory.ts";
import { waitsOf } from "./facts.ts";
import type { Context } from "./intention.ts";
import { after, durationText, momentText } from "./moment.ts";

export const DEPLOY = "commit the change, then `pulumi preview` and `pulumi up`";

/** After a drain or a failure: until when the node is needed, and what comes then. */
export function untilGone(then: string, { inventory, known }: Context): string[] {
  const { noNewCallsSeconds, retireSeconds } = waitsOf(inventory);
  const earliest = momentText(after(known.now, retireSeconds));
  return [
    `new calls end within ${durationText(noNewCallsSeconds)} of the rows being gone; calls that are up go on`,
    `run \`pulumi up\` once more: the first run that sees the rows gone starts the wait of ${durationText(retireSeconds)}`,
    `not before ${earliest}: \`${then}\``,
  ];
}

/** How a node that was planned comes to be listed. */
export function untilActive(slot: string, activate: string, { domain }: Inventory): string[] {
  return [
    `install the certificates that the update issued on ${slot}`,
    `see it answer: \`npx dialtree dial ${domain} --node ${slot} --identity strict\``,
    `then \`${activate}\``,
  ];
}

/** How a person sees that callers are answered. */
export function dialed(names: readonly string[]): string {
  return `dial what changed: ${names.map((name) => `\`npx dialtree dial ${name}\``).join(", ")}`;
}
