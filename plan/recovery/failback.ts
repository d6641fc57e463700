/** The node is back: when clients use it again. */
import { CLIENT_PROFILES, type KnownClient } from "../clients/known.ts";
import type { Basis } from "../clients/reaction.ts";
import type { Inputs } from "./inputs.ts";
import { changeWindow } from "./window.ts";

export interface FailbackRecovery {
  readonly client: KnownClient;
  readonly basis: Basis;
  /** Node well until callers are told of it: hold-down, and the change without its notice. */
  readonly listedSeconds: number;
  /** What the client adds, where the node is listed again or was never taken out. */
  readonly clientSeconds: number;
  /** Both. */
  readonly recoverySeconds: number;
}

export function failbackRecovery(clients: readonly KnownClient[], inputs: Inputs): FailbackRecovery[] {
  const listedSeconds =
    inputs.holdDownSeconds + changeWindow(inputs, inputs.srvTtlSeconds).seconds - inputs.noticeSeconds;
  return clients.flatMap((client): FailbackRecovery[] => {
    const profile = CLIENT_PROFILES.get(client);
    if (profile === undefined) return [];
    const clientSeconds = profile.failback?.seconds ?? 0;
    const basis = profile.failback?.basis ?? profile.basis;
    return [{ client, basis, listedSeconds, clientSeconds, recoverySeconds: listedSeconds + clientSeconds }];
  });
}
