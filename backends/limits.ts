/**
 * What is known of a platform beyond its figures: the traps of its service and of its provider, and what this
 * program does about each. Data only; the documentation's tables are made of it.
 */

interface TrapFacts {
  readonly id: string;
  /** What the platform or its provider does. */
  readonly fact: string;
  /** What this program does about it. */
  readonly decision: string;
  /** Where the fact is from. */
  readonly source: string;
  /** Month in which the source was read or run. */
  readonly verified: "2026-11";
  /**
   * `run`: seen with the real provider against a stand-in of the service. `read`: in documentation or source.
   * `unverified`: told by third parties, inferred, or contradicted.
   */
  readonly status: "run" | "read" | "unverified";
}

/** Proven by a test, named by its title; or by a live account alone, which would show what is said. */
export type Trap = TrapFacts & ({ readonly provenBy: string } | { readonly liveOnly: string });
