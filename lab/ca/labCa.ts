/**
 * The lab's certification authority: a root, an intermediate and leaves of the shape that Let's Encrypt issues
 * (90 days, server authentication only). Its keys lie in the lab's folder, readable by the owner only.
 */
import "reflect-metadata";
import { X509Certificate as NodeCertificate, randomBytes, webcrypto } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";

const LEAF_DAYS = 90;
const AUTHORITY_YEARS = 10;
const MILLISECONDS_PER_DAY = 86_400_000;

/** Certificates begin this much in the past, as at Let's Encrypt, for clients whose clocks are late. */
export const BACKDATE_MILLISECONDS = 3_600_000;

const SIGNING = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

const SUBJECT_ALTERNATIVE_NAME = "2.5.29.17";

interface Signer {
  readonly certificate: x509.X509Certificate;
  readonly privateKey: webcrypto.CryptoKey;
}

export interface IssuedCertificate {
  readonly certificatePem: string;
  /** Hexadecimal, lower case. */
  readonly serial: string;
  /** Lower case, as certified; the first is the subject. */
  readonly names: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
}

export interface LabCaOptions {
  /** Where keys and certificates are kept; absent: in memory only. */
  readonly folder?: string;
  readonly now?: () => Date;
}

export class LabCa {
  readonly rootPem: string;
  /** What a server sends after its own certificate: the intermediate, without the root. */
  readonly issuerPem: string;
  readonly #intermediate: Signer;
  readonly #now: () => Date;

  private constructor(root: Signer, intermediate: Signer, now: () => Date) {
    this.rootPem = pem(root.certificate);
    this.issuerPem = pem(intermediate.certificate);
    this.#intermediate = intermediate;
    this.#now = now;
  }

  /** The folder's authority, made on first use. */
  static async open(options: LabCaOptions = {}): Promise<LabCa> {
    const now = options.now ?? (() => new Date());
    const root = await signer(options.folder, "root", () => createAuthority("dialtree lab root", now()));
    const intermediate = await signer(options.folder, "intermediate", () =>
      createAuthority("dialtree lab intermediate", now(), root),
    );
    return new LabCa(root, intermediate, now);
  }

  /**
   * Signs a certificate request for exactly its own names.
   * @throws Error when the request is no PKCS #10 PEM, is not signed by its key, or names nothing.
   */
  async issue(csrPem: string): Promise<IssuedCertificate> {
    const request = new x509.Pkcs10CertificateRequest(csrPem);
    if (!(await request.verify())) throw new Error("the certificate request is not signed by its own key");
    return this.issueFor(requestedNames(csrPem), request.publicKey);
  }

  /** Signs a key (RSA or ECDSA) for the names, the first of them the subject. */
  async issueFor(names: readonly string[], publicKey: x509.PublicKey): Promise<IssuedCertificate> {
    const [subject] = names;
    if (subject === undefined) throw new Error("a certificate needs at least one name");
    const notBefore = wholeSecond(this.#now().getTime() - BACKDATE_MILLISECONDS);
    const notAfter = new Date(notBefore.getTime() + LEAF_DAYS * MILLISECONDS_PER_DAY - 1_000);
    const issuer = this.#intermediate;
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: newSerial(),
      subject: `CN=${subject}`,
      issuer: issuer.certificate.subject,
      notBefore,
      notAfter,
      publicKey,
      signingKey: issuer.privateKey,
      signingAlgorithm: SIGNING,
      extensions: [
        new x509.KeyUsagesExtension(leafKeyUsage(publicKey), true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.BasicConstraintsExtension(false, undefined, true),
        await x509.SubjectKeyIdentifierExtension.create(publicKey),
        await x509.AuthorityKeyIdentifierExtension.create(issuer.certificate.publicKey),
        new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: "dns", value }))),
      ],
    });
    return { certificatePem: pem(certificate), serial: certificate.serialNumber, names, notBefore, notAfter };
  }
}

