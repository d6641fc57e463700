/** From parsed values to an inventory: every rule, every default, one order. No files, no clock. */
import { fqdn, isWithin } from "../dns/names.ts";
import { TRANSPORTS } from "../dns/services.ts";
import { CERTIFICATE_PROFILES, type CertificateProfile } from "./certificateKinds.ts";
import { CLIENTS } from "./clients.ts";
import { type Draft, draftNodes, draftTree, MAX_FINDINGS } from "./draft.ts";
import type { Inventory } from "./inventory.ts";
import { type JsonPath, keyText, valueText } from "./jsonc.ts";
import type { Node } from "./nodeSchema.ts";
import type { Problem } from "./problem.ts";
import { CHECKS } from "./rules/checks.ts";
import { type Finding, finding, type SourceName } from "./rules/finding.ts";
import { regionKeys } from "./rules/regionRules.ts";
import {
  ADDRESS_EXCEPTIONS,
  type Area,
  type Environment,
  type Policy,
  type RegionPolicy,
} from "./treeSchema.ts";

/** A parsed file. */
export interface Source {
  /** How problems name it. */
  readonly place: string;
  /** undefined: the file could not be read, which has been told already; what follows from it is not told again. */
  readonly value: unknown;
  /** Line of the value at the path, where lines are known. */
  readonly lineOf?: (path: JsonPath) => number;
}

export interface InventoryParts {
  readonly nodes: Source;
  /** Absent: the documented defaults, the zone is the domain, no steering. */
  readonly tree?: Source;
  /** Takes the place of the tree's domain. The zone is then the tree's if it holds the domain, else the domain. */
  readonly domain?: string;
}

export type Resolution = { readonly inventory: Inventory } | { readonly problems: readonly Problem[] };

/** What the rules say of the parts, and the inventory where they find nothing. */
export interface Examination {
  readonly findings: readonly Finding[];
  readonly draft: Draft;
  readonly inventory?: Inventory;
}

/** The inventory, or all that is wrong with it. The same parts in any order give the same inventory. */
export function resolveInventory(parts: InventoryParts): Resolution {
  const { findings, inventory } = examine(parts);
  return inventory === undefined ? { problems: toProblems(findings, parts) } : { inventory };
}

export function examine(parts: InventoryParts): Examination {
  const nodes = draftNodes(parts.nodes.value);
  const tree = draftTree(treeValue(parts));
  const draft: Draft = {
    nodes: nodes.nodes,
    environment: tree.environment,
    policy: tree.policy,
    domainSource: parts.domain === undefined ? "tree" : "domainOption",
    everyNodeHas: (...keys) =>
      nodes.whole && nodes.nodes.every((node) => keys.every((key) => node[key] !== undefined)),
    isWhole: (...path) => !tree.left.some((left) => overlaps(left, path)),
  };
  const findings = [...nodes.findings, ...treeFindings(tree.findings, parts)];
  for (const check of CHECKS) {
    for (const found of check(draft)) {
      if (findings.length >= MAX_FINDINGS) break;
      findings.push(found);
    }
  }
  const { domain } = draft.environment;
  if (findings.length > 0 || domain === undefined || !nodes.whole || tree.left.length > 0)
    return { findings, draft };
  return {
    findings,
    draft,
    inventory: assemble(nodes.complete, { ...draft.environment, domain }, draft.policy),
  };
}

/** The tree's value with the domain of the option in it. */
function treeValue({ tree, domain }: InventoryParts): unknown {
  const value = tree === undefined ? { environment: {} } : tree.value;
  if (domain === undefined || typeof value !== "object" || value === null) return value;
  const environment: unknown = Reflect.get(value, "environment") ?? {};
  if (typeof environment !== "object" || environment === null || Array.isArray(environment)) return value;
  const zone: unknown = Reflect.get(environment, "zone");
  const { zone: _, ...rest } = environment as Record<string, unknown>;
  const keepsZone = typeof zone !== "string" || isWithin(domain, zone);
  return { ...value, environment: { ...(keepsZone ? environment : rest), domain } };
}

