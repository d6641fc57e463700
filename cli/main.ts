/** Argument parsing and exit codes. Each command is loaded only when it is called. */
import { Command, CommanderError, Option } from "commander";
import { problemLine, Refusal } from "../inventory/problem.ts";
import { EXIT, type Terminal, UsageError } from "./usage.ts";

const EXIT_CODES = `
Exit codes: 0 fine, 1 refused or not so, 2 usage.`;

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
  withSelection(program.command("picture").description("the tree as a picture (SVG)"))
    .option("--out <file>", "write a file instead of standard output")
    .addHelpText("after", `\nExample: npx dialtree picture --stack prod --out docs/tree.svg\n${EXIT_CODES}`)
    .action(async (options) => exitWith((await import("./pictureCommand.ts")).pictureCommand(options, io)));
  program
    .command("dial")
    .argument("<name>", "NAME, or NAME:PORT to look up addresses only")
    .description("dial a name as a SIP client does, and show each step")
    .requiredOption("--server <ip:port>", "name server to ask")
    .option("--ca <file>", "authorities to trust, PEM; the well-known ones when absent")
    .addOption(new Option("--transport <wire>", "how to reach the node").choices(["tls", "tcp", "udp"]))
    .option("--timeout <seconds>", "bound of each single wait")
    .option("--json", "print the report as JSON")
    .addHelpText(
      "after",
      "\nExample: npx dialtree dial euro.sip.example.test --server 127.0.0.1:5300 --ca lab-ca.pem\n" +
        EXIT_CODES,
    )
    .action(async (name, options) =>
      exitWith(await (await import("./dialCommand.ts")).dialCommand({ name, ...options }, io)),
    );
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

function withSelection(command: Command): Command {
  return command
    .option("--stack <name>", "stack of the project (default: prod)")
    .option("--inventory <folder>", "folder with nodes.json and, if any, tree.json")
    .option("--domain <name>", "render below this domain instead of tree.json's")
    .option(
      "--backend <name>",
      "cloudflare, route53 or static (default: the stack's first; static for a folder)",
    );
}
