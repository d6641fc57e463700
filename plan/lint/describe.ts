/** The manual's tables of rules and clients, made of these, so that they cannot say anything else. */
import { CLIENTS, MEASURED_CLIENTS } from "../../inventory/clients.ts";
import { LINT_RULE_IDS } from "../../inventory/lintRuleIds.ts";
import { markdownTable, refreshMarkedTables } from "../../inventory/markdownTable.ts";
import { CLIENT_FACTS, type ClientFacts } from "../clients/clientFacts.ts";
import { serviceLabel } from "./context.ts";
import { LINT_RULES } from "./rules.ts";

/** The manual with its tables made anew. */
export function refreshLintTables(manual: string): string {
  return refreshMarkedTables(manual, { rules: ruleTable, clients: clientTable });
}

function ruleTable(): string {
  const rows = LINT_RULE_IDS.map((id) => {
    const { subject, level, finds, source, remedy } = LINT_RULES[id];
    return [`\`${id}\``, level, subject, finds, source, remedy];
  });
  return markdownTable(["Rule", "Level", "About", "Finds", "Source", "Remedy"], rows);
}

function clientTable(): string {
  const measured: readonly string[] = MEASURED_CLIENTS;
  const rows = CLIENTS.map((client) => {
    const facts = CLIENT_FACTS[client];
    const { name, basis, version, asks, addresses, weights } = facts;
    const forms = [asks.plain, asks.tcp, asks.tls].map(
      (sets) => sets.map((set) => `\`${serviceLabel(set)}\``).join(", ") || "none",
    );
    const id = `\`${client}\`${measured.includes(client) ? " (default)" : ""}`;
    return [id, name, `${basis}: ${version}`, ...forms, addresses, weights, peculiarities(facts)];
  });
  const uris = ["`sip:`", "`;transport=tcp`", "`;transport=tls`"];
  return markdownTable(
    ["Client", "Name", "Known from", ...uris, "Addresses of the name", "Weights", "Beside"],
    rows,
  );
}

function peculiarities({
  readsTargets,
  failsOnLargeAnswer,
  dropsLonePriorities,
  refusesWildcards,
}: ClientFacts): string {
  return [
    ...(readsTargets === undefined ? [] : [`reads ${readsTargets} targets`]),
    ...(failsOnLargeAnswer ? ["fails on an answer of more than 512 octets"] : []),
    ...(dropsLonePriorities ? ["drops a lone priority beside a shared one"] : []),
    ...(refusesWildcards ? ["refuses wildcard certificates"] : []),
  ].join("; ");
}
