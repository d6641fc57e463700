/** The manual's tables of clients and inputs, made of the data, so that they cannot say anything else. */
import type { Wire } from "../../dns/services.ts";
import { markdownTable, refreshMarkedTables } from "../../inventory/markdownTable.ts";
import { PHONE_FAILBACK, type PhoneFailback } from "../clients/failback.ts";
import { CLIENT_PROFILES, type ClientProfile } from "../clients/known.ts";
import { FAILURES, type Reaction, type Reactions } from "../clients/reaction.ts";
import { INPUTS, type InputFacts, sourceText } from "./inputs.ts";

/** The manual with its tables made anew. */
export function refreshRecoveryTables(manual: string): string {
  return refreshMarkedTables(manual, {
    failover: failoverTable,
    memory: memoryTable,
    phones: phoneTable,
    inputs: inputTable,
  });
}

function failoverTable(): string {
  const rows = [...CLIENT_PROFILES].map(([client, profile]) => [
    `\`${client}\``,
    `${profile.basis}: ${profile.version}`,
    ...FAILURES.map((failure) => reactionText(profile.reactions[failure])),
  ]);
  return markdownTable(["Client", "Known from", ...FAILURES], rows);
}

/** The wires with the same reaction together: `TCP, TLS next; UDP fails 32 s`. */
function reactionText(reactions: Reactions[keyof Reactions]): string {
  const wires = Object.entries(reactions) as [Wire, Reaction][];
  const alike = Map.groupBy(wires, ([, { outcome, afterSeconds, basis }]) =>
    [
      outcome,
      ...(afterSeconds === 0 ? [] : [`${afterSeconds} s`]),
      ...(basis === "assumed" ? ["(assumed)"] : []),
    ].join(" "),
  );
  if (alike.size === 1) return [...alike.keys()].join();
  return [...alike]
    .map(([text, of]) => `${of.map(([wire]) => wire.toUpperCase()).join(", ")} ${text}`)
    .join("; ");
}

function memoryTable(): string {
  const rows = [...CLIENT_PROFILES].map(([client, profile]) => [
    `\`${client}\``,
    profile.weights,
    profile.draws,
    memoryText(profile),
    cacheText(profile),
    registrationText(profile),
    profile.note ?? "",
  ]);
  return markdownTable(
    [
      "Client",
      "Weights",
      "Draws a target",
      "Dead targets it remembers",
      "Own DNS cache",
      "Registers",
      "Beside",
    ],
    rows,
  );
}

function memoryText({ memory }: ClientProfile): string {
  if (memory === undefined) return "none";
  const lasts = memory.seconds === "connection" ? "while the good connection is open" : `${memory.seconds} s`;
  const failures = FAILURES.flatMap((failure) => {
    const wires = memory.of[failure];
    if (wires === undefined) return [];
    return [
      wires.length === 3
        ? failure
        : `${failure} over ${wires.map((wire) => wire.toUpperCase()).join(" or ")}`,
    ];
  });
  return `${lasts}: ${failures.join(", ")} (${memory.basis})`;
}

function cacheText({ cache, keepsFailedSetSeconds }: ClientProfile): string {
  if (cache === undefined) return "none";
  const kept = cache.capSeconds === undefined ? "the TTL" : `the TTL, at most ${cache.capSeconds} s`;
  const failed = keepsFailedSetSeconds === undefined ? "" : `; after a failure ${keepsFailedSetSeconds} s`;
  return `${kept}${failed} (${cache.basis})`;
}

function registrationText({ registration }: ClientProfile): string {
  const { expiresSeconds, retrySeconds, movesOn } = registration;
  const facts = [
    ...(expiresSeconds === undefined ? [] : [`for ${expiresSeconds} s`]),
    ...(retrySeconds === undefined ? [] : [`again after ${retrySeconds} s`]),
    ...(movesOn === false ? ["at no second target"] : []),
  ];
  return facts.length === 0 ? "not known" : `${facts.join(", ")} (${registration.basis})`;
}

function phoneTable(): string {
  const rows = PHONE_FAILBACK.map((failback) => [failback.phone, failback.setting, afterText(failback)]);
  return markdownTable(["Phone", "Setting", "Uses the node again after"], rows);
}

export function afterText({ after }: PhoneFailback): string {
  if (after === "ttl") return "the TTL";
  return after === "registration" ? "the next registration" : `${after} s`;
}

function inputTable(): string {
  const rows = (Object.entries(INPUTS) as [string, InputFacts][]).map(([name, { meaning, from }]) => [
    `\`${name}\``,
    meaning,
    defaultText(from),
    sourceText(from),
  ]);
  return markdownTable(["Input", "Meaning", "Default", "Source"], rows);
}

function defaultText(from: InputFacts["from"]): string {
  switch (from.kind) {
    case "figure":
      return String(from.value);
    case "client":
      return `${from.otherwise}`;
    case "policy":
      return "the stack's";
    case "derived":
      return "";
  }
}
