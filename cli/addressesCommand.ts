/** `dialtree addresses`: what customers must let through their firewalls. */
import pc from "picocolors";
import { type AllowList, allowList } from "../plan/operations/allowList.ts";
import { planTree } from "../plan/plan.ts";
import { section } from "./changeText.ts";
import { type FleetOptions, openFleet } from "./inventoryChange.ts";
import { table } from "./table.ts";
import { EXIT, type Terminal } from "./usage.ts";

/** @throws UsageError, Refusal */
export async function addressesCommand(options: FleetOptions, io: Terminal): Promise<number> {
  const { inventory } = await openFleet(options);
  const list = allowList(inventory, planTree(inventory));
  io.stdout.write(
    options.json === true
      ? `${JSON.stringify({ version: 1, ...list }, undefined, 2)}\n`
      : listText(list, pc.createColors(io.stdout.isTTY === true && !process.env.NO_COLOR)),
  );
  return EXIT.fine;
}

type Colours = ReturnType<typeof pc.createColors>;

function listText(
  { domain, names, all, publishedRanges, outsideRanges }: AllowList,
  colours: Colours,
): string {
  const ranges = publishedRanges.length === 0 ? ["none\n"] : publishedRanges.map((range) => `${range}\n`);
  return [
    colours.bold(`${domain}: ${all.length} addresses behind ${names.length} names`),
    "\n",
    section("published ranges", ranges, colours),
    section(
      "addresses in none of them",
      outsideRanges.map((address) => `${colours.yellow(address)}\n`),
      colours,
    ),
    section(
      "who dials this name, has to let these through",
      [table(names.map(({ name, possible }) => [name, possible.join(" ")]))],
      colours,
    ),
    section("in all", [`${all.join(" ")}\n`], colours),
  ].join("");
}
