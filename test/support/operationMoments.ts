/** What callers would have met between two operations: the platforms' rows replayed from the log, moment by moment. */
import type { PoolRow } from "../../lab/store/cloudflareBalancing.ts";
import type { DnsRecordRow } from "../../lab/store/cloudflareDns.ts";
import type { Operation, Platform } from "../../lab/store/operationLog.ts";
import type { RecordSet } from "../../lab/store/route53Sets.ts";

/** One platform's names at one moment. */
interface Names {
  /** Owner names that an address question is answered at, by rows, by a load balancer or by an alias. */
  readonly addresses: ReadonlySet<string>;
  /** `name TYPE` of every set and alias. */
  readonly sets: ReadonlySet<string>;
  /** Owner names of SRV rows with the targets that they list. */
  readonly listings: readonly { readonly name: string; readonly target: string }[];
  /** `name TYPE` that an alias points to, by the alias's own name. */
  readonly aliases: readonly { readonly name: string; readonly target: string }[];
  readonly originNames: readonly string[];
}

type Rows = Map<string, { readonly kind: string; readonly row: object }>;

/** SRV rows whose target has no address, and aliases whose target does not exist, each at the first such moment. */
export function danglingMoments(log: readonly Operation[]): string[] {
  const first = new Map<string, Operation>();
  for (const { operation, platform, names } of moments(log)) {
    const dangling = [
      ...names.listings
        .filter(({ target }) => !names.addresses.has(target))
        .map(({ name, target }) => `${platform} ${name} lists ${target}, which has no address`),
      ...names.aliases
        .filter(({ target }) => !names.sets.has(target))
        .map(({ name, target }) => `${platform} ${name} stands for ${target}, which is missing`),
    ];
    for (const text of dangling) if (!first.has(text)) first.set(text, operation);
  }
  return [...first].map(([text, operation]) => `${moment(operation)}: ${text}`);
}

/** Names with SRV rows both before and at the end of `log` that had none at a moment of it. */
export function emptyMoments(before: readonly Operation[], log: readonly Operation[]): string[] {
  const during = moments([...before, ...log]).slice(Math.max(before.length - 1, 0));
  return [...Map.groupBy(during, ({ platform }) => platform).values()].flatMap((own) => {
    const owners = own.map(({ names }) => new Set(names.listings.map(({ name }) => name)));
    const lasting = [...(owners[0] ?? [])].filter((name) => owners.at(-1)?.has(name));
    return own.flatMap(({ operation }, index) =>
      lasting
        .filter((name) => !owners[index]?.has(name))
        .map((name) => `${moment(operation)}: ${name} is empty`),
    );
  });
}

/** Nodes (host names) that SRV rows or pools listed before `count` certificates for them were issued. */
export function listedWithoutCertificate(log: readonly Operation[], domain: string, count: number): string[] {
  const issued = new Map<string, number>();
  const early = new Set<string>();
  for (const { operation, names } of moments(log)) {
    const { certificateNames } = issuedBy(operation);
    for (const slot of certificateNames.flatMap((name) => ownSlot(name, domain))) {
      issued.set(slot, (issued.get(slot) ?? 0) + 1);
    }
    const listed = [
      ...names.listings.flatMap(({ target }) => ownSlot(target, domain)),
      ...names.originNames,
    ].filter((label) => !label.startsWith("geo-"));
    for (const slot of listed) if ((issued.get(slot) ?? 0) < count) early.add(slot);
  }
  return [...early].sort();
}

function issuedBy(operation: Operation): { certificateNames: readonly string[] } {
  const isIssue =
    operation.kind === "certificate" && operation.operation === "create" && operation.error === undefined;
  return { certificateNames: isIssue ? (operation.after as { names: string[] }).names : [] };
}

/** `fra1` of `fra1.<domain>` and of `fra1.id.<domain>`. */
function ownSlot(name: string, domain: string): string[] {
  const label = name.replace(`.id.${domain}`, "").replace(`.${domain}`, "");
  return label === name || label.includes(".") || !/\d$/.test(label) ? [] : [label];
}

function moment({ sequence, operation, name }: Operation): string {
  return `after ${sequence} (${operation} ${name})`;
}

function moments(log: readonly Operation[]): { operation: Operation; platform: Platform; names: Names }[] {
  const platforms = new Map<Platform, Rows>();
  return log.map((operation) => {
    const rows = platforms.get(operation.platform) ?? new Map();
    platforms.set(operation.platform, rows);
    if (operation.error === undefined && operation.operation !== "read") {
      if (operation.previousId !== undefined) rows.delete(`${operation.kind} ${operation.previousId}`);
      if (operation.after === undefined) rows.delete(`${operation.kind} ${operation.id}`);
      else rows.set(`${operation.kind} ${operation.id}`, { kind: operation.kind, row: operation.after });
    }
    return { operation, platform: operation.platform, names: namesOf(rows) };
  });
}

function namesOf(rows: Rows): Names {
  const all = [...rows.values()];
  const ofKind = <Row>(kind: string) => all.filter((each) => each.kind === kind).map(({ row }) => row as Row);
  const records = ofKind<DnsRecordRow>("dnsRecord");
  const sets = ofKind<RecordSet>("recordSet");
  const balancers = ofKind<{ name: string }>("loadBalancer");
  const isAddress = ({ type }: { readonly type: string }) => type === "A" || type === "AAAA";
  return {
    addresses: new Set([...[...records, ...sets].filter(isAddress), ...balancers].map(({ name }) => name)),
    sets: new Set(sets.map(({ name, type }) => `${name} ${type}`)),
    listings: [
      ...records
        .filter(({ type }) => type === "SRV")
        .map(({ name, content }) => ({ name, target: lastField(content) })),
      ...sets
        .filter(({ type }) => type === "SRV")
        .flatMap(({ name, values }) => values.map((value) => ({ name, target: lastField(value) }))),
    ],
    aliases: sets.flatMap(({ name, type, alias }) =>
      alias === undefined ? [] : [{ name, target: `${alias.name} ${type}` }],
    ),
    originNames: ofKind<PoolRow>("pool").flatMap(({ origins }) => origins.map(({ name }) => name)),
  };
}

function lastField(data: string): string {
  return data.split(" ").at(-1) ?? "";
}
