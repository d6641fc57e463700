/** `dialtree dial NAME`: dials a name as a SIP client does, or one node in its name, and shows each step. */
import { randomInt, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import pc from "picocolors";
import { type DialReport, type DialSettings, dialName, dialTargets, type Target } from "../dial/dial.ts";
import type { IdentityRule } from "../dial/identity.ts";
import { parseServerAddress } from "../dial/serverAddress.ts";
import { hostNameFault } from "../dns/names.ts";
import type { Wire } from "../dns/services.ts";
import { type Problem, problemLine } from "../inventory/problem.ts";
import { outcomeLine, stepLines } from "./dialLines.ts";
import { nodeTarget } from "./dialNode.ts";
import { type SelectionOptions, select } from "./selection.ts";
import { UsageError } from "./usage.ts";

/** Arguments as the user wrote them. */
export interface DialArguments extends Omit<SelectionOptions, "backend"> {
  /** `NAME` or `NAME:PORT`; with a port only addresses are looked up. */
  readonly name: string;
  /** Name server, `IP:PORT`; what finds the addresses, unless `node` does. */
  readonly server?: string;
  /** Slot of the node to dial at its own address. */
  readonly node?: string;
  /** Dial the node's IPv6 address. */
  readonly ip6?: boolean;
  /** `strict` or `wildcard`; either when absent. */
  readonly identity?: string;
  /** Whether a server name is sent (SNI); default true. */
  readonly sni?: boolean;
  /** PEM file of the authorities to trust; the well-known ones when absent. */
  readonly ca?: string;
  /** `tls` (default), `tcp` or `udp`. */
  readonly transport?: string;
  /** Bound of each single wait in seconds; default 5. */
  readonly timeout?: string;
  readonly json?: boolean;
}

/** The streams of the command. */
export interface DialStreams {
  readonly stdout: Pick<NodeJS.WritableStream, "write"> & { readonly isTTY?: boolean };
  readonly stderr: Pick<NodeJS.WritableStream, "write">;
}

const WIRES: readonly string[] = ["tls", "tcp", "udp"] satisfies readonly Wire[];
const RULES: readonly string[] = ["strict", "wildcard"] satisfies readonly IdentityRule[];
const DEFAULT_TIMEOUT_SECONDS = 5;
const MAX_TIMEOUT_SECONDS = 60;

/**
 * Exit code: 0 answered, 1 not answered, 2 arguments that cannot be used.
 * @throws UsageError for options that contradict each other; Refusal for a broken inventory
 */
export async function dialCommand(args: DialArguments, io: DialStreams): Promise<number> {
  refuseContradictions(args);
  const read = readArguments(args);
  if (!read.ok) {
    for (const problem of read.problems) io.stderr.write(`${problemLine(problem)}\n`);
    return 2;
  }
  const colours = pc.createColors(io.stdout.isTTY === true && !process.env.NO_COLOR);
  const showSteps: Pick<DialSettings, "onStep"> = args.json
    ? {}
    : { onStep: (step) => void io.stdout.write(`${stepLines(step, colours).join("\n")}\n`) };
  const report = await dial(read.way, {
    ...read.settings,
    random: () => randomInt(2 ** 32) / 2 ** 32,
    now: () => performance.now(),
    date: new Date(),
    ...showSteps,
  });
  const node = args.node === undefined ? {} : { node: args.node };
  io.stdout.write(
    args.json
      ? `${JSON.stringify({ ...node, ...report }, undefined, 2)}\n`
      : `${outcomeLine(report, colours)}\n`,
  );
  return report.ok ? 0 : 1;
}

/** How the addresses are found. */
type Way =
  | { readonly kind: "lookup"; readonly server: string; readonly port?: number }
  | { readonly kind: "node"; readonly target: Target };

function dial(way: Way, settings: DialSettings): Promise<DialReport> {
  if (way.kind === "node") return dialTargets([way.target], settings);
  const { server, port } = way;
  return dialName({ ...settings, server, ...(port === undefined ? {} : { port }) });
}

function refuseContradictions({
  node,
  server,
  stack,
  inventory,
  domain,
  ip6,
  identity,
  sni,
  transport,
}: DialArguments): void {
  const contradiction = [
    [
      node === undefined && server === undefined,
      "give --server to look the name up, or --node to dial one node",
    ],
    [
      node !== undefined && server !== undefined,
      "give --node or --server: a node's address is in the inventory",
    ],
    [
      node === undefined && (stack ?? inventory ?? domain ?? ip6) !== undefined,
      "--stack, --inventory, --domain and --ip6 go with --node",
    ],
    [
      (transport ?? "tls") !== "tls" && (identity !== undefined || sni === false),
      "--identity and --no-sni go with TLS: no other transport has a certificate",
    ],
  ] as const;
  for (const [found, message] of contradiction) if (found) throw new UsageError(message);
}

type Settings = Omit<DialSettings, "random" | "now" | "date" | "onStep">;
type Read =
  | { readonly ok: true; readonly way: Way; readonly settings: Settings }
  | { readonly ok: false; readonly problems: readonly Problem[] };

function readArguments(args: DialArguments): Read {
  const problems: Problem[] = [];
  const refuse = (place: string, value: string, rule: string, message: string, remedy: string) =>
    void problems.push({ place, key: "", value, rule, message, remedy });

  const [, host = args.name, portText] = /^([^:]*):(\d+)$/.exec(args.name) ?? [];
  const name = host.toLowerCase().replace(/\.$/, "");
  const nameFault = isIP(name) === 0 ? hostNameFault(name) : undefined;
  if (nameFault !== undefined)
    refuse("NAME", args.name, "dial-name", nameFault, "give a name such as sip.example.net");
  const port = portText === undefined ? undefined : Number(portText);
  if (port !== undefined && (port < 1 || port > 65535)) {
    refuse("NAME", args.name, "dial-port", "the port is outside 1 to 65535", "give a port such as 5061");
  }
  if (args.server !== undefined && parseServerAddress(args.server) === undefined) {
    refuse(
      "--server",
      args.server,
      "dial-server",
      "is not IP:PORT",
      "give one such as 127.0.0.1:53 or [::1]:53",
    );
  }
  const transport = args.transport ?? "tls";
  if (!isWire(transport)) {
    refuse("--transport", transport, "dial-transport", "is no transport", `give one of ${WIRES.join(", ")}`);
  }
  const identity = args.identity ?? "any";
  if (!isRule(identity)) {
    refuse("--identity", identity, "dial-identity", "is no rule", `give one of ${RULES.join(", ")}`);
  }
  const seconds = Number(args.timeout ?? DEFAULT_TIMEOUT_SECONDS);
  if (!(seconds > 0 && seconds <= MAX_TIMEOUT_SECONDS)) {
    const message = `is no number of seconds above 0 and up to ${MAX_TIMEOUT_SECONDS}`;
    refuse("--timeout", args.timeout ?? "", "dial-timeout", message, "give seconds, for example 5");
  }
  const authorities = args.ca === undefined ? undefined : readAuthorities(args.ca);
  if (authorities?.ok === false) {
    refuse("--ca", args.ca ?? "", "dial-ca", authorities.message, "give a file of certificates in PEM");
  }
  if (problems.length > 0 || !isWire(transport) || !isRule(identity)) return { ok: false, problems };
  const way = wayTo(args, name, transport, port);
  if ("rule" in way) return { ok: false, problems: [way] };
  return {
    ok: true,
    way,
    settings: {
      name,
      transport,
      identity,
      serverName: args.sni !== false,
      timeoutMilliseconds: seconds * 1000,
      ...(authorities?.ok === true ? { caPem: authorities.pem } : {}),
    },
  };
}

const PLACES = { node: "--node", name: "NAME", transport: "--transport", ip6: "--ip6" } as const;

function wayTo(args: DialArguments, name: string, transport: Wire, port: number | undefined): Way | Problem {
  const { node: slot, server = "" } = args;
  const withPort = port === undefined ? {} : { port };
  if (slot === undefined) return { kind: "lookup", server, ...withPort };
  const { inventory } = select(args);
  const found = nodeTarget(inventory, { slot, name, transport, ip6: args.ip6 === true, ...withPort });
  if (found.ok) return { kind: "node", target: found.target };
  const { about, message, remedy } = found;
  const value = { node: slot, name: args.name, transport, ip6: "" }[about];
  return { place: PLACES[about], key: "", value, rule: `dial-${about}`, message, remedy };
}

function isWire(text: string): text is Wire {
  return WIRES.includes(text);
}

function isRule(text: string): text is IdentityRule {
  return text === "any" || RULES.includes(text);
}

function readAuthorities(file: string): { ok: true; pem: string } | { ok: false; message: string } {
  let pem: string;
  try {
    pem = readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { ok: false, message: code === "ENOENT" ? "does not exist" : `cannot be read (${code})` };
  }
  try {
    new X509Certificate(pem);
    return { ok: true, pem };
  } catch {
    return { ok: false, message: "holds no certificate in PEM" };
  }
}
