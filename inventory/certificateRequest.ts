/**
 * A certificate request (PKCS #10, RFC 2986) as plain facts: what it names, which key it is for, and that the key
 * signed it. It is public data; the key itself stays on the node.
 */
import { type AsymmetricKeyDetails, createHash, createPublicKey, type KeyObject, verify } from "node:crypto";
import type { KeyType } from "./certificateKinds.ts";
import { DerError, type Element, expectTag, readElement, readElements, TAG } from "./der.ts";

export interface CertificateRequest {
  /** The request alone, in the form that every tool writes, whatever the file's line ends were. */
  readonly pem: string;
  /** Common names of the subject, in lower case. */
  readonly commonNames: readonly string[];
  /** dNSName entries of the subjectAltName, in lower case, each once. */
  readonly names: readonly string[];
  /** Entries of any other kind, by the kind's name in RFC 5280 section 4.2.1.6. */
  readonly otherNames: readonly string[];
  /** Whether it asks for a certificate that is of no use without a stapled OCSP response (RFC 7633). */
  readonly mustStaple: boolean;
  /** Absent: a key that public authorities do not certify. */
  readonly keyType?: KeyType;
  /** The key in words: `RSA 2048`, `P-256`. */
  readonly key: string;
  /** SHA-256 of the public key (SubjectPublicKeyInfo), in hex. */
  readonly keyDigest: string;
}

/** Why the text is no request that can be used. */
export interface RequestFault {
  /** What is wrong, as the predicate of a sentence. */
  readonly fault: string;
  /** More exact than the rule's. */
  readonly remedy?: string;
}

const BLOCK =
  /^-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----\s([^-]*)-----END (?:NEW )?CERTIFICATE REQUEST-----$/;

/** @param text the whole file: one PEM block (RFC 7468 section 7) and nothing else. */
export function readCertificateRequest(text: string): CertificateRequest | RequestFault {
  if (text.includes("PRIVATE KEY-----")) {
    return {
      fault: "holds a private key, which must never leave the node",
      remedy:
        "delete the file wherever it is, also from the repository's history, and make a new key on the node",
    };
  }
  const [whole, body = ""] = BLOCK.exec(text.trim()) ?? [];
  if (whole === undefined) {
    const blocks = text.match(/-----BEGIN [^\n]*-----/g) ?? [];
    if (blocks.length > 1) return { fault: `holds ${blocks.length} PEM blocks, not one` };
    const begun = /BEGIN (NEW )?CERTIFICATE REQUEST-----/.test(text);
    return {
      fault: begun ? "is cut off, or has text beside the request" : "is no certificate request in PEM form",
    };
  }
  const base64 = body.replaceAll(/\s/g, "");
  const der = Buffer.from(base64, "base64");
  if (der.toString("base64") !== base64) return { fault: "is no base64 between its first line and its last" };
  try {
    return requestOf(der);
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    return { fault: `is no certificate request inside: ${error.message}` };
  }
}

/** SHA-256 of a public key's SubjectPublicKeyInfo, in hex. */
export function spkiDigest(publicKey: KeyObject): string {
  return createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("hex");
}

interface Scheme {
  readonly hash: string;
  readonly keyKind: string;
}

/**
 * By the contents of the AlgorithmIdentifier, in hex (RFC 4055 section 5, RFC 5758 section 3.2). Others, such as
 * SHA-1, RSA-PSS and EdDSA, no public authority takes.
 */
const SCHEMES: Readonly<Record<string, Scheme>> = {
  "06092a864886f70d01010b0500": { hash: "sha256", keyKind: "rsa" },
  "06092a864886f70d01010c0500": { hash: "sha384", keyKind: "rsa" },
  "06092a864886f70d01010d0500": { hash: "sha512", keyKind: "rsa" },
  "06082a8648ce3d040302": { hash: "sha256", keyKind: "ec" },
  "06082a8648ce3d040303": { hash: "sha384", keyKind: "ec" },
  "06082a8648ce3d040304": { hash: "sha512", keyKind: "ec" },
};

function requestOf(der: Buffer): CertificateRequest | RequestFault {
  const parts = readElements(readElement(der, TAG.sequence).content);
  if (parts.length > 3) throw new DerError("more stands after the signature");
  const [information, algorithm, signature] = parts;
  const info = expectTag(information, TAG.sequence);
  const [, subject, publicKeyInfo, attributes] = readElements(info.content);
  const scheme = SCHEMES[expectTag(algorithm, TAG.sequence).content.toString("hex")];
  if (scheme === undefined) {
    return { fault: "is signed in another way than with RSA or ECDSA and SHA-256, SHA-384 or SHA-512" };
  }
  const publicKey = keyOf(expectTag(publicKeyInfo, TAG.sequence));
  if (!isSigned(info.whole, expectTag(signature, TAG.bitString).content, publicKey, scheme)) {
    return { fault: "is not signed by the key that it is for" };
  }
  const extensions = requestedExtensions(attributes);
  const entries = alternativeNames(extensions.get(OID.subjectAltName));
  const keyType = keyTypeOf(publicKey);
  return {
    pem: pemOf(der),
    commonNames: commonNames(expectTag(subject, TAG.sequence)),
    names: [...new Set(entries.flatMap(({ kind, text }) => (kind === "dNSName" ? [text] : [])))],
    otherNames: entries.flatMap(({ kind, text }) => (kind === "dNSName" ? [] : [`${kind} ${text}`.trim()])),
    mustStaple: extensions.has(OID.tlsFeature),
    ...(keyType === undefined ? {} : { keyType }),
    key: keyText(publicKey),
    keyDigest: spkiDigest(publicKey),
  };
}

