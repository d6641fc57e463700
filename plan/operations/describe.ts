/** The manual's table of the steps, made of the table that the commands go by. */
import { markdownTable, refreshMarkedTables } from "../../inventory/markdownTable.ts";
import { COMMANDS } from "./intention.ts";
import { type Condition, type Standing, type Step, TRANSITIONS, type Transition } from "./transitions.ts";

/** The manual with its table made anew. */
export function refreshOperationTables(manual: string): string {
  return refreshMarkedTables(manual, { steps: stepTable });
}

const CONDITIONS: Readonly<Record<Condition, string>> = {
  certificate: "an earlier update has issued its certificates; or there was none yet",
  "hold-down": "the hold-down is over",
  "drain-envelope": "the drain envelope is over",
  "never-listed": "the last update was not asked to list it",
};

function stepTable(): string {
  const rows = TRANSITIONS.map(({ from, step, to, condition }: Transition) => [
    from === "absent" ? "no entry" : `\`${from}\``,
    `\`${commandOf(from, step)}\``,
    to === "absent" ? "no entry" : `\`${to}\``,
    condition === undefined ? "" : `${CONDITIONS[condition]} (\`${condition}\`)`,
  ]);
  return markdownTable(["From", "Command", "To", "Legal when (rule)"], rows);
}

function commandOf(from: Standing, step: Step): string {
  return from === "absent" && step === "activate" ? `${COMMANDS.add} --status active` : COMMANDS[step];
}
