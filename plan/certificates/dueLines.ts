/** What a preview says of renewals, apart from the engine's own list of changes. */
import { timeText } from "../runTime.ts";
import { certificateStatuses, daysLeft, dueCertificates, floorDays, type IssuanceFacts } from "./due.ts";
import { orderText } from "./orderChecks.ts";

/** Lines that a preview shows; a season of a large fleet may have hundreds. */
const LINES_SHOWN = 20;

/** A line for each certificate that is issued again because its time has come. */
export function renewalLines(facts: IssuanceFacts): string[] {
  const lines = dueCertificates(facts).flatMap(({ order, why, held }) =>
    held !== undefined && why.includes("renewed")
      ? [`renews ${orderText(order)}: ${lifeText(held, facts.now)}`]
      : [],
  );
  return shortened(lines);
}

/** A warning for each certificate whose renewal is overdue. The update that is warned is the one that renews it. */
export function floorLines(facts: IssuanceFacts): string[] {
  const lines = certificateStatuses(facts).flatMap(({ order, condition, life }) =>
    life !== undefined && (condition === "below-floor" || condition === "expired")
      ? [`certificate-below-floor: ${orderText(order)}: ${belowFloorText(life, facts)}`]
      : [],
  );
  return shortened(lines);
}

/** `9 days left, below the floor of 14 days`, or `expired at …`. */
export function belowFloorText(
  life: { readonly notAfter: string },
  { tree, now }: Pick<IssuanceFacts, "tree" | "now">,
): string {
  const floor =
    now > new Date(life.notAfter) ? "" : `, below the floor of ${floorDays(tree.policy.certificates)} days`;
  return `${lifeText(life, now)}${floor}`;
}

/** `29 days left`, or `expired at …`. */
export function lifeText(life: { readonly notAfter: string }, now: Date): string {
  const end = new Date(life.notAfter);
  if (now > end) return `expired at ${timeText(end)}`;
  const days = daysLeft(life, now);
  return `${days} ${days === 1 ? "day" : "days"} left`;
}

function shortened(lines: readonly string[]): string[] {
  const more = lines.length - LINES_SHOWN;
  if (more <= 0) return [...lines];
  return [...lines.slice(0, LINES_SHOWN), `${more} more: npx dialtree cert plan and cert status show them`];
}
