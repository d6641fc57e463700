/**
 * The life of a node: which step leads from which status to which, and what must be so before it. One table for the
 * commands and for the guard that compares an inventory with what was deployed last.
 */
import type { Status } from "../../inventory/nodeSchema.ts";

/** `absent`: no entry in nodes.json. */
export type Standing = Status | "absent";

export const STEPS = [
  "add",
  "activate",
  "drain",
  "undrain",
  "down",
  "readdress",
  "retire",
  "remove",
] as const;

/** What a person does to one node. `readdress` gives the slot's place to other hardware. */
export type Step = (typeof STEPS)[number];

/**
 * What must be so before a step. certificate: an earlier update issued the node's certificates. hold-down: the node has
 * been out for that long. drain-envelope: nobody needs the node any more. never-listed: the last update was not asked to list it.
 */
export type Condition = "certificate" | "hold-down" | "drain-envelope" | "never-listed";

export interface Transition {
  readonly from: Standing;
  readonly step: Step;
  readonly to: Standing;
  readonly condition?: Condition;
}

/** Everything that is not here is refused. Of two ways that are equally short the one that is named first is told. */
export const TRANSITIONS: readonly Transition[] = [
  { from: "absent", step: "add", to: "planned" },
  { from: "absent", step: "activate", to: "active", condition: "certificate" },
  { from: "planned", step: "activate", to: "active", condition: "certificate" },
  { from: "planned", step: "down", to: "down" },
  { from: "planned", step: "retire", to: "retired", condition: "never-listed" },
  { from: "planned", step: "readdress", to: "planned", condition: "never-listed" },
  { from: "planned", step: "remove", to: "absent", condition: "never-listed" },
  { from: "active", step: "drain", to: "draining" },
  { from: "active", step: "down", to: "down" },
  { from: "draining", step: "undrain", to: "active" },
  { from: "draining", step: "down", to: "down" },
  { from: "draining", step: "retire", to: "retired", condition: "drain-envelope" },
  { from: "draining", step: "readdress", to: "planned", condition: "drain-envelope" },
  { from: "down", step: "activate", to: "active", condition: "hold-down" },
  { from: "down", step: "retire", to: "retired", condition: "drain-envelope" },
  { from: "down", step: "readdress", to: "planned", condition: "drain-envelope" },
  { from: "retired", step: "readdress", to: "planned" },
  { from: "retired", step: "remove", to: "absent" },
];

/** What is known of one node when a step is asked for. Times are arguments; nothing here reads a clock. */
export interface StepFacts {
  readonly now: Date;
  /** When a person changed the status, where the entry tells. */
  readonly since?: Date;
  /** What earlier updates wrote down; absent where there is no ledger to read. */
  readonly recorded?: RecordedFacts;
  /** From the rows seen gone until nobody is offered the node any more. */
  readonly noNewCallsSeconds: number;
  /** From the rows seen gone until nobody needs the node any more. */
  readonly retireSeconds: number;
  readonly holdDownSeconds: number;
  /** Nothing was registered at the node and no dialog was left when somebody looked. */
  readonly idle?: boolean;
}

export interface RecordedFacts {
  /** When a run first saw that no name lists the node. */
  readonly goneSince?: Date;
  /** What the last complete update was asked for; absent where the ledger does not tell. */
  readonly standing?: Standing;
  /** `unmanaged`: the stack issues none. `first-update`: nothing is deployed, so names wait for the certificates. */
  readonly certificates: "issued" | "missing" | "expired" | "unmanaged" | "first-update" | "unknown";
}

/** Rules by which a step is refused. `state-machine` knows no override. */
export type TransitionRule = "state-machine" | Condition;

export type Verdict =
  | {
      readonly allowed: true;
      readonly to: Standing;
      /** What could not be checked, and why not, as a sentence without a full stop. */
      readonly unchecked?: string;
    }
  | {
      readonly allowed: false;
      readonly rule: TransitionRule;
      /** Why, as a sentence without a full stop. */
      readonly message: string;
      /** When the step becomes legal, where that is known. */
      readonly legalAt?: Date;
      /** Steps that lead to where this one would; empty where none are missing. */
      readonly way: readonly Step[];
    };

/**
 * Where the step leads, whether or not its condition is met.
 * @throws Error when there is no such step.
 */
export function destinationOf(from: Standing, step: Step): Standing {
  const transition = TRANSITIONS.find((each) => each.from === from && each.step === step);
  if (transition === undefined) throw new Error(`no step ${step} from ${from}`);
  return transition.to;
}

/** Whether the step may be taken from `from` now, and if not, why and when. */
export function verdictOf(from: Standing, step: Step, facts: StepFacts): Verdict {
  const transition = TRANSITIONS.find((each) => each.from === from && each.step === step);
  if (transition === undefined) return noSuchStep(from, step);
  const refused = refusalOf(transition, facts);
  if (refused !== undefined) return { allowed: false, way: [], ...refused };
  const unchecked = uncheckedOf(transition, facts);
  return { allowed: true, to: transition.to, ...(unchecked === undefined ? {} : { unchecked }) };
}

/** The step that leads from one standing to another at once; undefined where none does, or they are the same. */
export function stepBetween(from: Standing, to: Standing): Step | undefined {
  return from === to ? undefined : TRANSITIONS.find((each) => each.from === from && each.to === to)?.step;
}

