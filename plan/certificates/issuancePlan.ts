/** What the next updates do about the certificates, and what the authority's limits have room for: for people and programs. */
import type { CertificateProfile } from "../../inventory/certificateKinds.ts";
import { compareText } from "../order.ts";
import { COUNTED_LIMITS, type CountedLimit } from "./authorities.ts";
import { setDigest } from "./authorityBuckets.ts";
import { type DueReason, dueCertificates, type IssuanceFacts } from "./due.ts";
import { orderText } from "./orderChecks.ts";
import { limitProblems } from "./runOrders.ts";
import { presentBuckets, schedule } from "./schedule.ts";

export interface IssuancePlan {
  readonly authority: { readonly name: string; readonly directory: string };
  /** ISO 8601, UTC. */
  readonly now: string;
  /** The first is the next update, and may be empty. */
  readonly waves: readonly PlannedWave[];
  /** Whether the policy lets an update leave the later waves for others; if not, it is refused where there are any. */
  readonly wavesAllowed: boolean;
  /** Why the next update is refused, one message each. */
  readonly refusals: readonly string[];
  /** Certificates that stay as they are. */
  readonly kept: number;
  /** Before the next update; empty where the authority has no limits that are known. */
  readonly limits: readonly LimitState[];
}

export interface PlannedWave {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly certificates: readonly {
    readonly slot: string;
    readonly profile: CertificateProfile;
    readonly why: readonly DueReason[];
    /** The authority takes it for a renewal, which is exempt from limits on new certificates. */
    readonly renewal: boolean;
    readonly names: readonly string[];
  }[];
}

export interface LimitState {
  readonly limit: CountedLimit;
  /** What is counted, and in which time the empty bucket is full again. */
  readonly counts: string;
  readonly period: string;
  /** Whose names it counts, of the limit on exact sets: only those of which something is gone. */
  readonly certificate?: { readonly slot: string; readonly profile: CertificateProfile };
  readonly capacity: number;
  readonly left: number;
  /** ISO 8601, UTC; absent where it is full. */
  readonly fullAt?: string;
}

export function issuancePlan(facts: IssuanceFacts): IssuancePlan {
  const { tree, authority, now } = facts;
  const due = dueCertificates(facts);
  const waves = schedule(due, facts);
  const wavesAllowed = tree.policy.certificates.waves;
  const isRefused = waves.length > 1 && !wavesAllowed;
  return {
    authority: { name: authority.name, directory: authority.directory },
    now: now.toISOString(),
    waves: waves.map(({ at, certificates }) => ({
      at: at.toISOString(),
      certificates: certificates.map(({ order: { slot, profile, names }, why, renewal }) => ({
        slot,
        profile,
        why,
        renewal,
        names,
      })),
    })),
    wavesAllowed,
    refusals: isRefused ? limitProblems(due, waves.slice(1), facts).map(({ message }) => message) : [],
    kept: tree.certificates.length - due.length,
    limits: limitStates(facts),
  };
}

function limitStates(facts: IssuanceFacts): LimitState[] {
  const buckets = presentBuckets(facts);
  const { limits } = facts.authority;
  if (buckets === undefined || limits === undefined) return [];
  const at = facts.now.getTime();
  const state = (limit: CountedLimit, set?: string) => {
    const { counts, period, capacity } = limits[limit];
    const fullAt = buckets.fullAt(limit, set);
    const full = fullAt > at ? { fullAt: new Date(fullAt).toISOString() } : {};
    return { limit, counts, period, capacity, left: buckets.left(limit, at, set), ...full };
  };
  const shared = COUNTED_LIMITS.filter((limit) => limit !== "exactSet").map((limit) => state(limit));
  const sets = facts.tree.certificates
    .map((order) => ({
      ...state("exactSet", setDigest(order.names)),
      certificate: { slot: order.slot, profile: order.profile },
    }))
    .filter(({ left, capacity }) => left < capacity)
    .sort((a, b) => a.left - b.left || compareText(orderText(a.certificate), orderText(b.certificate)));
  return [...shared, ...sets];
}
