/** The rules of certificates and their requests. */
import type { RuleFacts } from "./catalogue.ts";

export const CERTIFICATE_RULES = {
  "csr-path": {
    subject: "certificate",
    refuses: "a certificate request outside the inventory folder",
    remedy: "put the request into the inventory folder and write its path from there",
  },
  "csr-file": {
    subject: "certificate",
    refuses:
      "a certificate request that is not there, is no single PEM request signed by its own key, or is beside other text",
    source: "RFC 2986, RFC 7468 section 7",
    remedy:
      "put the request that the node has made there, as it is (`npx dialtree cert request SLOT` tells how to make one), " +
      "or remove the key csr",
  },
  "csr-profiles": {
    subject: "certificate",
    refuses:
      "one certificate request for certificates of several profiles, whose names differ, or one for a profile that the " +
      "node does not have",
    source: "policy.certificates.profiles",
    remedy: 'write a request per profile: {"wildcard": "...", "exact": "..."}',
  },
  "key-type": {
    subject: "certificate",
    refuses: "an RSA key of 3072 bits where there is no certificate request",
    source: "@pulumiverse/acme 0.16.2",
    remedy: 'put the node\'s request into the inventory, or write "rsa2048" or "rsa4096"',
  },
  "renewal-time": {
    subject: "certificate",
    refuses: "renewal in the first third of a certificate's life: every run would soon renew it",
    source: "Let's Encrypt documentation, profiles (2026-11)",
    remedy: "make policy.certificates.minDaysRemaining smaller",
  },
  "floor-days": {
    subject: "certificate",
    refuses: "a floor that a certificate reaches before its renewal is due",
    source: "policy.certificates.minDaysRemaining",
    remedy: "make policy.certificates.floorDays smaller than minDaysRemaining, or remove it",
  },
} as const satisfies Record<string, RuleFacts>;