/** @param bits of the signature; the first octet tells how many bits of the last one do not count. */
function isSigned(octets: Buffer, bits: Buffer, publicKey: KeyObject, { hash, keyKind }: Scheme): boolean {
  if (bits[0] !== 0 || publicKey.asymmetricKeyType !== keyKind) return false;
  return verify(hash, octets, publicKey, bits.subarray(1));
}

/** Object identifiers: the content octets, in hex. */
const OID = {
  commonName: "550403",
  subjectAltName: "551d11",
  extensionRequest: "2a864886f70d01090e",
  tlsFeature: "2b06010505070118",
} as const;

function hexOf(identifier: Element | undefined): string {
  return expectTag(identifier, TAG.objectIdentifier).content.toString("hex");
}

function keyOf({ whole }: Element): KeyObject {
  try {
    return createPublicKey({ key: whole, format: "der", type: "spki" });
  } catch {
    throw new DerError("its public key cannot be read");
  }
}

function commonNames({ content }: Element): string[] {
  return readElements(content)
    .flatMap((set) => readElements(expectTag(set, TAG.set).content))
    .flatMap((attribute) => {
      const [type, value] = readElements(expectTag(attribute, TAG.sequence).content);
      if (hexOf(type) !== OID.commonName || value === undefined) return [];
      return [printable(value.content)];
    });
}

/** By identifier; each may be there once (RFC 5280 section 4.2, RFC 2985 section 5.4.2). */
function requestedExtensions(attributes: Element | undefined): ReadonlyMap<string, Buffer> {
  // RFC 2986 asks for the attributes, and tools leave them out where there are none.
  const list = attributes === undefined ? [] : readElements(expectTag(attributes, TAG.attributes).content);
  const values = list.flatMap((attribute) => {
    const [type, set] = readElements(expectTag(attribute, TAG.sequence).content);
    return hexOf(type) === OID.extensionRequest ? readElements(expectTag(set, TAG.set).content) : [];
  });
  if (values.length > 1) throw new DerError("it requests extensions twice");
  const extensions = new Map<string, Buffer>();
  for (const extension of values.flatMap((value) => readElements(expectTag(value, TAG.sequence).content))) {
    const parts = readElements(expectTag(extension, TAG.sequence).content);
    const identifier = hexOf(parts[0]);
    if (extensions.has(identifier)) throw new DerError("it requests one extension twice");
    extensions.set(identifier, expectTag(parts.at(-1), TAG.octetString).content);
  }
  return extensions;
}

/** Kinds of GeneralName by the number of their tag (RFC 5280 section 4.2.1.6). */
const NAME_KINDS = [
  "otherName",
  "rfc822Name",
  "dNSName",
  "x400Address",
  "directoryName",
  "ediPartyName",
  "uniformResourceIdentifier",
  "iPAddress",
  "registeredID",
];
const TAG_NUMBER = 0x1f;
const TAG_CLASS = 0xc0;
const CONTEXT_CLASS = 0x80;
const TEXT_KINDS: ReadonlySet<string> = new Set(["rfc822Name", "dNSName", "uniformResourceIdentifier"]);

function alternativeNames(value: Buffer | undefined): { kind: string; text: string }[] {
  if (value === undefined) return [];
  return readElements(readElement(value, TAG.sequence).content).map(({ tag, content }) => {
    const kind = NAME_KINDS[tag & TAG_NUMBER];
    if (kind === undefined || (tag & TAG_CLASS) !== CONTEXT_CLASS)
      throw new DerError(`tag ${tag} in the place of a name`);
    return { kind, text: TEXT_KINDS.has(kind) ? printable(content) : "" };
  });
}

/** Lower case, with octets that are no printable ASCII as `\xNN`: whoever made the request chose them. */
function printable(octets: Buffer): string {
  const hidden = (character: string) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  return octets
    .toString("latin1")
    .replace(/[^ -~]/g, hidden)
    .toLowerCase();
}

const RSA_TYPES: Readonly<Record<number, KeyType>> = { 2048: "rsa2048", 3072: "rsa3072", 4096: "rsa4096" };
const CURVE_TYPES: Readonly<Record<string, KeyType>> = { "P-256": "p256", "P-384": "p384" };

/** Curves by the names that OpenSSL has for those of NIST. */
const CURVES: Readonly<Record<string, string>> = {
  prime256v1: "P-256",
  secp384r1: "P-384",
  secp521r1: "P-521",
};

/** The only public exponent that Let's Encrypt certifies. */
const RSA_EXPONENT = 65537n;

function keyTypeOf({ asymmetricKeyType, asymmetricKeyDetails = {} }: KeyObject): KeyType | undefined {
  const { modulusLength = 0, publicExponent } = asymmetricKeyDetails;
  if (asymmetricKeyType === "ec") return CURVE_TYPES[curveText(asymmetricKeyDetails)];
  return publicExponent === RSA_EXPONENT ? RSA_TYPES[modulusLength] : undefined;
}

function keyText({ asymmetricKeyType, asymmetricKeyDetails = {} }: KeyObject): string {
  const { modulusLength, publicExponent } = asymmetricKeyDetails;
  if (asymmetricKeyType === "ec") return curveText(asymmetricKeyDetails);
  return `RSA ${modulusLength}${publicExponent === RSA_EXPONENT ? "" : ` with exponent ${publicExponent}`}`;
}

function curveText({ namedCurve = "an unnamed curve" }: AsymmetricKeyDetails): string {
  return CURVES[namedCurve] ?? namedCurve;
}

function pemOf(der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE REQUEST-----", ...lines, "-----END CERTIFICATE REQUEST-----", ""].join(
    "\n",
  );
}