/** The fewest steps from one standing to another; empty where they are the same or none lead there. */
export function wayBetween(from: Standing, to: Standing): Step[] {
  let trails: { at: Standing; taken: Step[] }[] = [{ at: from, taken: [] }];
  const seen = new Set<Standing>([from]);
  while (trails.length > 0) {
    const arrived = trails.find(({ at }) => at === to);
    if (arrived !== undefined) return arrived.taken;
    trails = trails.flatMap(({ at, taken }) =>
      TRANSITIONS.filter((each) => each.from === at && !seen.has(each.to)).map((each) => {
        seen.add(each.to);
        return { at: each.to, taken: [...taken, each.step] };
      }),
    );
  }
  return [];
}

function noSuchStep(from: Standing, step: Step): Verdict {
  const refused = { allowed: false, rule: "state-machine" } as const;
  const destinations = new Set(TRANSITIONS.filter((each) => each.step === step).map(({ to }) => to));
  if (destinations.has(from)) return { ...refused, message: `it is ${from} already`, way: [] };
  if (step === "drain") {
    return { ...refused, message: `it is ${from}: no name lists it, there is nothing to drain`, way: [] };
  }
  const [destination = from] = destinations;
  const message = `no step leads from ${from} to ${destination} at once`;
  return { ...refused, message, way: wayBetween(from, destination) };
}

interface Refused {
  readonly rule: Condition;
  readonly message: string;
  readonly legalAt?: Date;
}

function refusalOf({ condition }: Transition, facts: StepFacts): Refused | undefined {
  switch (condition) {
    case undefined:
      return undefined;
    case "certificate":
      return withoutCertificate(facts);
    case "hold-down":
      return tooSoonUp(facts);
    case "drain-envelope":
      return stillNeeded(facts);
    case "never-listed":
      return listedBefore(facts);
  }
}

function withoutCertificate({ recorded }: StepFacts): Refused | undefined {
  switch (recorded?.certificates) {
    case "missing":
      return {
        rule: "certificate",
        message: "no update has issued its certificates, so that every TLS call to it would fail",
      };
    case "expired":
      return { rule: "certificate", message: "a certificate of it has expired" };
    default:
      return undefined;
  }
}

/** Counted from the rows seen gone; where no run has seen that, from the change of the status, which is earlier. */
function tooSoonUp({ now, since, recorded, holdDownSeconds }: StepFacts): Refused | undefined {
  const start = recorded?.goneSince ?? since;
  if (start === undefined) {
    const message = "nobody knows since when it has been down: neither a ledger nor its entry tells";
    return { rule: "hold-down", message };
  }
  const legalAt = later(start, holdDownSeconds);
  if (legalAt <= now) return undefined;
  const message = "it went down so recently that it may fail again at once";
  return { rule: "hold-down", message, legalAt };
}

/** Counted from the rows seen gone, never from the change of the status: that may not have been deployed for long. */
function stillNeeded(facts: StepFacts): Refused | undefined {
  const { now, recorded, idle, noNewCallsSeconds, retireSeconds } = facts;
  const refused = (message: string, legalAt?: Date): Refused => ({
    rule: "drain-envelope",
    message,
    ...(legalAt === undefined ? {} : { legalAt }),
  });
  if (recorded === undefined) {
    if (idle === true) return undefined;
    return refused("without a ledger nobody knows since when no name lists it");
  }
  const { goneSince } = recorded;
  if (goneSince === undefined) {
    return refused(
      "no run has seen its rows gone: the wait begins with the first `pulumi up` after the one that removes them",
    );
  }
  const legalAt = later(goneSince, idle === true ? noNewCallsSeconds : retireSeconds);
  if (legalAt <= now) return undefined;
  const message =
    idle === true
      ? "it was idle when somebody looked, but callers may still be told of it"
      : "calls, registrations or caches may still hold on to it";
  return refused(message, legalAt);
}

function listedBefore({ recorded }: StepFacts): Refused | undefined {
  const standing = recorded?.standing;
  if (standing !== "active" && standing !== "draining" && standing !== "down") return undefined;
  const message = `the last update was asked for it as ${standing}, so that callers may hold on to it`;
  return { rule: "never-listed", message };
}

function uncheckedOf({ condition }: Transition, { recorded }: StepFacts): string | undefined {
  const why = recorded === undefined ? "there is no ledger" : "the ledger does not tell";
  const isKnown: Readonly<Record<Condition, boolean>> = {
    certificate: recorded !== undefined && recorded.certificates !== "unknown",
    "hold-down": true,
    "drain-envelope": recorded !== undefined,
    "never-listed": recorded?.standing !== undefined,
  };
  return condition === undefined || isKnown[condition] ? undefined : `${DOUBTS[condition]}: ${why}`;
}

const DOUBTS: Readonly<Record<Condition, string>> = {
  certificate: "whether an earlier update issued its certificates",
  "hold-down": "since when it has been down",
  "drain-envelope": "whether a name still lists it",
  "never-listed": "whether the last update was asked to list it",
};

function later(start: Date, seconds: number): Date {
  return new Date(start.getTime() + seconds * 1000);
}