/**
 * Every DNS name of a certificate request, lower case, sorted, the common name first where it has one.
 * @throws Error when the request cannot be read or names nothing.
 */
export function requestedNames(csrPem: string): readonly string[] {
  const request = new x509.Pkcs10CertificateRequest(csrPem);
  const extension = request.getExtension(SUBJECT_ALTERNATIVE_NAME);
  const items = extension instanceof x509.SubjectAlternativeNameExtension ? extension.names.items : [];
  const alternatives = items.filter((name) => name.type === "dns").map((name) => name.value.toLowerCase());
  const common = request.subjectName.getField("CN").map((name) => name.toLowerCase());
  const names = [...common, ...alternatives.sort()];
  if (names.length === 0) throw new Error("the certificate request names no host");
  return [...new Set(names)];
}

/** Key encipherment is for RSA key exchange only (RFC 8446 has none, TLS 1.2 still does). */
function leafKeyUsage(publicKey: x509.PublicKey): x509.KeyUsageFlags {
  const { digitalSignature, keyEncipherment } = x509.KeyUsageFlags;
  return publicKey.algorithm.name.startsWith("RSA") ? digitalSignature | keyEncipherment : digitalSignature;
}

async function createAuthority(
  name: string,
  now: Date,
  issuer?: Signer,
): Promise<Signer & { keyPkcs8: Buffer }> {
  const keys = await webcrypto.subtle.generateKey(SIGNING, true, ["sign", "verify"]);
  const subject = `CN=${name}`;
  const notBefore = wholeSecond(now.getTime() - BACKDATE_MILLISECONDS);
  const notAfter = new Date(notBefore);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + AUTHORITY_YEARS);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject,
    issuer: issuer?.certificate.subject ?? subject,
    notBefore,
    notAfter,
    publicKey: keys.publicKey,
    signingKey: issuer?.privateKey ?? keys.privateKey,
    signingAlgorithm: SIGNING,
    extensions: [
      new x509.BasicConstraintsExtension(true, issuer === undefined ? 1 : 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer?.certificate.publicKey ?? keys.publicKey),
    ],
  });
  const keyPkcs8 = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
  return { certificate, privateKey: keys.privateKey, keyPkcs8 };
}

/** Key and certificate live in one file, so that a killed process never leaves one without the other. */
async function signer(
  folder: string | undefined,
  name: string,
  create: () => Promise<Signer & { keyPkcs8: Buffer }>,
): Promise<Signer> {
  if (folder === undefined) return create();
  const path = join(folder, `${name}.pem`);
  if (existsSync(path)) return load(readFileSync(path, "utf8"));
  const made = await create();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const key = x509.PemConverter.encode(made.keyPkcs8, "PRIVATE KEY");
  writeFileSync(`${path}.new`, `${pem(made.certificate)}${key}\n`, { mode: 0o600 });
  chmodSync(`${path}.new`, 0o600);
  renameSync(`${path}.new`, path);
  return made;
}

async function load(text: string): Promise<Signer> {
  const parts = x509.PemConverter.decodeWithHeaders(text);
  const certificate = parts.find((part) => part.type === "CERTIFICATE");
  const key = parts.find((part) => part.type === "PRIVATE KEY");
  if (certificate === undefined || key === undefined)
    throw new Error("the lab's authority file is incomplete");
  const privateKey = await webcrypto.subtle.importKey("pkcs8", key.rawData, SIGNING, true, ["sign"]);
  return { certificate: new x509.X509Certificate(certificate.rawData), privateKey };
}

/** PEM with the final line feed that every tool writes. */
function pem(certificate: x509.X509Certificate): string {
  return new NodeCertificate(Buffer.from(certificate.rawData)).toString();
}

/** A positive serial number of 16 octets (RFC 5280 section 4.1.2.2). */
function newSerial(): string {
  return `3${randomBytes(16).toString("hex").slice(1)}`;
}

function wholeSecond(milliseconds: number): Date {
  return new Date(Math.floor(milliseconds / 1_000) * 1_000);
}
