/** Which files a node gets for a certificate, and whether it may: every check before anything is written. */
import { createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import type { CertificateProfile } from "../../inventory/certificateKinds.ts";
import type { Problem } from "../../inventory/problem.ts";
import type { NodeOutputs, PublishedCertificate } from "./nodeOutputs.ts";

/** Text by file name; the key only where it is delivered or has been before. */
export interface CertificateFiles {
  /** The node's certificate alone. */
  readonly "cert.pem": string;
  /** The certificates that sign it, without the root. */
  readonly "chain.pem": string;
  /** Both, as servers read them. */
  readonly "fullchain.pem": string;
  readonly "key.pem"?: string;
}

export type CertificateFileName = keyof CertificateFiles;

/** What is in place, as far as it is there. */
export type InstalledFiles = { readonly [Name in CertificateFileName]?: string };

export interface DeliveryTerms {
  /** Whether the key that the provider has made is delivered too. */
  readonly withKey: boolean;
  /** Text of the node's own key, private or public half, PEM: the certificate has to be for it. */
  readonly keyPem?: string;
  /** Deliver also what is older than the certificate in place. */
  readonly force: boolean;
  readonly now: Date;
}

export interface Delivery {
  readonly profile: CertificateProfile;
  readonly files: CertificateFiles;
  readonly notAfter: Date;
  /** Whether any file differs from what is in place. */
  readonly changed: boolean;
}

/** What is delivered, or everything that is against it. */
export type DeliveryDecision =
  | { readonly ok: true; readonly delivery: Delivery }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Decides for one certificate of the node. */
export function decideDelivery(
  node: NodeOutputs,
  published: PublishedCertificate,
  installed: InstalledFiles,
  terms: DeliveryTerms,
): DeliveryDecision {
  const { profile } = published;
  const problem = (rule: string, message: string, remedy: string): Problem => ({
    place: `certificate ${profile} of ${node.slot}`,
    key: "",
    rule,
    message,
    remedy,
  });
  const chain = readChain(published.certificatePem);
  if (typeof chain === "string") {
    const remedy = "deploy again, and fetch its outputs anew";
    return { ok: false, problems: [problem("certificate-chain", chain, remedy)] };
  }
  const [leaf, ...issuers] = chain;
  const key = keyFor(leaf, node, profile, installed, terms);
  const problems = [
    ...(speaksFor(leaf, node, profile)
      ? []
      : [
          problem(
            "other-names",
            `is for ${namesOf(leaf).join(", ")}: not for this node`,
            "fetch with the outputs of the stack that the node is in",
          ),
        ]),
    ...ageFaults(leaf, installed, terms).map(([message, remedy]) =>
      problem("certificate-age", message, remedy),
    ),
    ...("fault" in key ? [problem("certificate-key", key.fault, key.remedy)] : []),
  ];
  if (problems.length > 0 || "fault" in key) return { ok: false, problems };
  const certificate = pemOf([leaf]);
  const files: CertificateFiles = {
    "cert.pem": certificate,
    "chain.pem": pemOf(issuers),
    "fullchain.pem": `${certificate}${pemOf(issuers)}`,
    ...(key.pem === undefined ? {} : { "key.pem": key.pem }),
  };
  const names = new Set([...Object.keys(files), ...Object.keys(installed)]) as Set<CertificateFileName>;
  const changed = [...names].some((name) => files[name] !== installed[name]);
  return { ok: true, delivery: { profile, files, notAfter: leaf.validToDate, changed } };
}

type Chain = readonly [leaf: X509Certificate, ...issuers: X509Certificate[]];

/** The certificates in order, each signed by the next; or why they are none. */
function readChain(pem: string): Chain | string {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  const certificates = blocks.map(parsed);
  const [leaf, ...issuers] = certificates;
  if (leaf === undefined || certificates.includes(undefined)) return "is no certificate in PEM";
  const chain = [leaf, ...issuers.filter((each) => each !== undefined)] as const;
  if (chain.length === 1) return "has no certificate with it that signs it";
  const signed = chain.slice(1).every((issuer, index) => isSignedBy(chain[index], issuer));
  return signed ? chain : "is not signed by the certificate that follows it";
}

function parsed(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function isSignedBy(certificate: X509Certificate | undefined, issuer: X509Certificate): boolean {
  return certificate?.checkIssued(issuer) === true && certificate.verify(issuer.publicKey);
}

function pemOf(certificates: readonly X509Certificate[]): string {
  return certificates.map(String).join("");
}

function namesOf(leaf: X509Certificate): string[] {
  return (leaf.subjectAltName ?? "").split(", ").map((entry) => entry.replace(/^DNS:/, "").toLowerCase());
}

/** The exact profile names the node itself; a wildcard certificate is told apart by its name two labels deep. */
function speaksFor(
  leaf: X509Certificate,
  { slot, name, domain }: NodeOutputs,
  profile: CertificateProfile,
): boolean {
  const names = namesOf(leaf);
  if (profile === "exact") return names.includes(name);
  const own = names.some((each) => each.startsWith(`${slot}.`) && each.endsWith(`.${domain}`));
  return own && names.includes(domain) && names.includes(`*.${domain}`);
}

function ageFaults(
  leaf: X509Certificate,
  installed: InstalledFiles,
  { force, now }: DeliveryTerms,
): [message: string, remedy: string][] {
  const faults: [string, string][] = [];
  const inPlace = parsed(installed["cert.pem"] ?? "");
  if (leaf.validToDate <= now) {
    faults.push([`has expired at ${leaf.validToDate.toISOString()}`, "renew it with an update of the stack"]);
  }
  if (inPlace !== undefined && inPlace.validFromDate > leaf.validFromDate && !force) {
    const [older, newer] = [leaf, inPlace].map((each) => each.validFromDate.toISOString());
    const message = `begins at ${older}, before the one in place (${newer})`;
    faults.push([message, "fetch with newer outputs; --force goes back on purpose"]);
  }
  return faults;
}

type KeyDecision = { readonly pem?: string } | { readonly fault: string; readonly remedy: string };

/**
 * The key file that belongs to the certificate. Without `--with-key` the one in place stays, because a renewal keeps
 * the key.
 */
function keyFor(
  leaf: X509Certificate,
  node: NodeOutputs,
  profile: CertificateProfile,
  installed: InstalledFiles,
  { withKey, keyPem }: DeliveryTerms,
): KeyDecision {
  if (keyPem !== undefined && !isKeyOf(leaf, keyPem)) {
    const remedy = "give the key that the node's request was made with, or issue from a request of this key";
    return { fault: "is not for the key of --key", remedy };
  }
  if (!withKey) {
    const inPlace = installed["key.pem"];
    if (inPlace === undefined) return {};
    if (isKeyOf(leaf, inPlace)) return { pem: inPlace };
    const remedy = "fetch with --with-key, or remove key.pem where the node has a key of its own now";
    return { fault: "is not for the key.pem in place", remedy };
  }
  if (node.keys === "masked") {
    const remedy = "fetch with --stack, or with what `pulumi stack output --json --show-secrets` prints";
    return { fault: "has a key that these outputs do not show", remedy };
  }
  const made = node.keys.find((key) => key.profile === profile)?.privateKeyPem;
  if (made === undefined) {
    return {
      fault: "is issued from the node's own request: its key is on the node",
      remedy: "leave --with-key away",
    };
  }
  if (isKeyOf(leaf, made)) return { pem: made };
  return { fault: "is not for the key in the outputs", remedy: "fetch again once no update is running" };
}

function isKeyOf(leaf: X509Certificate, keyPem: string): boolean {
  const own = publicKeyIn(keyPem);
  return own !== undefined && leaf.publicKey.equals(own);
}

/** The public half of a key file, private or public; undefined for anything else, an encrypted key included. */
export function publicKeyIn(pem: string): KeyObject | undefined {
  if (!/-----BEGIN [A-Z ]*(?:PRIVATE|PUBLIC) KEY-----/.test(pem)) return undefined;
  try {
    return createPublicKey(pem);
  } catch {
    // OpenSSL's words may quote the input, and a key must reach no output.
    return undefined;
  }
}
