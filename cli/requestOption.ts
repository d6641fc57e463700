/** `--csr`: the certificate requests of a node. */

import { CERTIFICATE_PROFILES, type CertificateProfile } from "../inventory/certificateKinds.ts";
import type { Node } from "../inventory/nodeSchema.ts";
import { UsageError } from "./usage.ts";

/**
 * `FILE` alone, or `PROFILE=FILE` for each certificate.
 * @returns undefined where none is given
 * @throws UsageError for an unknown profile, or one that is given twice
 */
export function requestsOf(values: readonly string[] = []): Node["csr"] {
  const [first, ...others] = values;
  if (first === undefined) return undefined;
  if (others.length === 0 && !first.includes("=")) return first;
  const requests: Partial<Record<CertificateProfile, string>> = {};
  for (const value of values) {
    const [, profile = "", file = ""] = /^([a-z]+)=(.+)$/.exec(value) ?? [];
    if (!isProfile(profile) || requests[profile] !== undefined) {
      throw new UsageError(
        `--csr ${value}: give FILE, or one PROFILE=FILE for each of ${CERTIFICATE_PROFILES.join(", ")}`,
      );
    }
    requests[profile] = file;
  }
  return requests;
}

function isProfile(text: string): text is CertificateProfile {
  return CERTIFICATE_PROFILES.some((profile) => profile === text);
}
