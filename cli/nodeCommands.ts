/** `dialtree node …`, `dialtree region promote`, `dialtree due`, `dialtree addresses`: the fleet, one command an intention. */
import { type Command, Option } from "commander";
import { ROLES } from "../inventory/nodeSchema.ts";
import type { StatusStep } from "../plan/operations/statusSteps.ts";
import { EXIT_CODES, type Terminal } from "./usage.ts";

const CHANGE_EXIT_CODES = `${EXIT_CODES.trimEnd().replace(/\.$/, "")}, 3 shown and not written: nobody said yes.`;

/** Adds the commands to the program; each is loaded only when it is called. */
export function addNodeCommands(program: Command, io: Terminal, exitWith: (code: number) => void): void {
  const node = program
    .command("node")
    .description("nodes of the fleet: add, drain, replace, retire; what is there");
  addAddCommand(node, io, exitWith);
  for (const command of STEP_COMMANDS) addStepCommand(command, node, io, exitWith);
  addReplaceCommand(node, io, exitWith);
  addViews(node, program, io, exitWith);
  const region = program.command("region").description("regions of the fleet");
  withBacking(
    withChange(region.command("promote").argument("<region>", "region whose planned nodes go live")),
  )
    .description("a new location goes live: its planned nodes become active, its fallback answers no more")
    .addHelpText("after", example("region promote latm --installed --stack prod --ledger ledger.json"))
    .action(async (name, options) =>
      exitWith(
        await (await import("./regionPromoteCommand.ts")).regionPromoteCommand(
          { region: name, ...options },
          io,
        ),
      ),
    );
}

interface StepCommand {
  readonly step: StatusStep;
  readonly description: string;
  readonly example: string;
  /** Conditions that it has and that can be met, or overridden, by options. */
  readonly backing?: "proof" | "observation" | "reason";
}

const STEP_COMMANDS: readonly StepCommand[] = [
  {
    step: "activate",
    description:
      "every name above the node lists it: after its certificates, or after a failure and the hold-down",
    example: "node activate fra3 --installed --stack prod --ledger ledger.json",
    backing: "proof",
  },
  {
    step: "drain",
    description: "no name lists the node any more: new calls stop within the TTL, calls that are up go on",
    example: "node drain fra2 --stack prod",
  },
  {
    step: "undrain",
    description: "the node is listed again, as before the drain",
    example: "node undrain fra2 --stack prod",
  },
  {
    step: "down",
    description: "the node has failed: no name lists it, without waiting for anything",
    example: "node down fra2 --yes --stack prod",
  },
  {
    step: "retire",
    description: "nothing is published of the node any more, once nobody needs it",
    example: "node retire fra2 --stack prod --ledger ledger.json",
    backing: "observation",
  },
  {
    step: "remove",
    description: "the entry of a retired node vanishes",
    example: "node remove fra2 --stack prod",
    backing: "reason",
  },
];

function addStepCommand(
  { step, description, example: line, backing }: StepCommand,
  node: Command,
  io: Terminal,
  exitWith: (code: number) => void,
): void {
  const command = withChange(node.command(step).argument("<slot>", "node of the inventory")).description(
    description,
  );
  if (backing === "proof") withBacking(command);
  if (backing === "observation") withObservation(command);
  if (backing === "reason") withOverrideOption(command);
  command
    .addHelpText("after", example(line))
    .action(async (slot, options) =>
      exitWith(await (await import("./nodeStepCommand.ts")).nodeStepCommand({ slot, step, ...options }, io)),
    );
}

function addAddCommand(node: Command, io: Terminal, exitWith: (code: number) => void): void {
  withBacking(withChange(node.command("add").argument("<slot>", "name of the place, for ever")))
    .description("an entry for a new node, planned: its address and its certificates come before its calls")
    .requiredOption("--ip <address>", "IPv4 address")
    .requiredOption("--pop <key>", "datacenter")
    .option("--region <key>", "region; needed where no node is at the POP yet")
    .option("--ip6 <address>", "IPv6 address")
    .option("--weight <number>", "share of new sessions (default: as the region's other nodes)")
    .addOption(new Option("--role <role>", "when it is tried (default: primary)").choices(ROLES))
    .option("--capacity <calls>", "calls that it can carry at once")
    .option(
      "--csr <[profile=]file>",
      "its certificate request, inside the inventory folder; can be repeated",
      append,
    )
    .option("--note <text>", "for people")
    .addOption(
      new Option("--status <status>", "active only in a stack's first update")
        .choices(["planned", "active"])
        .default("planned"),
    )
    .addHelpText("after", example("node add fra3 --ip 192.0.2.13 --pop fra --region euro --stack prod"))
    .action(async (slot, options) =>
      exitWith(await (await import("./nodeAddCommand.ts")).nodeAddCommand({ slot, ...options }, io)),
    );
}

