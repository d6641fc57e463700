/** One SIP node of the lab: listeners for TLS, TCP and UDP on its own loopback address. */
import { createSocket, type Socket as DatagramSocket } from "node:dgram";
import { createServer as createTcpServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { serverAddressText } from "../dial/serverAddress.ts";
import { type Framed, readDatagram, StreamReader } from "../dial/sipFraming.ts";
import type { SipMessage } from "../dial/sipMessage.ts";
import type { Wire } from "../dns/services.ts";
import { type CertificateChooser, certificateChooser, type NodeCertificate } from "./nodeCertificates.ts";
import { type AnswerContext, answerTo, datagramReturn, type RequestSource, refusalOf } from "./sipAnswer.ts";

/** Listening ports by transport; 0 for any free one, absent for a transport that is not served. */
export type NodePorts = Readonly<Partial<Record<Wire, number>>>;

/**
 * How the node behaves: `up` answers; `refuse` has its ports closed, as a stopped server; `unavailable` answers
 * 503 with Retry-After, as a draining one; `silent` accepts and never answers, as one that hangs.
 */
export type NodeBehaviour = "up" | "refuse" | "unavailable" | "silent";

export interface SipNodeOptions {
  readonly slot: string;
  /** Loopback address to listen on. */
  readonly address: string;
  readonly ports: NodePorts;
  /** Chosen among by server name; without any, TLS handshakes fail until {@link SipNode.setCertificates}. */
  readonly certificates?: readonly NodeCertificate[];
  /** Called for each request that was read. */
  readonly onRequest?: (request: {
    readonly slot: string;
    readonly transport: Wire;
    readonly method: string;
  }) => void;
}

export interface SipNode {
  readonly slot: string;
  readonly address: string;
  /** The ports in use: as asked for, with the real number for 0. */
  readonly ports: NodePorts;
  setBehaviour(behaviour: NodeBehaviour): Promise<void>;
  /** For every handshake from now on; open connections stay. */
  setCertificates(certificates: readonly NodeCertificate[]): void;
  close(): Promise<void>;
}

/** A port could not be listened on. */
export class PortFault extends Error {
  readonly transport: Wire;
  readonly port: number;
  /** System error code, for example `EADDRINUSE`. */
  readonly code: string;

  constructor(transport: Wire, port: number, cause: Error & { code?: string }) {
    super(cause.message, { cause });
    this.name = "PortFault";
    this.transport = transport;
    this.port = port;
    this.code = cause.code ?? "UNKNOWN";
  }
}

/** Open connections per listener; more are closed at once. */
const MAX_CONNECTIONS = 256;

/** A connection without traffic for so long is closed: longer than a keep-alive (RFC 5626 section 4.4.1: 120 s). */
const IDLE_MILLISECONDS = 150_000;

/** Time for a TLS handshake. */
const HANDSHAKE_MILLISECONDS = 10_000;

/** Something that listens on a port. */
interface Listener {
  readonly port: number;
  /** Only a TLS listener has use for it. */
  setCertificates(chooser: CertificateChooser): void;
  close(): Promise<void>;
}

/**
 * Starts listening on every given port.
 * @throws PortFault when one of them cannot be had; nothing is left open then.
 */
export async function startSipNode(options: SipNodeOptions): Promise<SipNode> {
  const { slot, address } = options;
  let behaviour: NodeBehaviour = "up";
  let certificates = certificateChooser(options.certificates ?? []);
  let listeners: Partial<Record<Wire, Listener>> = {};
  let ports: NodePorts = options.ports;

  const respond: Respond = (framed, transport, source) => {
    if (framed.kind === "ping") return behaviour === "silent" ? undefined : Buffer.from("\r\n");
    const message = framed.kind === "message" ? framed.message : framed.partial;
    if (message?.kind === "request") options.onRequest?.({ slot, transport, method: message.method });
    if (message === undefined || behaviour === "silent") return undefined;
    const context: AnswerContext = {
      slot,
      contact: contactOf(transport, address, ports[transport] ?? 0),
      source,
      unavailable: behaviour === "unavailable",
    };
    return framed.kind === "message" ? answerTo(message, context) : refusalOf(message, context);
  };

  const closeAll = async () => {
    const open = Object.values(listeners);
    listeners = {};
    await Promise.all(open.map((listener) => listener.close()));
  };
  const openAll = async () => {
    try {
      for (const transport of ["tls", "tcp", "udp"] as const) {
        const port = ports[transport];
        if (port === undefined) continue;
        const listener = await listen(transport, { address, port, respond });
        listener.setCertificates(certificates);
        listeners[transport] = listener;
        ports = { ...ports, [transport]: listener.port };
      }
    } catch (error) {
      await closeAll();
      throw error;
    }
  };

  await openAll();
  return {
    slot,
    address,
    get ports() {
      return ports;
    },
    async setBehaviour(next) {
      const wasOpen = behaviour !== "refuse";
      behaviour = next;
      if (next === "refuse") await closeAll();
      else if (!wasOpen) await openAll();
    },
    setCertificates(next) {
      certificates = certificateChooser(next);
      for (const listener of Object.values(listeners)) listener.setCertificates(certificates);
    },
    close: closeAll,
  };
}

/** What to send back for what was read; undefined for nothing. */
type Respond = (
  framed: Exclude<Framed, { kind: "incomplete" }>,
  transport: Wire,
  source: RequestSource,
) => Buffer | undefined;

interface ListenOptions {
  readonly address: string;
  readonly port: number;
  readonly respond: Respond;
}

function listen(transport: Wire, options: ListenOptions): Promise<Listener> {
  if (transport === "udp") return listenDatagrams(options);
  const serve = (socket: Socket) => serveStream(socket, transport, options.respond);
  if (transport === "tcp") return listenStreams(createTcpServer(serve), transport, options, () => {});
  let chooser: CertificateChooser | undefined;
  const server = createTlsServer(
    {
      handshakeTimeout: HANDSHAKE_MILLISECONDS,
      SNICallback: (name, done) => done(null, chooser?.contextFor(name)),
    },
    serve,
  );
  // A failed handshake concerns its own connection only.
  server.on("tlsClientError", () => {});
  return listenStreams(server, transport, options, (next) => {
    chooser = next;
    server.setSecureContext(next.fallback);
  });
}

function listenStreams(
  server: Server,
  transport: "tls" | "tcp",
  { address, port }: ListenOptions,
  setCertificates: Listener["setCertificates"],
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
    server.once("error", (error) => reject(new PortFault(transport, port, error)));
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

function serveStream(socket: Socket, transport: "tls" | "tcp", respond: Respond): void {
  const source = { address: socket.remoteAddress ?? "", port: socket.remotePort ?? 0 };
  const reader = new StreamReader();
  socket.on("error", () => {});
  socket.setTimeout(IDLE_MILLISECONDS, () => socket.destroy());
  socket.on("data", (octets) => {
    for (const framed of reader.push(octets)) {
      const answer = respond(framed, transport, source);
      if (answer !== undefined) socket.write(answer);
      if (framed.kind === "malformed") socket.end();
    }
  });
}

function listenDatagrams({ address, port, respond }: ListenOptions): Promise<Listener> {
  const socket: DatagramSocket = createSocket(address.includes(":") ? "udp6" : "udp4");
  socket.on("message", (octets, source) => {
    const framed = readDatagram(octets);
    if (framed.kind === "incomplete" || framed.kind === "ping") return;
    const answer = respond(framed, "udp", source);
    const message: SipMessage | undefined = framed.kind === "message" ? framed.message : framed.partial;
    if (answer === undefined || message === undefined) return;
    const back = datagramReturn(message, source);
    // An answer that cannot be delivered is lost, as any datagram may be.
    socket.send(answer, back.port, back.address, () => {});
  });
  return new Promise((resolve, reject) => {
    socket.once("error", (error) => reject(new PortFault("udp", port, error)));
    socket.bind({ address, port, exclusive: true }, () => {
      socket.removeAllListeners("error");
      socket.on("error", () => {});
      resolve({
        port: socket.address().port,
        setCertificates: () => {},
        close: () => new Promise((closed) => socket.close(() => closed())),
      });
    });
  });
}

function contactOf(transport: Wire, address: string, port: number): string {
  const at = serverAddressText({ address, port });
  return transport === "tls" ? `<sips:${at}>` : `<sip:${at};transport=${transport}>`;
}
