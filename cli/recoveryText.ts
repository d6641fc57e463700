/** The recovery model for a person: one row per client, one column per failure. */
import type pc from "picocolors";
import type { Wire } from "../dns/services.ts";
import type { PhoneFailback } from "../plan/clients/failback.ts";
import { FAILURES, type Failure } from "../plan/clients/reaction.ts";
import type { CallRecovery } from "../plan/recovery/call.ts";
import { afterText } from "../plan/recovery/describe.ts";
import type { DrainEnvelope } from "../plan/recovery/drain.ts";
import type { InputRow } from "../plan/recovery/inputs.ts";
import type { WindowsByProbe } from "../plan/recovery/lines.ts";
import type { NameRecovery } from "../plan/recovery/recovery.ts";
import type { RegistrationRecovery } from "../plan/recovery/registration.ts";
import type { Part, Window } from "../plan/recovery/window.ts";
import type { Backend } from "../plan/rendering.ts";
import { table } from "./table.ts";

type Colours = ReturnType<typeof pc.createColors>;

export interface RecoveryDocument {
  readonly domain: string;
  readonly backend: Backend;
  readonly inputs: readonly InputRow[];
  readonly drain: DrainEnvelope;
  readonly names: readonly NameRecovery[];
  readonly phones: readonly PhoneFailback[];
}

export function overviewText(document: RecoveryDocument, colours: Colours): string {
  const { domain, backend, names, drain, inputs } = document;
  const lines = names.flatMap(({ srv, addresses }) => [...srv, ...addresses]);
  const wire = lines.some((line) => line.wire === "tls") ? "tls" : (lines[0]?.wire ?? "tls");
  const failures = failuresOf(lines);
  const head = ["name", "node that dies", "tried first by", "gone after", ...failures];
  const rows = names.map((each) => [
    each.name,
    each.node.slot,
    percent(each.node.share),
    windowsText(each.node.window.srv),
    ...failures.map((failure) => losersText(each, failure, wire)),
  ]);
  return [
    colours.bold(`${domain} at ${backend}: ${names.length} names, one node of each dies`),
    "\n\n",
    table([head, ...rows]),
    `\nUnder each failure: how many of the known clients lose calls over ${wire}, what part of theirs at worst, and\n`,
    "until when. One name in full: npx dialtree recovery NAME\n",
    section(
      "the founding article's formula and the drain",
      [...articleLines(names[0]), ...drainLines(drain)],
      colours,
    ),
    inputSection(inputs, colours),
  ].join("");
}

export function nameText(of: NameRecovery, document: RecoveryDocument, colours: Colours): string {
  const { node, site, registration, failback } = of;
  const calls = node.site === undefined ? "calls" : `calls near ${node.site}`;
  const dies = `${node.slot} dies: ${percent(node.share)} of ${calls} try it first${node.hasLiveTarget ? "" : ", and nothing else is listed"}`;
  return [
    colours.bold(`${of.name} at ${document.backend}`),
    "\n",
    section("one node dies", [dies, ...windowLines(node.window.srv), ...articleLines(of)], colours),
    callSection("clients that look up SRV", of.srv, colours),
    callSection("clients that look up addresses only", of.addresses, colours),
    ...(of.unreached.length === 0 ? [] : [section("clients that find nothing", unreachedLines(of), colours)]),
    ...(site === undefined
      ? []
      : [
          section(
            `every node of ${site.site} dies, one of the places ${site.sites.join(", ")}: what its callers meet`,
            windowLines(site.window),
            colours,
          ),
          callSection(`${site.site}: clients that look up SRV`, site.srv, colours),
          callSection(`${site.site}: clients that look up addresses only`, site.addresses, colours),
        ]),
    registrationSection(
      `${percent(node.share)} of trunks are registered at ${node.slot}: their inbound calls are lost for`,
      [...registration.srv, ...registration.addresses],
      colours,
    ),
    section("the node is back", failbackLines(failback, document.phones), colours),
    section("drain", drainLines(document.drain), colours),
    inputSection(document.inputs, colours),
    "\nCells: part of all calls, then what a call that meets the dead node takes longer (+), or until when such calls\n",
    "are lost. * assumed: nobody has run it. Formulas and sources: docs/recovery.md\n",
  ].join("");
}

function section(title: string, lines: readonly string[], colours: Colours): string {
  return `\n${colours.bold(title)}\n${lines.map((line) => `${line}\n`).join("")}`;
}

function inputSection(inputs: readonly InputRow[], colours: Colours): string {
  const rows = inputs.map(({ name, value, source }) => [name, value === null ? "-" : String(value), source]);
  return `\n${colours.bold("inputs (--set NAME=VALUE)")}\n${table(rows)}`;
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}

function seconds(value: number): string {
  return `${Math.round(value * 10) / 10} s`;
}

function partsText(parts: readonly Part[]): string {
  return parts.map((part) => `${part.what} ${Math.round(part.seconds * 10) / 10}`).join(" + ");
}

function windowText({ seconds: sum, parts }: Window): string {
  return `${seconds(sum)} (${partsText(parts)})`;
}

function windowsText({ probed, unprobed }: WindowsByProbe): string {
  return probed.seconds === unprobed.seconds
    ? seconds(unprobed.seconds)
    : `${seconds(probed.seconds)} by probe, else ${seconds(unprobed.seconds)}`;
}

