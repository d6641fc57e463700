/** Profiles of certificates that Let's Encrypt has, with what the plan must know of each. */

export const ACME_PROFILES = ["classic", "tlsserver", "shortlived"] as const;

export type AcmeProfile = (typeof ACME_PROFILES)[number];

export interface AcmeProfileFacts {
  /** Names in one certificate. */
  readonly mostNames: number;
  /** From issue to expiry. `classic` goes down to 64 days in February 2027 and to 45 in February 2028. */
  readonly lifetimeHours: number;
}

const HOURS_PER_DAY = 24;

/** Let's Encrypt documentation, profiles (July 2026; read 2026-11). */
export const ACME_PROFILE_FACTS: Readonly<Record<AcmeProfile, AcmeProfileFacts>> = {
  classic: { mostNames: 100, lifetimeHours: 90 * HOURS_PER_DAY },
  tlsserver: { mostNames: 25, lifetimeHours: 45 * HOURS_PER_DAY },
  shortlived: { mostNames: 25, lifetimeHours: 160 },
};
