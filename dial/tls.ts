/** TLS towards one address in the name of a dialed domain, and what the peer's certificate says. */
import type { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { type Endpoint, socketFault } from "./channel.ts";
import { type IdentityVerdict, verdict } from "./identity.ts";
import { parseSubjectAltNames } from "./subjectAltNames.ts";

/** The peer's certificate as far as a client looks at it. */
export interface PeerCertificate {
  /** Distinguished name, parts separated by commas; empty when the certificate has none. */
  readonly subject: string;
  /** Each as `DNS:…`, `URI:…`; other forms are left out. */
  readonly names: readonly string[];
  /** End of validity, ISO 8601 in UTC. */
  readonly notAfter: string;
  /** Whether the chain ends at the given authorities and every certificate in it is in force. */
  readonly trusted: boolean;
  /** Why it is not trusted: OpenSSL's verification code, for example `CERT_HAS_EXPIRED`. */
  readonly trustFault?: string;
  readonly identity: IdentityVerdict;
}

export interface TlsConnection {
  readonly socket: TLSSocket;
  readonly certificate: PeerCertificate;
  /** For example `TLSv1.3`. */
  readonly protocol: string;
}

export interface TlsOptions extends Endpoint {
  /** The dialed name: what the certificate has to speak for, and sent as server name (SNI). */
  readonly dialedName: string;
  /** Whether a server name is sent; Sofia-SIP, Kamailio and baresip send none. Default true. */
  readonly serverName?: boolean;
  /** Authorities to trust instead of the well-known ones; PEM, one or more certificates. */
  readonly caPem?: string;
}

/**
 * Connects and completes the handshake whatever the certificate is: judging it is left to the caller, so that
 * a bad one can be shown. Nothing may be sent before that.
 * @throws Error whose message is one clause for people
 */
export function connectTls(options: TlsOptions): Promise<TlsConnection> {
  const { address, port, dialedName, serverName = true, caPem, timeoutMilliseconds } = options;
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: address,
      port,
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
      // An address is no server name (RFC 6066 section 3).
      servername: serverName && isIP(dialedName) === 0 ? dialedName : "",
      ...(caPem === undefined ? {} : { ca: caPem }),
    });
    const fail = (reason: string) => {
      clearTimeout(timer);
      socket.destroy();
      reject(new Error(reason));
    };
    const timer = setTimeout(() => {
      const missing = socket.connecting ? "connection" : "TLS handshake";
      fail(`no ${missing} within ${timeoutMilliseconds} ms`);
    }, timeoutMilliseconds);
    const onClose = () => fail("connection closed during the TLS handshake");
    const onError = (error: Error & { code?: string; reason?: string }) =>
      fail(error.reason ? `TLS refused: ${error.reason}` : socketFault(error));
    socket.once("close", onClose);
    socket.once("error", onError);
    socket.once("secureConnect", () => {
      const peer = socket.getPeerX509Certificate();
      if (peer === undefined) return fail("the peer showed no certificate");
      clearTimeout(timer);
      socket.off("close", onClose);
      socket.off("error", onError);
      const certificate = judge(peer, dialedName, trustFaultOf(socket));
      resolve({ socket, certificate, protocol: socket.getProtocol() ?? "unknown" });
    });
  });
}

/** OpenSSL's code stands in the field that the types call an error. */
function trustFaultOf(socket: TLSSocket): string | undefined {
  if (socket.authorized) return undefined;
  const fault: unknown = socket.authorizationError;
  return fault instanceof Error
    ? ((fault as Error & { code?: string }).code ?? fault.message)
    : String(fault);
}

function judge(peer: X509Certificate, dialedName: string, trustFault: string | undefined): PeerCertificate {
  const sans = parseSubjectAltNames(peer.subjectAltName);
  const commonName = /(?:^|\n)CN=([^\n]*)/.exec(peer.subject ?? "")?.[1];
  return {
    subject: (peer.subject ?? "").split("\n").join(", "),
    names: (sans ?? []).flatMap(({ kind, value }) =>
      kind === "other" ? [] : [`${kind.toUpperCase()}:${value}`],
    ),
    notAfter: peer.validToDate.toISOString(),
    trusted: trustFault === undefined,
    ...(trustFault === undefined ? {} : { trustFault }),
    identity: verdict(dialedName, sans, commonName),
  };
}
