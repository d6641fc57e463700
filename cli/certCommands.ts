/** `dialtree cert …`: certificates of the nodes, their requests, their limits and their delivery. */
import { type Command, Option } from "commander";
import { CERTIFICATE_PROFILES, KEY_TYPES } from "../inventory/certificateKinds.ts";
import { EXIT_CODES, type Terminal } from "./usage.ts";

/** Adds the group to the program; each command is loaded only when it is called. */
export function addCertCommands(program: Command, io: Terminal, exitWith: (code: number) => void): Command {
  const cert = program
    .command("cert")
    .description("certificates of the nodes: requests, limits, renewal, delivery");
  cert
    .command("request")
    .argument("<slot>", "node that makes its own key")
    .description("what the node runs to make its key and its certificate requests, as a script")
    .addOption(new Option("--profile <name>", "one certificate only").choices(CERTIFICATE_PROFILES))
    .addOption(new Option("--key <type>", "key to make; the inventory's type when absent").choices(KEY_TYPES))
    .option("--stack <name>", "stack that the node is in (default: prod)")
    .option("--inventory <folder>", "folder with nodes.json and, if any, tree.json")
    .option("--domain <name>", "the domain, instead of tree.json's")
    .option("--json", "print the requests as JSON")
    .addHelpText(
      "after",
      "\nExample: npx dialtree cert request fra1 --stack prod\n" +
        "         npx dialtree cert request fra1 --profile exact --key p256 | ssh fra1 'cd /etc/dialtree && sh'\n" +
        EXIT_CODES,
    )
    .action(async (slot, options) =>
      exitWith((await import("./certRequestCommand.ts")).certRequestCommand({ slot, ...options }, io)),
    );
  withCertificates(
    cert
      .command("plan")
      .description(
        "which certificates the next updates issue, why and when, and what the authority's limits leave",
      ),
  )
    .option(
      "--other-issued <count>",
      "certificates that others got for the registered domain in the last 7 days",
    )
    .addHelpText(
      "after",
      "\nExample: npx dialtree cert plan --stack prod\n" +
        "         npx dialtree cert plan --inventory DIR --domain sip.example.net --ledger ledger.json\n" +
        EXIT_CODES,
    )
    .action(async (options) =>
      exitWith(await (await import("./certPlanCommand.ts")).certPlanCommand(options, io)),
    );
  withCertificates(
    cert
      .command("status")
      .description(
        "each certificate, how long it still lives and when it is renewed; 1 where one is below its floor",
      ),
  )
    .addHelpText("after", `\nExample: npx dialtree cert status --stack prod\n${EXIT_CODES}`)
    .action(async (options) =>
      exitWith(await (await import("./certStatusCommand.ts")).certStatusCommand(options, io)),
    );
  cert
    .command("fetch")
    .argument("[hook-arguments...]", "arguments of --hook; those that begin with a dash stand after --")
    .description("a node's certificates as files, put in place whole, and a hook when they have changed")
    .requiredOption("--node <slot>", "node whose certificates they are")
    .requiredOption(
      "--out <folder>",
      "folder for them: <folder>/<profile>/fullchain.pem, cert.pem, chain.pem",
    )
    .addOption(new Option("--profile <name>", "one certificate only").choices(CERTIFICATE_PROFILES))
    .option("--stack <name>", "stack whose outputs the engine is asked for (default: prod)")
    .option("--outputs <file>", "outputs instead: a file, - for standard input, or an https URL")
    .option("--key <file>", "key that the certificate has to be for, private or public half")
    .option("--with-key", "put the key that the provider has made there too")
    .option("--force", "also where the certificate is older than the one in place")
    .option("--hook <file>", "executable to run when a certificate has changed, without a shell")
    .option("--json", "print what was done as JSON")
    .addHelpText(
      "after",
      "\nExample: npx dialtree cert fetch --node fra1 --out /etc/kamailio/tls --hook kamcmd tls.reload\n" +
        "         npx dialtree cert fetch --node fra1 --out tls --outputs - --hook asterisk -- -rx 'module reload res_pjsip.so'\n" +
        "\nExit codes: 0 nothing changed, 3 changed, 1 refused or the hook failed, 2 usage.",
    )
    .action(async (hookArguments, options) =>
      exitWith(
        await (await import("./certFetchCommand.ts")).certFetchCommand({ hookArguments, ...options }, io),
      ),
    );
  cert
    .command("renewals")
    .description(
      "whether an update would renew certificates and nothing else: the gate of unattended renewal",
    )
    .requiredOption("--preview <file>", "what `pulumi preview --json` printed; - for standard input")
    .option("--json", "print it as JSON")
    .addHelpText(
      "after",
      "\nExample: pulumi preview --stack prod --json | npx dialtree cert renewals --preview -\n" +
        "\nExit codes: 0 renewals and nothing else, 3 nothing at all, 1 anything else, 2 usage.",
    )
    .action(async (options) =>
      exitWith(await (await import("./certRenewalsCommand.ts")).certRenewalsCommand(options, io)),
    );
  return cert;
}

/** Whose certificates, and where it is written what was issued. */
function withCertificates(command: Command): Command {
  return command
    .option("--stack <name>", "stack of the project, whose outputs the engine is asked for (default: prod)")
    .option("--inventory <folder>", "folder with nodes.json and, if any, tree.json")
    .option("--domain <name>", "the domain, instead of tree.json's")
    .option("--ledger <file>", "what `pulumi stack output ledger --json` printed; - for standard input")
    .option("--outputs <file>", "what `pulumi stack output --json` printed: a file, - or an https URL")
    .option("--json", "print it as JSON");
}
