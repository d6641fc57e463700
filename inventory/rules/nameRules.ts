/** Rules of names: every slot, POP and region is one label below the domain, and all of them share that level. */
import {
  hostNameFault,
  isHostLabel,
  isWithin,
  MAX_LABEL_OCTETS,
  MAX_NAME_CHARACTERS,
} from "../../dns/names.ts";
import { SERVICES, TRANSPORTS } from "../../dns/services.ts";
import type { Draft } from "../draft.ts";
import { type JsonPath, keyText, valueText } from "../jsonc.ts";
import { type Finding, finding, type SourceName } from "./finding.ts";

type LabelKind = "slot" | "POP" | "region" | "idLabel";

interface LabelUse {
  readonly kind: LabelKind;
  readonly label: string;
  readonly source: SourceName;
  readonly path: JsonPath;
}

/** Longest addition to a region or POP in a label that a platform needs, `<region>--failover`. */
const LONGEST_ADDITION = "--failover".length;

function limitOf(kind: LabelKind): number {
  return kind === "region" || kind === "POP" ? MAX_LABEL_OCTETS - LONGEST_ADDITION : MAX_LABEL_OCTETS;
}

/** Every place that makes a label of the tree, regions first, then POPs, then slots. */
function* labelUses({ nodes, environment, policy }: Draft): Generator<LabelUse> {
  for (const label of Object.keys(policy.regions)) {
    yield { kind: "region", label, source: "tree", path: ["policy", "regions", label] };
  }
  for (const { index, region } of nodes) {
    if (region !== undefined)
      yield { kind: "region", label: region, source: "nodes", path: [index, "region"] };
  }
  for (const label of Object.keys(environment.pops)) {
    yield { kind: "POP", label, source: "tree", path: ["environment", "pops", label] };
  }
  for (const { index, pop } of nodes) {
    if (pop !== undefined) yield { kind: "POP", label: pop, source: "nodes", path: [index, "pop"] };
  }
  for (const { index, slot } of nodes) {
    if (slot !== undefined) yield { kind: "slot", label: slot, source: "nodes", path: [index, "slot"] };
  }
}

function labelFault(label: string, limit: number): string | undefined {
  if (label === "") return "is empty";
  if (label.length > limit) return `has ${label.length} characters, more than ${limit}`;
  if (label !== label.toLowerCase()) return "has upper-case letters";
  return isHostLabel(label) ? undefined : "is not made of letters, digits and inner hyphens";
}

/** Rule `label`. */
export function* labels(draft: Draft): Generator<Finding> {
  const idLabel: LabelUse = {
    kind: "idLabel",
    label: draft.policy.certificates.idLabel,
    source: "tree",
    path: ["policy", "certificates", "idLabel"],
  };
  for (const { kind, label, source, path } of [...labelUses(draft), idLabel]) {
    const fault = labelFault(label, limitOf(kind));
    if (fault === undefined) continue;
    const lower = label.toLowerCase();
    const remedy = labelFault(lower, limitOf(kind)) === undefined ? { remedy: `write "${lower}"` } : {};
    yield finding("label", source, path, {
      message: `${kind} ${valueText(label)} ${fault}`,
      value: label,
      ...remedy,
    });
  }
}

function reservedFor(label: string, idLabel: string): string | undefined {
  if (label === "geo" || label.startsWith("geo-")) return "for host names of steered answers";
  if (label === idLabel) return "for the names that make wildcard certificates unique";
  if (label === "ns") return "for name servers";
  if (label === "global") return "as the key of the global name";
  if (label.includes("--")) return "for names behind steered ones (and RFC 5891 for other alphabets)";
  return undefined;
}

/** Rule `reserved-label`. */
export function* reservedLabels(draft: Draft): Generator<Finding> {
  const { idLabel } = draft.policy.certificates;
  for (const { kind, label, source, path } of labelUses(draft)) {
    const purpose = reservedFor(label, idLabel);
    if (purpose === undefined) continue;
    const message = `${kind} "${label}" is a label that the tree keeps ${purpose}`;
    yield finding("reserved-label", source, path, { message, value: label });
  }
  if (isHostLabel(idLabel) && reservedFor(idLabel, "") !== undefined) {
    const message = `idLabel "${idLabel}" is a label that the tree keeps ${reservedFor(idLabel, "")}`;
    yield finding("reserved-label", "tree", ["policy", "certificates", "idLabel"], {
      message,
      value: idLabel,
    });
  }
}

