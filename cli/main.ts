/** Argument parsing and exit codes. Each command is loaded only when it is called. */
import { Command, CommanderError, Option } from "commander";
import { problemLine, Refusal } from "../inventory/problem.ts";
import { addCertCommands } from "./certCommands.ts";
import { addNodeCommands } from "./nodeCommands.ts";
import { EXIT, EXIT_CODES, type Terminal, UsageError } from "./usage.ts";

/** Runs one command line (without the program's own name) and returns its exit code. */
export async function main(args: readonly string[], io: Terminal = process): Promise<number> {
  let code: number = EXIT.fine;
  const program = commandLine(io, (exit) => {
    code = exit;
  });
  try {
    await program.parseAsync([...args], { from: "user" });
    return code;
  } catch (error) {
    return report(error, io);
  }
}

function report(error: unknown, io: Terminal): number {
  if (error instanceof Refusal) {
    for (const problem of error.problems) io.stderr.write(`${problemLine(problem)}\n`);
    return EXIT.refused;
  }
  if (error instanceof UsageError) {
    io.stderr.write(`dialtree: ${error.message}; see \`npx dialtree --help\`\n`);
    return EXIT.usage;
  }
  // Commander has printed its own message, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.usage;
  throw error;
}

function commandLine(io: Terminal, exitWith: (code: number) => void): Command {
  const program = new Command("dialtree")
    .description("One inventory of SIP nodes, rendered into the tree of names that customers dial.")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
    })
    .addHelpText("after", EXIT_CODES);
  withSelection(program.command("plan").description("what every name of the tree resolves to, and why"))
    .option("--json", "print the plan as JSON")
    .addHelpText("after", `\nExample: npx dialtree plan --stack prod --backend route53\n${EXIT_CODES}`)
    .action(async (options) => exitWith((await import("./planCommand.ts")).planCommand(options, io)));
  withSelection(
    program.command("zone").description("the tree as a zone file; steered names by their default answer"),
  )
    .addHelpText("after", `\nExample: npx dialtree zone --stack prod > sip.zone\n${EXIT_CODES}`)
    .action(async (options) => exitWith((await import("./zoneCommand.ts")).zoneCommand(options, io)));
  withSelection(
    program.command("lint").description("what a plan that deploys does to real SIP clients, and the way out"),
    "default: all of the stack; static for a folder",
  )
    .option("--json", "print the findings as JSON")
    .option(
      "--ledger <file>",
      "what `pulumi stack output ledger --json` printed: looks at issued certificates too",
    )
    .option("--explain <rule>", "what a rule finds, why, and what to do; reads no inventory")
    .addHelpText(
      "after",
      `\nExample: npx dialtree lint --stack prod\n         npx dialtree lint --explain lone-priority\n${EXIT_CODES}`,
    )
    .action(async (options) => exitWith(await (await import("./lintCommand.ts")).lintCommand(options, io)));
  withSelection(program.command("picture").description("the tree as a picture (SVG)"))
    .option("--out <file>", "write a file instead of standard output")
    .addHelpText("after", `\nExample: npx dialtree picture --stack prod --out docs/tree.svg\n${EXIT_CODES}`)
    .action(async (options) => exitWith((await import("./pictureCommand.ts")).pictureCommand(options, io)));
  withSelection(
    program
      .command("recovery")
      .argument("[name]", "a name of the tree, a POP, a region, or global; all when absent")
      .description(
        "from a node's death until new calls succeed, per client and failure, and how long a drain takes",
      ),
  )
    .option("--set <input=value>", "another value for an input of the model; can be repeated", append, [])
    .option("--client <name>", "one client only")
    .option("--failure <kind>", "one kind of failure only")
    .option("--json", "print the model as JSON")
    .addHelpText(
      "after",
      `\nExample: npx dialtree recovery euro --stack prod --set noticeSeconds=300\n${EXIT_CODES}`,
    )
    .action(async (name, options) =>
      exitWith((await import("./recoveryCommand.ts")).recoveryCommand({ name, ...options }, io)),
    );
  withSelection(
    program
      .command("capacity")
      .description("whether the nodes carry the expected load, also with one node or one POP gone"),
  )
    .option("--json", "print the model as JSON")
    .addHelpText("after", `\nExample: npx dialtree capacity --stack prod\n${EXIT_CODES}`)
    .action(async (options) => exitWith((await import("./capacityCommand.ts")).capacityCommand(options, io)));
  program
    .command("dial")
    .argument("<name>", "NAME, or NAME:PORT to look up addresses only")
    .description("dial a name as a SIP client does, or one node in its name, and show each step")
    .option("--server <ip:port>", "name server to ask")
    .option("--node <slot>", "dial this node at its own address instead; nothing is looked up")
    .option("--stack <name>", "with --node: stack that the node is in (default: prod)")
    .option("--inventory <folder>", "with --node: folder with nodes.json and, if any, tree.json")
    .option("--domain <name>", "with --node: the domain, instead of tree.json's")
    .option("--ip6", "with --node: dial its IPv6 address")
    .addOption(
      new Option(
        "--identity <rule>",
        "what the certificate has to satisfy: RFC 5922, or the lenient rule",
      ).choices(["strict", "wildcard"]),
    )
    .option("--no-sni", "send no server name, as Sofia-SIP, Kamailio and baresip do")
    .option("--ca <file>", "authorities to trust, PEM; the well-known ones when absent")
    .addOption(new Option("--transport <wire>", "how to reach the node").choices(["tls", "tcp", "udp"]))
    .option("--timeout <seconds>", "bound of each single wait")
    .option("--json", "print the report as JSON")
    .addHelpText(
      "after",
      "\nExample: npx dialtree dial euro.sip.example.test --server 127.0.0.1:5300 --ca lab-ca.pem\n" +
        "         npx dialtree dial euro.sip.example.net --node fra1 --identity strict\n" +
        EXIT_CODES,
    )
    .action(async (name, options) =>
      exitWith(await (await import("./dialCommand.ts")).dialCommand({ name, ...options }, io)),
    );
  addCertCommands(program, io, exitWith);
  addNodeCommands(program, io, exitWith);
  program
    .command("engine")
    .description("which Pulumi engine is used, and its version; builds one where there is none")
    .option("--json", "print it as JSON", false)
    .addHelpText("after", `\nExample: npx dialtree engine\n${EXIT_CODES}`)
    .action(async (options) =>
      exitWith(await (await import("./engineCommand.ts")).engineCommand(options, io)),
    );
  program
    .command("preview")
    .description(
      "the real `pulumi preview` of a stack without credentials, against the lab's platforms, empty at first",
    )
    .option("--stack <name>", "stack of the project", "prod")
    .addHelpText("after", `\nExample: npx dialtree preview --stack prod\n${EXIT_CODES}`)
    .action(async (options) =>
      exitWith(await (await import("./previewCommand.ts")).previewCommand(options, io)),
    );
  program
    .command("lab")
    .description("the whole system on this machine, with the real engine; stays until Ctrl-C")
    .option("--once", "deploy, prove and exit: 0 only if everything was served and answered")
    .option("--json", "print the proof as JSON")
    .addHelpText("after", `\nExample: npx dialtree lab --once\n${EXIT_CODES}`)
    .action(async (options) => exitWith(await (await import("./labCommand.ts")).labCommand(options, io)));
  return program;
}

/** Collects an option that is given several times. */
function append(value: string, previous: readonly string[]): string[] {
  return [...previous, value];
}

function withSelection(
  command: Command,
  defaultBackend = "default: the stack's first; static for a folder",
): Command {
  return command
    .option("--stack <name>", "stack of the project (default: prod)")
    .option("--inventory <folder>", "folder with nodes.json and, if any, tree.json")
    .option("--domain <name>", "render below this domain instead of tree.json's")
    .option("--backend <name>", `cloudflare, route53 or static (${defaultBackend})`);
}
