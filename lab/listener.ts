/** Ports of a lab node: opened exclusively, closed with every connection, certificates swapped while they are open. */
import type { Server, Socket } from "node:net";
import type { TlsOptions, Server as TlsServer } from "node:tls";
import type { Wire } from "../dns/services.ts";
import type { CertificateChooser } from "./nodeCertificates.ts";

/**
 * How the node behaves: `up` answers; `refuse` has its ports closed, as a stopped server; `unavailable` answers
 * 503 with Retry-After, as a draining one; `silent` accepts and never answers, as one that hangs.
 */
export type NodeBehaviour = "up" | "refuse" | "unavailable" | "silent";

/** What listens: a way of speaking SIP, or the endpoint that monitors ask. */
export type Listening = Wire | "probe";

/** A port could not be listened on. */
export class PortFault extends Error {
  readonly listening: Listening;
  readonly port: number;
  /** System error code, for example `EADDRINUSE`. */
  readonly code: string;

  constructor(listening: Listening, port: number, cause: Error & { code?: string }) {
    super(cause.message, { cause });
    this.name = "PortFault";
    this.listening = listening;
    this.port = port;
    this.code = cause.code ?? "UNKNOWN";
  }
}

/** Something that listens on a port. */
export interface Listener {
  readonly port: number;
  /** Only a TLS listener has use for it. */
  setCertificates(chooser: CertificateChooser): void;
  close(): Promise<void>;
}

export interface ListenAt {
  /** Loopback address. */
  readonly address: string;
  /** 0 for any free one. */
  readonly port: number;
}

/** Open connections per listener; more are closed at once. */
const MAX_CONNECTIONS = 256;

/** Time for a TLS handshake. */
const HANDSHAKE_MILLISECONDS = 10_000;

/** @throws PortFault */
export function listenStreams(
  server: Server,
  listening: Exclude<Listening, "udp">,
  { address, port }: ListenAt,
  setCertificates: Listener["setCertificates"] = () => {},
): Promise<Listener> {
  server.maxConnections = MAX_CONNECTIONS;
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    // A peer may go away at any time; the socket closes itself.
    socket.on("error", () => {});
  });
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(new PortFault(listening, port, error)));
    server.listen({ host: address, port, exclusive: true }, () => {
      const bound = server.address();
      resolve({
        port: typeof bound === "object" && bound !== null ? bound.port : port,
        setCertificates,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            for (const socket of sockets) socket.destroy();
          }),
      });
    });
  });
}

/**
 * The same over TLS, with the certificate that belongs to the server name of each handshake.
 * @throws PortFault
 */
export function listenSecurely(
  create: (options: TlsOptions) => TlsServer,
  listening: Exclude<Listening, "udp">,
  at: ListenAt,
): Promise<Listener> {
  let chooser: CertificateChooser | undefined;
  const server = create({
    handshakeTimeout: HANDSHAKE_MILLISECONDS,
    SNICallback: (name, done) => done(null, chooser?.contextFor(name)),
  });
  // A failed handshake concerns its own connection only.
  server.on("tlsClientError", () => {});
  return listenStreams(server, listening, at, (next) => {
    chooser = next;
    server.setSecureContext(next.fallback);
  });
}
