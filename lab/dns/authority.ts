/** What an authoritative server says to one question: pure, no sockets and no wire format. */
import { isWithin } from "../../dns/names.ts";
import type { Rcode } from "../../dns/rcodes.ts";
import { NEGATIVE_TTL_SECONDS, withApex } from "./apex.ts";
import type { Asker, ServedSet, ZoneData } from "./zoneData.ts";

export interface Question {
  /** As asked, in the asker's case, without trailing dot; `.` for the root. Unusual octets as `\DDD`. */
  readonly name: string;
  readonly type: string;
  readonly class: string;
}

export interface Reply {
  readonly rcode: Rcode;
  /** The AA bit: the server holds the zone of the question. */
  readonly authoritative: boolean;
  readonly answers: readonly ServedSet[];
  readonly authority: readonly ServedSet[];
  /** Addresses of targets, for the asker's convenience: may be left out. */
  readonly additional: readonly ServedSet[];
  /** Longest network prefix that any set was chosen by (the scope of RFC 7871); 0 when it fits everyone. */
  readonly scopePrefixLength: number;
}

/** Aliases followed inside one answer before the server leaves the rest to the asker. */
const MAX_ALIAS_STEPS = 8;

/** For ANY one set is enough (RFC 8482 section 4.1): the first of these that the name owns. */
const ANY_ORDER = ["A", "AAAA", "SRV", "TXT", "CNAME", "CAA", "NS", "SOA"] as const;

/** A reply without a record: an error, or nothing to say. */
export function bareReply(rcode: Rcode): Reply {
  return { rcode, authoritative: false, answers: [], authority: [], additional: [], scopePrefixLength: 0 };
}

/** The zone that holds the name: the longest origin that is the name or above it. */
function closestZone(name: string, zones: readonly ZoneData[]): ZoneData | undefined {
  return zones
    .filter((zone) => isWithin(name, zone.origin))
    .reduce<ZoneData | undefined>(
      (best, zone) => (best === undefined || zone.origin.length > best.origin.length ? zone : best),
      undefined,
    );
}

/** The set at the name under that name, or undefined where there is none or an empty one. */
function setAt(zone: ZoneData, name: string, type: string, asker: Asker): ServedSet | undefined {
  const types = type === "ANY" ? ANY_ORDER : [type];
  for (const one of types) {
    const set = zone.lookup(name, one, asker);
    if (set !== undefined && set.data.length > 0) return { ...set, name };
  }
  return undefined;
}

interface Found {
  readonly rcode: Rcode;
  readonly answers: readonly ServedSet[];
  /** Whether the last name of the chain is in the zone but has nothing of the type. */
  readonly negative: boolean;
}

/** Follows aliases inside the zone; the code is that of the last name (RFC 6604 section 3). */
function follow(
  start: string,
  type: string,
  zone: ZoneData,
  zones: readonly ZoneData[],
  asker: Asker,
): Found {
  const answers: ServedSet[] = [];
  let owner = start;
  for (let step = 0; step <= MAX_ALIAS_STEPS; step++) {
    const set = setAt(zone, owner, type, asker);
    if (set !== undefined) return { rcode: "NOERROR", answers: [...answers, set], negative: false };
    const alias = setAt(zone, owner, "CNAME", asker);
    const target = alias?.data[0];
    if (alias === undefined || target === undefined) {
      return { rcode: zone.exists(owner) ? "NOERROR" : "NXDOMAIN", answers, negative: true };
    }
    answers.push(alias);
    owner = target.toLowerCase();
    if (closestZone(owner, zones) !== zone) break;
  }
  return { rcode: "NOERROR", answers, negative: false };
}

/** Addresses of the hosts that SRV and NS sets name, where this server knows them (RFC 2782, RFC 1034 section 4.3.2). */
function glue(sets: readonly ServedSet[], zones: readonly ZoneData[], asker: Asker): ServedSet[] {
  const targets = new Set(
    sets
      .filter((set) => set.type === "SRV" || set.type === "NS")
      .flatMap((set) => set.data.map((data) => (data.split(/\s+/).at(-1) ?? "").toLowerCase())),
  );
  return [...targets].flatMap((target) => {
    const zone = closestZone(target, zones);
    if (zone === undefined) return [];
    return ["A", "AAAA"].flatMap((type) => setAt(zone, target, type, asker) ?? []);
  });
}

/**
 * Answers one question of class IN. Outside every zone, in another class and for zone transfers: REFUSED.
 * A name without sets but with names below it exists (RFC 8020); negative answers carry the SOA (RFC 2308).
 * @param nameServerAddress the server's own address, served at `ns.<origin>`.
 */
export function answerQuestion(
  question: Question,
  servedZones: readonly ZoneData[],
  asker: Asker,
  nameServerAddress: string,
): Reply {
  if (question.class !== "IN" || question.type === "AXFR" || question.type === "IXFR")
    return bareReply("REFUSED");
  const zones = servedZones.map((zone) => withApex(zone, nameServerAddress));
  const asked = question.name.toLowerCase();
  const zone = closestZone(asked, zones);
  if (zone === undefined) return bareReply("REFUSED");

  const found = follow(asked, question.type, zone, zones, asker);
  const soa = found.negative ? zone.lookup(zone.origin, "SOA", asker) : undefined;
  const additional = glue(found.answers, zones, asker);
  return {
    rcode: found.rcode,
    authoritative: true,
    answers: found.answers.map((set) => (set.name === asked ? { ...set, name: question.name } : set)),
    authority: soa === undefined ? [] : [{ ...soa, ttlSeconds: NEGATIVE_TTL_SECONDS }],
    additional,
    scopePrefixLength: Math.max(
      0,
      ...[...found.answers, ...additional].map((set) => set.scopePrefixLength ?? 0),
    ),
  };
}
