/** The steps of a dial as lines for people. */
import type pc from "picocolors";
import type { DialReport, DialStep } from "../dial/dial.ts";
import { serverAddressText } from "../dial/serverAddress.ts";
import type { LookupResult } from "../dns/rfc3263.ts";

export type Colours = ReturnType<typeof pc.createColors>;

/** One or more lines, without line end. */
export function stepLines(step: DialStep, colours: Colours): string[] {
  switch (step.kind) {
    case "query":
      return [line(step.type, `${step.name} ${resultText(step.result, colours)}`)];
    case "connect":
      return [line(step.transport.toUpperCase(), `${endpoint(step)} ${colours.red(printable(step.fault))}`)];
    case "silence":
      return [line("OPTIONS", `${endpoint(step)} ${colours.red(printable(step.fault))}`)];
    case "options": {
      const mark = step.status < 300 ? colours.green : colours.red;
      const retry = step.retryAfter === undefined ? "" : `, retry after ${printable(step.retryAfter)} s`;
      return [
        line(
          "OPTIONS",
          `-> ${mark(`${step.status} ${printable(step.reason)}`)} in ${duration(step.seconds)}${retry}`,
        ),
      ];
    }
    case "tls": {
      const { trusted, trustFault, identity, names, subject } = step.certificate;
      const holder = printable(names.length > 0 ? names.join(" ") : subject);
      const trust = trusted ? colours.green("trusted") : colours.red(`not trusted (${trustFault})`);
      const matches = `strict ${yesNo(identity.strict, colours)} / wildcard ${yesNo(identity.wildcard, colours)}`;
      return [
        line("TLS", `${endpoint(step)} ${step.protocol} in ${duration(step.seconds)}, certificate ${trust}`),
        line("", `names ${holder}, ${validity(step, colours)}`),
        line("", `matches ${matches}: ${printable(identity.reason)}`),
      ];
    }
  }
}

/** The last line: who answered, or why nobody did. */
export function outcomeLine(report: DialReport, colours: Colours): string {
  if (report.ok && report.answered !== undefined) {
    const { target, address, port, seconds } = report.answered;
    return `${colours.green("answered")}: ${report.name} by ${printable(target)} (${serverAddressText({ address, port })}) in ${duration(seconds)}`;
  }
  return `${colours.red("not answered")}: ${report.name}: ${printable(report.fault ?? "")}`;
}

type TlsStep = Extract<DialStep, { kind: "tls" }>;

/** Fewer days left than this are worth a look: renewal is 30 days before the end unless the policy says otherwise. */
const FEW_DAYS = 14;

function validity({ certificate, daysLeft }: TlsStep, colours: Colours): string {
  const { notAfter } = certificate;
  if (daysLeft < 0) return `${colours.red("expired")} ${notAfter}`;
  const days = `${daysLeft} ${daysLeft === 1 ? "day" : "days"} left`;
  return `valid to ${notAfter} (${daysLeft < FEW_DAYS ? colours.yellow(days) : days})`;
}

const WORD_WIDTH = 8;

function line(word: string, text: string): string {
  return `${word.padEnd(WORD_WIDTH)}${text}`;
}

function resultText(result: LookupResult, colours: Colours): string {
  switch (result.status) {
    case "found": {
      const alias =
        result.canonicalName === undefined ? "" : `(alias of ${printable(result.canonicalName)}) `;
      const seconds = result.records[0]?.ttlSeconds ?? 0;
      return `${alias}-> ${result.records.map((record) => printable(record.data)).join(", ")} (TTL ${seconds})`;
    }
    case "nodata":
      return "-> none";
    case "nxdomain":
      return "-> no such name";
    case "failed":
      return `-> ${colours.red(printable(result.reason))}`;
  }
}

function endpoint(step: {
  readonly target: string;
  readonly address: string;
  readonly port: number;
}): string {
  const at = serverAddressText(step);
  return step.target === step.address ? at : `${printable(step.target)} ${at}`;
}

/** Text from the network without what a terminal would obey. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, "?");
}

function yesNo(value: boolean, colours: Colours): string {
  return value ? colours.green("yes") : colours.yellow("no");
}

function duration(seconds: number): string {
  return seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${seconds.toFixed(1)} s`;
}
