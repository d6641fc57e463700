/** One TCP connection of a name server (RFC 7766): many queries, answered in order, each with its length first. */
import type { Duplex } from "node:stream";

const LENGTH_OCTETS = 2;

/** Gives the response to one message, or undefined where there is none to give. */
export type Responder = (message: Buffer) => Buffer | undefined;

/**
 * Serves the connection until the peer ends it, sends something that is no query, or completes no query for
 * `idleTimeoutMilliseconds`. While the peer does not read its answers, no further query is taken.
 */
export function serveConnection(socket: Duplex, respondTo: Responder, idleTimeoutMilliseconds: number): void {
  let pending = Buffer.alloc(0);
  const idle = setTimeout(() => socket.destroy(), idleTimeoutMilliseconds);

  const takeQueries = (): void => {
    while (!socket.destroyed && !socket.writableNeedDrain && pending.length >= LENGTH_OCTETS) {
      const end = LENGTH_OCTETS + pending.readUInt16BE(0);
      if (pending.length < end) break;
      const response = respondTo(pending.subarray(LENGTH_OCTETS, end));
      pending = pending.subarray(end);
      if (response === undefined) {
        socket.destroy();
        return;
      }
      idle.refresh();
      const length = Buffer.alloc(LENGTH_OCTETS);
      length.writeUInt16BE(response.length);
      socket.write(Buffer.concat([length, response]));
    }
    if (socket.writableNeedDrain) socket.pause();
  };

  socket.on("data", (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    takeQueries();
  });
  socket.on("drain", () => {
    socket.resume();
    takeQueries();
  });
  // A peer that resets the connection is no fault of the server's; "close" follows.
  socket.on("error", () => undefined);
  socket.on("close", () => clearTimeout(idle));
}
