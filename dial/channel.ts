/** A way to exchange SIP messages with one peer: a stream (TLS, TCP) or a connected UDP socket. */
import { createSocket } from "node:dgram";
import { connect, isIPv6, type Socket } from "node:net";
import type { Wire } from "../dns/services.ts";
import { serverAddressText } from "./serverAddress.ts";
import { readDatagram, StreamReader } from "./sipFraming.ts";
import type { SipMessage } from "./sipMessage.ts";

export interface SipChannel {
  readonly transport: Wire;
  /** `host:port` of this end, as a Via names it (RFC 3261 section 18.1.1). */
  readonly sentBy: string;
  send(octets: Buffer): void;
  /**
   * Takes over what arrives from now on. `onFault` is called at most once, with one clause for people, when the
   * peer closes or sends what is no SIP.
   */
  listen(onMessage: (message: SipMessage) => void, onFault: (reason: string) => void): void;
  close(): void;
}

/** Where to connect to, and how long to wait at most. */
export interface Endpoint {
  /** IPv4 or IPv6 address as text. */
  readonly address: string;
  readonly port: number;
  readonly timeoutMilliseconds: number;
}

/** What a socket error means, without Node.js's own prefix of system call and address. */
export function socketFault(error: Error & { code?: string }): string {
  const KNOWN: Record<string, string> = {
    ECONNREFUSED: "connection refused",
    ECONNRESET: "connection reset by the peer",
    EPIPE: "connection closed by the peer",
    EHOSTUNREACH: "host unreachable",
    ENETUNREACH: "network unreachable",
    ETIMEDOUT: "no answer to the connection",
    EADDRNOTAVAIL: "no local address for this destination",
  };
  return KNOWN[error.code ?? ""] ?? error.message;
}

/**
 * Opens a TCP connection within the time given.
 * @throws Error whose message is one clause for people
 */
export function connectTcp({ address, port, timeoutMilliseconds }: Endpoint): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port });
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`no connection within ${timeoutMilliseconds} ms`));
    }, timeoutMilliseconds);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.removeAllListeners("error");
      resolve(socket);
    });
    socket.once("error", (error) => {
      clearTimeout(timer);
      reject(new Error(socketFault(error)));
    });
  });
}

/** SIP over a connected stream. */
export function streamChannel(socket: Socket, transport: "tls" | "tcp"): SipChannel {
  // Until somebody listens, an error only ends the socket; the next send or listen finds it closed.
  socket.on("error", () => {});
  return {
    transport,
    sentBy: serverAddressText({ address: socket.localAddress ?? "0.0.0.0", port: socket.localPort ?? 0 }),
    send: (octets) => void socket.write(octets),
    listen(onMessage, onFault) {
      const reader = new StreamReader();
      socket.on("data", (octets) => {
        for (const framed of reader.push(octets)) {
          if (framed.kind === "message") onMessage(framed.message);
          if (framed.kind === "malformed") onFault(`malformed SIP: ${framed.fault}`);
        }
      });
      socket.on("error", (error) => onFault(socketFault(error)));
      socket.on("close", () => onFault("connection closed by the peer"));
      if (socket.destroyed) onFault("connection closed by the peer");
    },
    close: () => void socket.destroy(),
  };
}

/**
 * SIP over a UDP socket that is connected, so that an ICMP error arrives as a fault (RFC 3261 section 18.4).
 * @throws Error whose message is one clause for people
 */
export function openDatagramChannel({ address, port }: Endpoint): Promise<SipChannel> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
    const fail = (error: Error) => {
      socket.close();
      reject(new Error(socketFault(error)));
    };
    socket.once("error", fail);
    socket.connect(port, address, () => {
      socket.off("error", fail);
      socket.on("error", () => {});
      const local = socket.address();
      let open = true;
      resolve({
        transport: "udp",
        sentBy: serverAddressText(local),
        send: (octets) => {
          if (open) socket.send(octets);
        },
        listen(onMessage, onFault) {
          socket.on("message", (octets) => {
            const framed = readDatagram(octets);
            if (framed.kind === "message") onMessage(framed.message);
          });
          socket.on("error", (error) => onFault(socketFault(error)));
        },
        close: () => {
          if (!open) return;
          open = false;
          socket.close();
        },
      });
    });
  });
}
