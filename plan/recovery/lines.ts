/** One line per client, wire and failure; names that are offered alike share the same lines. */
import type { Wire } from "../../dns/services.ts";
import {
  CLIENT_PROFILES,
  type ClientProfile,
  KNOWN_CLIENTS,
  type KnownClient,
  shareModelOf,
} from "../clients/known.ts";
import { FAILURES, type Failure } from "../clients/reaction.ts";
import { SHARE_MODELS } from "../clients/shares.ts";
import type { Tree } from "../tree.ts";
import { type CallRecovery, callRecovery, type Meeting } from "./call.ts";
import { type Exposure, type Reading, worstOf } from "./exposure.ts";
import type { Inputs } from "./inputs.ts";
import { found, type Holding, publishedWires } from "./lookup.ts";
import type { Offer } from "./offer.ts";
import { type RegistrationRecovery, registrationRecovery } from "./registration.ts";
import { isProbed, type Window } from "./window.ts";

export interface RecoveryOptions {
  /** Every known client when absent. */
  readonly clients?: readonly KnownClient[];
  /** Every kind when absent. */
  readonly failures?: readonly Failure[];
}

/** Until what is dead is out of the answers, where a probe could find it out and where not. */
export interface WindowsByProbe {
  readonly probed: Window;
  readonly unprobed: Window;
}

/** What is dead, as it is met by clients that go by one of the two kinds of answer. */
export interface Situation {
  readonly by: "srv" | "addresses";
  readonly exposures: Exposures;
  readonly windows: WindowsByProbe;
  readonly holding: Holding;
}

/** By the way in which a client reads the answer; empty where there is no such answer. */
export type Exposures = ReadonlyMap<string, Exposure>;

const READINGS: readonly Reading[] = SHARE_MODELS.flatMap((model) =>
  [false, true].map((dropsLonePriorities) => ({ model, dropsLonePriorities })),
);

/** The first address on the wire: name servers rotate them, so over many callers each is first as often. */
const FIRST_ADDRESS: Reading = { model: "uniform", dropsLonePriorities: false };

/** As RFC 2782 has it. */
const STANDARD: Reading = { model: "proportional", dropsLonePriorities: false };

function readingKey({ model, dropsLonePriorities }: Reading): string {
  return `${model} ${dropsLonePriorities}`;
}

type Death = (offer: Offer, reading: Reading) => Exposure;

/** The worst of the offers for each reading. */
export function exposuresOf(by: Situation["by"], offers: readonly Offer[], death: Death): Exposures {
  if (offers.length === 0) return new Map();
  const readings = by === "srv" ? READINGS : [FIRST_ADDRESS];
  return new Map(
    readings.map((reading) => [readingKey(reading), worstOf(offers.map((offer) => death(offer, reading)))]),
  );
}

/** What a client by the book meets. */
export function standardExposure({ by, exposures }: Situation): Exposure | undefined {
  return exposures.get(readingKey(by === "srv" ? STANDARD : FIRST_ADDRESS));
}

function exposureOf(profile: ClientProfile, { by, exposures }: Situation): Exposure | undefined {
  if (by === "addresses") return exposures.get(readingKey(FIRST_ADDRESS));
  const dropsLonePriorities = profile.dropsLonePriorities === true;
  return exposures.get(readingKey({ model: shareModelOf(profile), dropsLonePriorities }));
}

/** All that the lines of a situation depend on; which node is dead is none of it. */
function situationKey({ by, exposures, windows, holding }: Situation): string {
  const met = [...exposures.values()].map(
    ({ share, deadTargets, hasLiveTarget }) => `${share} ${deadTargets} ${hasLiveTarget}`,
  );
  const { probed, unprobed } = windows;
  return [by, holding.srv, holding.addresses, probed.seconds, unprobed.seconds, ...met].join(" ");
}

export interface Lines {
  calls(situation: Situation): readonly CallRecovery[];
  registrations(situation: Situation): readonly RegistrationRecovery[];
  /** Clients that find nothing at a name, by wire. */
  unreached(holding: Holding): readonly { readonly client: KnownClient; readonly wire: Wire }[];
}

/** Makes lines for one tree, each only once. */
export function recoveryLines(tree: Tree, inputs: Inputs, options: RecoveryOptions = {}): Lines {
  const profiles = (options.clients ?? KNOWN_CLIENTS).flatMap((client) => {
    const profile = CLIENT_PROFILES.get(client);
    return profile === undefined ? [] : [{ client, profile }];
  });
  const failures = options.failures ?? FAILURES;
  const wires = publishedWires(tree);

  function* meetings(situation: Situation): Generator<Meeting> {
    const { by, windows, holding } = situation;
    for (const { client, profile } of profiles) {
      const exposure = exposureOf(profile, situation);
      if (exposure === undefined) continue;
      for (const wire of wires) {
        if (found(profile, wire, holding, tree) !== by) continue;
        for (const failure of failures) {
          const window = isProbed(failure, tree.policy.probe.type) ? windows.probed : windows.unprobed;
          yield { client, profile, wire, failure, exposure, window };
        }
      }
    }
  }

  const linesOf = <T>(line: (meeting: Meeting, inputs: Inputs) => T | undefined) =>
    once(situationKey, (situation: Situation): readonly T[] =>
      [...meetings(situation)].flatMap((meeting) => line(meeting, inputs) ?? []),
    );

  return {
    calls: linesOf(callRecovery),
    registrations: linesOf(registrationRecovery),
    unreached: once(
      (holding: Holding) => JSON.stringify(holding),
      (holding) =>
        profiles.flatMap(({ client, profile }) =>
          wires
            .filter((wire) => found(profile, wire, holding, tree) === "nothing")
            .map((wire) => ({ client, wire })),
        ),
    ),
  };
}

/** The function, remembering what it made for each key. */
function once<A, T>(keyOf: (argument: A) => string, make: (argument: A) => T): (argument: A) => T {
  const made = new Map<string, T>();
  return (argument) => {
    const key = keyOf(argument);
    const known = made.get(key);
    if (known !== undefined) return known;
    const value = make(argument);
    made.set(key, value);
    return value;
  };
}
