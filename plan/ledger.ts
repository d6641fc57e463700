/**
 * The ledger: the times that the next run must know and that nothing else keeps. It is carried as an output
 * of the stack, so its values change only when a fact changes; an idle run leaves it as it is.
 */

import { createHash } from "node:crypto";
import type { AcmeProfile } from "../inventory/acmeProfiles.ts";
import type { CertificateProfile } from "../inventory/certificateKinds.ts";
import type { Status } from "../inventory/nodeSchema.ts";
import { Refusal } from "../inventory/problem.ts";
import type { CountedLimit } from "./certificates/authorities.ts";
import { bucketsAfter } from "./certificates/issued.ts";
import type { ObservedRow } from "./observed.ts";
import { listedSlots } from "./observed.ts";
import type { CertificateOrder, ProvidedKeyType, Tree } from "./tree.ts";

export const LEDGER_VERSION = 1;

export interface Ledger {
  readonly version: typeof LEDGER_VERSION;
  /** Slot to the time (ISO 8601, UTC) at which a run first saw that no name lists the node any more. */
  readonly goneSince: Readonly<Record<string, string>>;
  /** Certificates that an update has issued: slot, profile, and their own times. */
  readonly certificates: readonly LedgerCertificate[];
  /** Limits of authorities that certificates have taken from, also those that nodes have no more. */
  readonly buckets: readonly LedgerBucket[];
  /** What the last complete update was asked for, by slot; absent in a ledger that does not tell. */
  readonly nodes?: Readonly<Record<string, { readonly status: Status }>>;
}

/** What a certificate is, as its update ordered it. An earlier version wrote slot, profile and times only. */
export interface LedgerCertificate {
  readonly slot: string;
  readonly profile: CertificateProfile;
  /** Its own times, ISO 8601. */
  readonly notBefore: string;
  readonly notAfter: string;
  /** Sorted as in the order. */
  readonly names?: readonly string[];
  /** Directory URL of the authority that issued it. */
  readonly directory?: string;
  /** Profile at the authority. */
  readonly acmeProfile?: AcmeProfile;
  /** SHA-256 of the request that it was issued from, where the node has made the key. */
  readonly requestDigest?: string;
  /** Type of its key, where the provider has made it. */
  readonly keyType?: ProvidedKeyType;
}

/** A token bucket of an authority (certificates/buckets.ts) after the last issue that took from it. */
export interface LedgerBucket {
  /** Directory URL of the authority. */
  readonly directory: string;
  readonly limit: CountedLimit;
  /** Digest of the set of names, of the limit that counts exact sets. */
  readonly set?: string;
  /** When it is full again, ISO 8601, UTC. */
  readonly fullAt: string;
}

export const EMPTY_LEDGER: Ledger = {
  version: LEDGER_VERSION,
  goneSince: {},
  certificates: [],
  buckets: [],
};

/**
 * Reads a ledger that an earlier run wrote.
 * @returns the empty ledger where there is none yet.
 * @throws Refusal when another version of the ledger is there.
 */
export function readLedger(value: unknown): Ledger {
  if (value === undefined || value === null) return EMPTY_LEDGER;
  const { version } = value as Partial<Ledger>;
  if (version !== LEDGER_VERSION) {
    throw new Refusal([
      {
        place: "stack output",
        key: "ledger.version",
        value: String(version),
        rule: "ledger-version",
        message: `was written by another dialtree; this one reads version ${LEDGER_VERSION}`,
        remedy: "deploy with the version that wrote it, or a newer one",
      },
    ]);
  }
  return { ...EMPTY_LEDGER, ...(value as Ledger) };
}

/**
 * When each unlisted node was first seen gone. A node that is meant to be listed, or that any platform still
 * lists, has no such time. Where nothing could be read the earlier times stand.
 */
export function goneSince(
  tree: Tree,
  observed: readonly ObservedRow[] | undefined,
  before: Ledger,
  now: Date,
): Ledger["goneSince"] {
  if (observed === undefined) return before.goneSince;
  const listed = listedSlots(tree, observed);
  const times = tree.nodes
    .filter((node) => node.status === "draining" || node.status === "down")
    .filter((node) => !listed.has(node.slot))
    .map((node) => [node.slot, before.goneSince[node.slot] ?? now.toISOString()] as const);
  return Object.fromEntries(times);
}

/** A certificate that an update leaves in place or has just issued; PEM and ISO 8601 times as the provider gives them. */
export interface DeployedCertificate {
  readonly order: CertificateOrder;
  readonly notBefore: string;
  readonly notAfter: string;
  /** The request that it was issued from; absent where the provider has made the key. */
  readonly requestPem?: string | undefined;
}

/** Who issues now, and under which profile. */
export interface Issuer {
  readonly directory: string;
  readonly acmeProfile: AcmeProfile;
}

/**
 * The ledger of an update that went well. A certificate that was there before stays written as it was, whatever is
 * ordered by now; what is new is taken from its authority's limits. Nothing changes by the time alone.
 */
export function ledgerAfter(
  before: Ledger,
  goneSince: Ledger["goneSince"],
  deployed: readonly DeployedCertificate[],
  issuer: Issuer | undefined,
): Ledger {
  const known = new Map(before.certificates.map((each) => [identity(each), each]));
  const certificates = deployed.map((each) => {
    const held = known.get(identity({ ...each.order, ...each }));
    return held?.directory === undefined ? ledgerCertificate(each, issuer) : held;
  });
  return { version: LEDGER_VERSION, goneSince, certificates, buckets: bucketsAfter(before, certificates) };
}

function ledgerCertificate(
  { order, notBefore, notAfter, requestPem }: DeployedCertificate,
  issuer: Issuer | undefined,
): LedgerCertificate {
  const { slot, profile, names, keyType } = order;
  return {
    slot,
    profile,
    notBefore,
    notAfter,
    names,
    ...issuer,
    ...(requestPem === undefined ? {} : { requestDigest: requestDigest(requestPem) }),
    ...(requestPem !== undefined || keyType === undefined ? {} : { keyType }),
  };
}

/** @param pem as it was given to the provider, which replaces the certificate for any other text. */
export function requestDigest(pem: string): string {
  return createHash("sha256").update(pem).digest("hex");
}

function identity({
  slot,
  profile,
  notBefore,
}: Pick<LedgerCertificate, "slot" | "profile" | "notBefore">): string {
  return `${slot} ${profile} ${notBefore}`;
}
