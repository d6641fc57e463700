/**
 * The key of the ACME account, where a stack brings one of its own: from the environment, never from a file of the
 * project. Who holds it can have certificates issued for the domain, so its text is in no message.
 */
import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { spkiDigest } from "./certificateRequest.ts";
import { Refusal } from "./problem.ts";

/** Environment variable with the key, PEM. */
export const ACCOUNT_KEY_VARIABLE = "DIALTREE_ACME_ACCOUNT_KEY";

/** Keys that public authorities take for accounts (Boulder's key policy, read 2026-11). */
const CURVES: readonly (string | undefined)[] = ["prime256v1", "secp384r1"];
const RSA_BITS: readonly (number | undefined)[] = [2048, 3072, 4096];

/**
 * The key in the traditional form (PKCS #1 or SEC 1), whatever form it came in: older providers read no other.
 * @param text the variable's value; undefined or empty where the provider is to make the key.
 * @throws Refusal when it is no private key of a kind that authorities take. The value is not in it.
 */
export function readAccountKey(text: string | undefined): string | undefined {
  if (text === undefined || text.trim() === "") return undefined;
  const key = privateKey(text);
  const { asymmetricKeyType: kind, asymmetricKeyDetails: { namedCurve, modulusLength } = {} } = key;
  if (kind === "ec" && CURVES.includes(namedCurve)) return pem(key, "sec1");
  if (kind === "rsa" && RSA_BITS.includes(modulusLength)) return pem(key, "pkcs1");
  throw refusal(
    "is a private key of a kind that authorities refuse for accounts",
    "take P-256, P-384 or RSA of 2048 to 4096 bits",
  );
}

/** SHA-256 of the key's public half, in hex: by this no certificate request may be known (RFC 8555 section 11.1). */
export function accountKeyDigest(accountKeyPem: string): string {
  return spkiDigest(createPublicKey(accountKeyPem));
}

function privateKey(text: string): KeyObject {
  if (/BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/.test(text)) {
    throw refusal("is an encrypted private key", "decrypt it first: openssl pkey -in account.pem");
  }
  try {
    return createPrivateKey(text);
  } catch {
    // OpenSSL's own message may quote the input.
    throw refusal(
      "is no private key in PEM form",
      "put the whole text there, with its first and last line and its line feeds",
    );
  }
}

function refusal(message: string, remedy: string): Refusal {
  return new Refusal([
    { place: "environment", key: ACCOUNT_KEY_VARIABLE, rule: "account-key", message, remedy },
  ]);
}

function pem(key: KeyObject, type: "sec1" | "pkcs1"): string {
  return key.export({ type, format: "pem" }).toString();
}
