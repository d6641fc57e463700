/** A trunk that registers: how long calls towards it fail after its registrar's death. */

import type { CallRecovery } from "./call.ts";
import { delayOf, type Meeting } from "./call.ts";
import { clientInput, type Inputs } from "./inputs.ts";

export interface RegistrationRecovery extends Pick<CallRecovery, "client" | "wire" | "failure" | "basis"> {
  /** Until the client notices: a keepalive without answer, or the end of the registration. */
  readonly noticeSeconds: number;
  /** From the death until it is registered at a node that lives, at worst. */
  readonly recoverySeconds: number;
  /** Part of the trunks that are registered at the dead node, 0 to 1: their inbound calls are lost meanwhile. */
  readonly lostShare: number;
}

/**
 * min(keepalive + wait, Expires) + d, and for a client that does not go to the next target + retry: it draws again
 * until it draws a node that lives, at the latest when the dead one is out of the answer.
 */
export function registrationRecovery(meeting: Meeting, inputs: Inputs): RegistrationRecovery | undefined {
  const { client, wire, failure, profile, exposure, window } = meeting;
  const reaction = profile.reactions[failure][wire];
  if (reaction === undefined) return undefined;
  const line = { client, wire, failure, basis: reaction.basis };
  if (reaction.outcome === "unnoticed" || exposure.share === 0) {
    return { ...line, noticeSeconds: 0, recoverySeconds: 0, lostShare: 0 };
  }
  const { registration } = profile;
  const noticeSeconds = noticeOf(registration.expiresSeconds, inputs);
  const delaySeconds = delayOf(reaction, exposure, inputs);
  const movesOn = reaction.outcome === "next" && registration.movesOn !== false && exposure.hasLiveTarget;
  const retrySeconds = clientInput(inputs, "registrationRetrySeconds", registration.retrySeconds);
  return {
    ...line,
    noticeSeconds,
    recoverySeconds: movesOn
      ? noticeSeconds + delaySeconds
      : Math.max(noticeSeconds, window.seconds) + delaySeconds + retrySeconds,
    lostShare: exposure.share,
  };
}

function noticeOf(expiresSeconds: number | undefined, inputs: Inputs): number {
  const expires = clientInput(inputs, "expiresSeconds", expiresSeconds);
  if (inputs.keepaliveSeconds === 0) return expires;
  return Math.min(inputs.keepaliveSeconds + inputs.keepaliveWaitSeconds, expires);
}
