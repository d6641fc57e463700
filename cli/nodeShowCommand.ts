/** `dialtree node show SLOT`: all that the node must accept, for whoever configures it. */
import pc from "picocolors";
import { type Acceptance, acceptanceOf, type Listener } from "../plan/operations/acceptance.ts";
import { nodeOf } from "../plan/operations/intention.ts";
import { planTree } from "../plan/plan.ts";
import type { ProbeRequest } from "../plan/rendering.ts";
import { section } from "./changeText.ts";
import { type FleetOptions, openFleet } from "./inventoryChange.ts";
import { table } from "./table.ts";
import { EXIT, type Terminal } from "./usage.ts";

/** @throws UsageError, Refusal */
export async function nodeShowCommand(
  options: FleetOptions & { readonly slot: string },
  io: Terminal,
): Promise<number> {
  const { inventory, known } = await openFleet(options);
  const { slot } = nodeOf(options.slot, inventory);
  const acceptance = acceptanceOf(slot, inventory, planTree(inventory), known.ledger);
  io.stdout.write(
    options.json === true
      ? `${JSON.stringify({ version: 1, ...acceptance }, undefined, 2)}\n`
      : acceptanceText(acceptance, pc.createColors(io.stdout.isTTY === true && !process.env.NO_COLOR)),
  );
  return EXIT.fine;
}

type Colours = ReturnType<typeof pc.createColors>;

function acceptanceText(of: Acceptance, colours: Colours): string {
  const head = `${colours.bold(`${of.name}, ${of.status}`)}\n`;
  if (of.addresses.length === 0) return `${head}\nnothing is published of it: it has to accept nothing\n`;
  const lines = (rows: readonly (readonly string[])[]) => [table(rows)];
  return [
    head,
    section("addresses", lines(of.addresses.map((address) => [address])), colours),
    section(
      "ports that it listens on",
      lines([...of.listeners.map(listenerCells), ...probeCells(of.probe)]),
      colours,
    ),
    section(
      "names that callers come by: Request-URI and TLS server name",
      lines(of.names.map(({ name, kind, lists }) => [name, kind, lists ? "leads here" : "may lead here"])),
      colours,
    ),
    section(
      "certificates",
      of.certificates.flatMap(({ profile, names, csr, notAfter }) => [
        `${profile}${csr === undefined ? "" : `, by the request ${csr}`}${notAfter === undefined ? "" : `, until ${notAfter}`}\n`,
        table(names.map((name) => ["", name])),
      ]),
      colours,
    ),
  ].join("");
}

function listenerCells({ transport, wire, port, withoutSrv }: Listener): string[] {
  const other = withoutSrv === undefined ? "" : `clients that know no SRV use ${withoutSrv}`;
  return [transport, `${wire.toUpperCase()} ${port}`, other];
}

function probeCells(probe: ProbeRequest | undefined): string[][] {
  if (probe === undefined) return [];
  const asks =
    probe.type === "tcp" ? "opens a connection" : `GET ${probe.path}, healthy: ${probe.expectedCodes}`;
  return [["health probes", `${probe.type.toUpperCase()} ${probe.port}`, asks]];
}
