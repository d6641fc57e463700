/** A name server's answers as the lookups that RFC 3263 steps need. */
import type { LookupResult } from "../dns/rfc3263.ts";

/** What is needed of an answer: the code's name and the answer section, in presentation form. */
export interface DnsAnswer {
  /** For example `NOERROR`. */
  readonly rcode: string;
  readonly records: readonly {
    readonly name: string;
    readonly type: string;
    readonly ttlSeconds: number;
    readonly data: string;
  }[];
}

/** Asks one name server one question. Rejects when no usable answer came in time. */
export type Query<Type extends string> = (name: string, type: Type) => Promise<DnsAnswer>;

/** Aliases followed at most in one lookup: longer chains are loops or faults. */
const MAX_ALIASES = 8;

/** Follows aliases, also where the server leaves that to the client. */
export function lookupThrough<Type extends string>(
  query: Query<Type>,
): (name: string, type: Type) => Promise<LookupResult> {
  return async (name, type) => {
    let owner = name.toLowerCase();
    for (let aliases = 0; aliases <= MAX_ALIASES; ) {
      const answer = await query(owner, type).catch((error: unknown) => error as Error);
      if (answer instanceof Error) return { status: "failed", reason: answer.message };
      const end = followAliases(owner, answer);
      aliases += end.aliases;
      const records = answer.records.filter(
        (record) => record.type === type && sameName(record.name, end.owner),
      );
      if (records.length > 0) return found(records, name, end.owner);
      if (answer.rcode === "NXDOMAIN") return { status: "nxdomain" };
      if (answer.rcode !== "NOERROR") return { status: "failed", reason: answer.rcode };
      if (end.aliases === 0) return { status: "nodata" };
      owner = end.owner;
    }
    return { status: "failed", reason: `more than ${MAX_ALIASES} aliases` };
  };
}

function found(records: DnsAnswer["records"], asked: string, owner: string): LookupResult {
  return {
    status: "found",
    records: records.map(({ ttlSeconds, data }) => ({ ttlSeconds, data })),
    ...(sameName(asked, owner) ? {} : { canonicalName: owner }),
  };
}

function followAliases(asked: string, answer: DnsAnswer): { owner: string; aliases: number } {
  let owner = asked;
  let aliases = 0;
  while (aliases <= MAX_ALIASES) {
    const alias = answer.records.find((record) => record.type === "CNAME" && sameName(record.name, owner));
    if (alias === undefined) break;
    owner = alias.data.toLowerCase();
    aliases++;
  }
  return { owner, aliases };
}

function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
