/** `dialtree dial NAME --server IP:PORT`: dials a name as a SIP client does and shows each step. */
import { randomInt, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import pc from "picocolors";
import { type DialOptions, dialName } from "../dial/dial.ts";
import { parseServerAddress } from "../dial/serverAddress.ts";
import { hostNameFault } from "../dns/names.ts";
import type { Wire } from "../dns/services.ts";
import { type Problem, problemLine } from "../inventory/problem.ts";
import { outcomeLine, stepLines } from "./dialLines.ts";

/** Arguments as the user wrote them. */
export interface DialArguments {
  /** `NAME` or `NAME:PORT`; with a port only addresses are looked up. */
  readonly name: string;
  /** Name server, `IP:PORT`. */
  readonly server: string;
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
const DEFAULT_TIMEOUT_SECONDS = 5;
const MAX_TIMEOUT_SECONDS = 60;

/** Exit code: 0 answered, 1 not answered, 2 arguments that cannot be used. */
export async function dialCommand(args: DialArguments, io: DialStreams): Promise<number> {
  const read = readArguments(args);
  if (!read.ok) {
    for (const problem of read.problems) io.stderr.write(`${problemLine(problem)}\n`);
    return 2;
  }
  const colours = pc.createColors(io.stdout.isTTY === true && !process.env.NO_COLOR);
  const showSteps: Pick<DialOptions, "onStep"> = args.json
    ? {}
    : { onStep: (step) => void io.stdout.write(`${stepLines(step, colours).join("\n")}\n`) };
  const report = await dialName({
    ...read.options,
    random: () => randomInt(2 ** 32) / 2 ** 32,
    now: () => performance.now(),
    ...showSteps,
  });
  io.stdout.write(
    args.json ? `${JSON.stringify(report, undefined, 2)}\n` : `${outcomeLine(report, colours)}\n`,
  );
  return report.ok ? 0 : 1;
}

type Settings = Omit<DialOptions, "random" | "now" | "onStep">;
type Read =
  | { readonly ok: true; readonly options: Settings }
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
  if (parseServerAddress(args.server) === undefined) {
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
  const seconds = Number(args.timeout ?? DEFAULT_TIMEOUT_SECONDS);
  if (!(seconds > 0 && seconds <= MAX_TIMEOUT_SECONDS)) {
    const message = `is no number of seconds above 0 and up to ${MAX_TIMEOUT_SECONDS}`;
    refuse("--timeout", args.timeout ?? "", "dial-timeout", message, "give seconds, for example 5");
  }
  const authorities = args.ca === undefined ? undefined : readAuthorities(args.ca);
  if (authorities?.ok === false) {
    refuse("--ca", args.ca ?? "", "dial-ca", authorities.message, "give a file of certificates in PEM");
  }
  if (problems.length > 0 || !isWire(transport)) return { ok: false, problems };
  return {
    ok: true,
    options: {
      name,
      server: args.server,
      transport,
      timeoutMilliseconds: seconds * 1000,
      ...(port === undefined ? {} : { port }),
      ...(authorities?.ok === true ? { caPem: authorities.pem } : {}),
    },
  };
}

function isWire(text: string): text is Wire {
  return WIRES.includes(text);
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
