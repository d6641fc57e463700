/** The certificates of one lab node, and which of them a TLS client is shown. */
import { X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContext, type SecureContextOptions } from "node:tls";
import { verdict } from "../dial/identity.ts";
import { parseSubjectAltNames, type SubjectAltName } from "../dial/subjectAltNames.ts";

/** One issued certificate: chain and private key, PEM. The key is never logged. */
export interface NodeCertificate {
  readonly certPem: string;
  readonly keyPem: string;
}

export interface CertificateChooser {
  /** For a client that sends no server name: the first certificate; without any, no handshake succeeds. */
  readonly fallback: SecureContextOptions;
  /** For a server name (SNI); undefined where the fallback is the best there is. */
  contextFor(serverName: string): SecureContext | undefined;
}

/**
 * Chooses by server name: a certificate that names it exactly, else one that covers it by a wildcard, else the
 * first. So a node with the profiles `wildcard` and `exact` satisfies clients of either rule.
 * @throws Error when a certificate or key cannot be read, or they do not belong together.
 */
export function certificateChooser(certificates: readonly NodeCertificate[]): CertificateChooser {
  const entries = certificates.map(({ certPem, keyPem }) => ({
    names: parseSubjectAltNames(new X509Certificate(certPem).subjectAltName) ?? ([] as SubjectAltName[]),
    context: createSecureContext({ cert: certPem, key: keyPem }),
  }));
  const [first] = certificates;
  return {
    fallback: first === undefined ? {} : { cert: first.certPem, key: first.keyPem },
    contextFor(serverName) {
      const judged = entries.map((entry) => ({ ...entry, match: verdict(serverName, entry.names) }));
      const chosen = judged.find(({ match }) => match.strict) ?? judged.find(({ match }) => match.wildcard);
      return chosen?.context;
    },
  };
}
