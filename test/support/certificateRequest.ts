/** Certificate requests as nodes make them, and as they should not. */
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

const RSA = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", publicExponent: new Uint8Array([1, 0, 1]) };

/** Keys by the name that a request's facts have for them. */
const ALGORITHMS = {
  "P-256": { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  "P-384": { name: "ECDSA", namedCurve: "P-384", hash: "SHA-384" },
  "P-521": { name: "ECDSA", namedCurve: "P-521", hash: "SHA-512" },
  "RSA 1024": { ...RSA, modulusLength: 1024 },
  "RSA 2048": { ...RSA, modulusLength: 2048 },
  "RSA 3072": { ...RSA, modulusLength: 3072 },
} as const;

export type RequestKey = keyof typeof ALGORITHMS;

export interface NodeKeys {
  readonly algorithm: (typeof ALGORITHMS)[RequestKey];
  readonly pair: webcrypto.CryptoKeyPair;
}

export async function newNodeKeys(key: RequestKey = "P-256"): Promise<NodeKeys> {
  const algorithm = ALGORITHMS[key];
  return { algorithm, pair: await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]) };
}

export interface RequestOptions {
  /** A new P-256 key unless told. */
  readonly keys?: NodeKeys;
  readonly commonName?: string;
  /** Entries of the subjectAltName beside the names. */
  readonly others?: x509.JsonGeneralNames;
  readonly mustStaple?: boolean;
}

/** TLS feature 5, status_request (RFC 7633 section 6). */
const TLS_FEATURE = "1.3.6.1.5.5.7.1.24";
const STATUS_REQUEST = new Uint8Array([0x30, 0x03, 0x02, 0x01, 0x05]);

/** A request for the names, and its key's public half in PEM. */
export async function certificateRequest(
  names: readonly string[],
  { keys, commonName, others = [], mustStaple = false }: RequestOptions = {},
) {
  const { algorithm, pair } = keys ?? (await newNodeKeys());
  const alternatives: x509.JsonGeneralNames = [
    ...names.map((value) => ({ type: "dns" as const, value })),
    ...others,
  ];
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    ...(commonName === undefined ? {} : { name: `CN=${commonName}` }),
    keys: pair,
    signingAlgorithm: algorithm,
    extensions: [
      ...(alternatives.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(alternatives)]),
      ...(mustStaple ? [new x509.Extension(TLS_FEATURE, false, STATUS_REQUEST)] : []),
    ],
  });
  const publicKeyPem = x509.PemConverter.encode(
    await webcrypto.subtle.exportKey("spki", pair.publicKey),
    "PUBLIC KEY",
  );
  return { csrPem: `${request.toString("pem")}\n`, publicKeyPem: `${publicKeyPem}\n` };
}
