/** What new calls meet from a node's death until it is out of every answer. */
import type { Wire } from "../../dns/services.ts";
import type { ClientProfile, KnownClient } from "../clients/known.ts";
import type { Basis, Failure, Reaction } from "../clients/reaction.ts";
import type { Exposure } from "./exposure.ts";
import type { Inputs } from "./inputs.ts";
import type { Window } from "./window.ts";

export interface CallRecovery {
  readonly client: KnownClient;
  readonly wire: Wire;
  readonly failure: Failure;
  readonly outcome: Reaction["outcome"];
  readonly basis: Basis;
  /** What a call that meets the dead node first takes longer, or after how long it ends. */
  readonly delaySeconds: number;
  /** From the death until every new call is set up within the callers' patience, at worst. */
  readonly recoverySeconds: number;
  /** Part of all new calls meanwhile that is set up late, and that is lost; 0 to 1 each, together at most 1. */
  readonly lateShare: number;
  readonly lostShare: number;
  /** The worst part of one caller's calls: 1 where a client stays with the target that it drew. */
  readonly oneCallersShare: number;
}

export interface Meeting {
  readonly client: KnownClient;
  readonly profile: ClientProfile;
  readonly wire: Wire;
  readonly failure: Failure;
  readonly exposure: Exposure;
  readonly window: Window;
}

/** undefined: the failure cannot happen over this wire. */
export function callRecovery(meeting: Meeting, inputs: Inputs): CallRecovery | undefined {
  const { client, profile, wire, failure, exposure, window } = meeting;
  const reaction = profile.reactions[failure][wire];
  if (reaction === undefined) return undefined;
  const line = { client, wire, failure, outcome: reaction.outcome, basis: reaction.basis };
  if (reaction.outcome === "unnoticed" || exposure.share === 0) {
    return { ...line, delaySeconds: 0, recoverySeconds: 0, lateShare: 0, lostShare: 0, oneCallersShare: 0 };
  }
  const movesOn = reaction.outcome === "next" && exposure.hasLiveTarget;
  const delaySeconds = delayOf(reaction, exposure, inputs);
  const memorySeconds = movesOn ? memoryOf(meeting, inputs) : 0;
  const share = hurtShare(
    exposure.share,
    { delaySeconds, memorySeconds, windowSeconds: window.seconds },
    inputs,
  );
  const hurt = { ...line, delaySeconds, oneCallersShare: oneCallersShare(meeting, share, memorySeconds) };
  if (movesOn && delaySeconds <= inputs.patienceSeconds) {
    return { ...hurt, recoverySeconds: delaySeconds, lateShare: share, lostShare: 0 };
  }
  const remembered = memorySeconds >= window.seconds;
  return {
    ...hurt,
    recoverySeconds: remembered ? Math.min(delaySeconds, window.seconds) : window.seconds,
    lateShare: 0,
    lostShare: share,
  };
}

/** k × d: each dead target in the way costs its own time; a client that does not move on pays once. */
export function delayOf(reaction: Reaction, exposure: Exposure, inputs: Inputs): number {
  const each = inputs.deadTargetSeconds ?? reaction.afterSeconds;
  if (reaction.outcome !== "next") return each;
  return each * (inputs.deadTargetsAhead ?? exposure.deadTargets);
}

function memoryOf({ profile, failure, wire }: Meeting, inputs: Inputs): number {
  const { memory } = profile;
  if (memory?.of[failure]?.includes(wire) !== true) return 0;
  return memory.seconds === "connection" ? inputs.connectionIdleSeconds : memory.seconds;
}

/**
 * The part of new calls that meet the dead node. A client without memory meets it with each call by the same chance.
 * One that remembers meets it once per memory, and with the calls that begin before the first has been given up.
 */
function hurtShare(
  chance: number,
  seconds: { delaySeconds: number; memorySeconds: number; windowSeconds: number },
  { callsPerMinute }: Inputs,
): number {
  const { delaySeconds, memorySeconds, windowSeconds } = seconds;
  if (memorySeconds === 0) return chance;
  const callsPerSecond = callsPerMinute / 60;
  const calls = Math.max(1, callsPerSecond * windowSeconds);
  const turns = Math.max(1, Math.ceil(windowSeconds / memorySeconds));
  const met = turns * (1 - (1 - chance) ** (calls / turns));
  const meanwhile = 1 + chance * callsPerSecond * delaySeconds;
  return Math.min(chance, (met * meanwhile) / calls);
}

function oneCallersShare({ profile }: Meeting, share: number, memorySeconds: number): number {
  return memorySeconds === 0 && profile.draws !== "per call" ? 1 : share;
}
