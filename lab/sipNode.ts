/** One SIP node of the lab: listeners for TLS, TCP, UDP and for probes on its own loopback address. */
import { createSocket, type Socket as DatagramSocket } from "node:dgram";
import { createServer as createTcpServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { serverAddressText } from "../dial/serverAddress.ts";
import { type Framed, readDatagram, StreamReader } from "../dial/sipFraming.ts";
import type { SipMessage } from "../dial/sipMessage.ts";
import type { Wire } from "../dns/services.ts";
import {
  type ListenAt,
  type Listener,
  listenSecurely,
  listenStreams,
  type NodeBehaviour,
  PortFault,
} from "./listener.ts";
import { certificateChooser, type NodeCertificate } from "./nodeCertificates.ts";
import { listenForProbes, type ProbeEndpoint } from "./probeEndpoint.ts";
import { type AnswerContext, answerTo, datagramReturn, type RequestSource, refusalOf } from "./sipAnswer.ts";

/** Listening ports by transport; 0 for any free one, absent for a transport that is not served. */
export type NodePorts = Readonly<Partial<Record<Wire, number>>>;

export interface SipNodeOptions {
  readonly slot: string;
  /** Loopback address to listen on. */
  readonly address: string;
  readonly ports: NodePorts;
  /** Where monitors look, if at none of the SIP ports; port 0 for any free one. */
  readonly probe?: ProbeEndpoint;
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
  /** Port of the endpoint for probes, where there is one. */
  readonly probePort: number | undefined;
  setBehaviour(behaviour: NodeBehaviour): Promise<void>;
  /** For every handshake from now on; open connections stay. */
  setCertificates(certificates: readonly NodeCertificate[]): void;
  close(): Promise<void>;
}

/** A connection without traffic for so long is closed: longer than a keep-alive (RFC 5626 section 4.4.1: 120 s). */
const IDLE_MILLISECONDS = 150_000;

/**
 * Starts listening on every given port.
 * @throws PortFault when one of them cannot be had; nothing is left open then.
 */
export async function startSipNode(options: SipNodeOptions): Promise<SipNode> {
  const { slot, address } = options;
  let behaviour: NodeBehaviour = "up";
  let certificates = certificateChooser(options.certificates ?? []);
  let listeners: Listener[] = [];
  let ports: NodePorts = options.ports;
  let { probe } = options;

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
    const open = listeners;
    listeners = [];
    await Promise.all(open.map((listener) => listener.close()));
  };
  const opened = (listener: Listener): number => {
    listener.setCertificates(certificates);
    listeners.push(listener);
    return listener.port;
  };
  const openAll = async () => {
    try {
      for (const transport of ["tls", "tcp", "udp"] as const) {
        const port = ports[transport];
        if (port === undefined) continue;
        ports = { ...ports, [transport]: opened(await listen(transport, { address, port, respond })) };
      }
      if (probe === undefined) return;
      probe = { ...probe, port: opened(await listenForProbes(probe, address, () => behaviour)) };
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
    get probePort() {
      return probe?.port;
    },
    async setBehaviour(next) {
      const wasOpen = behaviour !== "refuse";
      behaviour = next;
      if (next === "refuse") await closeAll();
      else if (!wasOpen) await openAll();
    },
    setCertificates(next) {
      certificates = certificateChooser(next);
      for (const listener of listeners) listener.setCertificates(certificates);
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

interface ListenOptions extends ListenAt {
  readonly respond: Respond;
}

function listen(transport: Wire, options: ListenOptions): Promise<Listener> {
  if (transport === "udp") return listenDatagrams(options);
  const serve = (socket: Socket) => serveStream(socket, transport, options.respond);
  return transport === "tcp"
    ? listenStreams(createTcpServer(serve), transport, options)
    : listenSecurely((tls) => createTlsServer(tls, serve), transport, options);
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
