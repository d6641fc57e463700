/**
 * What is due, in waves that the authority's limits have room for. The dates are those of one update a day, which is
 * what people run; an update in between takes what fits by then.
 */
import { compareText } from "../order.ts";
import { type AuthorityBuckets, type Issue, setDigest } from "./authorityBuckets.ts";
import type { DueCertificate, IssuanceFacts } from "./due.ts";
import { bucketsOf } from "./issued.ts";

export interface Wave {
  readonly at: Date;
  readonly certificates: readonly DueCertificate[];
}

/** Between two waves: the tokens of a day are 7 certificates, those of an hour not even one. */
const WAVE_GAP_MILLISECONDS = 24 * 3_600_000;

/** The authority's limits as they stand now; undefined where it has none. */
export function presentBuckets(facts: IssuanceFacts): AuthorityBuckets | undefined {
  const { ledger, authority, otherIssued, now } = facts;
  const buckets = bucketsOf(ledger, authority);
  // Nobody knows when: taken as of this moment, they are missing for longest.
  buckets?.take("registeredDomain", otherIssued, now.getTime());
  return buckets;
}

/**
 * The waves: the first of them is now and may be empty, no other is. Certificates near their end come first, then
 * those of nodes that have some already, then those of new nodes, and a node's own together: no name lists it before
 * it has them all. Who waits for a limit that all share lets nobody past who takes from it.
 */
export function schedule(due: readonly DueCertificate[], facts: IssuanceFacts): readonly [Wave, ...Wave[]] {
  const buckets = presentBuckets(facts);
  if (buckets === undefined) return [{ at: facts.now, certificates: due }];
  let at = facts.now.getTime();
  let { taken, left, nextFit } = takeWave(turns(due, facts, buckets), buckets, at);
  const first = { at: facts.now, certificates: taken };
  const later: Wave[] = [];
  while (left.length > 0) {
    at = wholeMinute(Math.max(at + WAVE_GAP_MILLISECONDS, nextFit));
    ({ taken, left, nextFit } = takeWave(left, buckets, at));
    later.push({ at: new Date(at), certificates: taken });
  }
  return [first, ...later];
}

/** Certificates that are issued together or not at all, with what they take. */
interface Turn {
  readonly certificates: readonly DueCertificate[];
  readonly issues: readonly Issue[];
}

interface WaveTaken {
  readonly taken: DueCertificate[];
  readonly left: Turn[];
  /** The first time at which one of those that are left fits, in milliseconds since 1970. */
  readonly nextFit: number;
}

function takeWave(waiting: readonly Turn[], buckets: AuthorityBuckets, at: number): WaveTaken {
  const taken: DueCertificate[] = [];
  const left: Turn[] = [];
  const refused: Turn[] = [];
  let sharedIsShort = false;
  const attempt = (turn: Turn) => {
    if (sharedIsShort && turn.issues.some(({ renewal }) => !renewal)) {
      left.push(turn);
      return;
    }
    const limit = buckets.refusedBy(turn.issues, at);
    if (limit === undefined) {
      buckets.issue(turn.issues, at);
      taken.push(...turn.certificates);
    } else if (limit === "exactSet" && turn.certificates.length > 1) {
      // One set of names is used up: that is no reason for the others to wait.
      for (const certificate of turn.certificates) attempt(turnOf([certificate]));
    } else {
      left.push(turn);
      refused.push(turn);
      sharedIsShort ||= limit !== "exactSet";
    }
  };
  for (const turn of waiting) attempt(turn);
  return { taken, left, nextFit: Math.min(...refused.map(({ issues }) => buckets.firstFit(issues))) };
}

/** The due certificates node by node, in the order in which nodes have their turn. */
function turns(due: readonly DueCertificate[], facts: IssuanceFacts, buckets: AuthorityBuckets): Turn[] {
  const precedence = precedenceOf(facts);
  return [...Map.groupBy(due, ({ order }) => order.slot)]
    .map(([slot, certificates]) => ({ certificates, key: precedence(slot, certificates) }))
    .sort((a, b) => compareText(a.key, b.key))
    .flatMap(({ certificates }) => {
      const turn = turnOf(certificates);
      // More than a bucket can ever hold: one by one.
      return Number.isFinite(buckets.firstFit(turn.issues))
        ? [turn]
        : certificates.map((each) => turnOf([each]));
    });
}

function turnOf(certificates: readonly DueCertificate[]): Turn {
  const issues = certificates.map(({ order, renewal }) => ({ set: setDigest(order.names), renewal }));
  return { certificates, issues };
}

/**
 * Text that sorts as nodes have their turn: what ends first, then nodes that hold certificates, then new ones; nodes
 * that names are to list before others; and new ones by turns at their POPs, so that every place gets its first early.
 */
function precedenceOf({
  tree,
  ledger,
}: IssuanceFacts): (slot: string, due: readonly DueCertificate[]) => string {
  const holding = new Set(ledger.certificates.map(({ slot }) => slot));
  const places = [...Map.groupBy(tree.nodes, ({ pop }) => pop).values()].flatMap((nodes) =>
    nodes.map(({ slot, status }, index) => [slot, { status, index }] as const),
  );
  const nodes = new Map(places.map(([slot, place], position) => [slot, { ...place, position }]));
  return (slot, due) => {
    const { status, index, position } = nodes.get(slot) ?? { status: "planned", index: 0, position: 0 };
    const ends = due.flatMap(({ why, held }) =>
      why.includes("renewed") && held !== undefined ? [new Date(held.notAfter).toISOString()] : [],
    );
    const [end] = ends.sort();
    const group = end === undefined ? (holding.has(slot) ? "1" : "2") : `0 ${end}`;
    const turn = holding.has(slot) ? 0 : index;
    return [group, status === "active" ? 0 : 1, padded(turn), padded(position)].join(" ");
  };
}

function padded(number: number): string {
  return String(number).padStart(6, "0");
}

function wholeMinute(milliseconds: number): number {
  return Math.ceil(milliseconds / 60_000) * 60_000;
}