function addReplaceCommand(node: Command, io: Terminal, exitWith: (code: number) => void): void {
  withObservation(withChange(node.command("replace").argument("<slot>", "node of the inventory")))
    .description(
      "other hardware in the same place: drain, wait, new address, certificates, active; a step a time",
    )
    .requiredOption("--ip <address>", "IPv4 address of the new hardware")
    .option("--ip6 <address>", "IPv6 address of the new hardware")
    .option("--no-ip6", "the new hardware has no IPv6 address")
    .option(
      "--csr <[profile=]file>",
      "its certificate request, inside the inventory folder; can be repeated",
      append,
    )
    .option("--installed", INSTALLED)
    .option("--in-place", "repoint the address at once, whatever calls are up")
    .addHelpText("after", example("node replace fra2 --ip 192.0.2.14 --stack prod --ledger ledger.json"))
    .action(async (slot, options) =>
      exitWith(await (await import("./nodeReplaceCommand.ts")).nodeReplaceCommand({ slot, ...options }, io)),
    );
}

function addViews(node: Command, program: Command, io: Terminal, exitWith: (code: number) => void): void {
  withFleet(node.command("list"))
    .description("every node with its status, and since when")
    .addHelpText("after", viewExample("node list --stack prod"))
    .action(async (options) =>
      exitWith(await (await import("./nodeListCommand.ts")).nodeListCommand(options, io)),
    );
  withFleet(node.command("show").argument("<slot>", "node of the inventory"))
    .description("all that the node must accept: names, ports, TLS server names, certificates, addresses")
    .addHelpText("after", viewExample("node show fra1 --stack prod"))
    .action(async (slot, options) =>
      exitWith(await (await import("./nodeShowCommand.ts")).nodeShowCommand({ slot, ...options }, io)),
    );
  withFleet(program.command("due"))
    .description("which node may take its next step now, and who waits until when")
    .addHelpText("after", viewExample("due --stack prod --ledger ledger.json"))
    .action(async (options) => exitWith(await (await import("./dueCommand.ts")).dueCommand(options, io)));
  withFleet(program.command("addresses"))
    .description("what customers must let through: addresses per name and in all, and the published ranges")
    .addHelpText("after", viewExample("addresses --stack prod"))
    .action(async (options) =>
      exitWith(await (await import("./addressesCommand.ts")).addressesCommand(options, io)),
    );
}

function withFleet(command: Command): Command {
  return command
    .option("--stack <name>", "stack of the project (default: prod)")
    .option("--inventory <folder>", "folder with nodes.json and, if any, tree.json")
    .option("--domain <name>", "the domain, instead of tree.json's")
    .option(
      "--ledger <file>",
      "what `pulumi stack output --json` printed, whole or its ledger: since when nodes are unlisted",
    )
    .option("--json", "print it as JSON");
}

function withChange(command: Command): Command {
  return withFleet(command)
    .option("--yes", "write without asking")
    .option("--dry-run", "show what it would do, write nothing");
}

const INSTALLED =
  "it was seen to answer with its certificates: `npx dialtree dial NAME --node SLOT --identity strict`";

function withBacking(command: Command): Command {
  return withOverrideOption(command.option("--installed", INSTALLED));
}

function withObservation(command: Command): Command {
  return withOverrideOption(
    command.option(
      "--observed <file-or-url>",
      "the node's own report or metrics: nothing registered, no dialog left",
    ),
  );
}

function withOverrideOption(command: Command): Command {
  return command.option(
    "--override <reason>",
    "do it before it is legal: for 24 hours, told by every update",
  );
}

function example(line: string): string {
  return `\nExample: npx dialtree ${line}\n${CHANGE_EXIT_CODES}`;
}

function viewExample(line: string): string {
  return `\nExample: npx dialtree ${line}\n${EXIT_CODES}`;
}

/** Collects an option that is given several times. */
function append(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value];
}
