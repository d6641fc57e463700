/** Which certificates a node holds: by its own entry, or else by the policy. */

import type { CertificateProfile, KeyType } from "./certificateKinds.ts";
import type { Node } from "./nodeSchema.ts";
import type { Policy } from "./treeSchema.ts";

type Entry = { readonly [K in "certificates" | "csr"]?: Node[K] | undefined };

export interface NodeCertificate {
  readonly profile: CertificateProfile;
  /** Key to make, by the provider or, where there is a request, by the node. */
  readonly keyType: KeyType;
  /** Path of the node's certificate request inside the inventory folder; absent: the provider makes the key. */
  readonly csr?: string;
}

/** One per profile, sorted by profile. */
export function nodeCertificates({ certificates, csr }: Entry, policy: Policy): NodeCertificate[] {
  const profiles = certificates?.profiles ?? policy.certificates.profiles;
  const keyType = certificates?.keyType ?? policy.certificates.keyType;
  return [...profiles].sort().map((profile) => {
    const file = typeof csr === "string" ? csr : csr?.[profile];
    return { profile, keyType, ...(file === undefined ? {} : { csr: file }) };
  });
}