function windowLines({ probed, unprobed }: WindowsByProbe): string[] {
  const change = `gone from every answer by a change after ${windowText(unprobed)}`;
  if (probed.endedBy === "change") return [change];
  return [`gone by probe, when refused or black-hole, after ${windowText(probed)}`, change];
}

function articleLines(of: NameRecovery | undefined): string[] {
  if (of === undefined) return [];
  return [`the founding article's formula: ${seconds(of.article.seconds)} (${partsText(of.article.parts)})`];
}

function drainLines({ noNewCallsSeconds, retireSeconds, parts }: DrainEnvelope): string[] {
  return [
    `no new calls ${duration(noNewCallsSeconds)} after the rows are gone, free to retire after ${duration(retireSeconds)}`,
    `(${partsText(parts)})`,
  ];
}

function duration(value: number): string {
  const minutes = Math.ceil(value / 60);
  const hours = Math.floor(minutes / 60);
  return hours === 0 ? `${minutes} min` : `${hours} h ${minutes % 60} min`;
}

function failuresOf(lines: readonly { readonly failure: Failure }[]): Failure[] {
  const present = new Set(lines.map(({ failure }) => failure));
  return FAILURES.filter((failure) => present.has(failure));
}

/** One row per client and per wires whose cells are alike. */
function clientRows<T extends { client: string; wire: string; failure: Failure }>(
  lines: readonly T[],
  cell: (line: T) => string,
): string[][] {
  const failures = failuresOf(lines);
  const rows: string[][] = [];
  for (const [client, ofClient] of Map.groupBy(lines, (line) => line.client)) {
    const byWire = [...Map.groupBy(ofClient, ({ wire }) => wire)].map(([wire, ofWire]) => {
      const cells = failures.map((failure) => {
        const line = ofWire.find((each) => each.failure === failure);
        return line === undefined ? "-" : cell(line);
      });
      return { wire, cells };
    });
    // TLS alone has a certificate: a wire without that cell is like one that has it.
    for (const [, alike] of Map.groupBy(byWire, ({ cells }) => cells.slice(0, comparable(failures)).join())) {
      const fullest = alike.find(({ wire }) => wire === "tls") ?? alike[0];
      rows.push([client, alike.map(({ wire }) => wire).join(" "), ...(fullest?.cells ?? [])]);
    }
  }
  return [["client", "wire", ...failures], ...rows];
}

function comparable(failures: readonly Failure[]): number {
  const certificate = failures.indexOf("certificate");
  return certificate === -1 || failures.length === 1 ? failures.length : certificate;
}

function callSection(title: string, lines: readonly CallRecovery[], colours: Colours): string {
  if (lines.length === 0) return "";
  return `\n${colours.bold(title)}\n${table(clientRows(lines, callCell))}`;
}

function callCell(line: CallRecovery): string {
  const mark = line.basis === "assumed" ? "*" : "";
  if (line.lostShare > 0) return `${percent(line.lostShare)} lost, ${seconds(line.recoverySeconds)}${mark}`;
  if (line.lateShare > 0) return `${percent(line.lateShare)} +${seconds(line.delaySeconds)}${mark}`;
  return `unnoticed${mark}`;
}

function registrationSection(
  title: string,
  lines: readonly RegistrationRecovery[],
  colours: Colours,
): string {
  if (lines.length === 0) return "";
  const cell = ({ recoverySeconds, basis, lostShare }: RegistrationRecovery) =>
    lostShare === 0 ? "unnoticed" : `${seconds(recoverySeconds)}${basis === "assumed" ? "*" : ""}`;
  return `\n${colours.bold(title)}\n${table(clientRows(lines, cell))}`;
}

function unreachedLines({ unreached }: NameRecovery): string[] {
  return [...Map.groupBy(unreached, ({ client }) => client)].map(
    ([client, wires]) => `${client}: ${wires.map(({ wire }) => wire).join(" ")}`,
  );
}

function failbackLines(failback: NameRecovery["failback"], phones: readonly PhoneFailback[]): string[] {
  const [first] = failback;
  if (first === undefined) return [];
  const later = failback.filter(({ clientSeconds }) => clientSeconds > 0);
  const slow = later.map(({ client, clientSeconds }) => `${client} ${seconds(clientSeconds)} later`);
  return [
    `listed again ${seconds(first.listedSeconds)} after it is well; used with the next call${slow.length === 0 ? "" : `, save ${slow.join(", ")}`}`,
    ...table(phones.map((failback) => [failback.phone, failback.setting, afterText(failback)]))
      .trimEnd()
      .split("\n"),
  ];
}

/** `3 of 20, 50 % 210 s`. */
function losersText({ srv, addresses }: NameRecovery, failure: Failure, wire: Wire): string {
  const lines = [...srv, ...addresses].filter((line) => line.failure === failure && line.wire === wire);
  const lost = lines.filter(({ lostShare }) => lostShare > 0);
  const clients = (of: readonly CallRecovery[]) => new Set(of.map(({ client }) => client)).size;
  if (lost.length === 0) return "none";
  const share = lost.reduce((most, { lostShare }) => Math.max(most, lostShare), 0);
  const until = lost.reduce((most, { recoverySeconds }) => Math.max(most, recoverySeconds), 0);
  return `${clients(lost)} of ${clients(lines)}: ${percent(share)}, ${seconds(until)}`;
}
