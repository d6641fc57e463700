/** A throw-away certificate authority for tests, in memory. */
import "reflect-metadata";
import { randomBytes, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

const EC = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY_MILLISECONDS = 86_400_000;

export interface TestCertificateRequest {
  /** dNSName entries. */
  readonly dns?: readonly string[];
  /** uniformResourceIdentifier entries. */
  readonly uris?: readonly string[];
  readonly commonName?: string;
  /** Days from now to the end of validity; negative for an expired one. Default 30. */
  readonly validDays?: number;
}

export interface TestAuthority {
  readonly caPem: string;
  issue(request: TestCertificateRequest): Promise<{ certPem: string; keyPem: string }>;
}

export async function createTestAuthority(): Promise<TestAuthority> {
  const keys = await newKeys();
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: randomBytes(8).toString("hex"),
    name: "CN=Test Authority",
    notBefore: new Date(Date.now() - 100 * DAY_MILLISECONDS),
    notAfter: new Date(Date.now() + 100 * DAY_MILLISECONDS),
    signingAlgorithm: EC,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  return {
    caPem: ca.toString("pem"),
    async issue({ dns = [], uris = [], commonName, validDays = 30 }) {
      const own = await newKeys();
      const names = [
        ...dns.map((value) => ({ type: "dns" as const, value })),
        ...uris.map((value) => ({ type: "url" as const, value })),
      ];
      const certificate = await x509.X509CertificateGenerator.create({
        serialNumber: randomBytes(8).toString("hex"),
        subject: commonName === undefined ? "" : `CN=${commonName}`,
        issuer: ca.subject,
        notBefore: new Date(Date.now() - 50 * DAY_MILLISECONDS),
        notAfter: new Date(Date.now() + validDays * DAY_MILLISECONDS),
        signingAlgorithm: EC,
        signingKey: keys.privateKey,
        publicKey: own.publicKey,
        extensions: [
          new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
          ...(names.length > 0
            ? [new x509.SubjectAlternativeNameExtension(names, commonName === undefined)]
            : []),
        ],
      });
      const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", own.privateKey);
      return {
        certPem: certificate.toString("pem"),
        keyPem: x509.PemConverter.encode(pkcs8, "PRIVATE KEY"),
      };
    },
  };
}

function newKeys() {
  return webcrypto.subtle.generateKey(EC, true, ["sign", "verify"]);
}
