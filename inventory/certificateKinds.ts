/** What a certificate can be, in the words of the inventory. Apart from the schema, which is slow to load. */

/** wildcard: the domain and every label below it. exact: every name that can list the node (RFC 5922). */
export const CERTIFICATE_PROFILES = ["wildcard", "exact"] as const;

export type CertificateProfile = (typeof CERTIFICATE_PROFILES)[number];

/** Keys that public authorities certify; the provider makes all of them but `rsa3072`. */
export const KEY_TYPES = ["rsa2048", "rsa3072", "rsa4096", "p256", "p384"] as const;

export type KeyType = (typeof KEY_TYPES)[number];
