/** The lab's authoritative name server: UDP and TCP on one port. */
import dgram from "node:dgram";
import { once } from "node:events";
import net from "node:net";
import { type AnsweredQuery, respond } from "./respond.ts";
import { serveConnection } from "./tcpConnection.ts";
import type { ZoneData } from "./zoneData.ts";

export interface DnsServerOptions {
  /** The zones as they are now; asked anew for each query. */
  readonly zones: () => readonly ZoneData[];
  /** Address to listen on, IPv4 or IPv6. */
  readonly host: string;
  /** UDP and TCP port; 0, the default, takes one that is free for both. */
  readonly port?: number;
  /** Told of each query after it was answered. */
  readonly onQuery?: (query: AnsweredQuery) => void;
  /** How long a TCP connection may go without a whole query. 10 s unless told. */
  readonly tcpIdleTimeoutMilliseconds?: number;
}

export interface DnsServer {
  readonly host: string;
  readonly port: number;
  /** Stops listening and drops open connections. */
  close(): Promise<void>;
}

const DEFAULT_TCP_IDLE_TIMEOUT_MILLISECONDS = 10_000;

/** TCP connections at a time; more are dropped. Enough for a lab, and a bound on memory. */
const MAX_TCP_CONNECTIONS = 100;

/** A port that is free for UDP may be taken for TCP: how often another one is tried. */
const FREE_PORT_ATTEMPTS = 10;

async function bindUdp(host: string, port: number): Promise<dgram.Socket> {
  const socket = dgram.createSocket(host.includes(":") ? "udp6" : "udp4");
  try {
    socket.bind(port, host);
    await once(socket, "listening");
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}

async function bindTcp(host: string, port: number): Promise<net.Server> {
  const server = net.createServer();
  server.maxConnections = MAX_TCP_CONNECTIONS;
  server.listen(port, host);
  await once(server, "listening");
  return server;
}

/** Both sockets on one port. */
async function bindBoth(host: string, port: number): Promise<{ udp: dgram.Socket; tcp: net.Server }> {
  for (let attempt = 1; ; attempt++) {
    const udp = await bindUdp(host, port);
    try {
      return { udp, tcp: await bindTcp(host, udp.address().port) };
    } catch (error) {
      udp.close();
      const taken = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
      if (port !== 0 || !taken || attempt === FREE_PORT_ATTEMPTS) throw error;
    }
  }
}

/**
 * Starts the server. No message stops it: what cannot be read gets FORMERR, or silence when not even the header
 * can be read.
 * @throws the system's error (for example EADDRINUSE) when the port cannot be had.
 */
export async function startDnsServer(options: DnsServerOptions): Promise<DnsServer> {
  const { host, onQuery } = options;
  const idleTimeoutMilliseconds = options.tcpIdleTimeoutMilliseconds ?? DEFAULT_TCP_IDLE_TIMEOUT_MILLISECONDS;
  const { udp, tcp } = await bindBoth(host, options.port ?? 0);
  const served = () => ({ zones: options.zones(), nameServerAddress: host });
  const connections = new Set<net.Socket>();

  udp.on("message", (message, peer) => {
    const response = respond(message, peer.address, "udp", served);
    // Nobody can receive on port 0, and the system refuses to send there.
    if (response === undefined || peer.port === 0) return;
    // An asker that is gone is no fault of the server's.
    udp.send(response.octets, peer.port, peer.address, () => undefined);
    if (response.answered !== undefined) onQuery?.(response.answered);
  });
  udp.on("error", () => undefined);

  tcp.on("connection", (socket) => {
    const { remoteAddress } = socket;
    if (remoteAddress === undefined) {
      socket.destroy();
      return;
    }
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
    const respondTo = (message: Buffer): Buffer | undefined => {
      const response = respond(message, remoteAddress, "tcp", served);
      if (response?.answered !== undefined) onQuery?.(response.answered);
      return response?.octets;
    };
    serveConnection(socket, respondTo, idleTimeoutMilliseconds);
  });
  tcp.on("error", () => undefined);

  return {
    host,
    port: udp.address().port,
    async close() {
      for (const socket of connections) socket.destroy();
      await Promise.all([
        new Promise<void>((resolve) => udp.close(() => resolve())),
        new Promise<void>((resolve) => tcp.close(() => resolve())),
      ]);
    },
  };
}