/** Rule `name-collision`: told once per label, where it is used for the second kind of thing. */
export function* nameCollisions(draft: Draft): Generator<Finding> {
  const firstUse = new Map<string, LabelUse>();
  const told = new Set<string>();
  for (const use of labelUses(draft)) {
    const first = firstUse.get(use.label);
    if (first === undefined) firstUse.set(use.label, use);
    if (first === undefined || first.kind === use.kind || told.has(use.label)) continue;
    told.add(use.label);
    const message = `${use.kind} "${use.label}" is also a ${first.kind} (${keyText(first.path)})`;
    yield finding("name-collision", use.source, use.path, { message, value: use.label });
  }
}

function domainFault(name: string): string | undefined {
  const fault = hostNameFault(name);
  if (fault !== undefined) return fault;
  const labelsOfName = name.split(".");
  if (labelsOfName.length < 2) return "has only one label";
  return /^[0-9]+$/.test(labelsOfName.at(-1) ?? "") ? "ends in a number, as an address does" : undefined;
}

/** Rules `domain-syntax` and `zone-contains-domain`. */
export function* domains({ environment: { domain, zone }, domainSource }: Draft): Generator<Finding> {
  const domainPath = domainSource === "tree" ? ["environment", "domain"] : [];
  const zonePath = ["environment", "zone"];
  const domainWrong = domain === undefined ? undefined : domainFault(domain);
  const zoneWrong = zone === undefined ? undefined : domainFault(zone);
  const advice = (name: string) => {
    const better = name.toLowerCase().replace(/\.$/, "");
    return domainFault(better) === undefined ? { remedy: `write "${better}"` } : {};
  };
  if (domain !== undefined && domainWrong !== undefined) {
    const message = `domain ${valueText(domain)} ${domainWrong}`;
    yield finding("domain-syntax", domainSource, domainPath, { message, value: domain, ...advice(domain) });
  }
  if (zone !== undefined && zoneWrong !== undefined) {
    const message = `zone ${valueText(zone)} ${zoneWrong}`;
    yield finding("domain-syntax", "tree", zonePath, { message, value: zone, ...advice(zone) });
  }
  if (domain === undefined || zone === undefined || domainWrong !== undefined || zoneWrong !== undefined)
    return;
  if (!isWithin(domain, zone)) {
    const message = `zone "${zone}" does not hold the domain "${domain}"`;
    yield finding("zone-contains-domain", "tree", zonePath, { message, value: zone });
  }
}

/** Rule `challenge-zone`: inside the domain its names could be a node's, and its rights would be the tree's. */
export function* challengeZones(draft: Draft): Generator<Finding> {
  const { challengeZone, domain } = draft.environment;
  if (challengeZone === undefined) return;
  const complain = (message: string) =>
    finding("challenge-zone", "tree", ["environment", "challengeZone"], { message, value: challengeZone });
  const fault = domainFault(challengeZone);
  if (fault !== undefined) {
    yield complain(`challenge zone ${valueText(challengeZone)} ${fault}`);
    return;
  }
  if (domain === undefined || domainFault(domain) !== undefined) return;
  if (isWithin(challengeZone, domain)) {
    yield complain(`challenge zone "${challengeZone}" lies in the domain "${domain}"`);
    return;
  }
  const longest = Math.max(
    domain.length,
    ...[...labelUses(draft)].map(({ kind, label }) =>
      kind === "slot"
        ? `${label}.${draft.policy.certificates.idLabel}.${domain}`.length
        : `geo-${label}-a.${domain}`.length,
    ),
  );
  const characters = longest + 1 + challengeZone.length;
  if (characters > MAX_NAME_CHARACTERS) {
    yield complain(
      `the longest name in the challenge zone would have ${characters} characters, more than ${MAX_NAME_CHARACTERS}`,
    );
  }
}

/** Rule `name-length`: of the longest name that any platform or certificate needs. */
export function* nameLength(draft: Draft): Generator<Finding> {
  const { domain } = draft.environment;
  if (domain === undefined || domainFault(domain) !== undefined) return;
  const { idLabel } = draft.policy.certificates;
  const services = TRANSPORTS.map((transport) => SERVICES[transport].labels.join("."));
  const service = services.reduce((longest, text) => (text.length > longest.length ? text : longest), "");
  let longest = "";
  for (const { kind, label } of labelUses(draft)) {
    if (label.length > MAX_LABEL_OCTETS) continue;
    const name =
      kind === "slot"
        ? `_acme-challenge.${label}.${idLabel}.${domain}`
        : `${service}.${label}${"-".repeat(LONGEST_ADDITION)}.${domain}`;
    if (name.length > longest.length) longest = name;
  }
  if (longest.length <= MAX_NAME_CHARACTERS) return;
  const path = draft.domainSource === "tree" ? ["environment", "domain"] : [];
  const message = `the longest name below it would have ${longest.length} characters, more than ${MAX_NAME_CHARACTERS}`;
  yield finding("name-length", draft.domainSource, path, { message, value: domain });
}
