/** `dialtree due`: whose next step is legal now, and who waits until when. */
import { type DueStep, dueSteps } from "../plan/operations/due.ts";
import { COMMANDS, type Context } from "../plan/operations/intention.ts";
import { dueText } from "../plan/operations/moment.ts";
import { type FleetOptions, openFleet } from "./inventoryChange.ts";
import { table } from "./table.ts";
import { EXIT, type Terminal } from "./usage.ts";

/** @throws UsageError, Refusal */
export async function dueCommand(options: FleetOptions, io: Terminal): Promise<number> {
  const fleet = await openFleet(options);
  const steps = dueSteps(fleet.inventory, fleet.known);
  io.stdout.write(
    options.json === true
      ? `${JSON.stringify({ version: 1, ledger: fleet.known.ledger !== undefined, now: fleet.known.now, steps }, undefined, 2)}\n`
      : dueTable(steps, fleet),
  );
  return EXIT.fine;
}

function dueTable(steps: readonly DueStep[], context: Context): string {
  const { ledger, now } = context.known;
  const rows = steps.map((each) => [
    each.slot,
    each.status,
    each.step,
    stateText(each, now),
    commandText(each, context),
  ]);
  const head =
    steps.length === 0
      ? "nothing waits: every node is active\n"
      : table([["slot", "status", "step", "when", ""], ...rows]);
  return ledger === undefined && steps.some(({ state }) => state === "unknown")
    ? `${head}\nwithout a ledger nobody knows since when nodes are unlisted: give --ledger FILE\n`
    : head;
}

function stateText({ state, legalAt, message = "" }: DueStep, now: Date): string {
  switch (state) {
    case "due":
      return "now";
    case "waiting":
      return legalAt === undefined ? message : dueText(new Date(legalAt), now);
    case "blocked":
      return `not yet: ${message}`;
    case "unknown":
      return message;
  }
}

function commandText({ slot, step, state }: DueStep, { commandLine }: Context): string {
  return state === "due" ? commandLine(`${COMMANDS[step]} ${slot}`) : "";
}