function treeFindings(findings: readonly Finding[], { tree }: InventoryParts): Finding[] {
  if (tree !== undefined) return [...findings];
  return findings.map(() => {
    return finding("missing-domain", "domainOption", [], {
      message: "there is no tree.json, and no domain is given",
    });
  });
}

function overlaps(left: JsonPath, path: readonly string[]): boolean {
  return left.slice(0, path.length).every((part, position) => part === path[position]);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function assemble(nodes: readonly Node[], environment: Environment, policy: Policy): Inventory {
  const domain = fqdn(environment.domain);
  const zone = fqdn(environment.zone ?? environment.domain);
  const regions = new Map<string, RegionPolicy>();
  for (const key of regionKeys({ nodes, environment, policy }))
    regions.set(key, { fallback: [], geo: false, geoForm: "srv" });
  for (const [key, region] of Object.entries(policy.regions)) regions.set(key, region);
  return {
    domain,
    zone,
    nodes: nodes.map(withSortedProfiles).sort((a, b) => compareText(a.slot, b.slot)),
    requests: {},
    environment: {
      ...environment,
      zone,
      pops: sortedRecord(Object.entries(environment.pops), (pop) => withSortedArea(pop)),
      allowAddresses: ADDRESS_EXCEPTIONS.filter((exception) =>
        environment.allowAddresses.includes(exception),
      ),
      publishedRanges: [...environment.publishedRanges].sort(compareText),
    },
    policy: {
      ...policy,
      transports: Object.fromEntries(
        TRANSPORTS.flatMap((transport) => {
          const port = policy.transports[transport];
          return port === undefined ? [] : [[transport, port]];
        }),
      ),
      regions: sortedRecord([...regions], (region) => withSortedArea(region)),
      certificates: {
        ...policy.certificates,
        profiles: sortedProfiles(policy.certificates.profiles),
      },
      expectedLoad: sortedRecord(Object.entries(policy.expectedLoad), (calls) => calls),
      clients: CLIENTS.filter((client) => policy.clients.includes(client)),
      lint: sortedRecord(Object.entries(policy.lint), (change) => change),
    },
  };
}

function withSortedProfiles(node: Node): Node {
  const profiles = node.certificates?.profiles;
  if (profiles === undefined) return node;
  return { ...node, certificates: { ...node.certificates, profiles: sortedProfiles(profiles) } };
}

function sortedProfiles(profiles: readonly CertificateProfile[]): CertificateProfile[] {
  return CERTIFICATE_PROFILES.filter((profile) => profiles.includes(profile));
}

function sortedRecord<T>(
  entries: readonly (readonly [string, T])[],
  change: (value: T) => T,
): Record<string, T> {
  const sorted = [...entries].sort(([a], [b]) => compareText(a, b));
  return Object.fromEntries(sorted.map(([key, value]) => [key, change(value)]));
}

function withSortedArea<T extends { serves?: Area | undefined }>(server: T): T {
  const { serves } = server;
  if (serves === undefined) return server;
  const area: Area = {
    continents: [...serves.continents].sort(compareText),
    countries: [...serves.countries].sort(compareText),
    subdivisions: [...serves.subdivisions].sort(compareText),
  };
  return { ...server, serves: area };
}

const SOURCE_ORDER: Record<SourceName, number> = { nodes: 0, tree: 1, domainOption: 2 };

/** The findings with file and line, in the order of the files and of their lines. */
export function toProblems(findings: readonly Finding[], { nodes, tree }: InventoryParts): Problem[] {
  const sources: Partial<Record<SourceName, Source>> = { nodes, ...(tree === undefined ? {} : { tree }) };
  return findings
    .map((found) => {
      const source = sources[found.source];
      const line = source?.lineOf?.(found.path);
      const problem: Problem = {
        place: source?.place ?? "--domain",
        ...(line === undefined ? {} : { line }),
        key: keyText(found.path),
        ...(found.value === undefined ? {} : { value: valueText(found.value) }),
        rule: found.rule,
        message: found.message,
        remedy: found.remedy,
      };
      return { problem, order: SOURCE_ORDER[found.source] };
    })
    .sort((a, b) => a.order - b.order || (a.problem.line ?? 0) - (b.problem.line ?? 0))
    .map(({ problem }) => problem);
}
