/** Account and certificate keys of the ACME provider, as PEM. */
import { createHash, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { PublicKey } from "@peculiar/x509";

/** Key types of `acme.Certificate`: an elliptic curve, or the bits of an RSA key. */
export const KEY_TYPES = ["P256", "P384", "2048", "4096", "8192"];

const CURVES: Readonly<Record<string, string>> = {
  P224: "P-224",
  P256: "P-256",
  P384: "P-384",
  P521: "P-521",
};

/** A new private key in the traditional form that lego writes: SEC 1 for curves, PKCS #1 for RSA. */
export function newPrivateKeyPem(keyType: string): string {
  const namedCurve = CURVES[keyType];
  const text =
    namedCurve === undefined
      ? generateKeyPairSync("rsa", { modulusLength: Number(keyType) }).privateKey.export({
          type: "pkcs1",
          format: "pem",
        })
      : generateKeyPairSync("ec", { namedCurve }).privateKey.export({ type: "sec1", format: "pem" });
  return text.toString();
}

/** The public half, as a certification authority takes it. */
export function publicKeyOf(privateKeyPem: string): PublicKey {
  return new PublicKey(publicHalf(privateKeyPem).export({ type: "spki", format: "der" }));
}

/**
 * The thumbprint that names an account key (RFC 7638): the digest of its public JWK with sorted members.
 * @throws Error when the text is no private key in PEM.
 */
export function thumbprintOf(accountKeyPem: string): string {
  const { crv, e, kty, n, x, y } = publicHalf(accountKeyPem).export({ format: "jwk" });
  const members = kty === "RSA" ? { e, kty, n } : { crv, kty, x, y };
  return createHash("sha256").update(JSON.stringify(members)).digest("base64url");
}

function publicHalf(privateKeyPem: string): KeyObject {
  try {
    return createPublicKey(privateKeyPem);
  } catch {
    // OpenSSL's own message may quote the input; a key must not reach a log.
    throw new Error("the private key is not in PEM form");
  }
}
